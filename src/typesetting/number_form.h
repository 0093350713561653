// NumberForm: how a number is written for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tideline::typesetting {

struct NumberForm {
  enum class Kind : std::uint8_t {
    plain,         // 12,345 or 0.37
    share,         // 0..1, as 37.0 %
    money,         // $1,234 or 1,234 CHF, by `unit`
    signed_share,  // a difference of shares, in points: +7.7 points
  };
  Kind kind = Kind::plain;
  int digits = 0;  // behind the decimal point; kByItsSize: three that count, of money never one
  static constexpr int kByItsSize = -1;
  std::string unit;  // of money its currency ("USD"); else written behind the number; may be empty
};

// "n/a" for what is not finite. Halves are rounded away from zero; there is no negative zero.
[[nodiscard]] std::string shown(double value, const NumberForm& form);
[[nodiscard]] std::string shown(const std::optional<double>& value, const NumberForm& form);
// Without the unit, for tables that have it in their head and for axes.
[[nodiscard]] std::string shown_bare(double value, const NumberForm& form);
// As short as axes want it: 12k, 3.5M; shares and small numbers as shown_bare.
[[nodiscard]] std::string shown_short(double value, const NumberForm& form);

}  // namespace tideline::typesetting
