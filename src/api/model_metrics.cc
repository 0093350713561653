#include "api/model_metrics.h"

#include <boost/json.hpp>

namespace tideline {
namespace {

namespace json = boost::json;

double number_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

const json::array* list_in(const json::object& report, std::string_view part,
                           std::string_view name) {
  const json::value* known = report.if_contains(part);
  if (known == nullptr || !known->is_object()) return nullptr;
  const json::value* list = known->get_object().if_contains(name);
  return list != nullptr && list->is_array() ? &list->get_array() : nullptr;
}

void set_drift(const Services& services, const json::object& report) {
  if (const json::array* alarms = list_in(report, "drift", "alarms")) {
    services.metrics.gauge("tideline_model_drift_alarms", "Features and figures that drifted", {})
        .set(static_cast<double>(alarms->size()));
  }
  const json::array* figures = list_in(report, "drift", "figures");
  if (figures == nullptr) return;
  for (const json::value& entry : *figures) {
    if (!entry.is_object()) continue;
    const json::object& figure = entry.get_object();
    services.metrics
        .gauge("tideline_model_drift_psi",
               "Population stability of a feature or figure against the model's training",
               {{"name", text_in(figure, "name")}})
        .set(number_in(figure, "psi"));
  }
}

void set_realised(const Services& services, const json::object& report) {
  const json::array* tasks = list_in(report, "realised", "tasks");
  if (tasks == nullptr) return;
  for (const json::value& entry : *tasks) {
    if (!entry.is_object()) continue;
    const json::object& task = entry.get_object();
    for (const char* metric :
         {"n", "predicted", "realised", "roc_auc", "brier", "ece", "r2", "mae"}) {
      if (!task.contains(metric)) continue;
      services.metrics
          .gauge("tideline_model_realised", "How predictions of the model in production came true",
                 {{"task", text_in(task, "task")},
                  {"group", text_in(task, "group")},
                  {"metric", metric}})
          .set(number_in(task, metric));
    }
  }
}

}  // namespace

void set_model_gauges(const Services& services) {
  const auto model = services.rescorer.model();
  if (services.model_watch == nullptr || model == nullptr) return;
  const json::object report = services.model_watch->report(model->version());
  set_drift(services, report);
  set_realised(services, report);
}

}  // namespace tideline
