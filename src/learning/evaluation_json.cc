// The report as the JSON of contract 2.
#include <cmath>

#include <boost/json.hpp>

#include "learning/evaluation.h"

namespace tideline {
namespace {

namespace json = boost::json;

// NaN never reaches JSON.
json::value number(double x) { return std::isfinite(x) ? json::value(x) : json::value(nullptr); }

json::value interval(const Interval& range) {
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) return nullptr;
  return json::array{range.low, range.high};
}

json::object purchases_json(std::string_view family, const PurchaseParameters& p) {
  const bool pareto = family == "pareto_nbd";
  return {{"r", number(p.r)},
          {"alpha", number(p.alpha)},
          {pareto ? "s" : "a", number(p.leave_first)},
          {pareto ? "beta" : "b", number(p.leave_second)}};
}

json::object model_json(const ModelScore& model) {
  json::object out{{"name", model.name}};
  const auto put = [&](const char* name, double value, const Interval& range) {
    out[name] = number(value);
    out[std::string(name) + "_interval"] = interval(range);
  };
  if (model.probability) {
    const ProbabilityMetrics& m = *model.probability;
    const ProbabilityIntervals& i = model.probability_intervals;
    put("roc_auc", m.roc_auc, i.roc_auc);
    put("pr_auc", m.pr_auc, i.pr_auc);
    put("brier", m.brier, i.brier);
    put("brier_skill", m.brier_skill, i.brier_skill);
    put("log_loss", m.log_loss, i.log_loss);
    put("ece", m.ece, i.ece);
    put("lift_top_tenth", m.lift_top_tenth, i.lift_top_tenth);
  } else if (model.number) {
    const NumberIntervals& i = model.number_intervals;
    put("r2", model.number->r2, i.r2);
    put("mae", model.number->mae, i.mae);
    put("rmse", model.number->rmse, i.rmse);
    put("corr", model.number->corr, i.corr);
  }
  if (model.purchases) {
    out["parameters"] = purchases_json(model.name, *model.purchases);
    out["time_unit"] = "week";
    out["log_likelihood"] = number(model.purchases->log_likelihood);
    out["customers"] = model.purchases->customers;
  }
  if (model.amounts) {
    out["amounts"] = json::object{{"p", number(model.amounts->p)},
                                  {"q", number(model.amounts->q)},
                                  {"gamma", number(model.amounts->gamma)}};
  }
  return out;
}

// What a page draws of the champion's figures.
json::object curves_json(const TaskReport& task) {
  json::array reliability, gain, errors, costs, importance;
  for (const ReliabilityBin& bin : task.reliability) {
    reliability.push_back(json::object{{"n", bin.n},
                                       {"predicted", number(bin.predicted)},
                                       {"observed", number(bin.observed)},
                                       {"observed_interval", interval(bin.observed_interval)}});
  }
  for (const GainPoint& point : task.gain) {
    gain.push_back(json::object{
        {"share", point.share}, {"found", number(point.found)}, {"lift", number(point.lift)}});
  }
  for (const ErrorPoint& point : task.errors) {
    errors.push_back(json::object{{"threshold", point.threshold},
                                  {"hits", point.hits},
                                  {"false_alarms", point.false_alarms},
                                  {"missed", point.missed},
                                  {"rightly_calm", point.rightly_calm}});
  }
  for (const ErrorCost& cost : task.costs) {
    costs.push_back(json::object{{"ratio", cost.ratio},
                                 {"threshold", cost.threshold},
                                 {"cost", number(cost.cost)},
                                 {"cost_of_all", number(cost.cost_of_all)},
                                 {"cost_of_none", number(cost.cost_of_none)}});
  }
  for (const Importance& one : task.importance) {
    importance.push_back(
        json::object{{"feature", one.feature}, {"loss_rise", number(one.loss_rise)}});
  }
  return {{"reliability", reliability},
          {"calibration_slope", number(task.calibration_slope)},
          {"gain", gain},
          {"errors", errors},
          {"costs", costs},
          {"importance", importance}};
}

json::object selection_json(const FeatureSelection& selection) {
  json::array curve;
  for (const SelectionPoint& point : selection.curve)
    curve.push_back(json::object{{"features", point.features}, {"score", number(point.score)}});
  return {{"names", json::array(selection.names.begin(), selection.names.end())},
          {"loss", number(selection.loss)},
          {"best_alone", selection.best_alone},
          {"best_alone_score", number(selection.best_alone_score)},
          {"curve", curve}};
}

json::value figure_json(const GroupFigure& figure) {
  if (!std::isfinite(figure.value)) return nullptr;
  return json::object{{"value", figure.value},
                      {"interval", interval(figure.interval)},
                      {"customers", figure.customers}};
}

json::object fairness_json(const FairnessOfTrait& of) {
  json::array groups;
  for (const FairnessGroup& group : of.groups) {
    json::array gaps;
    for (const GroupGap& gap : group.gaps) {
      gaps.push_back(json::object{{"name", gap.name},
                                  {"value", number(gap.value)},
                                  {"interval", interval(gap.interval)},
                                  {"enough_data", std::isfinite(gap.value)},
                                  {"differs", gap.differs}});
    }
    groups.push_back(json::object{{"group", group.value},
                                  {"rows", group.rows},
                                  {"customers", group.customers},
                                  {"selection_rate", figure_json(group.selection)},
                                  {"true_positive_rate", figure_json(group.true_positives)},
                                  {"false_positive_rate", figure_json(group.false_positives)},
                                  {"calibration", figure_json(group.calibration)},
                                  {"gaps", gaps}});
  }
  return {{"task", of.task},
          {"trait", of.trait},
          {"reference", of.reference},
          {"selected_from", number(of.threshold)},
          {"outcome_from", number(of.outcome_from)},
          {"unknown", of.unknown},
          {"enough_data", of.enough},
          {"differs", of.differs},
          {"verdict", verdict(of)},
          {"groups", groups}};
}

json::object task_json(const TaskReport& task) {
  json::array warnings;
  for (const Warning& w : task.warnings) {
    warnings.push_back(json::object{{"code", w.code}, {"message", w.message}});
  }
  json::array models;
  for (const ModelScore& model : task.models) models.push_back(model_json(model));
  json::object out{{"task", task.task},
                   {"definition", task.definition},
                   {"kind", task.kind == TaskKind::probability ? "probability" : "number"},
                   {"n", task.n},
                   {"n_judged", task.n_judged},
                   {"rate", number(task.rate)},
                   {"split", name_of(task.split)},
                   {"champion", name_of(task.champion, task.kind)},
                   {"warnings", warnings},
                   {"models", models},
                   {"curves", curves_json(task)}};
  if (task.selection) out["selection"] = selection_json(*task.selection);
  return out;
}

json::object tier_json(const TierOutcome& tier) {
  json::array tasks;
  for (const TierOutcome::OfTask& task : tier.tasks) {
    tasks.push_back(json::object{{"task", task.task},
                                 {"predicted", number(task.predicted)},
                                 {"realised", number(task.realised)}});
  }
  return {{"tier", tier.tier}, {"n", tier.n}, {"outcomes", tasks}};
}

}  // namespace

std::string to_json(const EvaluationReport& report) {
  json::array tasks, tiers;
  for (const TaskReport& task : report.tasks) tasks.push_back(task_json(task));
  for (const TierOutcome& tier : report.tiers) tiers.push_back(tier_json(tier));
  json::object out{{"tasks", tasks}, {"tiers", tiers}};
  if (!report.fairness.empty()) {
    json::array& fairness = out["fairness"].emplace_array();
    for (const FairnessOfTrait& of : report.fairness) fairness.push_back(fairness_json(of));
  }
  return json::serialize(out);
}

}  // namespace tideline
