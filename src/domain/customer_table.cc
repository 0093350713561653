#include "domain/customer_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace tideline {
namespace {

std::string number_text(double x) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x).ptr;
  return {buffer.data(), end};
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string day_text(double days) {
  const double whole = std::floor(days);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(int(whole)))};
  std::array<char, 48> text;
  int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", int(date.year()),
                             unsigned(date.month()), unsigned(date.day()));
  const int seconds = int(std::lround((days - whole) * 86'400));
  if (seconds > 0) {
    length += std::snprintf(text.data() + length, text.size() - std::size_t(length),
                            "T%02d:%02d:%02dZ", seconds / 3'600, seconds / 60 % 60, seconds % 60);
  }
  return {text.data(), std::size_t(length)};
}

std::string CustomerColumn::text_at(std::size_t row) const {
  if (kind == Kind::text) {
    return places[row] == kNoText ? std::string()
                                  : std::string(without_blanks(texts[places[row]]));
  }
  const double x = numbers[row];
  if (std::isnan(x)) return {};
  if (kind == Kind::boolean) return x != 0 ? "true" : "false";
  return kind == Kind::time ? day_text(x) : number_text(x);
}

std::vector<std::string> CustomerTable::names() const {
  std::vector<std::string> all;
  for (const CustomerColumn& column : columns) all.push_back(column.name);
  return all;
}

const CustomerColumn* CustomerTable::find(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const CustomerColumn& c) { return c.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

}  // namespace tideline
