#include "learning/curves.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "scoring/heads.h"

namespace tideline {
namespace {

constexpr int kSteps = 20;  // of 0.05

std::vector<std::size_t> ascending(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

}  // namespace

std::vector<ReliabilityBin> reliability_bins(std::span<const double> labels,
                                             std::span<const double> p, int bins) {
  CHECK(labels.size() == p.size() && bins > 0);
  const auto order = ascending(p);
  std::vector<ReliabilityBin> out;
  std::size_t begin = 0;
  for (int bin = 1; bin <= bins && begin < order.size(); ++bin) {
    std::size_t end = order.size() * std::size_t(bin) / std::size_t(bins);
    if (end <= begin) continue;
    while (end < order.size() && p[order[end]] == p[order[end - 1]]) ++end;
    ReliabilityBin b{end - begin, 0, 0, {}};
    for (std::size_t i = begin; i < end; ++i) {
      b.predicted += p[order[i]];
      b.observed += labels[order[i]];
    }
    b.observed_interval = share_interval(b.observed, double(b.n));
    b.predicted /= double(b.n);
    b.observed /= double(b.n);
    out.push_back(b);
    begin = end;
  }
  return out;
}

std::vector<GainPoint> gain_curve(std::span<const double> labels, std::span<const double> scores) {
  CHECK(labels.size() == scores.size());
  auto order = ascending(scores);
  std::reverse(order.begin(), order.end());
  const double ones = std::accumulate(labels.begin(), labels.end(), 0.0);
  if (order.empty() || ones <= 0) return {};
  // found_by[i]: ones among the first i; within equal scores as many as on average.
  std::vector<double> found_by{0};
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    double here = 0;
    for (; end < order.size() && scores[order[end]] == scores[order[begin]]; ++end) {
      here += labels[order[end]];
    }
    const double first = found_by.back();
    for (std::size_t i = begin; i < end; ++i) {
      found_by.push_back(first + here * double(i + 1 - begin) / double(end - begin));
    }
    begin = end;
  }
  std::vector<GainPoint> out;
  for (int step = 1; step <= kSteps; ++step) {
    const double share = double(step) / kSteps;
    const double at = share * double(order.size());
    const auto low = std::min(std::size_t(at), order.size());
    const std::size_t high = std::min(low + 1, order.size());
    const double found = found_by[low] + (at - double(low)) * (found_by[high] - found_by[low]);
    out.push_back({share, found / ones, found / ones / share});
  }
  return out;
}

std::vector<ErrorPoint> error_curve(std::span<const double> labels, std::span<const double> p) {
  CHECK(labels.size() == p.size());
  std::vector<ErrorPoint> out;
  for (int step = 1; step < kSteps; ++step) {
    ErrorPoint point;
    point.threshold = double(step) / kSteps;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const bool alarm = p[i] >= point.threshold;
      const bool left = labels[i] > 0.5;
      ++(alarm ? (left ? point.hits : point.false_alarms)
               : (left ? point.missed : point.rightly_calm));
    }
    out.push_back(point);
  }
  return out;
}

std::vector<ErrorCost> error_costs(std::span<const double> labels, std::span<const double> p) {
  CHECK(labels.size() == p.size());
  std::vector<ErrorCost> out;
  if (p.empty()) return out;
  const double n = double(p.size());
  for (const double ratio : {1.0, 2.0, 5.0, 10.0}) {
    ErrorCost cost;
    cost.ratio = ratio;
    cost.threshold = 1 / (1 + ratio);
    for (std::size_t i = 0; i < p.size(); ++i) {
      const bool alarm = p[i] >= cost.threshold;
      const bool left = labels[i] > 0.5;
      if (alarm && !left) cost.cost += 1 / n;
      if (!alarm && left) cost.cost += ratio / n;
      (left ? cost.cost_of_none : cost.cost_of_all) += (left ? ratio : 1) / n;
    }
    out.push_back(cost);
  }
  return out;
}

double calibration_slope(std::span<const double> labels, std::span<const double> p) {
  CHECK(labels.size() == p.size());
  double slope = 1;
  double offset = 0;
  for (int step = 0; step < 50; ++step) {
    double gs = 0, go = 0, ss = 0, so = 0, oo = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double z = logit(p[i]);
      const double q = sigmoid(slope * z + offset);
      gs += (q - labels[i]) * z;
      go += q - labels[i];
      ss += q * (1 - q) * z * z;
      so += q * (1 - q) * z;
      oo += q * (1 - q);
    }
    const double determinant = ss * oo - so * so;
    if (!(determinant > 1e-12)) return std::nan("");
    const double ds = (oo * gs - so * go) / determinant;
    const double d0 = (ss * go - so * gs) / determinant;
    const double length = std::min(1.0, 1.0 / (1e-12 + std::max(std::abs(ds), std::abs(d0))));
    slope -= length * ds;
    offset -= length * d0;
    if (std::max(std::abs(ds), std::abs(d0)) < 1e-9) return slope;
  }
  return std::nan("");
}

}  // namespace tideline
