// Exact sums: means and deviations against wide integers that know no short cut.
#include "base/exact.h"

#include <gtest/gtest.h>

#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <iostream>

#include "base/rng.h"

namespace tideline {
namespace {

using boost::multiprecision::cpp_int;

constexpr double kUnit = 0x1.0p-40;

cpp_int wide(Int128 x) {
  const bool negative = x < 0;
  const auto bits = static_cast<unsigned __int128>(x);
  const unsigned __int128 magnitude = negative ? -bits : bits;
  cpp_int result = static_cast<std::uint64_t>(magnitude >> 64);
  result = (result << 64) + static_cast<std::uint64_t>(magnitude);
  return negative ? cpp_int(-result) : result;
}

// a / b rounded once, to even: 64 bits of the quotient and whether there are more.
double quotient(const cpp_int& a, const cpp_int& b) {
  if (a == 0) return 0;
  const cpp_int magnitude = abs(a);
  const int shift = 64 + static_cast<int>(msb(b)) - static_cast<int>(msb(magnitude));
  const cpp_int numerator = shift > 0 ? cpp_int(magnitude << shift) : magnitude;
  const cpp_int denominator = shift > 0 ? b : cpp_int(b << -shift);
  const cpp_int whole = (numerator / denominator) * 2 + (numerator % denominator != 0 ? 1 : 0);
  const double value = std::ldexp(static_cast<double>(whole), -shift - 1);
  return a < 0 ? -value : value;
}

// Values of one size, whole or not, some of them below 0.
double value_like(Rng& rng, int size) {
  double value = std::ldexp(rng.uniform(), size);
  if (rng.chance(0.3)) value = std::floor(value);
  return rng.chance(0.3) ? -value : value;
}

TEST(Exact, MeansAndDeviationsAreRoundedOnce) {
  const std::uint64_t seed = 20260101;
  std::cout << "seed " << seed << '\n';
  Rng rng(seed);
  for (int i = 0; i < 20'000; ++i) {
    ExactSum sum;
    ExactMoments moments;
    cpp_int total = 0;
    cpp_int squares = 0;
    const int size = static_cast<int>(rng.below(62)) - 22;
    for (std::uint64_t n = 1 + rng.below(i % 100 == 0 ? 400 : 12); n > 0; --n) {
      const auto x = Fixed::from(value_like(rng, size));
      ASSERT_TRUE(x.has_value());
      EXPECT_EQ(x->value(), quotient(wide(x->units()), 1) * kUnit);
      sum.add(*x);
      moments.add(*x);
      total += wide(x->units());
      squares += wide(x->units()) * wide(x->units());
    }
    const cpp_int n = sum.n;
    EXPECT_EQ(sum.total(), quotient(total, 1) * kUnit);
    EXPECT_EQ(*sum.mean(), quotient(total, n) * kUnit);
    EXPECT_EQ(*moments.mean(), quotient(total, n) * kUnit);
    const double spread = quotient(n * squares - total * total, 1);
    EXPECT_EQ(*moments.sd(), std::sqrt(spread) * kUnit / static_cast<double>(sum.n));
  }
}

TEST(Exact, NothingHasNoMean) {
  EXPECT_EQ(ExactSum{}.total(), 0);
  EXPECT_FALSE(ExactSum{}.mean().has_value());
  EXPECT_FALSE(ExactMoments{}.mean().has_value());
  EXPECT_FALSE(ExactMoments{}.sd().has_value());
}

TEST(Exact, WhatIsTooLargeIsRefused) {
  EXPECT_TRUE(Fixed::from(std::nextafter(0x1.0p40, 0)).has_value());
  for (const double x : {0x1.0p40, -0x1.0p40, std::nan(""), HUGE_VAL}) {
    EXPECT_FALSE(Fixed::from(x).has_value()) << x;
  }
}

}  // namespace
}  // namespace tideline
