// Evaluation: every model beside its baselines, on rows that it was not trained on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "learning/bootstrap.h"
#include "learning/curves.h"
#include "learning/fairness.h"
#include "learning/importance.h"
#include "learning/metrics.h"
#include "learning/selection.h"
#include "learning/snapshot.h"
#include "learning/splits.h"
#include "learning/tree_training.h"
#include "packs/pack.h"
#include "scoring/manifest.h"
#include "scoring/purchase_value.h"

namespace tideline {

// Which rows of a table take part.
enum class Population : std::uint8_t {
  all,       // every row of the table (the caller chose them)
  eligible,  // the pack's rule
  served,    // eligible, scorable, and not lapsed unless the pack scores lapsed customers
};

// both: by time, and the later weeks of customers who were not learnt from.
enum class FoldsBy : std::uint8_t { ladder, time, customer, both };

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
  const TreeTrainer* trees = nullptr;  // borrowed; null: no boosted trees compete
  std::size_t select = 0;              // features that trees of a task may use; 0: all
  int threads = 1;                     // how many changes no figure
  ProgressCallback progress;
};

// A "buy till you die" model of all rows; times in weeks.
struct PurchaseParameters {
  double r = 0, alpha = 0;
  double leave_first = 0, leave_second = 0;  // a, b; of Pareto/NBD s, beta
  double log_likelihood = 0;
  std::size_t customers = 0;
};

struct ModelScore {
  // network, xgboost, logistic, mbg_nbd, bg_nbd, pareto_nbd, recency, base_rate; of numbers:
  // network, xgboost, linear, mbg_nbd_gamma_gamma, past, mean
  std::string name;
  std::optional<ProbabilityMetrics> probability;  // at most one of both
  std::optional<NumberMetrics> number;
  ProbabilityIntervals probability_intervals;
  NumberIntervals number_intervals;
  std::optional<PurchaseParameters> purchases;
  std::optional<GammaGamma> amounts;  // of the value of purchases
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
  std::string definition;  // one sentence for people
  TaskKind kind = TaskKind::probability;
  std::size_t n = 0;         // matured rows
  std::size_t n_judged = 0;  // rows that the metrics are taken over
  double rate = 0;  // of ones among the matured rows; of numbers: the mean. NaN without rows
  SplitKind split = SplitKind::none;
  Champion champion = Champion::none;
  std::vector<Warning> warnings;
  std::vector<ModelScore> models;
  // Of the champion's figures on the judged rows; of probabilities only, but for importance.
  std::vector<ReliabilityBin> reliability;
  std::vector<GainPoint> gain;
  std::vector<ErrorPoint> errors;
  std::vector<ErrorCost> costs;
  double calibration_slope = std::numeric_limits<double>::quiet_NaN();
  std::vector<Importance> importance;         // of a champion learnt from features; greatest first
  std::optional<FeatureSelection> selection;  // where one was asked for
};

// What became of the rows that the champions' figures put into a tier.
struct TierOutcome {
  struct OfTask {
    std::string task;
    double predicted = 0;  // means
    double realised = 0;
  };
  std::string tier;
  std::size_t n = 0;
  std::vector<OfTask> tasks;  // empty without rows
};

struct EvaluationReport {
  std::vector<TaskReport> tasks;
  std::vector<TierOutcome> tiers;  // in the pack's order; over rows judged for every task
  // Every task by every protected trait of the pack, of the champions' figures.
  std::vector<FairnessOfTrait> fairness;
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
