#include "insights/statistics.h"

#include <cmath>
#include <limits>

#include "base/check.h"

namespace tideline {
namespace {

constexpr int kTermsMax = 10'000;
constexpr double kPi = 3.14159265358979323846;

// The regularised incomplete gamma function below x, by its series; good for x < a + 1.
double gamma_below(double a, double x) {
  double term = 1 / a;
  double sum = term;
  for (int n = 1; n < kTermsMax && term > sum * 1e-17; ++n) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * std::exp(a * std::log(x) - x - std::lgamma(a));
}

// The same above x, by its continued fraction (Lentz); good for x >= a + 1.
double gamma_above(double a, double x) {
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double fraction = d;
  for (int n = 1; n < kTermsMax; ++n) {
    const double numerator = -n * (n - a);
    b += 2;
    d = numerator * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + numerator / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    fraction *= d * c;
    if (std::abs(d * c - 1) < 1e-16) break;
  }
  return fraction * std::exp(a * std::log(x) - x - std::lgamma(a));
}

// A first guess good to 4.5e-4 (Abramowitz and Stegun 26.2.23), for p <= 1/2.
double rough_quantile(double p) {
  const double t = std::sqrt(-2 * std::log(p));
  return (2.515517 + t * (0.802853 + t * 0.010328)) /
             (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
         t;
}

}  // namespace

Moments moments_of(std::span<const double> values) {
  Moments moments;
  moments.n = values.size();
  const double n = static_cast<double>(values.size());
  for (const double value : values) moments.mean += value / n;
  if (values.size() < 2) return moments;
  for (const double value : values)
    moments.variance += (value - moments.mean) * (value - moments.mean) / (n - 1);
  return moments;
}

Moments moments_of_shares(std::size_t ones, std::size_t n) {
  CHECK(ones <= n);
  Moments moments;
  moments.n = n;
  if (n == 0) return moments;
  moments.mean = static_cast<double>(ones) / static_cast<double>(n);
  if (n > 1) {
    moments.variance =
        moments.mean * (1 - moments.mean) * static_cast<double>(n) / static_cast<double>(n - 1);
  }
  return moments;
}

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double normal_quantile_of(double p) {
  CHECK(p > 0 && p < 1);
  if (p > 0.5) return -normal_quantile_of(1 - p);
  double z = rough_quantile(p);
  for (int step = 0; step < 4; ++step) {
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * kPi);
    const double newton = (normal_below(z) - p) / density;
    z -= newton / (1 + z * newton / 2);  // Halley
  }
  return z;
}

double student_quantile(double z, double df) {
  const double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z, z9 = z7 * z * z;
  return z + (z3 + z) / (4 * df) + (5 * z5 + 16 * z3 + 3 * z) / (96 * df * df) +
         (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * df * df * df) +
         (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / (92160 * df * df * df * df);
}

double chi_square_above(double x, std::size_t df) {
  CHECK(df >= 1 && x >= 0);
  if (x == 0) return 1;
  const double a = static_cast<double>(df) / 2;
  const double half = x / 2;
  return half < a + 1 ? 1 - gamma_below(a, half) : gamma_above(a, half);
}

}  // namespace tideline
