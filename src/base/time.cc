#include "base/time.h"

#include <fmt/compile.h>

#include <charconv>

namespace tideline {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

// Reads exactly `width` digits at `pos`; -1 when there are fewer.
int digits(std::string_view text, std::size_t pos, std::size_t width) {
  if (pos + width > text.size()) return -1;
  int value = 0;
  for (std::size_t i = pos; i < pos + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Offset from UTC at the end of a time; nullopt when it is malformed.
std::optional<Duration> parse_zone(std::string_view zone) {
  if (zone.empty() || zone == "Z" || zone == "z") return Duration{0};
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':')
    return std::nullopt;
  const int hours = digits(zone, 1, 2);
  const int minutes = digits(zone, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const Duration offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return zone[0] == '-' ? -offset : offset;
}

std::optional<sys_days> parse_date(std::string_view text) {
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (year < 1970 || year > 2199 || month < 1 || day < 1) return std::nullopt;
  if (text[4] != '-' || text[7] != '-') return std::nullopt;
  const year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                            std::chrono::day(unsigned(day))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  const auto date = parse_date(text);
  if (!date) return std::nullopt;
  if (text.size() == 10) return Time(*date);
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = digits(text, 17, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  if (text[13] != ':' || text[16] != ':') return std::nullopt;

  int fraction_ms = 0;
  std::size_t pos = 19;
  if (pos < text.size() && text[pos] == '.') {
    const std::size_t begin = ++pos;
    for (int scale = 100; pos < text.size() && text[pos] >= '0' && text[pos] <= '9';
         ++pos, scale /= 10) {
      fraction_ms += scale * (text[pos] - '0');
    }
    if (pos == begin) return std::nullopt;
  }
  const auto zone = parse_zone(text.substr(pos));
  if (!zone) return std::nullopt;

  const bool leap = second == 60;
  return Time(*date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(leap ? 59 : second) + Duration(leap ? 999 : fraction_ms) - *zone;
}

std::string format_time(Time t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const year_month_day date(day);
  const std::chrono::hh_mm_ss clock(t - day);
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z"), int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::string format_date(Time t) { return format_time(t).substr(0, 10); }

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0 || count > 1'000'000'000) return std::nullopt;
  const std::string_view unit(end, std::size_t(text.data() + text.size() - end));
  if (unit == "d") return count * kDay;
  if (unit == "h") return count * kHour;
  if (unit == "m") return std::chrono::minutes(count);
  if (unit == "s") return count * kSecond;
  if (unit == "ms") return Duration(count);
  return std::nullopt;
}

std::string format_duration(Duration d) {
  const auto in = [&](Duration unit, const char* name) { return std::to_string(d / unit) + name; };
  if (d.count() == 0) return "0d";
  if (d % kDay == Duration{0}) return in(kDay, "d");
  if (d % kHour == Duration{0}) return in(kHour, "h");
  if (d % std::chrono::minutes(1) == Duration{0}) return in(std::chrono::minutes(1), "m");
  if (d % kSecond == Duration{0}) return in(kSecond, "s");
  return in(Duration(1), "ms");
}

}  // namespace tideline
