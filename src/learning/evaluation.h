// Evaluation: every model beside its baselines, on rows that it was not trained on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "learning/metrics.h"
#include "learning/network_training.h"
#include "learning/snapshot.h"
#include "learning/splits.h"
#include "packs/pack.h"
#include "scoring/manifest.h"

namespace tideline {

// Which rows of a table take part.
enum class Population : std::uint8_t {
  all,       // every row of the table (the caller chose them)
  eligible,  // the pack's rule
  served,    // eligible, scorable, and not lapsed unless the pack scores lapsed customers
};

enum class FoldsBy : std::uint8_t { ladder, time, customer };

struct Progress {
  std::string step;  // "evaluate fold 2 of 5", "fit"
  double share = 0;  // 0..1 of the whole
};
// Returns false to stop; the work then answers `cancelled`.
using ProgressCallback = std::function<bool(const Progress&)>;

struct EvaluationOptions {
  Population population = Population::eligible;
  FoldsBy folds = FoldsBy::ladder;
  std::uint64_t seed = 1;
  // What to learn, where it is not the pack's tasks (a label override); one a column of
  // Snapshot::labels.
  std::optional<std::vector<TaskSpec>> tasks;
  ProgressCallback progress;
};

struct ModelScore {
  std::string
      name;  // network, logistic, recency, base_rate; of numbers: network, linear, past, mean
  std::optional<ProbabilityMetrics> probability;  // at most one of both
  std::optional<NumberMetrics> number;
};

// code: leakage, near_duplicates, insufficient_data
struct Warning {
  std::string code;
  std::string message;
};

// A row's prediction by its task's champion, from a model that did not see the row.
struct OutOfFold {
  CustomerId customer;
  Time as_of{};
  std::size_t task = 0;  // place in EvaluationReport::tasks
  double label = 0;
  double p = 0;
};

struct TaskReport {
  std::string task;
  TaskKind kind = TaskKind::probability;
  std::size_t n = 0;         // matured rows
  std::size_t n_judged = 0;  // rows that the metrics are taken over
  double rate = 0;  // of ones among the matured rows; of numbers: the mean. NaN without rows
  SplitKind split = SplitKind::none;
  Champion champion = Champion::none;
  std::vector<Warning> warnings;
  std::vector<ModelScore> models;
};

struct EvaluationReport {
  std::vector<TaskReport> tasks;
  std::vector<OutOfFold> predictions;
  std::size_t rows = 0;  // of the population
};

// Never fails for too little data (the task says so); `invalid` when the table's rows do not fit
// the pack.
[[nodiscard]] Result<EvaluationReport> evaluate(const SnapshotTable& table, const Pack& pack,
                                                const EvaluationOptions& options);

// The JSON of contract 2:
// {"tasks":[{"task","kind","n","rate","split","champion","warnings","models"}]}.
[[nodiscard]] std::string to_json(const EvaluationReport& report);

}  // namespace tideline
