#include "scoring/tiers.h"

#include <cmath>
#include <limits>
#include <vector>

#include "base/check.h"
#include "packs/program.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Above this many tasks figures are moved one at a time instead of in every combination.
constexpr std::size_t kTasksInCombination = 8;

std::vector<double> slots_of(const Pack& pack, std::span<const std::optional<double>> figures,
                             std::span<const double> features) {
  CHECK(figures.size() == pack.tasks().size());
  CHECK(features.empty() || features.size() == pack.features().size());
  std::vector<double> slots;
  slots.reserve(figures.size() + pack.features().size());
  for (const auto& figure : figures) slots.push_back(figure.value_or(kMissing));
  slots.insert(slots.end(), features.begin(), features.end());
  slots.resize(figures.size() + pack.features().size(), kMissing);
  return slots;
}

// Place of the tier in pack.tiers(); nullopt when a missing figure leaves it open.
std::optional<std::size_t> decide(const Pack& pack, std::span<const double> slots) {
  const auto& rules = pack.program().tier_rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const double verdict = evaluate(rules[i], slots);
    if (std::isnan(verdict)) return std::nullopt;
    if (verdict != 0) return i;
  }
  // Packs end in a rule that always holds; without one the last tier takes what is left.
  return rules.empty() ? std::nullopt : std::optional(rules.size() - 1);
}

// Some figures no further than the margin from these give the tier at `place`.
bool is_near(const Pack& pack, std::span<const double> slots, std::size_t place) {
  const std::size_t tasks = pack.tasks().size();
  std::vector<double> moved(slots.begin(), slots.end());
  const auto move = [&](std::size_t k, double sign) {
    moved[k] = slots[k] + sign * pack.tier_margins()[k];
  };
  if (tasks > kTasksInCombination) {
    for (std::size_t k = 0; k < tasks; ++k) {
      for (const double sign : {-1.0, 1.0}) {
        move(k, sign);
        if (decide(pack, moved) == place) return true;
      }
      moved[k] = slots[k];
    }
    return false;
  }
  for (std::size_t corner = 0; corner < (std::size_t(1) << tasks); ++corner) {
    for (std::size_t k = 0; k < tasks; ++k) move(k, (corner >> k) & 1 ? 1.0 : -1.0);
    if (decide(pack, moved) == place) return true;
  }
  return false;
}

std::optional<std::size_t> place_of(const Pack& pack, const std::string& tier) {
  for (std::size_t i = 0; i < pack.tiers().size(); ++i) {
    if (pack.tiers()[i] == tier) return i;
  }
  return std::nullopt;
}

std::string reason_of(const Pack& pack, std::size_t place) {
  const Expression& rule = pack.program().tier_rules[place];
  return rule.text == "true" ? "everything_else" : rule.text;
}

}  // namespace

TierDecision tier_of(const Pack& pack, std::span<const std::optional<double>> figures,
                     std::span<const double> features) {
  const auto place = decide(pack, slots_of(pack, figures, features));
  if (!place) return TierDecision{"", "missing_figures"};
  return TierDecision{pack.tiers()[*place], reason_of(pack, *place)};
}

TierStep next_tier(const Pack& pack, const TierState& previous,
                   std::span<const std::optional<double>> figures,
                   std::span<const double> features, bool scheduled) {
  const std::vector<double> slots = slots_of(pack, figures, features);
  const auto place = decide(pack, slots);
  if (!place) return TierStep{previous, false, "missing_figures"};
  const std::string& asked = pack.tiers()[*place];
  if (asked == previous.tier) return TierStep{TierState{asked, "", 0}, false, "unchanged"};

  const auto shown = place_of(pack, previous.tier);
  const int scorings = previous.pending_scorings + (scheduled ? 1 : 0);
  const bool passed = !shown || !is_near(pack, slots, *shown);
  if (passed || scorings >= kScoringsOverBorder) {
    return TierStep{TierState{asked, "", 0}, true, reason_of(pack, *place)};
  }
  return TierStep{TierState{previous.tier, asked, scorings}, false, "within_margin"};
}

}  // namespace tideline
