// TimeZone: what clocks on the wall show in one place, from the rules of a zone file.
//
// Everything is computed in UTC; zones are for what people read and for schedules they write. A
// zone file has the form of RFC 9636 (TZif): Debian's lie in /usr/share/zoneinfo.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tideline {

// What a clock on the wall shows; means nothing without a zone.
using LocalTime = std::chrono::local_time<std::chrono::milliseconds>;

class TimeZone {
 public:
  [[nodiscard]] static TimeZone utc() { return {}; }
  // `name`: "Europe/Berlin". invalid: no zone file, or one that counts leap seconds ("right/…").
  [[nodiscard]] static Result<TimeZone> parse(std::string name, std::string_view file);

  [[nodiscard]] const std::string& name() const { return name_; }
  // What is added to UTC; east of Greenwich above 0.
  [[nodiscard]] std::chrono::seconds offset_at(Time time) const;
  [[nodiscard]] LocalTime local(Time time) const;
  // When a clock there shows `local`, as RFC 5545 (3.3.5) has it: the first of two times where it
  // is set back; where it is set forward over `local`, as if it had not been yet.
  [[nodiscard]] Time instant_of(LocalTime local) const;

 private:
  // The day of a year on which the offset changes, and the second of that day, by the clock that
  // was in force before.
  struct Turn {
    enum class Day : std::uint8_t { julian, counted, week };  // "J60", "60", "M3.5.0"
    Day kind = Day::counted;
    int month = 0, week = 0, day = 0;
    std::int64_t second = 2 * 3600;
    [[nodiscard]] std::int64_t in_year(int year) const;  // seconds since 1970, by that clock
  };
  // For ever after the last change that is listed (POSIX.1-2017, 8.3, TZ).
  struct Rule {
    std::int64_t standard = 0;  // seconds
    std::int64_t summer = 0;
    bool has_summer = false;
    Turn begins, ends;
  };
  struct Change {
    std::int64_t at = 0;      // seconds since 1970
    std::int64_t offset = 0;  // from then on
  };
  class FileReader;
  class RuleReader;

  TimeZone() = default;
  [[nodiscard]] static std::int64_t offset_by(const Rule& rule, std::int64_t second);

  std::string name_ = "UTC";
  std::int64_t first_offset_ = 0;  // before every change
  std::vector<Change> changes_;    // ascending
  std::optional<Rule> rule_;
};

}  // namespace tideline
