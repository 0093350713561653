#include "learning/evaluation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "learning/baselines.h"
#include "learning/champion.h"
#include "learning/evaluation_run.h"
#include "learning/logistic_training.h"

namespace tideline {
namespace {

// Fewest rows for which even the baselines are judged.
constexpr PartMinimum kBaselineMinimum{20, 2};

bool takes_part(const Snapshot& row, const Pack& pack, Population population) {
  switch (population) {
    case Population::all: return true;
    case Population::eligible: return row.eligible;
    case Population::served:
      return row.eligible && row.scorable && (!row.lapsed || pack.score_lapsed());
  }
  return true;
}

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

}  // namespace

Result<Dataset> dataset_of(const SnapshotTable& table, const Pack& pack,
                           std::vector<TaskSpec> tasks, Population population) {
  Dataset data;
  data.tasks = std::move(tasks);
  data.all.width = pack.features().size();
  data.all.tasks = data.tasks.size();
  for (const Snapshot& row : table.rows) {
    if (row.features.size() != data.all.width || row.labels.size() != data.all.tasks ||
        (!row.past.empty() && row.past.size() != data.all.tasks)) {
      return fail(
          ErrorCode::invalid,
          fmt::format(
              "a snapshot of customer {} has {} features and {} labels where {} and {} are "
              "wanted",
              row.customer.str(), row.features.size(), row.labels.size(), data.all.width,
              data.all.tasks));
    }
    if (!takes_part(row, pack, population)) continue;
    data.snapshots.push_back(&row);
    data.all.features.insert(data.all.features.end(), row.features.begin(), row.features.end());
    data.all.labels.insert(data.all.labels.end(), row.labels.begin(), row.labels.end());
    data.all.days_since_qualifying.push_back(row.days_since_qualifying);
    if (row.past.empty())
      data.past.insert(data.past.end(), data.all.tasks, std::nan(""));
    else
      data.past.insert(data.past.end(), row.past.begin(), row.past.end());
    const std::string& key = row.fold_key.empty() ? row.customer.str() : row.fold_key;
    data.groups.push_back(xxh64(key));
    data.folds.push_back(fold_of(key));
  }
  data.all.rows = data.snapshots.size();
  return data;
}

EvaluationRun::EvaluationRun(const Dataset& data, std::uint64_t seed, ProgressCallback progress)
    : data_(data),
      seed_(seed),
      progress_(std::move(progress)),
      heads_(heads_of(data.tasks)),
      figures_(data.all.rows * data.all.tasks),
      recency_slope_(data.all.tasks, 0.0) {
  for (std::size_t k = 0; k < data.tasks.size(); ++k) {
    rows_.push_back(data.task_rows(k));
    can_learn_.push_back(is_enough(rows_[k], kTrainMinimum));
    splits_.push_back(SplitKind::none);
  }
}

void EvaluationRun::choose_splits(FoldsBy folds) {
  std::vector<TaskRows> learnable;
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    if (can_learn_[k]) learnable.push_back(rows_[k]);
  }
  if (folds != FoldsBy::customer) {
    strong_ = time_cuts(learnable, SplitKind::time);
    weak_ = time_cuts(learnable, SplitKind::time_cross_fitted);
  }
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    if (!can_learn_[k]) continue;
    if (strong_ && carries(*strong_, rows_[k]))
      splits_[k] = SplitKind::time;
    else if (weak_ && carries(*weak_, rows_[k]))
      splits_[k] = SplitKind::time_cross_fitted;
    else
      splits_[k] = SplitKind::customer_folds;
  }
}

Status EvaluationRun::tell(const std::string& step, double share) const {
  if (progress_ && !progress_(Progress{step, share})) {
    return fail(ErrorCode::cancelled, "the evaluation was interrupted");
  }
  return {};
}

std::vector<bool> EvaluationRun::tasks_split_by(SplitKind kind) const {
  std::vector<bool> wanted;
  for (std::size_t k = 0; k < splits_.size(); ++k) {
    wanted.push_back(can_learn_[k] && splits_[k] == kind);
  }
  return wanted;
}

Families EvaluationRun::fit_beside(const Subset& train) {
  Families families;
  families.logistic = fit_regressions(train.rows, data_.tasks);
  families.recency = fit_recency(train.rows, data_.tasks);
  families.constant = fit_constant(train.rows);
  note_slope(families.recency);
  return families;
}

void EvaluationRun::note_slope(const RecencyRule& rule) {
  for (std::size_t k = 0; k < rule.tasks.size(); ++k) {
    const auto& p = rule.tasks[k].probabilities;
    if (!p.empty()) recency_slope_[k] += p.back() - p.front();
  }
}

std::vector<std::uint64_t> EvaluationRun::groups_of(const Subset& rows) const {
  std::vector<std::uint64_t> groups;
  for (const std::size_t r : rows.from) groups.push_back(data_.groups[r]);
  return groups;
}

Status EvaluationRun::judge_by_time(const TimeCuts& cuts) {
  const std::vector<bool> wanted = tasks_split_by(cuts.kind);
  if (std::none_of(wanted.begin(), wanted.end(), [](bool w) { return w; })) return {};
  TRY(tell(fmt::format("judging by time ({})", name_of(cuts.kind)), 0.05));
  const Parts parts = parts_by_time(data_, cuts);
  const Subset train = subset(data_, parts, Part::train, can_learn_);
  const Subset test = subset(data_, parts, Part::test, wanted);
  Families families = fit_beside(train);
  std::vector<Calibration> calibrations;
  if (cuts.kind == SplitKind::time) {
    const Subset validate = subset(data_, parts, Part::validate, can_learn_);
    const Subset calibrating = subset(data_, parts, Part::calibrate, can_learn_);
    (void)choose_network(train.rows, validate.rows, heads_, seed_, &families.network);
    std::vector<double> p(calibrating.rows.labels.size());
    families.network.score(calibrating.rows.block(), p);
    calibrations = calibrations_of(data_.tasks, calibrating.rows.labels, p);
  } else {
    const auto groups = groups_of(train);
    const NetworkChoice choice = choose_network(train.rows, groups, heads_, seed_);
    families.network = fit_chosen(train.rows, heads_, choice);
    TRY(tell("calibrating by cross-fitting", 0.3));
    const auto p = cross_fitted(train.rows, groups, heads_, choice);
    calibrations = calibrations_of(data_.tasks, train.rows.labels, p);
  }
  Figures judged(figures_.network.size());
  families.predict(test, judged);
  calibrate(data_.tasks, calibrations, judged.network);
  take(judged, wanted);
  return {};
}

Status EvaluationRun::judge_by_customers() {
  const std::vector<bool> wanted = tasks_split_by(SplitKind::customer_folds);
  if (std::none_of(wanted.begin(), wanted.end(), [](bool w) { return w; })) return {};
  Figures judged(figures_.network.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    TRY(tell(fmt::format("judging fold {} of {}", fold + 1, kFolds), double(fold) / kFolds));
    const Parts parts = parts_by_fold(data_, fold);
    const Subset train = subset(data_, parts, Part::train, can_learn_);
    const Subset test = subset(data_, parts, Part::test, wanted);
    if (train.rows.rows == 0 || test.rows.rows == 0) continue;
    Families families = fit_beside(train);
    const NetworkChoice choice = choose_network(train.rows, groups_of(train), heads_, seed_);
    families.network = fit_chosen(train.rows, heads_, choice);
    families.predict(test, judged);
  }
  // Each fold is calibrated on the predictions of the other folds.
  const std::vector<double> raw = judged.network;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<double> others = raw;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (data_.folds[i / data_.all.tasks] == fold) others[i] = std::nan("");
    }
    const auto calibrations = calibrations_of(data_.tasks, data_.all.labels, others);
    for (std::size_t r = 0; r < data_.all.rows; ++r) {
      if (data_.folds[r] != fold) continue;
      const std::span<double> row(judged.network.data() + r * data_.all.tasks, data_.all.tasks);
      calibrate(data_.tasks, calibrations, row);
    }
  }
  take(judged, wanted);
  return {};
}

void EvaluationRun::judge_baselines() {
  std::vector<bool> wanted;
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    wanted.push_back(!can_learn_[k] && is_enough(rows_[k], kBaselineMinimum));
  }
  Figures judged(figures_.network.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    const Parts parts = parts_by_fold(data_, fold);
    const Subset train = subset(data_, parts, Part::train, wanted);
    const Subset test = subset(data_, parts, Part::test, wanted);
    if (train.rows.rows == 0 || test.rows.rows == 0) continue;
    Families families;
    families.recency = fit_recency(train.rows, data_.tasks);
    families.constant = fit_constant(train.rows);
    note_slope(families.recency);
    families.predict(test, judged);
  }
  take(judged, wanted);
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    if (wanted[k]) splits_[k] = SplitKind::customer_folds;
  }
}

void EvaluationRun::take(const Figures& judged, const std::vector<bool>& wanted) {
  for (std::size_t i = 0; i < judged.network.size(); ++i) {
    if (!wanted[i % wanted.size()]) continue;
    figures_.network[i] = judged.network[i];
    figures_.logistic[i] = judged.logistic[i];
    figures_.recency[i] = judged.recency[i];
    figures_.constant[i] = judged.constant[i];
  }
}

Judged EvaluationRun::judged(std::size_t task, std::vector<std::size_t>& from) const {
  Judged out;
  out.kind = data_.tasks[task].kind;
  const double sign = recency_slope_[task] < 0 ? -1.0 : 1.0;
  std::size_t known_past = 0;
  for (std::size_t r = 0; r < data_.all.rows; ++r) {
    const std::size_t i = r * data_.all.tasks + task;
    if (std::isnan(figures_.constant[i]) || std::isnan(data_.all.labels[i])) continue;
    const double base = figures_.constant[i];
    const auto or_base = [&](double x) { return std::isnan(x) ? base : x; };
    const double days = data_.all.days_since_qualifying[r];
    out.labels.push_back(data_.all.labels[i]);
    out.network.push_back(figures_.network[i]);
    out.logistic.push_back(figures_.logistic[i]);
    out.recency.push_back(or_base(figures_.recency[i]));
    out.recency_scores.push_back(std::isnan(days) ? 0.0 : sign * days);
    out.constant.push_back(base);
    out.past.push_back(or_base(data_.past[i]));
    known_past += !std::isnan(data_.past[i]);
    from.push_back(r);
  }
  // A rule that mostly does not know says nothing about itself.
  if (known_past * 2 < from.size()) out.past.clear();
  return out;
}

void EvaluationRun::report_task(std::size_t k, std::span<const std::string> feature_names,
                                EvaluationReport& report) const {
  TaskReport& task = report.tasks.emplace_back();
  task.task = data_.tasks[k].name;
  task.kind = data_.tasks[k].kind;
  task.n = rows_[k].labels.size();
  task.rate = mean_of(rows_[k].labels);
  task.split = splits_[k];
  if (!can_learn_[k]) task.warnings.push_back(too_little(rows_[k], task.kind));
  std::vector<std::size_t> from;
  const Judged judged = this->judged(k, from);
  task.n_judged = from.size();
  task.models = judged.scores();
  const bool any = task.n > 0;
  task.champion = any ? choose_champion(judged, task.models) : Champion::none;
  for (Warning& w : leakage_warnings(data_, k, feature_names, task.models)) {
    task.warnings.push_back(std::move(w));
  }
  const auto& champion = figures_of(judged, task.champion);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Snapshot& row = *data_.snapshots[from[i]];
    report.predictions.push_back({row.customer, row.as_of, k, judged.labels[i], champion[i]});
  }
}

Result<EvaluationReport> EvaluationRun::run(FoldsBy folds,
                                            std::span<const std::string> feature_names) {
  choose_splits(folds);
  if (strong_) TRY(judge_by_time(*strong_));
  if (weak_) TRY(judge_by_time(*weak_));
  TRY(judge_by_customers());
  judge_baselines();
  TRY(tell("looking for leaks", 0.95));
  EvaluationReport report;
  report.rows = data_.all.rows;
  const auto duplicates = near_duplicate_warnings(data_);
  for (std::size_t k = 0; k < data_.tasks.size(); ++k) {
    report_task(k, feature_names, report);
    auto& warnings = report.tasks.back().warnings;
    warnings.insert(warnings.end(), duplicates.begin(), duplicates.end());
  }
  return report;
}

std::vector<std::string> feature_names_of(const Pack& pack) {
  std::vector<std::string> names;
  for (const FeatureSpec& feature : pack.features()) names.push_back(feature.name);
  return names;
}

Result<EvaluationReport> evaluate(const SnapshotTable& table, const Pack& pack,
                                  const EvaluationOptions& options) {
  TRY_ASSIGN(auto data,
             dataset_of(table, pack, options.tasks.value_or(pack.tasks()), options.population));
  return EvaluationRun(data, options.seed, options.progress)
      .run(options.folds, feature_names_of(pack));
}

}  // namespace tideline
