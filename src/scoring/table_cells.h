// Cells of a table as numbers: what a text says as a number, a date, yes or no. The same rules
// when a model is learnt from a table and when it scores another one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tideline {

// How a column writes its numbers. Numbers are part of table.json.
enum class NumberStyle : std::uint8_t {
  plain = 0,          // 1234.5, -2e3
  grouped = 1,        // 1,234.50
  decimal_comma = 2,  // 1234,5 and 1.234,5
};

// In which order a column writes its dates.
enum class DateOrder : std::uint8_t {
  year_first = 0,   // 2019-04-30, 2019/4/30, 20190430, with or without a time of day
  day_first = 1,    // 30/04/2019, 30.4.2019, 30-04-2019
  month_first = 2,  // 04/30/2019
};

// No blanks around the text in any of these.

// nullopt: no number, an infinity, "nan".
[[nodiscard]] std::optional<double> parse_number(std::string_view text, NumberStyle style);

// Days since 1970 with their fraction, of the years 1800 to 9999. nullopt: no date in that order.
[[nodiscard]] std::optional<double> parse_day(std::string_view text, DateOrder order);

// yes, true, y, t, on, 1, 1.0 and no, false, n, f, off, 0, 0.0 in any case of letters.
[[nodiscard]] std::optional<bool> parse_yes_no(std::string_view text);

// What people write where nothing is known: "", NA, N/A, NaN, null, none, nil, ?, -, and the like.
[[nodiscard]] bool is_missing_word(std::string_view text);

}  // namespace tideline
