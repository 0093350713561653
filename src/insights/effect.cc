#include "insights/effect.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/check.h"
#include "insights/statistics.h"

namespace tideline {
namespace {

// Wilson's score interval of a share (Wilson 1927).
std::array<double, 2> score_interval(double yes, double n, double z) {
  const double p = yes / n;
  const double z2 = z * z;
  const double middle = p + z2 / (2 * n);
  const double reach = z * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {(middle - reach) / (1 + z2 / n), (middle + reach) / (1 + z2 / n)};
}

using Measure = std::optional<double> EffectRow::*;
constexpr std::array<std::pair<const char*, Measure>, 3> kMeans = {
    {{"risk_change", &EffectRow::risk_change},
     {"health_change", &EffectRow::health_change},
     {"amount_change", &EffectRow::amount_change}}};

std::vector<double> known_values(const std::vector<const EffectRow*>& rows, Measure measure) {
  std::vector<double> values;
  for (const EffectRow* row : rows) {
    if (row->*measure) values.push_back(*(row->*measure));
  }
  return values;
}

struct Arm {
  std::vector<const EffectRow*> known;
  std::vector<Time> waiting;  // when their outcomes will be known

  [[nodiscard]] std::size_t missing(std::size_t least) const {
    return known.size() >= least ? 0 : least - known.size();
  }
  // When `missing` of those that wait are known; nullopt: there are not so many.
  [[nodiscard]] std::optional<Time> known_at(std::size_t missing) {
    if (missing == 0) return Time{};
    if (waiting.size() < missing) return std::nullopt;
    std::sort(waiting.begin(), waiting.end());
    return waiting[missing - 1];
  }
};

Effect effect_of_arms(Arm& treated, Arm& holdout, const EffectOptions& options) {
  Effect effect;
  effect.treated = treated.known.size();
  effect.holdout = holdout.known.size();
  effect.treated_waiting = treated.waiting.size();
  effect.holdout_waiting = holdout.waiting.size();
  effect.treated_missing = treated.missing(options.each_arm_min);
  effect.holdout_missing = holdout.missing(options.each_arm_min);
  if (effect.treated_missing > 0 || effect.holdout_missing > 0) {
    const auto first = treated.known_at(effect.treated_missing);
    const auto second = holdout.known_at(effect.holdout_missing);
    if (first && second) effect.enough_at = std::max(*first, *second);
    return effect;
  }
  const auto retained = [](const Arm& arm) {
    return static_cast<std::size_t>(std::count_if(
        arm.known.begin(), arm.known.end(), [](const EffectRow* row) { return row->retained; }));
  };
  effect.differences.push_back(difference_of_shares(retained(treated), effect.treated,
                                                    retained(holdout), effect.holdout, options.z));
  for (const auto& [name, measure] : kMeans) {
    const auto ours = known_values(treated.known, measure);
    const auto theirs = known_values(holdout.known, measure);
    if (std::min(ours.size(), theirs.size()) < options.each_arm_min) continue;
    effect.differences.push_back(difference_of_means(ours, theirs, options.z));
    effect.differences.back().measure = name;
  }
  return effect;
}

// Each customer by the first action that was due for it.
Effect effect_of_firsts(const std::vector<const EffectRow*>& rows, const EffectOptions& options) {
  std::map<std::string_view, const EffectRow*> firsts;
  for (const EffectRow* row : rows) {
    const EffectRow*& first = firsts[row->customer];
    if (first == nullptr || row->due < first->due) first = row;
  }
  Arm treated, holdout;
  for (const auto& [customer, row] : firsts) {
    Arm& arm = row->held_out ? holdout : treated;
    if (row->known)
      arm.known.push_back(row);
    else
      arm.waiting.push_back(row->due + options.horizon);
  }
  return effect_of_arms(treated, holdout, options);
}

}  // namespace

Difference difference_of_shares(std::size_t treated_yes, std::size_t treated,
                                std::size_t holdout_yes, std::size_t holdout, double z) {
  CHECK(treated > 0 && holdout > 0);
  Difference d;
  d.measure = "retained";
  d.is_share = true;
  d.treated_n = treated;
  d.holdout_n = holdout;
  const auto n = static_cast<double>(treated), m = static_cast<double>(holdout);
  d.treated = static_cast<double>(treated_yes) / n;
  d.holdout = static_cast<double>(holdout_yes) / m;
  d.difference = d.treated - d.holdout;
  const auto ours = score_interval(static_cast<double>(treated_yes), n, z);
  const auto theirs = score_interval(static_cast<double>(holdout_yes), m, z);
  d.low = d.difference - std::hypot(d.treated - ours[0], theirs[1] - d.holdout);
  d.high = d.difference + std::hypot(ours[1] - d.treated, d.holdout - theirs[0]);
  return d;
}

Difference difference_of_means(std::span<const double> treated, std::span<const double> holdout,
                               double z) {
  CHECK(treated.size() > 1 && holdout.size() > 1);
  const Moments ours = moments_of(treated), theirs = moments_of(holdout);
  Difference d;
  d.treated_n = treated.size();
  d.holdout_n = holdout.size();
  const auto n = static_cast<double>(treated.size()), m = static_cast<double>(holdout.size());
  d.treated = ours.mean;
  d.holdout = theirs.mean;
  d.difference = d.treated - d.holdout;
  const double a = ours.variance / n, b = theirs.variance / m;
  if (a + b == 0) {
    d.low = d.high = d.difference;
    return d;
  }
  // Welch 1947.
  const double df = (a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1));
  const double reach = student_quantile(z, df) * std::sqrt(a + b);
  d.low = d.difference - reach;
  d.high = d.difference + reach;
  return d;
}

std::vector<Effect> effects_of(std::span<const EffectRow> rows, const EffectOptions& options) {
  std::vector<const EffectRow*> all;
  std::map<std::string, std::vector<const EffectRow*>> by_play;
  for (const EffectRow& row : rows) {
    all.push_back(&row);
    by_play[row.play].push_back(&row);
  }
  std::vector<Effect> effects = {effect_of_firsts(all, options)};
  for (const auto& [play, own] : by_play) {
    effects.push_back(effect_of_firsts(own, options));
    effects.back().play = play;
  }
  return effects;
}

}  // namespace tideline
