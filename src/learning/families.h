// Families: everything that competes for a task, fitted on the same rows; and their predictions.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "learning/dataset.h"
#include "learning/network_training.h"
#include "scoring/calibration.h"
#include "scoring/logistic.h"
#include "scoring/network.h"
#include "scoring/recency.h"

namespace tideline {

// How a network was trained after its size, decay and length were chosen.
struct NetworkChoice {
  NetworkOptions options;  // epochs_max: the chosen length
  double validation_loss = 0;
};

// Tries the candidates on `judge` (learning from `learn`) and takes the best. Deterministic.
[[nodiscard]] NetworkChoice choose_network(const TrainingRows& learn, const TrainingRows& judge,
                                           const std::vector<Head>& heads, std::uint64_t seed,
                                           Network* fitted = nullptr);

// The same with a fifth of the customers of `rows` held back as the judge; `groups` is one a row.
[[nodiscard]] NetworkChoice choose_network(const TrainingRows& rows,
                                           std::span<const std::uint64_t> groups,
                                           const std::vector<Head>& heads, std::uint64_t seed);

// A network of all `rows`, as long as the choice says.
[[nodiscard]] Network fit_chosen(const TrainingRows& rows, const std::vector<Head>& heads,
                                 const NetworkChoice& choice);

// Figures of rows x tasks; NaN: not predicted.
struct Figures {
  std::vector<double> network, logistic, recency, constant;
  explicit Figures(std::size_t count);
};

struct Families {
  Network network;
  Regressions logistic;
  RecencyRule recency;
  ConstantRule constant;

  // Fills the figures of the dataset rows that `judged` came from, for the tasks with a label
  // there.
  void predict(const Subset& judged, Figures& figures) const;
};

// Network predictions for every row of `rows` from networks that did not learn from its customer:
// 5 folds, the choice as given. Same order as rows; rows x tasks. `tick` is called before each
// fit.
[[nodiscard]] std::vector<double> cross_fitted(const TrainingRows& rows,
                                               std::span<const std::uint64_t> groups,
                                               const std::vector<Head>& heads,
                                               const NetworkChoice& choice);

// One calibration a task from predictions and labels (rows x tasks); identity for numbers.
[[nodiscard]] std::vector<Calibration> calibrations_of(std::span<const TaskSpec> tasks,
                                                       std::span<const double> labels,
                                                       std::span<const double> figures);

// Applies calibrations to rows x tasks figures in place and keeps not_below.
void calibrate(std::span<const TaskSpec> tasks, std::span<const Calibration> calibrations,
               std::span<double> figures);

}  // namespace tideline
