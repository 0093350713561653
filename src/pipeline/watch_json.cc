#include "pipeline/watch_json.h"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>

namespace tideline {
namespace {

namespace json = boost::json;

json::value number(double x) { return std::isfinite(x) ? json::value(x) : json::value(nullptr); }

void add_metrics(json::object& out, const RealisedMetrics& m) {
  if (m.probability) {
    out["roc_auc"] = number(m.probability->roc_auc);
    out["pr_auc"] = number(m.probability->pr_auc);
    out["brier"] = number(m.probability->brier);
    out["brier_skill"] = number(m.probability->brier_skill);
    out["log_loss"] = number(m.probability->log_loss);
    out["ece"] = number(m.probability->ece);
    out["lift_top_tenth"] = number(m.probability->lift_top_tenth);
  }
  if (m.number) {
    out["r2"] = number(m.number->r2);
    out["mae"] = number(m.number->mae);
    out["rmse"] = number(m.number->rmse);
    out["corr"] = number(m.number->corr);
  }
}

}  // namespace

json::object drift_json(const std::vector<Drift>& drifts, Time at, bool of_training) {
  json::array figures, alarms;
  DriftVerdict verdict = DriftVerdict::too_little_data;
  for (const Drift& drift : drifts) {
    figures.push_back(json::object{{"name", drift.name},
                                   {"psi", number(drift.psi)},
                                   {"alarm_above", number(drift.alarm_above)},
                                   {"verdict", name_of(drift.verdict)}});
    if (drift.verdict == DriftVerdict::drifted) alarms.emplace_back(drift.name);
    if (drift.verdict == DriftVerdict::too_little_data) continue;
    if (verdict != DriftVerdict::drifted) verdict = drift.verdict;
  }
  return {{"as_of", format_time(at)},
          {"reference", of_training ? "training" : "first_scoring"},
          {"reference_rows", drifts.empty() ? 0 : drifts.front().reference_rows},
          {"rows", drifts.empty() ? 0 : drifts.front().rows},
          {"verdict", name_of(verdict)},
          {"alarms", std::move(alarms)},
          {"figures", std::move(figures)}};
}

json::object shadow_json(const Pack& pack, const ShadowComparison& comparison,
                         const std::string& production, Time at) {
  json::array tasks;
  for (std::size_t k = 0; k < comparison.differences.size(); ++k) {
    const auto& difference = comparison.differences[k];
    const double n = static_cast<double>(difference.n);
    tasks.push_back(
        json::object{{"task", pack.tasks()[k].name},
                     {"n", difference.n},
                     {"mean_difference", number(difference.sum / n)},
                     {"mean_absolute_difference", number(difference.absolute_sum / n)}});
  }
  return {{"as_of", format_time(at)},
          {"beside", production},
          {"rows", comparison.rows},
          {"other_tier", comparison.other_tier},
          {"tasks", std::move(tasks)}};
}

json::object realised_json(const std::vector<RealisedMetrics>& metrics, std::size_t rows,
                           Time at) {
  json::array tasks;
  for (const RealisedMetrics& m : metrics) {
    json::object out{{"task", m.task},
                     {"kind", m.kind == TaskKind::probability ? "probability" : "number"},
                     {"group", m.group},
                     {"n", m.n},
                     {"predicted", number(m.predicted)},
                     {"realised", number(m.realised)}};
    add_metrics(out, m);
    tasks.push_back(std::move(out));
  }
  return {{"as_of", format_time(at)}, {"predictions", rows}, {"tasks", std::move(tasks)}};
}

}  // namespace tideline
