// Exact sums: aggregates that are the same for any order of arrival; never a sum of doubles.
//
// A value is rounded once to a multiple of 2^-40; sums are kept in 128 bits, sums of squares in
// 192 bits at 2^-80, so that n x sum(x^2) - sum(x)^2 is an exact integer and a mean or a deviation
// is rounded once.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

namespace tideline {

using Int128 = __int128;

// A number as a multiple of 2^-40; |value| < 2^40, so 80 bits and a sign.
class Fixed {
 public:
  Fixed() = default;
  // Nearest multiple of 2^-40, ties to even; nullopt for NaN, infinity and |x| >= 2^40.
  [[nodiscard]] static std::optional<Fixed> from(double x);
  [[nodiscard]] static Fixed from_units(Int128 units) { return Fixed(units); }

  [[nodiscard]] Int128 units() const { return units_; }  // of 2^-40
  [[nodiscard]] double value() const;
  auto operator<=>(const Fixed&) const = default;

 private:
  explicit Fixed(Int128 units) : units_(units) {}
  Int128 units_ = 0;
};

// Count and sum of values; holds at least 2^46 of them.
struct ExactSum {
  std::uint64_t n = 0;
  Int128 sum = 0;  // of 2^-40

  void add(Fixed x);
  void merge(const ExactSum& other);
  [[nodiscard]] double total() const;                // 0 when empty
  [[nodiscard]] std::optional<double> mean() const;  // nullopt when empty
  bool operator==(const ExactSum&) const = default;
};

// Count, sum and sum of squares; at least 2^31 values. Deviations are of the population (over n).
struct ExactMoments {
  std::uint64_t n = 0;
  Int128 sum = 0;                          // of 2^-40
  std::array<std::uint64_t, 3> squares{};  // of 2^-80, little end first

  void add(Fixed x);
  void merge(const ExactMoments& other);
  [[nodiscard]] std::optional<double> mean() const;
  [[nodiscard]] std::optional<double> sd() const;  // sqrt(n sum(x^2) - sum(x)^2) / n
  bool operator==(const ExactMoments&) const = default;
};

}  // namespace tideline
