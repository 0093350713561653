// Time: instants and durations in milliseconds, UTC; RFC 3339 in and out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tideline {

using Duration = std::chrono::milliseconds;
// An instant in UTC. The program's resolution: what is finer is floored where it enters.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

inline constexpr Duration kSecond = std::chrono::seconds(1);
inline constexpr Duration kHour = std::chrono::hours(1);
inline constexpr Duration kDay = std::chrono::hours(24);

// Milliseconds since 1970-01-01T00:00:00Z, and back.
[[nodiscard]] constexpr std::int64_t millis(Time t) { return t.time_since_epoch().count(); }
[[nodiscard]] constexpr Time time_from_millis(std::int64_t ms) { return Time(Duration(ms)); }
// Whole hours or days since 1970, floored (also before 1970).
[[nodiscard]] constexpr std::int64_t hour_index(Time t) {
  return std::chrono::floor<std::chrono::hours>(t).time_since_epoch().count();
}
[[nodiscard]] constexpr std::int64_t day_index(Time t) {
  return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}
[[nodiscard]] constexpr Time start_of_hour(std::int64_t hour) { return Time(hour * kHour); }
[[nodiscard]] constexpr Time start_of_day(std::int64_t day) { return Time(day * kDay); }
// A duration in days, as a feature value.
[[nodiscard]] constexpr double days(Duration d) {
  return static_cast<double>(d.count()) / static_cast<double>(kDay.count());
}

// RFC 3339 date-time: "2026-01-02T03:04:05[.fraction](Z|+hh:mm|-hh:mm)"; also a bare date
// (midnight UTC), a blank instead of T, and no zone (UTC). Years 1970 to 2199. Fractions are
// floored to milliseconds; a leap second 60 becomes 59.999. nullopt when it is no such time.
[[nodiscard]] std::optional<Time> parse_time(std::string_view text);

// "2026-01-02T03:04:05.006Z"
[[nodiscard]] std::string format_time(Time t);
// "2026-01-02"
[[nodiscard]] std::string format_date(Time t);

// "14d", "36h", "15m", "5s", "250ms"; whole numbers only. nullopt when it is no such duration.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
[[nodiscard]] std::string format_duration(Duration d);

}  // namespace tideline
