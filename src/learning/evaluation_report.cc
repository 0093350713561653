// The part of EvaluationRun that reports: metrics, champions, warnings, curves, tiers.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "learning/champion.h"
#include "learning/evaluation_run.h"
#include "scoring/tiers.h"

namespace tideline {
namespace {

Warning too_little(const TaskRows& rows, TaskKind kind) {
  const auto ones = std::size_t(std::count(rows.labels.begin(), rows.labels.end(), 1.0));
  const std::string counts =
      kind == TaskKind::probability
          ? fmt::format("{} matured rows, {} of them with the outcome", rows.labels.size(), ones)
          : fmt::format("{} matured rows", rows.labels.size());
  return {
      "insufficient_data",
      fmt::format("{}: a model needs {} rows and {} of either class, until then a baseline scores",
                  counts, kTrainMinimum.rows, kTrainMinimum.of_each_class)};
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return values.empty() ? std::nan("") : sum / double(values.size());
}

Champion champion_of(PurchaseFamily family) {
  switch (family) {
    case PurchaseFamily::mbg_nbd: return Champion::mbg_nbd;
    case PurchaseFamily::bg_nbd: return Champion::bg_nbd;
    case PurchaseFamily::pareto_nbd: return Champion::pareto_nbd;
  }
  return Champion::none;
}

void add_curves(const Judged& judged, TaskReport& report) {
  if (judged.kind != TaskKind::probability || judged.labels.empty()) return;
  const auto& p = figures_of(judged, report.champion);
  const bool by_days = report.champion == Champion::recency;
  report.reliability = reliability_bins(judged.labels, p);
  report.gain = gain_curve(judged.labels, by_days ? judged.recency_scores : p);
  report.errors = error_curve(judged.labels, p);
  report.costs = error_costs(judged.labels, p);
  report.calibration_slope = calibration_slope(judged.labels, p);
}

}  // namespace

void EvaluationRun::add_purchases(std::size_t k, TaskReport& report) const {
  if (!data_.purchases || std::isnan(data_.purchases->spans[k])) return;
  for (const PurchaseFamily family : kPurchaseFamilies) {
    const auto& problem = purchases_.problems[std::size_t(family)];
    if (problem) report.warnings.push_back({problem->reason, problem->message});
    const auto& fit = purchases_.fits[std::size_t(family)];
    for (ModelScore& model : report.models) {
      if (!fit || model.name != name_of(champion_of(family), report.kind)) continue;
      const PurchaseModel& m = fit->model;
      model.purchases = PurchaseParameters{
          m.r, m.alpha, m.leave_first, m.leave_second, fit->log_likelihood, purchases_.customers};
    }
  }
}

void EvaluationRun::add_value(std::size_t k, TaskReport& report) const {
  if (!data_.spending || std::isnan(data_.spending->spans[k])) return;
  if (value_problem_) report.warnings.push_back({value_problem_->reason, value_problem_->message});
  for (ModelScore& model : report.models) {
    if (!value_ || model.name != name_of(Champion::mbg_nbd, report.kind)) continue;
    const PurchaseModel& m = value_->purchases;
    model.purchases = PurchaseParameters{
        m.r, m.alpha, m.leave_first, m.leave_second, value_->log_likelihood, value_->customers};
    model.amounts = value_->amounts;
  }
}

void EvaluationRun::report_task(std::size_t k, std::span<const std::string> feature_names,
                                EvaluationReport& report) {
  TaskReport& task = report.tasks.emplace_back();
  task.task = data_.tasks[k].name;
  task.definition = data_.tasks[k].definition;
  task.kind = data_.tasks[k].kind;
  task.n = rows_[k].labels.size();
  task.rate = mean_of(rows_[k].labels);
  task.split = splits_[k];
  if (!can_learn_[k]) task.warnings.push_back(too_little(rows_[k], task.kind));
  for (const ForestTrouble& trouble : troubles_) {
    if (trouble.task != k) continue;
    task.warnings.push_back({"no_trees", "no boosted trees: " + trouble.message});
    break;
  }
  std::vector<std::size_t> from;
  const Judged judged = this->judged(k, from);
  task.n_judged = from.size();
  task.models = judged.scores(options_.seed);
  task.selection = selections_[k];
  task.champion = task.n > 0 ? choose_champion(judged, task.models, task.selection.has_value())
                             : Champion::none;
  add_purchases(k, task);
  add_value(k, task);
  add_curves(judged, task);
  task.importance = importance_.of(k, task.champion, feature_names);
  for (Warning& w : leakage_warnings(data_, k, feature_names, task.models)) {
    task.warnings.push_back(std::move(w));
  }
  const auto& champion = figures_of(judged, task.champion);
  check_fairness(k, judged, from, champion);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Snapshot& row = *data_.snapshots[from[i]];
    report.predictions.push_back({row.customer, row.as_of, k, judged.labels[i], champion[i]});
    champions_[from[i] * data_.all.tasks + k] = champion[i];
  }
}

void EvaluationRun::check_fairness(std::size_t task, const Judged& judged,
                                   std::span<const std::size_t> from,
                                   const std::vector<double>& figures) {
  for (std::size_t t = 0; t < traits_.size(); ++t) {
    std::vector<std::string> values;
    for (const std::size_t r : from) {
      const auto& groups = data_.snapshots[r]->groups;
      values.push_back(t < groups.size() ? groups[t] : std::string());
    }
    fairness_.add({data_.tasks[task].name, judged.kind, judged.labels, figures, judged.groups},
                  traits_[t], values);
  }
}

void EvaluationRun::report_tiers(const Pack& pack, EvaluationReport& report) const {
  const std::size_t tasks = data_.all.tasks;
  bool same = tasks == pack.tasks().size();
  for (std::size_t k = 0; same && k < tasks; ++k)
    same = data_.tasks[k].name == pack.tasks()[k].name;
  if (!same) return;  // other labels have no tiers
  struct Sums {
    std::size_t n = 0;
    std::vector<double> predicted, realised, rows;
  };
  std::map<std::string, Sums, std::less<>> found;
  std::vector<std::optional<double>> figures(tasks);
  for (std::size_t r = 0; r < data_.all.rows; ++r) {
    for (std::size_t k = 0; k < tasks; ++k) {
      const double figure = champions_[r * tasks + k];
      figures[k] = std::isnan(figure) ? std::nullopt : std::optional(figure);
    }
    const TierDecision decision = tier_of(pack, figures, data_.all.block().row(r));
    if (decision.tier.empty()) continue;
    Sums& sums = found[decision.tier];
    ++sums.n;
    for (auto* list : {&sums.predicted, &sums.realised, &sums.rows}) list->resize(tasks);
    for (std::size_t k = 0; k < tasks; ++k) {
      if (!figures[k] || std::isnan(data_.all.label(r, k))) continue;
      sums.predicted[k] += *figures[k];
      sums.realised[k] += data_.all.label(r, k);
      sums.rows[k] += 1;
    }
  }
  for (const std::string& tier : pack.tiers()) {
    TierOutcome outcome;
    outcome.tier = tier;
    const auto sums = found.find(tier);
    for (std::size_t k = 0; sums != found.end() && k < tasks; ++k) {
      const Sums& s = sums->second;
      outcome.n = s.n;
      if (s.rows[k] > 0) {
        outcome.tasks.push_back(
            {data_.tasks[k].name, s.predicted[k] / s.rows[k], s.realised[k] / s.rows[k]});
      }
    }
    report.tiers.push_back(std::move(outcome));
  }
}

Result<EvaluationReport> EvaluationRun::run(FoldsBy folds,
                                            std::span<const std::string> feature_names,
                                            const Pack* pack) {
  choose_splits(folds);
  std::vector<std::size_t> everybody(data_.all.rows);
  for (std::size_t r = 0; r < everybody.size(); ++r) everybody[r] = r;
  purchases_ = fit_purchase_families(data_, everybody, options_.threads);
  if (data_.spending) {
    auto fit = fit_value(data_, everybody);
    if (fit)
      value_ = *fit;
    else
      value_problem_ = fit.error();
  }
  for (const FieldSpec& trait : pack != nullptr ? pack->traits() : std::vector<FieldSpec>{}) {
    if (trait.is_protected) traits_.push_back(trait.name);
  }
  if (strong_) TRY(judge_by_time(*strong_, feature_names));
  if (weak_) TRY(judge_by_time(*weak_, feature_names));
  TRY(judge_by_customers(feature_names));
  judge_baselines();
  TRY(tell("looking for leaks", 0.95));
  EvaluationReport report;
  report.rows = data_.all.rows;
  const auto duplicates = near_duplicate_warnings(data_);
  for (std::size_t k = 0; k < data_.tasks.size(); ++k) {
    report_task(k, feature_names, report);
    auto& warnings = report.tasks.back().warnings;
    warnings.insert(warnings.end(), duplicates.begin(), duplicates.end());
    warnings.insert(warnings.end(), data_.warnings.begin(), data_.warnings.end());
  }
  report.fairness = fairness_.finish();
  if (pack != nullptr) report_tiers(*pack, report);
  return report;
}

}  // namespace tideline
