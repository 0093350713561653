#include "learning/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <unordered_map>

#include "base/check.h"
#include "base/rng.h"

namespace tideline {
namespace {

constexpr std::size_t kResamples = 200;
constexpr std::size_t kFewestResamples = 50;
constexpr double kRowsLooked = 4e6;  // over all resamples of a model
constexpr double kBelow = 0.025;
constexpr double kLeastProbability = 1e-7;
constexpr int kBins = 10;

// Rows in the order of a score, and where each run of equal scores ends.
struct Ranking {
  std::vector<std::size_t> order;  // ascending
  std::vector<std::size_t> ends;   // of the ties, in `order`

  explicit Ranking(std::span<const double> scores) : order(scores.size()) {
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]]) ends.push_back(i + 1);
    }
  }
};

// Rows and ones of each run of ties, as often as they count.
struct Ties {
  std::vector<double> rows, ones;

  void count(const Ranking& ranking, std::span<const double> labels,
             std::span<const double> times) {
    rows.assign(ranking.ends.size(), 0.0);
    ones.assign(ranking.ends.size(), 0.0);
    std::size_t i = 0;
    for (std::size_t t = 0; t < ranking.ends.size(); ++t) {
      for (; i < ranking.ends[t]; ++i) {
        const std::size_t r = ranking.order[i];
        rows[t] += times[r];
        ones[t] += times[r] * labels[r];
      }
    }
  }
};

struct Totals {
  double rows = 0, ones = 0;
};

void set_areas(const Ties& ties, const Totals& all, ProbabilityMetrics& m) {
  const double zeros = all.rows - all.ones;
  double zeros_below = 0;
  double pairs = 0;
  for (std::size_t t = 0; t < ties.rows.size(); ++t) {
    const double here = ties.rows[t] - ties.ones[t];
    pairs += ties.ones[t] * (zeros_below + here / 2);
    zeros_below += here;
  }
  m.roc_auc = pairs / (all.ones * zeros);
  const double top = std::max(1.0, std::floor((all.rows + 5) / 10));
  double seen = 0, found = 0, area = 0, in_top = 0;
  for (std::size_t t = ties.rows.size(); t-- > 0;) {
    if (ties.rows[t] <= 0) continue;
    if (seen < top) in_top += ties.ones[t] * std::min(1.0, (top - seen) / ties.rows[t]);
    seen += ties.rows[t];
    found += ties.ones[t];
    area += ties.ones[t] / all.ones * (found / seen);
  }
  m.pr_auc = area;
  m.lift_top_tenth = in_top / top / (all.ones / all.rows);
}

double calibration_error(const Ranking& ranking, const Ties& ties, std::span<const double> p,
                         const Totals& all) {
  double error = 0, seen = 0, rows = 0, predicted = 0, observed = 0;
  int bin = 1;
  for (std::size_t t = 0; t < ties.rows.size(); ++t) {
    rows += ties.rows[t];
    predicted += ties.rows[t] * p[ranking.order[ranking.ends[t] - 1]];
    observed += ties.ones[t];
    const bool last = t + 1 == ties.rows.size();
    if (!last && seen + rows < std::floor(all.rows * bin / kBins)) continue;
    error += std::abs(predicted - observed) / all.rows;
    seen += rows;
    while (bin < kBins && std::floor(all.rows * bin / kBins) <= seen) ++bin;
    rows = predicted = observed = 0;
  }
  return error;
}

// What stays the same from resample to resample.
class ProbabilityRows {
 public:
  ProbabilityRows(std::span<const double> labels, std::span<const double> p,
                  std::span<const double> scores)
      : labels_(labels), p_(p), by_score_(scores), by_p_(p) {
    for (std::size_t r = 0; r < labels.size(); ++r) {
      const double inside = std::clamp(p[r], kLeastProbability, 1 - kLeastProbability);
      losses_.push_back(-(labels[r] * std::log(inside) + (1 - labels[r]) * std::log1p(-inside)));
    }
  }

  std::optional<ProbabilityMetrics> metrics(std::span<const double> times) {
    Totals all;
    double squares = 0;
    double losses = 0;
    for (std::size_t r = 0; r < labels_.size(); ++r) {
      all.rows += times[r];
      all.ones += times[r] * labels_[r];
      squares += times[r] * (p_[r] - labels_[r]) * (p_[r] - labels_[r]);
      losses += times[r] * losses_[r];
    }
    if (all.ones <= 0 || all.ones >= all.rows) return std::nullopt;
    ProbabilityMetrics m;
    const double rate = all.ones / all.rows;
    m.brier = squares / all.rows;
    m.brier_skill = 1 - m.brier / (rate * (1 - rate));
    m.log_loss = losses / all.rows;
    ties_.count(by_score_, labels_, times);
    set_areas(ties_, all, m);
    ties_.count(by_p_, labels_, times);
    m.ece = calibration_error(by_p_, ties_, p_, all);
    return m;
  }

 private:
  std::span<const double> labels_, p_;
  Ranking by_score_, by_p_;
  std::vector<double> losses_;
  Ties ties_;
};

// Between the neighbours that the share falls between.
double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * double(sorted.size() - 1);
  const auto low = std::size_t(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - double(low)) * (sorted[high] - sorted[low]);
}

template <class Metrics>
Interval interval_of(const std::vector<Metrics>& drawn, double Metrics::*metric) {
  std::vector<double> values;
  for (const Metrics& m : drawn) values.push_back(m.*metric);
  return middle_of(std::move(values));
}

}  // namespace

Interval middle_of(std::vector<double> drawn) {
  if (drawn.empty()) return {};
  std::sort(drawn.begin(), drawn.end());
  return {quantile(drawn, kBelow), quantile(drawn, 1 - kBelow)};
}

Resamples::Resamples(std::span<const std::uint64_t> groups, std::uint64_t seed) : seed_(seed) {
  std::unordered_map<std::uint64_t, std::uint32_t> numbers;
  for (const std::uint64_t group : groups) {
    group_of_.push_back(numbers.emplace(group, std::uint32_t(numbers.size())).first->second);
  }
  groups_ = numbers.size();
  const double affordable = kRowsLooked / double(std::max<std::size_t>(1, groups.size()));
  count_ = std::clamp(std::size_t(affordable), kFewestResamples, kResamples);
  if (groups_ < 2) count_ = 0;
}

void Resamples::draw(std::size_t resample, std::vector<double>& times) const {
  Rng rng = Rng::stream(seed_, "bootstrap", resample);
  std::vector<double> drawn(groups_, 0.0);
  for (std::size_t i = 0; i < groups_; ++i) drawn[rng.below(groups_)] += 1;
  times.resize(group_of_.size());
  for (std::size_t r = 0; r < times.size(); ++r) times[r] = drawn[group_of_[r]];
}

ProbabilityIntervals probability_intervals(std::span<const double> labels,
                                           std::span<const double> p,
                                           std::span<const double> scores,
                                           const Resamples& resamples) {
  CHECK(labels.size() == resamples.rows());
  ProbabilityRows rows(labels, p, scores);
  std::vector<ProbabilityMetrics> drawn;
  std::vector<double> times;
  for (std::size_t b = 0; b < resamples.count(); ++b) {
    resamples.draw(b, times);
    if (const auto m = rows.metrics(times)) drawn.push_back(*m);
  }
  using M = ProbabilityMetrics;
  ProbabilityIntervals out{
      interval_of(drawn, &M::roc_auc),       interval_of(drawn, &M::pr_auc),
      interval_of(drawn, &M::brier),         interval_of(drawn, &M::brier_skill),
      interval_of(drawn, &M::log_loss),      interval_of(drawn, &M::ece),
      interval_of(drawn, &M::lift_top_tenth)};
  // An error of absolute values is greater in every resample than in the rows, by as much as in
  // the rows than in truth; so the interval is laid the other way round, the figure itself in it.
  const double ece = calibration_error(labels, p, kBins);
  out.ece = {std::max(0.0, 2 * ece - out.ece.high), std::max(ece, 2 * ece - out.ece.low)};
  return out;
}

NumberIntervals number_intervals(std::span<const double> labels,
                                 std::span<const double> predictions, const Resamples& resamples) {
  CHECK(labels.size() == resamples.rows());
  std::vector<NumberMetrics> drawn;
  std::vector<double> times;
  for (std::size_t b = 0; b < resamples.count(); ++b) {
    resamples.draw(b, times);
    double n = 0, sum = 0, sum_p = 0, absolute = 0, squares = 0;
    for (std::size_t r = 0; r < labels.size(); ++r) {
      const double error = predictions[r] - labels[r];
      n += times[r];
      sum += times[r] * labels[r];
      sum_p += times[r] * predictions[r];
      absolute += times[r] * std::abs(error);
      squares += times[r] * error * error;
    }
    const double mean = sum / n;
    const double mean_p = sum_p / n;
    double spread = 0, spread_p = 0, together = 0;
    for (std::size_t r = 0; r < labels.size(); ++r) {
      spread += times[r] * (labels[r] - mean) * (labels[r] - mean);
      spread_p += times[r] * (predictions[r] - mean_p) * (predictions[r] - mean_p);
      together += times[r] * (labels[r] - mean) * (predictions[r] - mean_p);
    }
    if (!(spread > 0)) continue;
    const double least = 1e-18 * n * (1 + mean_p * mean_p);  // as in metrics.cc
    const double corr = spread_p > least ? together / std::sqrt(spread * spread_p) : 0;
    drawn.push_back({1 - squares / spread, absolute / n, std::sqrt(squares / n), corr});
  }
  using M = NumberMetrics;
  return {interval_of(drawn, &M::r2), interval_of(drawn, &M::mae), interval_of(drawn, &M::rmse),
          interval_of(drawn, &M::corr)};
}

std::optional<ProbabilityMetrics> weighted_metrics(std::span<const double> labels,
                                                   std::span<const double> p,
                                                   std::span<const double> scores,
                                                   std::span<const double> times) {
  CHECK(labels.size() == p.size() && p.size() == scores.size() && times.size() == p.size());
  return ProbabilityRows(labels, p, scores).metrics(times);
}

Interval share_interval(double ones, double rows) {
  if (!(rows > 0)) return {};
  constexpr double kZ = 1.959964;
  const double share = ones / rows;
  const double scale = 1 + kZ * kZ / rows;
  const double middle = (share + kZ * kZ / (2 * rows)) / scale;
  const double half =
      kZ / scale * std::sqrt(share * (1 - share) / rows + kZ * kZ / (4 * rows * rows));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

}  // namespace tideline
