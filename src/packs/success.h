// Success: what a business wants to reach, as its file success.toml beside pack.toml says: each a
// measure, where it stands, and where it shall be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tideline {

// How the actual value comes about.
enum class SuccessMeasure : std::uint8_t {
  mean_figure,    // mean of a task's figure over scored customers
  tier_share,     // of them: the share in a tier
  daily_active,   // share of customers of the last 30 days that is active on a day, its mean
  yearly_amount,  // what the customers active in the last 30 days brought in them, a year of each
  feature_share,  // share of scored customers whose feature is above 0
};
[[nodiscard]] std::string_view name_of(SuccessMeasure measure);

struct SuccessTarget {
  std::string name;   // letters, digits and _
  std::string title;  // for people
  std::string unit;   // share, score, or money: the pack's currency
  SuccessMeasure measure = SuccessMeasure::mean_figure;
  std::string of;  // the task, tier or feature; empty for the other measures
  // Both or none; none: only the actual value is shown.
  std::optional<double> baseline;
  std::optional<double> target;
  std::string about;  // one sentence; may be empty
};

// In the order of the file. invalid, "FILE:LINE: what is wrong". Whether tasks, tiers and features
// are there is for whoever has the pack.
[[nodiscard]] Result<std::vector<SuccessTarget>> parse_success(std::string_view toml,
                                                               std::string_view file);

// How much of the way from the baseline to the target is behind: 0..1, below 0 where it got worse,
// above 1 beyond the target; nullopt without both or where they are equal.
[[nodiscard]] std::optional<double> progress_of(const SuccessTarget& target, double actual);

}  // namespace tideline
