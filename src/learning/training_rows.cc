#include "learning/training_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tideline {
namespace {

// Beyond this skewness a feature also enters by its logarithm.
constexpr double kHeavyTail = 1.5;
// Fewest rows on either side for a "missing" input.
constexpr std::size_t kIndicatorRows = 5;

struct Moments {
  std::size_t n = 0;
  double mean = 0;
  double sd = 0;
  double skewness = 0;
};

// Of the present, finite values after the transform, in two passes.
Moments moments_of(const TrainingRows& rows, std::size_t feature, Transform transform) {
  Moments m;
  const auto each = [&](auto visit) {
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const double x = transformed(rows.features[r * rows.width + feature], transform);
      if (std::isfinite(x)) visit(x);
    }
  };
  each([&](double x) {
    ++m.n;
    m.mean += x;
  });
  if (m.n == 0) return m;
  m.mean /= double(m.n);
  double squares = 0;
  double cubes = 0;
  each([&](double x) {
    const double d = x - m.mean;
    squares += d * d;
    cubes += d * d * d;
  });
  m.sd = std::sqrt(squares / double(m.n));
  if (m.sd > 0) m.skewness = cubes / double(m.n) / (m.sd * m.sd * m.sd);
  return m;
}

bool is_usable(const Moments& m) {
  return m.n > 0 && std::isfinite(m.mean) && std::isfinite(m.sd) &&
         m.sd > 1e-9 * (1e-3 + std::abs(m.mean));
}

}  // namespace

FeatureEncoding fit_encoding(const TrainingRows& rows) {
  FeatureEncoding encoding;
  encoding.feature_count = rows.width;
  const auto add = [&](std::size_t feature, Transform transform, const Moments& m) {
    encoding.inputs.push_back(EncodedInput{std::int32_t(feature), transform, m.mean, m.sd});
  };
  for (std::size_t f = 0; f < rows.width; ++f) {
    const Moments plain = moments_of(rows, f, Transform::identity);
    const bool plain_usable = is_usable(plain);
    if (plain_usable) add(f, Transform::identity, plain);
    // Values whose squares leave the range of a double enter by their logarithm only.
    if (!plain_usable || !std::isfinite(plain.skewness) || std::abs(plain.skewness) > kHeavyTail) {
      const Moments logs = moments_of(rows, f, Transform::signed_log);
      if (is_usable(logs)) add(f, Transform::signed_log, logs);
    }
    std::size_t missing = 0;
    for (std::size_t r = 0; r < rows.rows; ++r)
      missing += std::isnan(rows.features[r * rows.width + f]);
    if (std::min(missing, rows.rows - missing) >= kIndicatorRows) {
      add(f, Transform::missing, moments_of(rows, f, Transform::missing));
    }
  }
  return encoding;
}

std::vector<double> medians_of(const TrainingRows& rows) {
  std::vector<double> medians;
  std::vector<double> there;
  for (std::size_t f = 0; f < rows.width; ++f) {
    there.clear();
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const double value = rows.features[r * rows.width + f];
      if (std::isfinite(value)) there.push_back(value);
    }
    if (there.empty()) {
      medians.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    // The lower of two in the middle: a value that somebody has.
    const auto middle = there.begin() + std::ptrdiff_t((there.size() - 1) / 2);
    std::nth_element(there.begin(), middle, there.end());
    medians.push_back(*middle);
  }
  return medians;
}

std::vector<float> encode_all(const FeatureEncoding& encoding, const TrainingRows& rows) {
  const std::size_t width = encoding.inputs.size();
  std::vector<float> encoded(rows.rows * width);
  const std::span<float> all(encoded);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    encoding.encode(rows.block().row(r), all.subspan(r * width, width));
  }
  return encoded;
}

}  // namespace tideline
