// Statistics that experiments and effects share: moments, the normal, Student's and the chi-square
// distribution. Pure: same numbers in, same numbers out.
#pragma once

#include <cstddef>
#include <span>

namespace tideline {

// Of a sample. `variance` has n - 1 below; 0 of fewer than two values.
struct Moments {
  std::size_t n = 0;
  double mean = 0;
  double variance = 0;
};

// In two passes, so that large means take nothing from the variance.
[[nodiscard]] Moments moments_of(std::span<const double> values);
// Of n values that are 1 `ones` times and 0 otherwise.
[[nodiscard]] Moments moments_of_shares(std::size_t ones, std::size_t n);

// Share of the standard normal distribution below z.
[[nodiscard]] double normal_below(double z);
// z with that share below it, to 1e-12; 0 < p < 1.
[[nodiscard]] double normal_quantile_of(double p);
// The quantile of Student's t, with df > 0 degrees of freedom, at the normal quantile z: Cornish
// and Fisher's expansion in 1 / df (Abramowitz and Stegun 26.7.5). To 1e-4 from df = 10 on.
[[nodiscard]] double student_quantile(double z, double df);

// Share of the chi-square distribution above x; x >= 0, df >= 1. By the incomplete gamma function
// (Abramowitz and Stegun 6.5.29 below, 6.5.31 above its mean).
[[nodiscard]] double chi_square_above(double x, std::size_t df);

}  // namespace tideline
