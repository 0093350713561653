#include "base/exact.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

namespace tideline {
namespace {

using boost::multiprecision::int512_t;

constexpr double kLimit = 0x1.0p40;

int512_t wide(Int128 x) {
  const bool negative = x < 0;
  const auto magnitude = static_cast<unsigned __int128>(negative ? -x : x);
  int512_t result = static_cast<std::uint64_t>(magnitude >> 64);
  result = (result << 64) + static_cast<std::uint64_t>(magnitude);
  return negative ? int512_t(-result) : result;
}

int512_t wide(const std::array<std::uint64_t, 3>& x) {
  int512_t result = x[2];
  result = (result << 64) + x[1];
  return (result << 64) + x[0];
}

// units of 2^-40 divided by n, rounded once to double.
double ratio(Int128 units, std::uint64_t n) {
  // long double has 64 bits of mantissa; the numerator may need more, so divide in integers first.
  const bool negative = units < 0;
  auto magnitude = static_cast<unsigned __int128>(negative ? -units : units);
  int shift = 0;
  while (magnitude != 0 && (magnitude >> 126) == 0 && shift < 120) magnitude <<= 1, ++shift;
  const unsigned __int128 quotient = magnitude / n;
  const bool inexact = magnitude % n != 0;
  // Sticky bit: the quotient has far more than 54 bits unless n is huge, so this rounds correctly.
  const double value = std::ldexp(static_cast<double>(quotient | (inexact ? 1 : 0)), -40 - shift);
  return negative ? -value : value;
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
  const double scaled = std::nearbyint(std::ldexp(x, 40));  // exact scaling; ties to even
  const auto units = static_cast<Int128>(scaled);
  if (units >= (Int128(1) << 80) || units <= -(Int128(1) << 80)) return std::nullopt;
  return Fixed(units);
}

double Fixed::value() const { return std::ldexp(static_cast<double>(units_), -40); }

void ExactSum::add(Fixed x) {
  ++n;
  sum += x.units();
}

void ExactSum::merge(const ExactSum& other) {
  n += other.n;
  sum += other.sum;
}

double ExactSum::total() const { return ratio(sum, 1); }

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
  const int512_t total = wide(sum);
  const int512_t spread = int512_t(n) * wide(squares) - total * total;  // of 2^-80, exact, >= 0
  const double root = std::sqrt(static_cast<double>(spread));
  return std::ldexp(root, -40) / static_cast<double>(n);
}

}  // namespace tideline
