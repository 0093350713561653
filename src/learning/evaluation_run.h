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

namespace tideline {

// The rows of the population; `invalid` when they do not fit the pack or the tasks. Points into
// `table`.
[[nodiscard]] Result<Dataset> dataset_of(const SnapshotTable& table, const Pack& pack,
                                         std::vector<TaskSpec> tasks, Population population);

[[nodiscard]] std::vector<std::string> feature_names_of(const Pack& pack);

class EvaluationRun {
 public:
  // `data` outlives the run.
  EvaluationRun(const Dataset& data, std::uint64_t seed, ProgressCallback progress);

  // cancelled when the progress callback says so.
  [[nodiscard]] Result<EvaluationReport> run(FoldsBy folds,
                                             std::span<const std::string> feature_names);

  // Tasks with enough rows to learn from.
  [[nodiscard]] const std::vector<bool>& can_learn() const { return can_learn_; }

 private:
  void choose_splits(FoldsBy folds);
  [[nodiscard]] Status tell(const std::string& step, double share) const;
  [[nodiscard]] std::vector<bool> tasks_split_by(SplitKind kind) const;
  [[nodiscard]] std::vector<std::uint64_t> groups_of(const Subset& rows) const;
  // Everything but the network.
  [[nodiscard]] Families fit_beside(const Subset& train);
  void note_slope(const RecencyRule& rule);
  [[nodiscard]] Status judge_by_time(const TimeCuts& cuts);
  [[nodiscard]] Status judge_by_customers();
  void judge_baselines();
  void take(const Figures& judged, const std::vector<bool>& wanted);
  [[nodiscard]] Judged judged(std::size_t task, std::vector<std::size_t>& from) const;
  void report_task(std::size_t task, std::span<const std::string> feature_names,
                   EvaluationReport& report) const;

  const Dataset& data_;
  std::uint64_t seed_;
  ProgressCallback progress_;
  std::vector<Head> heads_;
  std::vector<TaskRows> rows_;  // one a task
  std::vector<bool> can_learn_;
  std::vector<SplitKind> splits_;
  std::optional<TimeCuts> strong_;
  std::optional<TimeCuts> weak_;
  Figures figures_;                    // of rows that were not learned from
  std::vector<double> recency_slope_;  // below 0: more days, lower probability
};

}  // namespace tideline
