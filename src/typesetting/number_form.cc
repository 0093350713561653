#include "typesetting/number_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tideline::typesetting {
namespace {

constexpr const char* kMissing = "n/a";
constexpr const char* kMinus = "\xe2\x88\x92";

// 4.5 has 2, 0.0123 has 4, 1234 none.
int digits_of(double value, const NumberForm& form) {
  if (form.digits >= 0) return form.digits;
  const double size = std::fabs(value);
  if (size == 0 || size >= 99.95) return 0;
  const bool is_money = form.kind == NumberForm::Kind::money;
  if (size >= 9.995) return is_money ? 2 : 1;
  if (size >= 0.0995) return 2;
  return std::min(9, 2 - static_cast<int>(std::floor(std::log10(size))));
}

// 1234567.25 with 1 digit: "1,234,567.3"
std::string grouped(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  const double rounded = std::round(std::fabs(value) * scale) / scale;
  std::string text = fmt::format("{:.{}f}", rounded, digits);
  const std::size_t whole = text.find('.') == std::string::npos ? text.size() : text.find('.');
  for (std::size_t place = whole; place > 3;) {
    place -= 3;
    text.insert(place, ",");
  }
  return value < 0 && rounded > 0 ? kMinus + text : text;
}

std::string with_symbol(const std::string& number, const std::string& symbol) {
  const std::string minus = kMinus;
  return number.starts_with(minus) ? minus + symbol + number.substr(minus.size())
                                   : symbol + number;
}

std::string money(double value, const NumberForm& form) {
  const std::string number = grouped(value, digits_of(value, form));
  if (form.unit == "USD") return with_symbol(number, "$");
  if (form.unit == "EUR") return with_symbol(number, "\xe2\x82\xac");
  if (form.unit == "GBP") return with_symbol(number, "\xc2\xa3");
  return form.unit.empty() ? number : number + " " + form.unit;
}

}  // namespace

std::string shown_bare(double value, const NumberForm& form) {
  if (!std::isfinite(value)) return kMissing;
  switch (form.kind) {
    case NumberForm::Kind::share: return grouped(value * 100, form.digits) + " %";
    case NumberForm::Kind::signed_share: {
      const std::string points = grouped(value * 100, form.digits);
      return (value > 0 ? "+" : "") + points;
    }
    case NumberForm::Kind::money: return money(value, form);
    case NumberForm::Kind::plain: break;
  }
  return grouped(value, digits_of(value, form));
}

std::string shown(double value, const NumberForm& form) {
  const std::string bare = shown_bare(value, form);
  if (bare == kMissing) return bare;
  if (form.kind == NumberForm::Kind::signed_share) return bare + " points";
  if (form.kind != NumberForm::Kind::plain || form.unit.empty()) return bare;
  return bare + " " + form.unit;
}

std::string shown(const std::optional<double>& value, const NumberForm& form) {
  return value ? shown(*value, form) : kMissing;
}

std::string shown_short(double value, const NumberForm& form) {
  const double size = std::fabs(value);
  if (form.kind == NumberForm::Kind::share || form.kind == NumberForm::Kind::signed_share ||
      size < 10'000 || !std::isfinite(value)) {
    return shown_bare(value, form);
  }
  struct Step {
    double size;
    const char* letter;
  };
  for (const Step& step : {Step{1e12, "T"}, Step{1e9, "G"}, Step{1e6, "M"}, Step{1e3, "k"}}) {
    if (size < step.size) continue;
    NumberForm scaled = form;
    const double part = value / step.size;
    scaled.digits = std::fabs(part - std::round(part)) < 0.05 ? 0 : 1;
    const std::string number = grouped(part, scaled.digits) + step.letter;
    if (form.kind != NumberForm::Kind::money) return number;
    return form.unit == "USD" ? with_symbol(number, "$") : number;
  }
  return shown_bare(value, form);
}

}  // namespace tideline::typesetting
