#include "scoring/table_cells.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

#include "base/time.h"

namespace tideline {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<double> parse_plain(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Digits in groups of three by `group`, then perhaps `point` and more digits; `plain` gets them
// with '.' and without groups.
bool read_grouped(std::string_view text, char group, char point, std::string& plain) {
  std::size_t i = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    if (text[0] == '-') plain += '-';
    ++i;
  }
  std::size_t since = 0;  // digits since the last group began
  bool groups = false;
  for (; i < text.size() && text[i] != point; ++i) {
    if (text[i] == group) {
      if (since == 0 || since > 3 || (groups && since != 3)) return false;
      groups = true;
      since = 0;
    } else if (is_digit(text[i])) {
      plain += text[i];
      ++since;
    } else {
      return false;
    }
  }
  if (since == 0 || (groups && since != 3)) return false;
  if (i == text.size()) return true;
  plain += '.';
  const std::string_view rest = text.substr(i + 1);
  plain += rest;
  return !rest.empty() && std::all_of(rest.begin(), rest.end(), is_digit);
}

// The number at the front of `text`, at most `digits_max` digits, taken off; -1 without one.
int take_digits(std::string_view& text, std::size_t digits_max) {
  int value = 0;
  std::size_t n = 0;
  while (n < text.size() && n < digits_max && is_digit(text[n]))
    value = value * 10 + text[n++] - '0';
  text.remove_prefix(n);
  return n == 0 ? -1 : value;
}

std::optional<double> day_of(int year, int month, int day) {
  if (year < 1800 || year > 9999 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(unsigned(month)),
                                         std::chrono::day(unsigned(day))};
  if (!date.ok()) return std::nullopt;
  return double(std::chrono::sys_days(date).time_since_epoch().count());
}

// "", " 10:20", "T10:20:30.5Z", " 10:20:30+02:00": the fraction of a day.
std::optional<double> parse_clock(std::string_view text) {
  if (text.empty()) return 0.0;
  if (text.front() != ' ' && text.front() != 'T' && text.front() != 't') return std::nullopt;
  std::string full = "1970-01-02T" + std::string(text.substr(1));
  if (full.size() == 16) full += ":00";  // no seconds
  const auto time = parse_time(full);
  if (!time) return std::nullopt;
  return days(*time - Time(kDay));
}

}  // namespace

std::optional<double> parse_number(std::string_view text, NumberStyle style) {
  if (style == NumberStyle::plain) return parse_plain(text);
  std::string plain;
  const bool comma = style == NumberStyle::decimal_comma;
  if (!read_grouped(text, comma ? '.' : ',', comma ? ',' : '.', plain)) return std::nullopt;
  return parse_plain(plain);
}

std::optional<double> parse_day(std::string_view text, DateOrder order) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (order == DateOrder::year_first) {
    const bool dense = text.size() == 8 && std::all_of(text.begin(), text.end(), is_digit);
    year = take_digits(text, 4);
    const char mark = text.empty() || dense ? '\0' : text.front();
    if (!dense && mark != '-' && mark != '/' && mark != '.') return std::nullopt;
    if (!dense) text.remove_prefix(1);
    month = take_digits(text, 2);
    if (!dense && (text.empty() || text.front() != mark)) return std::nullopt;
    if (!dense) text.remove_prefix(1);
    day = take_digits(text, 2);
  } else {
    int first = take_digits(text, 2);
    const char mark = text.empty() ? '\0' : text.front();
    if (mark != '-' && mark != '/' && mark != '.') return std::nullopt;
    text.remove_prefix(1);
    int second = take_digits(text, 2);
    if (text.empty() || text.front() != mark) return std::nullopt;
    text.remove_prefix(1);
    year = take_digits(text, 4);
    if (order == DateOrder::month_first) std::swap(first, second);
    day = first;
    month = second;
  }
  const auto date = day_of(year, month, day);
  const auto clock = parse_clock(text);
  if (!date || !clock) return std::nullopt;
  return *date + *clock;
}

std::optional<bool> parse_yes_no(std::string_view text) {
  if (text.size() > 5) return std::nullopt;
  const std::string word = lower(text);
  constexpr std::array<std::string_view, 7> kYes{"yes", "true", "y", "t", "on", "1", "1.0"};
  constexpr std::array<std::string_view, 7> kNo{"no", "false", "n", "f", "off", "0", "0.0"};
  if (std::find(kYes.begin(), kYes.end(), word) != kYes.end()) return true;
  if (std::find(kNo.begin(), kNo.end(), word) != kNo.end()) return false;
  return std::nullopt;
}

bool is_missing_word(std::string_view text) {
  if (text.size() > 9) return false;
  constexpr std::array<std::string_view, 16> kWords{"",     "na",   "n/a",  "#n/a", "nan", "-nan",
                                                    "null", "none", "nil",  "?",    "-",   "--",
                                                    ".",    "inf",  "-inf", "\\n"};
  const std::string word = lower(text);
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace tideline
