// Schedule: when a server draws the reports by itself: on days so far apart, at a time of a zone's
// clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time_zone.h"

namespace tideline::reports {

// "monday" … "sunday"
[[nodiscard]] std::optional<std::chrono::weekday> weekday_of(std::string_view name);
[[nodiscard]] std::string_view name_of(std::chrono::weekday weekday);
// "07:00": since midnight.
[[nodiscard]] std::optional<std::chrono::minutes> time_of_day(std::string_view text);

struct Schedule {
  std::uint32_t every_days = 7;  // at least 1
  // Days are counted from one such day of January 1970, so 7 is this day of every week.
  std::chrono::weekday weekday = std::chrono::Monday;
  std::chrono::minutes at{0};
  TimeZone zone = TimeZone::utc();

  // The newest time of the schedule that is not after `now`.
  [[nodiscard]] Time newest(Time now) const;
  // The first that is after it.
  [[nodiscard]] Time next(Time now) const;
};

// How often a time of the schedule is tried, so that what kills the program does not for ever.
inline constexpr std::uint8_t kTriesMax = 3;

// What is kept of the schedule.
struct ScheduleRecord {
  Time done{};             // when all reports were last drawn; 1970: never
  Time tried{};            // the time of the schedule that was last begun
  std::uint8_t tries = 0;  // how often that one was
};
[[nodiscard]] std::string encode(const ScheduleRecord& record);
// corrupt when the bytes are not what was written.
[[nodiscard]] Result<ScheduleRecord> decode_schedule_record(std::string_view bytes);

// The time of the schedule that is to be worked off now; nullopt: none. One that went by while
// nothing ran still is.
[[nodiscard]] std::optional<Time> due(const Schedule& schedule, const ScheduleRecord& record,
                                      Time now);
// Before it is begun.
void note_try(ScheduleRecord& record, Time due);

// "every 7 days, Monday 07:00 (Europe/Berlin)"
[[nodiscard]] std::string words_of(const Schedule& schedule);
// "1 January 2026, 01:00 (Europe/Berlin)", or "… UTC"
[[nodiscard]] std::string moment_words(Time time, const TimeZone& zone);
// "1 January 2026"
[[nodiscard]] std::string day_words(Time time, const TimeZone& zone);

}  // namespace tideline::reports
