// TierFlow: how many customers stood in each tier, hour by hour, and how many went from one to
// another. Counted by scoring; kept in Family::watch under keys of its own.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ports/state_store.h"

namespace tideline {

// Where a customer stands: a tier's name, or one of these.
inline constexpr const char* kStandsLapsed = "lapsed";
inline constexpr const char* kStandsUnscored = "unscored";
inline constexpr const char* kStandsNew = "new";  // only as where a move began

// One span of time, an hour or a day.
struct FlowSpan {
  Time begins{};
  Time until{};                                                        // of what was counted last
  std::map<std::string, std::uint64_t> standing;                       // at its end
  std::map<std::pair<std::string, std::string>, std::uint64_t> moves;  // from, to
};

// note() and put() are for one thread at a time; read() for any.
class TierFlow {
 public:
  explicit TierFlow(StateStore& store) : store_(store) {}

  // A customer went from one standing to another; counted with the next put().
  void note(const std::string& from, const std::string& to);
  // Adds what was noted to the hour of `now`, together with how all stand.
  Status put(Time now, const std::map<std::string, std::uint64_t>& standing, WriteBatch& writes);

  // The hours of [from, to) that are known, the oldest first.
  [[nodiscard]] Result<std::vector<FlowSpan>> hours(Time from, Time to) const;
  // The days of [from, to), by UTC; a day on which nothing was counted stands as the day before.
  [[nodiscard]] Result<std::vector<FlowSpan>> days(Time from, Time to) const;

  // Removes hours older than that.
  Status sweep(Time keep_from);

 private:
  StateStore& store_;
  FlowSpan current_;  // the hour that is being counted; begins at 0: not read yet
  std::map<std::pair<std::string, std::string>, std::uint64_t> noted_;
};

}  // namespace tideline
