// EvaluationRun: the steps of an evaluation over one dataset; shared by evaluate() and train().
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "learning/champion.h"
#include "learning/dataset.h"
#include "learning/evaluation.h"
#include "learning/families.h"
#include "learning/purchase_families.h"
#include "learning/value_families.h"

namespace tideline {

// The rows of the population; `invalid` when they do not fit the pack or the tasks. Points into
// `table`.
[[nodiscard]] Result<Dataset> dataset_of(const SnapshotTable& table, const Pack& pack,
                                         std::vector<TaskSpec> tasks, Population population);

[[nodiscard]] std::vector<std::string> feature_names_of(const Pack& pack);

struct RunOptions {
  std::uint64_t seed = 1;
  const TreeTrainer* trees = nullptr;
  std::size_t select = 0;
  int threads = 1;
  ProgressCallback progress;
};

class EvaluationRun {
 public:
  // `data` outlives the run.
  EvaluationRun(const Dataset& data, RunOptions options);

  // cancelled when the progress callback says so. `pack` null: there are no tiers.
  [[nodiscard]] Result<EvaluationReport> run(FoldsBy folds,
                                             std::span<const std::string> feature_names,
                                             const Pack* pack);

  // Tasks with enough rows to learn from.
  [[nodiscard]] const std::vector<bool>& can_learn() const { return can_learn_; }
  [[nodiscard]] const Making& making() const { return making_; }
  // After run(): what was chosen on an earlier part of the rows by a later one; nullopt without a
  // split by time.
  [[nodiscard]] const std::optional<Recipe>& recipe() const { return recipe_; }
  [[nodiscard]] const PurchaseFits& purchases() const { return purchases_; }

 private:
  void choose_splits(FoldsBy folds);
  [[nodiscard]] Status tell(const std::string& step, double share) const;
  [[nodiscard]] std::vector<bool> tasks_split_by(SplitKind kind) const;
  [[nodiscard]] std::vector<std::uint64_t> groups_of(const Subset& rows) const;
  // Everything that is not learnt by network or trees.
  [[nodiscard]] Families fit_beside(const Subset& train);
  void note_slope(const RecencyRule& rule);
  [[nodiscard]] std::optional<TimeCuts> cuts_of(SplitKind kind) const;
  // Which features the trees of the tasks may use. By customers the first fold chooses for all.
  [[nodiscard]] Status select(const TrainingRows& learn, const TrainingRows& judge,
                              const Subset& test, const std::vector<bool>& wanted,
                              std::span<const std::string> feature_names);
  [[nodiscard]] Status judge_by_time(const TimeCuts& cuts,
                                     std::span<const std::string> feature_names);
  [[nodiscard]] Status judge_by_customers(std::span<const std::string> feature_names);
  void calibrate_across_folds(Figures& judged) const;
  void judge_baselines();
  void take(const Figures& judged, const std::vector<bool>& wanted);
  [[nodiscard]] Judged judged(std::size_t task, std::vector<std::size_t>& from) const;
  void report_task(std::size_t task, std::span<const std::string> feature_names,
                   EvaluationReport& report);
  void add_purchases(std::size_t task, TaskReport& report) const;
  void add_value(std::size_t task, TaskReport& report) const;
  void check_fairness(std::size_t task, const Judged& judged, std::span<const std::size_t> from,
                      const std::vector<double>& figures);
  void report_tiers(const Pack& pack, EvaluationReport& report) const;

  const Dataset& data_;
  RunOptions options_;
  Making making_;
  std::vector<TaskRows> rows_;  // one a task
  std::vector<bool> can_learn_;
  std::vector<SplitKind> splits_;
  std::optional<TimeCuts> strong_;
  std::optional<TimeCuts> weak_;
  std::optional<Recipe> recipe_;
  PurchaseFits purchases_;  // of all rows, as the next
  std::optional<ValueFit> value_;
  std::optional<Error> value_problem_;  // why there is none; nullopt: nothing was asked
  Figures figures_;                     // of rows that were not learned from
  std::vector<double> champions_;       // rows x tasks: the champions' figures
  std::vector<double> recency_slope_;   // below 0: more days, lower probability
  ImportanceTally importance_;
  std::vector<ForestTrouble> troubles_;
  FoldsBy folds_ = FoldsBy::ladder;
  std::vector<std::optional<FeatureSelection>> selections_;  // one a task
  std::vector<std::string> traits_;                          // protected ones, as Snapshot::groups
  FairnessCheck fairness_;
};

}  // namespace tideline
