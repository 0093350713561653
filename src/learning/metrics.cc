#include "learning/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/check.h"

namespace tideline {
namespace {

constexpr double kLeastProbability = 1e-7;

// Places of the rows, from the lowest score to the highest; equal scores by place.
std::vector<std::size_t> order_of(std::span<const double> scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  return order;
}

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// One past the last place of `order` whose score equals that at `begin`.
std::size_t end_of_ties(std::span<const double> scores, const std::vector<std::size_t>& order,
                        std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
  return end;
}

}  // namespace

std::optional<double> roc_auc(std::span<const double> labels, std::span<const double> scores) {
  CHECK(labels.size() == scores.size());
  const double ones = sum_of(labels);
  const double zeros = double(labels.size()) - ones;
  if (ones <= 0 || zeros <= 0) return std::nullopt;
  const auto order = order_of(scores);
  double rank_sum = 0;  // of the ones; ranks from 1
  for (std::size_t begin = 0; begin < order.size();) {
    const std::size_t end = end_of_ties(scores, order, begin);
    const double midrank = 0.5 * double(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) rank_sum += labels[order[i]] * midrank;
    begin = end;
  }
  return (rank_sum - ones * (ones + 1) / 2) / (ones * zeros);
}

std::optional<double> average_precision(std::span<const double> labels,
                                        std::span<const double> scores) {
  CHECK(labels.size() == scores.size());
  const double ones = sum_of(labels);
  if (ones <= 0 || ones >= double(labels.size())) return std::nullopt;
  auto order = order_of(scores);
  std::reverse(order.begin(), order.end());
  double found = 0;
  double area = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    const std::size_t end = end_of_ties(scores, order, begin);
    double here = 0;
    for (std::size_t i = begin; i < end; ++i) here += labels[order[i]];
    found += here;
    area += (here / ones) * (found / double(end));
    begin = end;
  }
  return area;
}

double brier_score(std::span<const double> labels, std::span<const double> p) {
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) sum += (p[i] - labels[i]) * (p[i] - labels[i]);
  return sum / double(labels.size());
}

double log_loss(std::span<const double> labels, std::span<const double> p) {
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double inside = std::clamp(p[i], kLeastProbability, 1 - kLeastProbability);
    sum -= labels[i] * std::log(inside) + (1 - labels[i]) * std::log1p(-inside);
  }
  return sum / double(labels.size());
}

double calibration_error(std::span<const double> labels, std::span<const double> p, int bins) {
  CHECK(bins > 0);
  const auto order = order_of(p);
  const std::size_t n = order.size();
  double error = 0;
  std::size_t begin = 0;
  for (int bin = 1; bin <= bins && begin < n; ++bin) {
    std::size_t end = n * std::size_t(bin) / std::size_t(bins);
    if (end <= begin) continue;
    while (end < n && p[order[end]] == p[order[end - 1]]) ++end;
    double predicted = 0;
    double observed = 0;
    for (std::size_t i = begin; i < end; ++i) {
      predicted += p[order[i]];
      observed += labels[order[i]];
    }
    error += std::abs(predicted - observed) / double(n);
    begin = end;
  }
  return error;
}

double lift_top_tenth(std::span<const double> labels, std::span<const double> p) {
  const double base = sum_of(labels) / double(labels.size());
  if (!(base > 0)) return 0;
  auto order = order_of(p);
  std::reverse(order.begin(), order.end());
  const std::size_t top = std::max<std::size_t>(1, (order.size() + 5) / 10);
  // Rows tied with the last one of the top count by their mean, so their order cannot matter.
  double ones = 0;
  for (std::size_t begin = 0; begin < top;) {
    const std::size_t end = end_of_ties(p, order, begin);
    double here = 0;
    for (std::size_t i = begin; i < end; ++i) here += labels[order[i]];
    const std::size_t taken = std::min(end, top) - begin;
    ones += here * double(taken) / double(end - begin);
    begin = end;
  }
  return ones / double(top) / base;
}

std::optional<ProbabilityMetrics> probability_metrics(std::span<const double> labels,
                                                      std::span<const double> p,
                                                      std::span<const double> scores) {
  const auto auc = roc_auc(labels, scores);
  if (!auc) return std::nullopt;
  const double rate = sum_of(labels) / double(labels.size());
  ProbabilityMetrics metrics;
  metrics.roc_auc = *auc;
  metrics.pr_auc = *average_precision(labels, scores);
  metrics.brier = brier_score(labels, p);
  metrics.brier_skill = 1 - metrics.brier / (rate * (1 - rate));
  metrics.log_loss = log_loss(labels, p);
  metrics.ece = calibration_error(labels, p);
  metrics.lift_top_tenth = lift_top_tenth(labels, scores);
  return metrics;
}

std::optional<NumberMetrics> number_metrics(std::span<const double> labels,
                                            std::span<const double> predictions) {
  CHECK(labels.size() == predictions.size());
  if (labels.empty()) return std::nullopt;
  const double n = double(labels.size());
  const double mean = sum_of(labels) / n;
  const double mean_p = sum_of(predictions) / n;
  double squares = 0, spread = 0, spread_p = 0, together = 0, absolute = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double error = predictions[i] - labels[i];
    squares += error * error;
    absolute += std::abs(error);
    spread += (labels[i] - mean) * (labels[i] - mean);
    spread_p += (predictions[i] - mean_p) * (predictions[i] - mean_p);
    together += (labels[i] - mean) * (predictions[i] - mean_p);
  }
  if (!(spread > 0)) return std::nullopt;
  NumberMetrics metrics;
  metrics.r2 = 1 - squares / spread;
  metrics.mae = absolute / n;
  metrics.rmse = std::sqrt(squares / n);
  // A constant differs from its own mean by rounding only.
  const double least = 1e-18 * n * (1 + mean_p * mean_p);
  metrics.corr = spread_p > least ? together / std::sqrt(spread * spread_p) : 0;
  return metrics;
}

}  // namespace tideline
