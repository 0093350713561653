// The report as the JSON of contract 2.
#include <cmath>

#include <boost/json.hpp>

#include "learning/evaluation.h"

namespace tideline {
namespace {

namespace json = boost::json;

// NaN never reaches JSON.
json::value number(double x) { return std::isfinite(x) ? json::value(x) : json::value(nullptr); }

json::object model_json(const ModelScore& model) {
  json::object out{{"name", model.name}};
  if (model.probability) {
    const ProbabilityMetrics& m = *model.probability;
    out["roc_auc"] = number(m.roc_auc);
    out["pr_auc"] = number(m.pr_auc);
    out["brier"] = number(m.brier);
    out["brier_skill"] = number(m.brier_skill);
    out["log_loss"] = number(m.log_loss);
    out["ece"] = number(m.ece);
    out["lift_top_tenth"] = number(m.lift_top_tenth);
  } else if (model.number) {
    out["r2"] = number(model.number->r2);
    out["mae"] = number(model.number->mae);
    out["rmse"] = number(model.number->rmse);
    out["corr"] = number(model.number->corr);
  }
  return out;
}

json::object task_json(const TaskReport& task) {
  json::array warnings;
  for (const Warning& w : task.warnings) {
    warnings.push_back(json::object{{"code", w.code}, {"message", w.message}});
  }
  json::array models;
  for (const ModelScore& model : task.models) models.push_back(model_json(model));
  return {{"task", task.task},
          {"kind", task.kind == TaskKind::probability ? "probability" : "number"},
          {"n", task.n},
          {"n_judged", task.n_judged},
          {"rate", number(task.rate)},
          {"split", name_of(task.split)},
          {"champion", name_of(task.champion, task.kind)},
          {"warnings", warnings},
          {"models", models}};
}

}  // namespace

std::string to_json(const EvaluationReport& report) {
  json::array tasks;
  for (const TaskReport& task : report.tasks) tasks.push_back(task_json(task));
  return json::serialize(json::object{{"tasks", tasks}});
}

}  // namespace tideline
