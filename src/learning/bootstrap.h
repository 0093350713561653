// Bootstrap: how far metrics would move with other customers. Customers, with all their rows, are
// drawn again and again with replacement (Efron and Tibshirani 1993); the middle 95 % of what a
// metric then is make its interval. Seeded: the same rows give the same intervals.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "learning/metrics.h"

namespace tideline {

struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

struct ProbabilityIntervals {
  Interval roc_auc, pr_auc, brier, brier_skill, log_loss, ece, lift_top_tenth;
};
struct NumberIntervals {
  Interval r2, mae, rmse, corr;
};

// How often each row was drawn, resample after resample. The same for every model, so that their
// intervals speak of the same customers.
class Resamples {
 public:
  // One group a row: rows of a group are drawn together.
  Resamples(std::span<const std::uint64_t> groups, std::uint64_t seed);

  [[nodiscard]] std::size_t rows() const { return group_of_.size(); }
  // 200; fewer where rows are many, for then little moves.
  [[nodiscard]] std::size_t count() const { return count_; }
  // One number a row.
  void draw(std::size_t resample, std::vector<double>& times) const;

 private:
  std::vector<std::uint32_t> group_of_;  // numbers of the groups, by row
  std::size_t groups_ = 0;
  std::size_t count_ = 0;
  std::uint64_t seed_;
};

// The middle 95 % of what a metric was, resample after resample; NaN where there was none.
[[nodiscard]] Interval middle_of(std::vector<double> drawn);

// Arguments as of probability_metrics() and number_metrics(); `resamples` is of the same rows.
[[nodiscard]] ProbabilityIntervals probability_intervals(std::span<const double> labels,
                                                         std::span<const double> p,
                                                         std::span<const double> scores,
                                                         const Resamples& resamples);
[[nodiscard]] NumberIntervals number_intervals(std::span<const double> labels,
                                               std::span<const double> predictions,
                                               const Resamples& resamples);

// Metrics of rows that count `times` each; with 1 for all, those of metrics.h. nullopt as there.
[[nodiscard]] std::optional<ProbabilityMetrics> weighted_metrics(std::span<const double> labels,
                                                                 std::span<const double> p,
                                                                 std::span<const double> scores,
                                                                 std::span<const double> times);

// 95 % interval of a share (Wilson 1927).
[[nodiscard]] Interval share_interval(double ones, double rows);

}  // namespace tideline
