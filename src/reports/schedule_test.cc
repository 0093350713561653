// The schedule of the reports: weeks, zones, clocks that are set, and what went by meanwhile.
#include "reports/schedule.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace tideline::reports {
namespace {

TimeZone zone_of(const std::string& name) {
  auto zone = TimeZone::find(name);
  EXPECT_TRUE(zone.has_value()) << name;
  return zone ? *zone : TimeZone::utc();
}

Schedule weekly(const std::string& zone, std::chrono::weekday weekday, int hour, int minute = 0) {
  return {7, weekday, std::chrono::minutes(60 * hour + minute), zone_of(zone)};
}

std::string newest(const Schedule& schedule, const char* now) {
  return format_time(schedule.newest(*parse_time(now)));
}
std::string next(const Schedule& schedule, const char* now) {
  return format_time(schedule.next(*parse_time(now)));
}

TEST(ScheduleTest, MondaysBySevenInBerlinInWinterAndSummer) {
  const Schedule mondays = weekly("Europe/Berlin", std::chrono::Monday, 7);
  EXPECT_EQ(newest(mondays, "2026-01-05T05:59:59Z"), "2025-12-29T06:00:00.000Z");
  EXPECT_EQ(newest(mondays, "2026-01-05T06:00:00Z"), "2026-01-05T06:00:00.000Z");
  EXPECT_EQ(next(mondays, "2026-01-05T06:00:00Z"), "2026-01-12T06:00:00.000Z");
  EXPECT_EQ(next(mondays, "2026-03-24T00:00:00Z"), "2026-03-30T05:00:00.000Z");
  EXPECT_EQ(words_of(mondays), "every 7 days, Monday, 07:00 (Europe/Berlin)");
}

TEST(ScheduleTest, AZonesDayIsNotUtcs) {
  const Schedule sundays = weekly("Pacific/Auckland", std::chrono::Sunday, 8);
  EXPECT_EQ(next(sundays, "2026-01-01T00:00:00Z"), "2026-01-03T19:00:00.000Z");
  const Schedule fridays = weekly("America/Los_Angeles", std::chrono::Friday, 20);
  EXPECT_EQ(next(fridays, "2026-01-01T00:00:00Z"), "2026-01-03T04:00:00.000Z");
}

TEST(ScheduleTest, ADayComesOnceAlsoWhenClocksAreSet) {
  Schedule daily = weekly("Europe/Berlin", std::chrono::Monday, 2, 30);
  daily.every_days = 1;
  EXPECT_EQ(next(daily, "2026-03-28T12:00:00Z"), "2026-03-29T01:30:00.000Z");  // shown as 03:30
  EXPECT_EQ(next(daily, "2026-03-29T01:30:00Z"), "2026-03-30T00:30:00.000Z");
  EXPECT_EQ(next(daily, "2026-10-24T12:00:00Z"), "2026-10-25T00:30:00.000Z");  // the first 02:30
  EXPECT_EQ(next(daily, "2026-10-25T00:30:00Z"), "2026-10-26T01:30:00.000Z");
  EXPECT_EQ(words_of(daily), "every day, 02:30 (Europe/Berlin)");
}

TEST(ScheduleTest, NextFollowsNewestForEveryLength) {
  Rng rng(11);
  const Time from = *parse_time("2020-01-01");
  const TimeZone zone = zone_of("America/New_York");
  for (int i = 0; i < 2'000; ++i) {
    const Schedule schedule{std::uint32_t(1 + rng.below(366)),
                            std::chrono::weekday(unsigned(rng.below(7))),
                            std::chrono::minutes(rng.below(1'440)), zone};
    const Time now = from + Duration(std::int64_t(rng.below(20ULL * 365 * 86'400'000)));
    const Time before = schedule.newest(now), after = schedule.next(now);
    ASSERT_LE(before, now);
    ASSERT_LT(now, after);
    ASSERT_EQ(schedule.next(before), after);
    ASSERT_EQ(schedule.newest(after), after);
    ASSERT_EQ(schedule.next(after - Duration(1)), after);
    const LocalTime shown = zone.local(after);
    const auto day = std::chrono::floor<std::chrono::days>(shown);
    if (schedule.every_days % 7 == 0) {
      ASSERT_EQ(std::chrono::weekday(day), schedule.weekday);
    }
  }
}

TEST(ScheduleTest, OnceATimeAndNotForEverWhenItFails) {
  const Schedule mondays = weekly("UTC", std::chrono::Monday, 7);
  const Time monday = *parse_time("2026-01-05T07:00:00Z");
  ScheduleRecord record;
  Time now = *parse_time("2026-01-07T00:00:00Z");
  // Never done: at once.
  for (int i = 0; i < kTriesMax; ++i) {
    ASSERT_EQ(due(mondays, record, now), monday) << i;
    note_try(record, monday);
    record = *decode_schedule_record(encode(record));
    now += std::chrono::minutes(10);
  }
  EXPECT_EQ(due(mondays, record, now), std::nullopt);
  // The next one is tried anew.
  now = monday + 7 * kDay;
  ASSERT_EQ(due(mondays, record, now), now);
  note_try(record, now);
  EXPECT_EQ(record.tries, 1);
  record.done = now + std::chrono::seconds(2);
  EXPECT_EQ(due(mondays, record, now + 6 * kDay), std::nullopt);
  // What went by while nothing ran is worked off once.
  EXPECT_EQ(due(mondays, record, now + 30 * kDay), now + 28 * kDay);
}

TEST(ScheduleTest, WordsAreReadAsWritten) {
  EXPECT_EQ(weekday_of("friday"), std::chrono::Friday);
  EXPECT_EQ(name_of(std::chrono::Friday), "friday");
  for (const char* bad : {"", "Friday", "fri"}) EXPECT_FALSE(weekday_of(bad)) << bad;
  EXPECT_EQ(time_of_day("07:05"), std::chrono::minutes(425));
  for (const char* bad : {"", "7:05", "24:00", "07:60", "07.05", "07:5", "-7:05", "07:055"})
    EXPECT_FALSE(time_of_day(bad)) << bad;
  EXPECT_FALSE(decode_schedule_record("x"));
  const Time time = *parse_time("2025-12-31T23:30:00Z");
  EXPECT_EQ(moment_words(time, TimeZone::utc()), "31 December 2025, 23:30 UTC");
  EXPECT_EQ(moment_words(time, zone_of("Europe/Berlin")), "1 January 2026, 00:30 (Europe/Berlin)");
  EXPECT_EQ(day_words(time, zone_of("Europe/Berlin")), "1 January 2026");
}

}  // namespace
}  // namespace tideline::reports
