#include "base/exact.h"

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

namespace tideline {
namespace {

using boost::multiprecision::int512_t;

constexpr double kLimit = 0x1.0p40;
constexpr double kUnit = 0x1.0p-40;

unsigned __int128 magnitude_of(Int128 x) {
  const auto bits = static_cast<unsigned __int128>(x);
  return x < 0 ? -bits : bits;
}

int512_t wide(Int128 x) {
  const unsigned __int128 magnitude = magnitude_of(x);
  int512_t result = static_cast<std::uint64_t>(magnitude >> 64);
  result = (result << 64) + static_cast<std::uint64_t>(magnitude);
  return x < 0 ? int512_t(-result) : result;
}

int512_t wide(const std::array<std::uint64_t, 3>& x) {
  int512_t result = x[2];
  result = (result << 64) + x[1];
  return (result << 64) + x[0];
}

// Up to here a double holds every integer, so that the quotient of two is rounded once.
constexpr std::uint64_t kExactDouble = 1ULL << 53;

// Number of zero bits before the first one; x is not 0.
int leading_zeros(unsigned __int128 x) {
  const auto high = static_cast<std::uint64_t>(x >> 64);
  return high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<std::uint64_t>(x));
}

// units of 2^-40 divided by n, rounded once to double.
double ratio(Int128 units, std::uint64_t n) {
  auto magnitude = magnitude_of(units);
  const double sign = units < 0 ? -1.0 : 1.0;
  if (magnitude <= kExactDouble && n <= kExactDouble) {
    return sign * (static_cast<double>(magnitude) / static_cast<double>(n)) * kUnit;
  }
  // The numerator needs more bits than a double has, so divide in integers first.
  const int shift = std::clamp(leading_zeros(magnitude) - 1, 0, 120);
  magnitude <<= shift;
  const unsigned __int128 quotient = magnitude / n;
  const bool inexact = quotient * n != magnitude;
  // Sticky bit: the quotient has far more than 54 bits unless n is huge, so this rounds correctly.
  return sign * std::ldexp(static_cast<double>(quotient | (inexact ? 1 : 0)), -40 - shift);
}

// n x squares - sum^2 where 128 bits hold it, as they do for all but large values.
std::optional<unsigned __int128> narrow_spread(const ExactMoments& moments) {
  const unsigned __int128 sum = magnitude_of(moments.sum);
  const auto squares =
      (static_cast<unsigned __int128>(moments.squares[1]) << 64) | moments.squares[0];
  unsigned __int128 product = 0;
  if (moments.squares[2] != 0 || (sum >> 64) != 0 ||
      __builtin_mul_overflow(squares, static_cast<unsigned __int128>(moments.n), &product)) {
    return std::nullopt;
  }
  return product - sum * sum;
}

void add_wide(std::array<std::uint64_t, 3>& to, std::uint64_t low, std::uint64_t middle,
              std::uint64_t high) {
  unsigned __int128 carry = static_cast<unsigned __int128>(to[0]) + low;
  to[0] = static_cast<std::uint64_t>(carry);
  carry = (carry >> 64) + to[1] + middle;
  to[1] = static_cast<std::uint64_t>(carry);
  to[2] += high + static_cast<std::uint64_t>(carry >> 64);
}

}  // namespace

std::optional<Fixed> Fixed::from(double x) {
  if (!(std::fabs(x) < kLimit)) return std::nullopt;
  const double scaled = std::nearbyint(x / kUnit);  // exact scaling; ties to even
  const auto units = static_cast<Int128>(scaled);
  if (units >= (Int128(1) << 80) || units <= -(Int128(1) << 80)) return std::nullopt;
  return Fixed(units);
}

double Fixed::value() const { return static_cast<double>(units_) * kUnit; }

void ExactSum::add(Fixed x) {
  ++n;
  sum += x.units();
}

void ExactSum::merge(const ExactSum& other) {
  n += other.n;
  sum += other.sum;
}

double ExactSum::total() const { return static_cast<double>(sum) * kUnit; }

std::optional<double> ExactSum::mean() const {
  if (n == 0) return std::nullopt;
  return ratio(sum, n);
}

void ExactMoments::add(Fixed x) {
  ++n;
  sum += x.units();
  // Square of an 80-bit magnitude by halves of 64 and 16 bits.
  const auto magnitude = static_cast<unsigned __int128>(x.units() < 0 ? -x.units() : x.units());
  const auto low = static_cast<std::uint64_t>(magnitude);
  const auto high = static_cast<std::uint64_t>(magnitude >> 64);
  const unsigned __int128 low_low = static_cast<unsigned __int128>(low) * low;
  const unsigned __int128 cross = static_cast<unsigned __int128>(low) * high * 2;
  const std::uint64_t high_high = high * high;
  add_wide(squares, static_cast<std::uint64_t>(low_low), static_cast<std::uint64_t>(low_low >> 64),
           0);
  add_wide(squares, 0, static_cast<std::uint64_t>(cross), static_cast<std::uint64_t>(cross >> 64));
  add_wide(squares, 0, 0, high_high);
}

void ExactMoments::merge(const ExactMoments& other) {
  n += other.n;
  sum += other.sum;
  add_wide(squares, other.squares[0], other.squares[1], other.squares[2]);
}

std::optional<double> ExactMoments::mean() const {
  if (n == 0) return std::nullopt;
  return ratio(sum, n);
}

std::optional<double> ExactMoments::sd() const {
  if (n == 0) return std::nullopt;
  if (const auto spread = narrow_spread(*this)) {
    return std::sqrt(static_cast<double>(*spread)) * kUnit / static_cast<double>(n);
  }
  const int512_t total = wide(sum);
  const int512_t spread = int512_t(n) * wide(squares) - total * total;  // of 2^-80, exact, >= 0
  return std::sqrt(static_cast<double>(spread)) * kUnit / static_cast<double>(n);
}

}  // namespace tideline
