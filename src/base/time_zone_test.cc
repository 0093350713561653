// Zones: every zone of this machine beside the C library's clock, and the days on which clocks are
// set.
#include "base/time_zone.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/rng.h"

namespace tideline {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

const fs::path kZones = "/usr/share/zoneinfo";

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

TimeZone zone_of(const std::string& name) {
  auto zone = TimeZone::find(name);
  EXPECT_TRUE(zone.has_value()) << (zone ? "" : zone.error().message);
  return zone ? *zone : TimeZone::utc();
}

LocalTime shown(std::string_view text) { return LocalTime(parse_time(text)->time_since_epoch()); }
std::string instant(const TimeZone& zone, std::string_view local) {
  return format_time(zone.instant_of(shown(local)));
}

// What the C library adds to UTC.
std::int64_t offset_of_c(std::int64_t second) {
  const auto time = static_cast<std::time_t>(second);
  std::tm local{};
  localtime_r(&time, &local);
  return local.tm_gmtoff;
}

// Names of places' zones, without those that count leap seconds and without second copies.
std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(kZones)) {
    const std::string name = fs::relative(entry.path(), kZones).string();
    if (!entry.is_regular_file() || name.starts_with("right/") || name.starts_with("posix"))
      continue;
    if (name == "Factory" || name == "localtime") continue;  // no place
    if (bytes_of(entry.path()).starts_with("TZif")) all.push_back(name);
  }
  return all;
}

// Until the last change that the files list; what follows by the rule at their end, the library of
// Debian 12 does not read.
TEST(TimeZoneTest, ShowsWhatTheClockOfTheCLibraryShows) {
  Rng rng(20'260'301);
  const std::int64_t from = parse_time("1970-01-01")->time_since_epoch() / seconds(1);
  const std::int64_t until = parse_time("2037-01-01")->time_since_epoch() / seconds(1);
  const char* before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  const auto all = names();
  ASSERT_GT(all.size(), 300U);
  for (const std::string& name : all) {
    const TimeZone zone = zone_of(name);
    setenv("TZ", name.c_str(), 1);
    tzset();
    const auto same = [&](std::int64_t second) {
      const Time time(seconds{second});
      ASSERT_EQ(zone.offset_at(time).count(), offset_of_c(second))
          << name << " at " << format_time(time);
    };
    for (int i = 0; i < 30; ++i) {
      std::int64_t low = from + std::int64_t(rng.below(std::uint64_t(until - from))),
                   high = low + 200 * 86'400;
      same(low);
      if (offset_of_c(low) == offset_of_c(high)) continue;
      while (high - low > 1) {  // to the second on which a clock is set
        const std::int64_t middle = low + (high - low) / 2;
        (offset_of_c(middle) == offset_of_c(low) ? low : high) = middle;
      }
      same(low);
      same(high);
    }
    if (HasFatalFailure()) break;
  }
  before == nullptr ? unsetenv("TZ") : setenv("TZ", kept.c_str(), 1);
  tzset();
}

TEST(TimeZoneTest, ATimeThatIsShownTwiceIsTheFirstAndOneThatIsSkippedComesLater) {
  const TimeZone berlin = zone_of("Europe/Berlin");
  EXPECT_EQ(instant(berlin, "2026-01-05T07:00:00"), "2026-01-05T06:00:00.000Z");
  EXPECT_EQ(instant(berlin, "2026-07-06T07:00:00"), "2026-07-06T05:00:00.000Z");
  // Set forward on 29 March at 2, back on 25 October at 3.
  EXPECT_EQ(instant(berlin, "2026-03-29T01:59:59"), "2026-03-29T00:59:59.000Z");
  EXPECT_EQ(instant(berlin, "2026-03-29T02:30:00"), "2026-03-29T01:30:00.000Z");
  EXPECT_EQ(instant(berlin, "2026-03-29T03:00:00"), "2026-03-29T01:00:00.000Z");
  EXPECT_EQ(instant(berlin, "2026-10-25T02:30:00"), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(instant(berlin, "2026-10-25T03:00:00"), "2026-10-25T02:00:00.000Z");
  const TimeZone howe = zone_of("Australia/Lord_Howe");  // by half an hour
  EXPECT_EQ(instant(howe, "2026-04-05T01:45:00"), "2026-04-04T14:45:00.000Z");
  const TimeZone new_york = zone_of("America/New_York");
  EXPECT_EQ(instant(new_york, "2026-11-01T01:30:00"), "2026-11-01T05:30:00.000Z");
}

TEST(TimeZoneTest, WhatIsShownComesBack) {
  for (const char* name : {"Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia",
                           "Africa/Casablanca", "Europe/Dublin", "UTC"}) {
    const TimeZone zone = zone_of(name);
    for (Time time = *parse_time("2024-01-01"); time < *parse_time("2031-01-01");
         time += 37 * std::chrono::minutes(1)) {
      const Time back = zone.instant_of(zone.local(time));
      ASSERT_EQ(zone.local(back), zone.local(time)) << name << " " << format_time(time);
      ASSERT_LE(back, time) << name << " " << format_time(time);
    }
  }
}

TEST(TimeZoneTest, UtcNeedsNoFile) {
  const Time time = *parse_time("2026-07-01T12:00:00Z");
  EXPECT_EQ(TimeZone::utc().name(), "UTC");
  EXPECT_EQ(TimeZone::utc().local(time), shown("2026-07-01T12:00:00"));
  EXPECT_EQ(TimeZone::utc().instant_of(shown("2026-07-01T12:00:00")), time);
}

TEST(TimeZoneTest, WhatIsNoZoneIsRefused) {
  for (const char* name : {"", "Europe", "Europe/Atlantis", "../etc/passwd", "/etc/localtime",
                           "right/Europe/Berlin", "europe/berlin"}) {
    const auto zone = TimeZone::find(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().reason, "bad_time_zone");
  }
}

}  // namespace
}  // namespace tideline
