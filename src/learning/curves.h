// Curves: what a page about a model draws of one task's judged rows, and what its errors cost.
// Pure; rows as in metrics.h.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "learning/bootstrap.h"

namespace tideline {

// Rows with about the same probability: what was said and what happened.
struct ReliabilityBin {
  std::size_t n = 0;
  double predicted = 0;  // mean
  double observed = 0;   // share of ones
  Interval observed_interval;
};
// Bins of about equal numbers of rows, ascending; equal predictions are never parted.
[[nodiscard]] std::vector<ReliabilityBin> reliability_bins(std::span<const double> labels,
                                                           std::span<const double> p,
                                                           int bins = 10);

// When the highest `share` of the customers is looked at.
struct GainPoint {
  double share = 0;  // 0.05, 0.1, ... 1
  double found = 0;  // share of all ones among them
  double lift = 0;   // found / share
};
[[nodiscard]] std::vector<GainPoint> gain_curve(std::span<const double> labels,
                                                std::span<const double> scores);

// When everybody at or above `threshold` is taken for leaving.
struct ErrorPoint {
  double threshold = 0;          // 0.05, 0.1, ... 0.95
  std::size_t hits = 0;          // took for leaving, and left
  std::size_t false_alarms = 0;  // type I
  std::size_t missed = 0;        // type II
  std::size_t rightly_calm = 0;
};
[[nodiscard]] std::vector<ErrorPoint> error_curve(std::span<const double> labels,
                                                  std::span<const double> p);

// What errors cost a customer, in the cost of one false alarm, when a missed one costs `ratio` of
// them. With true probabilities the best threshold is 1 / (1 + ratio).
struct ErrorCost {
  double ratio = 1;
  double threshold = 0;  // 1 / (1 + ratio): not chosen after the fact
  double cost = 0;       // with the model at that threshold
  double cost_of_all = 0;
  double cost_of_none = 0;  // nobody is taken for leaving
};
[[nodiscard]] std::vector<ErrorCost> error_costs(std::span<const double> labels,
                                                 std::span<const double> p);

// Slope of a logistic regression of the labels on the predictions' log-odds: 1 when they are
// neither too bold (below 1) nor too timid. NaN when it cannot be told.
[[nodiscard]] double calibration_slope(std::span<const double> labels, std::span<const double> p);

}  // namespace tideline
