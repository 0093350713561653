// Tiers: the pack's rules that sort figures into tiers, and the slowness that keeps tiers from
// flickering.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "packs/pack.h"

namespace tideline {

struct TierDecision {
  std::string tier;  // one of pack.tiers(); empty when figures that the rules need are missing
  std::string
      reason;  // "health_score < 30 or churn_risk_14d > 0.7", "everything_else", "missing_figures"
};

// The first tier, in the pack's order, whose rule holds. A rule that cannot be decided because a
// figure is missing ends the search without a tier, so a tier is never guessed. `figures` is one a
// task; `features` may be empty, then they count as missing.
[[nodiscard]] TierDecision tier_of(const Pack& pack,
                                   std::span<const std::optional<double>> figures,
                                   std::span<const double> features = {});

// What production remembers of a customer's tier between scorings.
struct TierState {
  std::string tier;     // shown now; empty: none yet
  std::string pending;  // tier that the figures ask for, not yet shown; empty: none
  int pending_scorings =
      0;  // scheduled scorings in a row that asked for another tier than the shown one
  bool operator==(const TierState&) const = default;
};

struct TierStep {
  TierState state;
  bool changed = false;  // state.tier differs from the previous one
  std::string reason;    // of the change, or why nothing changed: "unchanged", "within_margin",
                         // "missing_figures"
};

inline constexpr int kScoringsOverBorder = 2;

// The shown tier changes only when no figures within pack.tier_margins() would give the previous
// tier, or when this is the second scheduled scoring in a row over its border. `scheduled`: this
// is a scheduled scoring, not one on event.
[[nodiscard]] TierStep next_tier(const Pack& pack, const TierState& previous,
                                 std::span<const std::optional<double>> figures,
                                 std::span<const double> features, bool scheduled);

}  // namespace tideline
