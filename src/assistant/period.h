// Periods in words: "last week", "in december", "since monday", "the last 30 days", against a
// given now. Days and weeks are of UTC; a week begins on Monday.
#pragma once

#include <string>
#include <vector>

#include "assistant/words.h"
#include "base/time.h"

namespace tideline {

struct Period {
  Time from{};
  Time to{};             // not part of it any more
  std::string words;     // for people: "last week (5 to 11 January 2026)"
  bool to_come = false;  // lies ahead of now
  bool operator==(const Period&) const = default;
};

// The periods that the words name, in their order, at most two; the words are marked as taken.
// What is still under way ends with today: "this month" is from its first day to tomorrow's
// midnight. A month without a year is the latest that has begun.
[[nodiscard]] std::vector<Period> periods_in(std::vector<Word>& words, Time now);

// From one time to another, in words of its days.
[[nodiscard]] Period period_between(Time from, Time to, Time now);
// The N days up to now.
[[nodiscard]] Period last_days(int days, Time now);
// From the beginning of everything to now.
[[nodiscard]] Period all_time(Time now);
// As long as `period`, right before it; a month gives the month before.
[[nodiscard]] Period before(const Period& period);

}  // namespace tideline
