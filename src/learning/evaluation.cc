#include "learning/evaluation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "learning/baselines.h"
#include "learning/champion.h"
#include "learning/evaluation_run.h"
#include "learning/logistic_training.h"
#include "learning/value_families.h"

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
    if (takes_part(row, pack, population)) data.add(row);
  }
  data.purchases = purchase_spec(pack, data.tasks);
  data.spending = spending_spec(pack, data.tasks);
  return data;
}

EvaluationRun::EvaluationRun(const Dataset& data, RunOptions options)
    : data_(data),
      options_(std::move(options)),
      making_{heads_of(data.tasks),
              {options_.trees, options_.threads, {}},
              options_.seed,
              options_.threads},
      figures_(data.all.rows * data.all.tasks),
      champions_(data.all.rows * data.all.tasks, std::nan("")),
      recency_slope_(data.all.tasks, 0.0),
      importance_(data, options_.seed),
      selections_(data.all.tasks) {
  for (std::size_t k = 0; k < data.tasks.size(); ++k) {
    rows_.push_back(data.task_rows(k));
    can_learn_.push_back(is_enough(rows_[k], kTrainMinimum));
    splits_.push_back(SplitKind::none);
  }
}

// With room for the longest label; where the history is too short for that, for the longest but
// one, and so on: what looks far ahead is then judged by customers.
std::optional<TimeCuts> EvaluationRun::cuts_of(SplitKind kind) const {
  std::vector<TaskRows> learnable;
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    if (can_learn_[k]) learnable.push_back(rows_[k]);
  }
  while (!learnable.empty()) {
    if (const auto cuts = time_cuts(learnable, kind)) return cuts;
    const auto longest =
        std::max_element(learnable.begin(), learnable.end(), [](const auto& a, const auto& b) {
          return a.horizon < b.horizon;
        })->horizon;
    std::erase_if(learnable, [&](const TaskRows& rows) { return rows.horizon == longest; });
  }
  return std::nullopt;
}

void EvaluationRun::choose_splits(FoldsBy folds) {
  folds_ = folds;
  if (folds != FoldsBy::customer) {
    strong_ = cuts_of(SplitKind::time);
    weak_ = cuts_of(SplitKind::time_cross_fitted);
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
  if (options_.progress && !options_.progress(Progress{step, share})) {
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
  families.purchases = purchase_rules(data_, train.from, purchases_, options_.threads);
  if (value_) families.value = value_rule(data_, train.from, *value_);
  note_slope(*families.recency);
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

Status EvaluationRun::select(const TrainingRows& learn, const TrainingRows& judge,
                             const Subset& test, const std::vector<bool>& wanted,
                             std::span<const std::string> feature_names) {
  if (options_.select == 0 || options_.trees == nullptr) return {};
  making_.trees.allowed.resize(data_.tasks.size());
  for (std::size_t k = 0; k < data_.tasks.size(); ++k) {
    if (!wanted[k]) continue;
    TRY(tell("selecting features for " + data_.tasks[k].name, 0.1));
    TRY_ASSIGN(auto selection,
               select_features(*options_.trees, {learn, judge, test.rows}, data_.tasks[k], k,
                               feature_names, options_.select, options_.seed, options_.threads));
    making_.trees.allowed[k] = selection.is_chosen;
    selections_[k] = std::move(selection);
  }
  return {};
}

Status EvaluationRun::judge_by_time(const TimeCuts& cuts,
                                    std::span<const std::string> feature_names) {
  const std::vector<bool> wanted = tasks_split_by(cuts.kind);
  if (std::none_of(wanted.begin(), wanted.end(), [](bool w) { return w; })) return {};
  TRY(tell(fmt::format("judging by time ({})", name_of(cuts.kind)), 0.05));
  Parts parts = parts_by_time(data_, cuts);
  if (folds_ == FoldsBy::both) keep_customers_apart(data_, parts);
  const Subset train = subset(data_, parts, Part::train, can_learn_);
  const Subset test = subset(data_, parts, Part::test, wanted);
  Families families = fit_beside(train);
  Figures held(data_.all.labels.size());  // predictions to calibrate by
  if (cuts.kind == SplitKind::time) {
    const Subset validate = subset(data_, parts, Part::validate, can_learn_);
    const Subset calibrating = subset(data_, parts, Part::calibrate, can_learn_);
    TRY(select(train.rows, validate.rows, test, wanted, feature_names));
    families.network.emplace();
    recipe_.emplace();
    recipe_->network = choose_network(train.rows, validate.rows, making_.heads, making_.seed,
                                      making_.threads, &*families.network);
    TRY(tell("growing trees", 0.3));
    recipe_->forest = choose_forest(making_.trees, train.rows, validate.rows, data_.tasks,
                                    making_.seed, troubles_, &families.forest);
    families.predict(calibrating, held);
  } else {
    const auto groups = groups_of(train);
    const HeldBack held_back = hold_back(train.rows, groups, making_.seed);
    TRY(select(held_back.learn, held_back.judge, test, wanted, feature_names));
    const Recipe recipe = choose(making_, data_.tasks, train.rows, groups, troubles_);
    fit_learnt(making_, train.rows, recipe, families, troubles_);
    TRY(tell("calibrating by cross-fitting", 0.3));
    families.predict(train, held);  // of the rules; of what is learnt, from other fits:
    const Figures crossed = cross_fitted(making_, train.rows, groups, recipe);
    for (const Champion c : {Champion::network, Champion::xgboost}) {
      for (std::size_t i = 0; i < crossed[c].size(); ++i) {
        const std::size_t tasks = data_.all.tasks;
        held[c][train.from[i / tasks] * tasks + i % tasks] = crossed[c][i];
      }
    }
  }
  Figures judged(data_.all.labels.size());
  families.predict(test, judged);
  for (const Champion c : kCalibrated) {
    calibrate(data_.tasks, calibrations_of(data_.tasks, data_.all.labels, held[c]), judged[c]);
  }
  importance_.add(families, test);
  take(judged, wanted);
  return {};
}

Status EvaluationRun::judge_by_customers(std::span<const std::string> feature_names) {
  const std::vector<bool> wanted = tasks_split_by(SplitKind::customer_folds);
  if (std::none_of(wanted.begin(), wanted.end(), [](bool w) { return w; })) return {};
  Figures judged(data_.all.labels.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    TRY(tell(fmt::format("judging fold {} of {}", fold + 1, kFolds), double(fold) / kFolds));
    const Parts parts = parts_by_fold(data_, fold);
    const Subset train = subset(data_, parts, Part::train, can_learn_);
    const Subset test = subset(data_, parts, Part::test, wanted);
    if (train.rows.rows == 0 || test.rows.rows == 0) continue;
    if (fold == 0 && options_.select > 0) {
      const HeldBack held_back = hold_back(train.rows, groups_of(train), making_.seed);
      TRY(select(held_back.learn, held_back.judge, test, wanted, feature_names));
    }
    Families families = fit_beside(train);
    const Recipe recipe = choose(making_, data_.tasks, train.rows, groups_of(train), troubles_);
    fit_learnt(making_, train.rows, recipe, families, troubles_);
    families.predict(test, judged);
    importance_.add(families, test);
  }
  calibrate_across_folds(judged);
  take(judged, wanted);
  return {};
}

// Each fold is calibrated on the predictions of the other folds.
void EvaluationRun::calibrate_across_folds(Figures& judged) const {
  for (const Champion c : kCalibrated) {
    const std::vector<double> raw = judged[c];
    for (int fold = 0; fold < kFolds; ++fold) {
      std::vector<double> others = raw;
      for (std::size_t i = 0; i < raw.size(); ++i) {
        if (data_.folds[i / data_.all.tasks] == fold) others[i] = std::nan("");
      }
      const auto calibrations = calibrations_of(data_.tasks, data_.all.labels, others);
      for (std::size_t r = 0; r < data_.all.rows; ++r) {
        if (data_.folds[r] != fold) continue;
        calibrate(data_.tasks, calibrations,
                  std::span(judged[c]).subspan(r * data_.all.tasks, data_.all.tasks));
      }
    }
  }
}

void EvaluationRun::judge_baselines() {
  std::vector<bool> wanted;
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    wanted.push_back(!can_learn_[k] && is_enough(rows_[k], kBaselineMinimum));
  }
  Figures judged(data_.all.labels.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    const Parts parts = parts_by_fold(data_, fold);
    const Subset train = subset(data_, parts, Part::train, wanted);
    const Subset test = subset(data_, parts, Part::test, wanted);
    if (train.rows.rows == 0 || test.rows.rows == 0) continue;
    Families families;
    families.recency = fit_recency(train.rows, data_.tasks);
    families.constant = fit_constant(train.rows);
    families.purchases = purchase_rules(data_, train.from, purchases_, options_.threads);
    if (value_) families.value = value_rule(data_, train.from, *value_);
    note_slope(*families.recency);
    families.predict(test, judged);
  }
  calibrate_across_folds(judged);
  take(judged, wanted);
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    if (wanted[k]) splits_[k] = SplitKind::customer_folds;
  }
}

void EvaluationRun::take(const Figures& judged, const std::vector<bool>& wanted) {
  for (std::size_t c = 0; c < kRivals; ++c) {
    for (std::size_t i = 0; i < judged.of[c].size(); ++i) {
      if (wanted[i % wanted.size()]) figures_.of[c][i] = judged.of[c][i];
    }
  }
}

Judged EvaluationRun::judged(std::size_t task, std::vector<std::size_t>& from) const {
  Judged out;
  out.kind = data_.tasks[task].kind;
  const double sign = recency_slope_[task] < 0 ? -1.0 : 1.0;
  const auto& base_rate = figures_[Champion::base_rate];
  std::array<std::size_t, kRivals> known{};
  std::size_t known_past = 0;
  for (std::size_t r = 0; r < data_.all.rows; ++r) {
    const std::size_t i = r * data_.all.tasks + task;
    if (std::isnan(base_rate[i]) || std::isnan(data_.all.labels[i])) continue;
    const auto or_base = [&](double x) { return std::isnan(x) ? base_rate[i] : x; };
    const double days = data_.all.days_since_qualifying[r];
    out.labels.push_back(data_.all.labels[i]);
    for (std::size_t c = 0; c < kRivals; ++c) {
      out.figures[c].push_back(or_base(figures_.of[c][i]));
      known[c] += !std::isnan(figures_.of[c][i]);
    }
    out.recency_scores.push_back(std::isnan(days) ? 0.0 : sign * days);
    out.past.push_back(or_base(data_.past[i]));
    known_past += !std::isnan(data_.past[i]);
    out.groups.push_back(data_.groups[r]);
    from.push_back(r);
  }
  // A rule that mostly does not know says nothing about itself.
  if (known_past * 2 < from.size()) out.past.clear();
  for (std::size_t c = 0; c < kRivals; ++c) {
    if (known[c] * 2 < from.size() || known[c] == 0) out.figures[c].clear();
  }
  return out;
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
  return EvaluationRun(data, {options.seed, options.trees, options.select, options.threads,
                              options.progress})
      .run(options.folds, feature_names_of(pack), &pack);
}

}  // namespace tideline
