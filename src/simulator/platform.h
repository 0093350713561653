// A simulated social platform whose truth is known: the front page of the `platform_*` files.
//
// Customers are here, cooling down or away; who is here comes on some days and then watches,
// posts, writes, matches and meets at steady rates of the customer's own. Every life is a pure
// function of the options and of the customer's number. The model is told in
// docs/simulator-engagement.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/event.h"

namespace tideline {

// What the simulated business looks like; generate meets these. Defined in PlatformFigures.
struct PlatformTargets {
  double engagement = 0.370;  // mean score
  double high_share = 0.08;   // of scores above kHighEngagement
  double churn = 0.492;
  double premium = 0.20;
  double revenue = 126;  // USD a registered customer and year
  bool operator==(const PlatformTargets&) const = default;
};
inline constexpr double kHighEngagement = 0.6;

struct PlatformOptions {
  std::uint32_t customers = 100'000;  // 1 .. 10,000,000; who joins before the end
  std::uint32_t days = 300;           // 30 .. 3,650; the history is [end - days, end)
  Time end{};                         // 00:00 UTC, in the years 1985 to 2198
  std::uint64_t seed = 1;
  PlatformTargets targets;
  // Share of the women who stay away for good soon after joining, on top of everybody's churn, so
  // that churn differs by this much between women and men. 0: gender, age and region are drawn
  // independently of behaviour. 0 .. 0.4.
  double planted_gap = 0;
};

// `invalid` when an option is out of range.
[[nodiscard]] Status check(const PlatformOptions& options);

// What happened during windows of 28 days, one after the other through the history (of churn: the
// 30 days from where the windows begin), counted while the events are made.
struct PlatformFigures {
  std::uint32_t windows = 0;  // 0: the history is shorter than 30 days
  double engagement = 0;  // mean score of who came in the window; nobody else has a score above 0
  double high_share = 0;  // of these scores, share above kHighEngagement
  double churn = 0;       // of who is registered at the beginning: no visit within 30 days
  double premium = 0;     // of who is registered at the beginning: has premium
  double revenue = 0;     // paid in the history, a registered customer and 365 days
  double engagement_of_all = 0;  // mean score of everybody registered, dormant ones with their 0
  double events_a_day = 0;       // a registered customer
  double active_a_day = 0;       // mean share of registered customers who come on a day
  // R2 that nobody can beat who knows only what was before a window, even all that is hidden: 1 -
  // mean variance of the score given the hidden state / variance of the score, over everybody.
  double noise_ceiling = 0;
  // Churn of women less that of men; about PlatformOptions::planted_gap.
  double churn_gap = 0;
};

enum class PlatformStage : std::uint8_t { here, cooling, away };
[[nodiscard]] std::string_view name_of(PlatformStage stage);

struct PlatformTruth {
  CustomerId customer;
  Time joined{};  // may lie before the history
  std::string gender, age_band, region;
  // Nature.
  double visits_a_day = 0;  // chance to come on a day, while here
  double involvement = 0;   // common factor of all rates, standard deviations
  double minutes_a_visit = 0, messages_a_visit = 0, stories_a_visit = 0, matches_a_visit = 0,
         dates_a_visit = 0;
  double leave_a_day = 0;   // chance to begin to cool down
  double return_a_day = 0;  // chance to come back when away
  bool pays = false;        // takes premium now and then
  // 30 days before the end: the hidden stage, what was to be expected from there, and what came.
  // Expectations are means over 16 lives lived on from that state. nullopt: had not joined.
  struct Outlook {
    PlatformStage stage = PlatformStage::away;
    double engagement_expected = 0, engagement = 0;
    double churn_expected = 0;
    bool churned = false;
  };
  std::optional<Outlook> outlook;
  PlatformStage stage = PlatformStage::away;  // at the end
  bool premium = false;
  std::uint64_t events = 0;
};

}  // namespace tideline
