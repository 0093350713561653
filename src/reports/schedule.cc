#include "reports/schedule.h"

#include <fmt/format.h>

#include <array>

#include "base/bytes.h"
#include "reports/words.h"

namespace tideline::reports {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr std::array<std::string_view, 7> kWeekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                    "thursday", "friday", "saturday"};
constexpr std::uint8_t kFormat = 1;

// The day since 1970 from which days are counted: the first such weekday. 1970 began on a
// Thursday.
std::int64_t first_day(std::chrono::weekday weekday) {
  return (weekday - std::chrono::Thursday).count();
}

Time instant_of(const Schedule& schedule, std::int64_t day) {
  return schedule.zone.instant_of(LocalTime(days(day)) + schedule.at);
}

// The last day of the schedule that is not after the one that a clock there shows.
std::int64_t newest_day(const Schedule& schedule, Time now) {
  const auto today = std::chrono::floor<days>(schedule.zone.local(now)).time_since_epoch().count();
  const std::int64_t every = schedule.every_days;
  const std::int64_t past = (today - first_day(schedule.weekday)) % every;
  return today - (past < 0 ? past + every : past);
}

}  // namespace

std::optional<std::chrono::weekday> weekday_of(std::string_view name) {
  for (unsigned i = 0; i < kWeekdays.size(); ++i) {
    if (kWeekdays[i] == name) return std::chrono::weekday(i);
  }
  return std::nullopt;
}

std::string_view name_of(std::chrono::weekday weekday) { return kWeekdays[weekday.c_encoding()]; }

std::optional<minutes> time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4))
    return std::nullopt;
  const int hour = 10 * (text[0] - '0') + (text[1] - '0');
  const int minute = 10 * (text[3] - '0') + (text[4] - '0');
  if (hour > 23 || minute > 59) return std::nullopt;
  return minutes(60 * hour + minute);
}

Time Schedule::newest(Time now) const {
  std::int64_t day = newest_day(*this, now);
  while (instant_of(*this, day) > now) day -= every_days;
  return instant_of(*this, day);
}

Time Schedule::next(Time now) const {
  std::int64_t day = newest_day(*this, now);
  while (instant_of(*this, day) <= now) day += every_days;
  return instant_of(*this, day);
}

std::string encode(const ScheduleRecord& record) {
  ByteWriter out;
  out.u8(kFormat);
  out.time(record.done);
  out.time(record.tried);
  out.u8(record.tries);
  return out.take();
}

Result<ScheduleRecord> decode_schedule_record(std::string_view bytes) {
  ByteReader in(bytes);
  ScheduleRecord record;
  const bool known = in.u8() == kFormat;
  record.done = in.time();
  record.tried = in.time();
  record.tries = in.u8();
  if (!known || !in.done())
    return fail(ErrorCode::corrupt, "state holds a broken record of the reports' schedule");
  return record;
}

std::optional<Time> due(const Schedule& schedule, const ScheduleRecord& record, Time now) {
  const Time newest = schedule.newest(now);
  if (record.done >= newest) return std::nullopt;
  if (record.tried == newest && record.tries >= kTriesMax) return std::nullopt;
  return newest;
}

void note_try(ScheduleRecord& record, Time due) {
  if (record.tried != due) record.tries = 0;
  record.tried = due;
  ++record.tries;
}

std::string words_of(const Schedule& schedule) {
  const std::string often =
      schedule.every_days == 1 ? "every day" : fmt::format("every {} days", schedule.every_days);
  const bool by_week = schedule.every_days % 7 == 0;
  return fmt::format("{}{}, {:02}:{:02} ({})", often,
                     by_week ? ", " + readable(name_of(schedule.weekday)) : std::string(),
                     schedule.at.count() / 60, schedule.at.count() % 60, schedule.zone.name());
}

std::string moment_words(Time time, const TimeZone& zone) {
  const Time shown(zone.local(time).time_since_epoch());
  const std::string clock = format_time(shown).substr(11, 5);
  const bool is_utc = zone.name() == "UTC";
  return day_words(shown) + ", " + clock + (is_utc ? " UTC" : " (" + zone.name() + ")");
}

std::string day_words(Time time, const TimeZone& zone) {
  return day_words(Time(zone.local(time).time_since_epoch()));
}

}  // namespace tideline::reports
