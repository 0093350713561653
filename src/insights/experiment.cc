#include "insights/experiment.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace tideline {
namespace {

constexpr double kNoSpread = 1e-18;  // of a square, beside 1 and the squared mean

// Means of outcome and measure before in one arm, of customers with both.
struct Centre {
  double n = 0;
  double outcome = 0;
  double before = 0;
};

std::vector<Centre> centres_of(std::span<const double> outcomes, std::span<const double> before,
                               std::span<const std::size_t> arms, std::size_t arm_count) {
  std::vector<Centre> centres(arm_count);
  const auto each = [&](auto&& visit) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (std::isnan(outcomes[i]) || std::isnan(before[i])) continue;
      CHECK(arms[i] < arm_count);
      visit(centres[arms[i]], i);
    }
  };
  each([](Centre& centre, std::size_t) { ++centre.n; });
  each([&](Centre& centre, std::size_t i) {
    centre.outcome += outcomes[i] / centre.n;
    centre.before += before[i] / centre.n;
  });
  return centres;
}

// Moments of each arm's known values; at the end those of all treated arms together.
std::vector<Moments> moments_by_arm(std::span<const double> values,
                                    std::span<const std::size_t> arms, std::size_t arm_count) {
  std::vector<std::vector<double>> own(arm_count + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    own[arms[i]].push_back(values[i]);
    if (arms[i] != 0) own[arm_count].push_back(values[i]);
  }
  std::vector<Moments> moments;
  for (const std::vector<double>& of_arm : own) moments.push_back(moments_of(of_arm));
  return moments;
}

std::vector<Comparison> comparisons_of(const Experiment& experiment,
                                       const ExperimentOutcome& outcome) {
  CHECK(outcome.values.size() == experiment.arm.size());
  const std::size_t arm_count = experiment.arms.size();
  std::optional<Adjusted> adjusted;
  if (!experiment.before.empty()) {
    adjusted = adjusted_by_before(outcome.values, experiment.before, experiment.arm, arm_count);
  }
  const auto plain = moments_by_arm(outcome.values, experiment.arm, arm_count);
  std::vector<Moments> cuped;
  if (adjusted) cuped = moments_by_arm(adjusted->outcomes, experiment.arm, arm_count);
  std::vector<Comparison> comparisons;
  const std::size_t compared = arm_count > 2 ? arm_count + 1 : arm_count;
  for (std::size_t a = 1; a < compared; ++a) {
    Comparison& one = comparisons.emplace_back();
    one.outcome = outcome.name;
    one.is_share = outcome.is_share;
    if (a < arm_count) one.arm = experiment.arms[a];
    const std::size_t smaller = std::min(plain[0].n, plain[a].n);
    one.enough = smaller >= kSmallestArm;
    if (!one.enough) {
      one.missing = kSmallestArm - smaller;
      one.effect.control_n = plain[0].n;
      one.effect.treated_n = plain[a].n;
      continue;
    }
    one.effect = effect_between(plain[a], plain[0]);
    if (!adjusted) continue;
    one.cuped = effect_between(cuped[a], cuped[0]);
    one.variance_removed = adjusted->variance_removed;
  }
  return comparisons;
}

}  // namespace

ArmEffect effect_between(const Moments& treated, const Moments& control) {
  CHECK(treated.n >= 2 && control.n >= 2);
  ArmEffect effect;
  effect.treated = treated.mean;
  effect.control = control.mean;
  effect.treated_n = treated.n;
  effect.control_n = control.n;
  effect.difference = treated.mean - control.mean;
  const auto n = static_cast<double>(treated.n), m = static_cast<double>(control.n);
  const double a = treated.variance / n, b = control.variance / m;
  effect.standard_error = std::sqrt(a + b);
  double reach = kStandardErrors;
  if (a + b > 0) {
    effect.z = effect.difference / effect.standard_error;
    effect.p = 2 * normal_below(-std::abs(effect.z));
    if (std::min(treated.n, control.n) < kLargeArm) {
      // Welch 1947.
      const double df = (a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1));
      reach = student_quantile(kStandardErrors, df);
    }
  } else if (effect.difference != 0) {
    effect.p = 0;
  }
  effect.low = effect.difference - reach * effect.standard_error;
  effect.high = effect.difference + reach * effect.standard_error;
  return effect;
}

SampleRatio sample_ratio(std::span<const std::size_t> counts, std::span<const double> shares) {
  CHECK(counts.size() == shares.size() && counts.size() >= 2);
  double all = 0;
  for (const std::size_t count : counts) all += static_cast<double>(count);
  SampleRatio ratio;
  if (all == 0) return ratio;
  for (std::size_t a = 0; a < counts.size(); ++a) {
    CHECK(shares[a] > 0);
    const double expected = all * shares[a];
    const double off = static_cast<double>(counts[a]) - expected;
    ratio.chi_square += off * off / expected;
  }
  ratio.p = chi_square_above(ratio.chi_square, counts.size() - 1);
  ratio.alarm = ratio.p < kRatioAlarm;
  return ratio;
}

std::optional<Adjusted> adjusted_by_before(std::span<const double> outcomes,
                                           std::span<const double> before,
                                           std::span<const std::size_t> arms,
                                           std::size_t arm_count) {
  CHECK(outcomes.size() == before.size() && outcomes.size() == arms.size());
  const std::vector<Centre> centres = centres_of(outcomes, before, arms, arm_count);
  double n = 0, together = 0, spread_before = 0, spread_outcome = 0, mean_before = 0;
  for (const Centre& centre : centres) n += centre.n;
  if (n < static_cast<double>(kSmallestArm)) return std::nullopt;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (std::isnan(outcomes[i]) || std::isnan(before[i])) continue;
    const Centre& centre = centres[arms[i]];
    const double x = before[i] - centre.before, y = outcomes[i] - centre.outcome;
    together += x * y;
    spread_before += x * x;
    spread_outcome += y * y;
    mean_before += before[i] / n;
  }
  // What rounding leaves of a measure that is the same for all is no spread.
  if (!(spread_before > kNoSpread * n * (1 + mean_before * mean_before))) return std::nullopt;
  if (!(spread_outcome > 0)) return std::nullopt;
  Adjusted adjusted;
  adjusted.theta = together / spread_before;
  adjusted.variance_removed = together * together / (spread_before * spread_outcome);
  adjusted.known_before = static_cast<std::size_t>(n);
  adjusted.outcomes.assign(outcomes.begin(), outcomes.end());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!std::isnan(before[i])) adjusted.outcomes[i] -= adjusted.theta * (before[i] - mean_before);
  }
  return adjusted;
}

ExperimentReport report_of(const Experiment& experiment) {
  CHECK(experiment.arms.size() >= 2 && experiment.arms.size() == experiment.shares.size());
  CHECK(experiment.before.empty() || experiment.before.size() == experiment.arm.size());
  ExperimentReport report;
  report.customers.assign(experiment.arms.size(), 0);
  for (const std::size_t arm : experiment.arm) {
    CHECK(arm < experiment.arms.size());
    ++report.customers[arm];
  }
  report.ratio = sample_ratio(report.customers, experiment.shares);
  for (const ExperimentOutcome& outcome : experiment.outcomes) {
    for (Comparison& one : comparisons_of(experiment, outcome))
      report.comparisons.push_back(std::move(one));
  }
  return report;
}

}  // namespace tideline
