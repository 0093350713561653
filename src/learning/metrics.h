// Metrics: how good predictions are. All take labels and predictions of the same length, without
// NaN.
#pragma once

#include <optional>
#include <span>

namespace tideline {

struct ProbabilityMetrics {
  double roc_auc = 0;  // ties by midrank
  double pr_auc = 0;   // average precision
  double brier = 0;
  double brier_skill = 0;     // 1 - brier / brier of the base rate
  double log_loss = 0;        // natural logarithm; probabilities clamped into [1e-7, 1 - 1e-7]
  double ece = 0;             // expected calibration error over 10 bins of equal mass
  double lift_top_tenth = 0;  // rate among the highest tenth / base rate
};

struct NumberMetrics {
  double r2 = 0;  // 1 - squared error / squared error of the mean
  double mae = 0;
  double rmse = 0;
  double corr = 0;  // Pearson; 0 when one side is constant
};

// Labels are 0 or 1. nullopt when one class is absent.
[[nodiscard]] std::optional<double> roc_auc(std::span<const double> labels,
                                            std::span<const double> scores);
[[nodiscard]] std::optional<double> average_precision(std::span<const double> labels,
                                                      std::span<const double> scores);
[[nodiscard]] double brier_score(std::span<const double> labels, std::span<const double> p);
[[nodiscard]] double log_loss(std::span<const double> labels, std::span<const double> p);
// Bins hold rows of equal number in the order of p; equal predictions are never parted.
[[nodiscard]] double calibration_error(std::span<const double> labels, std::span<const double> p,
                                       int bins = 10);
[[nodiscard]] double lift_top_tenth(std::span<const double> labels, std::span<const double> p);

// nullopt when one class is absent. `scores` orders the rows for the two areas; often p itself.
[[nodiscard]] std::optional<ProbabilityMetrics> probability_metrics(
    std::span<const double> labels, std::span<const double> p, std::span<const double> scores);
// nullopt without rows or when the labels are all equal.
[[nodiscard]] std::optional<NumberMetrics> number_metrics(std::span<const double> labels,
                                                          std::span<const double> predictions);

}  // namespace tideline
