// Which levels of the platform's rates meet given targets.
#pragma once

#include "simulator/platform_life.h"

namespace tideline {

// What a population at these levels looks like in the long run; as in PlatformFigures.
struct PlatformOutcome {
  double engagement = 0, high_share = 0, churn = 0, premium = 0;
  double price_share = 0;  // of revenue: USD a customer and year for each USD of price
  double boosts = 0;       // of revenue: USD a customer and year from boosts
};

// By `customers` lives of nobody, lived unseen and then for 30 days. Deterministic, whatever
// `threads` is.
[[nodiscard]] PlatformOutcome outcome_at(const PlatformLevels& levels, std::uint32_t customers,
                                         int threads);

// Newton's method on outcome_at(), over `customers` lives; the same lives in every step. The
// levels of the usual targets are known and returned at once. `invalid` when no levels meet the
// targets.
[[nodiscard]] Result<PlatformLevels> solve_levels(const PlatformTargets& targets,
                                                  std::uint32_t customers, int threads);

// The levels of PlatformTargets{}, from solve_from() over 700,000 lives.
[[nodiscard]] PlatformLevels usual_levels();
// The search itself, from a guess on.
[[nodiscard]] Result<PlatformLevels> solve_from(PlatformLevels guess,
                                                const PlatformTargets& targets,
                                                std::uint32_t customers, int threads);

}  // namespace tideline
