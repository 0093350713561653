// Families: everything that competes for a task, fitted on the same rows; and their predictions.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "learning/dataset.h"
#include "learning/forest_training.h"
#include "learning/network_training.h"
#include "scoring/calibration.h"
#include "scoring/logistic.h"
#include "scoring/manifest.h"
#include "scoring/network.h"
#include "scoring/purchase_rule.h"
#include "scoring/purchase_value.h"
#include "scoring/recency.h"

namespace tideline {

// How a network was trained after its size, decay and length were chosen.
struct NetworkChoice {
  NetworkOptions options;  // epochs_max: the chosen length
  double validation_loss = 0;
};

// Tries the candidates on `judge` (learning from `learn`) and takes the best. Deterministic,
// whatever `threads` is.
[[nodiscard]] NetworkChoice choose_network(const TrainingRows& learn, const TrainingRows& judge,
                                           const std::vector<Head>& heads, std::uint64_t seed,
                                           int threads, Network* fitted = nullptr);

// Rows with the `part`-th fifth of their customers held back; `groups` is one a row.
struct HeldBack {
  TrainingRows learn;
  TrainingRows judge;
};
[[nodiscard]] HeldBack hold_back(const TrainingRows& rows, std::span<const std::uint64_t> groups,
                                 std::uint64_t seed, int part = 0);

// The same with each of the parts as the judge in turn: the best on average, and as long as was
// best on average.
[[nodiscard]] NetworkChoice choose_network(std::span<const HeldBack> parts,
                                           const std::vector<Head>& heads, std::uint64_t seed,
                                           int threads);

// A network of all `rows`, as long as the choice says.
[[nodiscard]] Network fit_chosen(const TrainingRows& rows, const std::vector<Head>& heads,
                                 const NetworkChoice& choice);

// What was chosen for the families that are learnt from features.
struct Recipe {
  NetworkChoice network;
  ForestChoice forest;
};

// Figures of rows x tasks of each rival; NaN: not predicted.
struct Figures {
  std::array<std::vector<double>, kRivals> of;

  explicit Figures(std::size_t count);
  [[nodiscard]] std::vector<double>& operator[](Champion c) { return of[std::size_t(c)]; }
  [[nodiscard]] const std::vector<double>& operator[](Champion c) const {
    return of[std::size_t(c)];
  }
};

// Rivals whose probabilities are calibrated on rows that they did not learn from.
inline constexpr std::array kCalibrated{Champion::network, Champion::xgboost, Champion::mbg_nbd,
                                        Champion::bg_nbd, Champion::pareto_nbd};

struct Families {
  std::optional<Network> network;
  std::optional<Forest> forest;
  std::optional<Regressions> logistic;
  std::array<std::optional<PurchaseRule>, 3> purchases;  // by PurchaseFamily
  std::optional<PurchaseValue> value;                    // figures of mbg_nbd for sums of money
  std::optional<RecencyRule> recency;
  std::optional<ConstantRule> constant;

  // nullptr: absent.
  [[nodiscard]] const Scorer* scorer_of(Champion champion) const;
  // Fills the figures of the dataset rows that `judged` came from, for the tasks with a label
  // there.
  void predict(const Subset& judged, Figures& figures) const;
};

// How the learnt families are made.
struct Making {
  std::vector<Head> heads;  // of the network
  TreeMaking trees;
  std::uint64_t seed = 1;
  int threads = 1;
};

// Settings by customers held back: of the network by three fifths in turn, where rows are not
// many; of trees by one.
[[nodiscard]] Recipe choose(const Making& making, std::span<const TaskSpec> tasks,
                            const TrainingRows& rows, std::span<const std::uint64_t> groups,
                            std::vector<ForestTrouble>& troubles);

// Network and forest of all `rows`.
void fit_learnt(const Making& making, const TrainingRows& rows, const Recipe& recipe,
                Families& families, std::vector<ForestTrouble>& troubles);

// Predictions of network and forest for rows of `rows` from fits that did not learn from their
// customers, the recipe as given: of all rows by 5 folds; where rows are many, of a fifth of the
// customers. Same order as rows; rows x tasks.
[[nodiscard]] Figures cross_fitted(const Making& making, const TrainingRows& rows,
                                   std::span<const std::uint64_t> groups, const Recipe& recipe);

// One calibration a task from predictions and labels (rows x tasks); identity for numbers.
[[nodiscard]] std::vector<Calibration> calibrations_of(std::span<const TaskSpec> tasks,
                                                       std::span<const double> labels,
                                                       std::span<const double> figures);

// Applies calibrations to rows x tasks figures in place and keeps not_below.
void calibrate(std::span<const TaskSpec> tasks, std::span<const Calibration> calibrations,
               std::span<double> figures);

}  // namespace tideline
