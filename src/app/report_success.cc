#include "app/report_success.h"

#include <algorithm>

#include "base/sql_words.h"
#include "insights/retention_query.h"

namespace tideline {
namespace {

using typesetting::NumberForm;

NumberForm form_of(const SuccessTarget& target, const std::string& currency) {
  NumberForm form;
  if (target.unit == "share") form = {NumberForm::Kind::share, 1, ""};
  if (target.unit == "score") form.digits = 3;
  if (target.unit == "money") form = {NumberForm::Kind::money, NumberForm::kByItsSize, currency};
  return form;
}

// Of the events that count, with the properties that are money.
std::vector<ActiveEvent> active_events(const Pack& pack) {
  std::vector<ActiveEvent> events;
  for (const EventSpec& event : pack.events()) {
    if (!pack.is_qualifying(event.index)) continue;
    ActiveEvent& one = events.emplace_back();
    one.name = event.name;
    for (const FieldSpec& field : event.fields) {
      if (field.is_money) one.money.push_back(field.name);
    }
  }
  return events;
}

// Sets where the actual figure is; false: the pack has no such thing.
bool set_actual(const Pack& pack, const SuccessTarget& target, Time at,
                reports::SuccessMetric& metric) {
  switch (target.measure) {
    case SuccessMeasure::mean_figure:
      metric.figure = "figures." + target.of + ".mean";
      return pack.task_index(target.of).has_value();
    case SuccessMeasure::tier_share:
      metric.figure = "tiers." + target.of + ".share";
      return std::find(pack.tiers().begin(), pack.tiers().end(), target.of) != pack.tiers().end();
    case SuccessMeasure::daily_active:
      metric.query = daily_active_query(active_events(pack), at);
      return true;
    case SuccessMeasure::yearly_amount:
      metric.query = yearly_amount_query(active_events(pack), pack.currency(), at);
      return true;
    case SuccessMeasure::feature_share:
      metric.query = "select avg(case when " + sql_name(target.of) +
                     " > 0 then 1.0 else 0.0 end) as actual from features";
      return pack.feature_index(target.of).has_value();
  }
  return false;
}

}  // namespace

std::vector<reports::SuccessMetric> success_metrics(const Pack& pack,
                                                    std::span<const SuccessTarget> targets,
                                                    Time at) {
  std::vector<reports::SuccessMetric> metrics;
  for (const SuccessTarget& target : targets) {
    reports::SuccessMetric metric;
    metric.label = target.title;
    metric.form = form_of(target, pack.currency());
    metric.baseline = target.baseline;
    metric.target = target.target;
    if (set_actual(pack, target, at, metric)) metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace tideline
