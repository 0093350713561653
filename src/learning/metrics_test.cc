#include "learning/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/rng.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 31;

// Share of (one, zero) pairs in the right order, ties half.
double naive_auc(const std::vector<double>& y, const std::vector<double>& s) {
  double right = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    for (std::size_t j = 0; j < y.size(); ++j) {
      if (y[i] != 1 || y[j] != 0) continue;
      ++pairs;
      right += s[i] > s[j] ? 1.0 : s[i] == s[j] ? 0.5 : 0.0;
    }
  }
  return right / pairs;
}

// Precision at each distinct score, weighted by the recall gained there.
double naive_average_precision(const std::vector<double>& y, const std::vector<double>& s) {
  std::vector<double> cuts = s;
  std::sort(cuts.begin(), cuts.end(), std::greater<>());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  double all = 0;
  for (const double label : y) all += label;
  double area = 0;
  double recall = 0;
  for (const double cut : cuts) {
    double taken = 0;
    double ones = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (s[i] < cut) continue;
      ++taken;
      ones += y[i];
    }
    area += (ones / all - recall) * ones / taken;
    recall = ones / all;
  }
  return area;
}

TEST(MetricsTest, AreasAgreeWithTheirDefinitions) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  for (int round = 0; round < 50; ++round) {
    const std::size_t n = 2 + rng.below(120);
    const std::uint64_t values = 1 + rng.below(20);  // few values: many ties
    std::vector<double> y, s;
    for (std::size_t i = 0; i < n; ++i) {
      y.push_back(rng.chance(0.3) ? 1 : 0);
      s.push_back(double(rng.below(values)) + y.back());
    }
    y[0] = 1;
    y[1] = 0;
    ASSERT_NEAR(*roc_auc(y, s), naive_auc(y, s), 1e-12);
    ASSERT_NEAR(*average_precision(y, s), naive_average_precision(y, s), 1e-12);
  }
}

TEST(MetricsTest, OneClassHasNoArea) {
  EXPECT_FALSE(roc_auc(std::vector<double>{1, 1}, std::vector<double>{1, 2}).has_value());
  EXPECT_FALSE(roc_auc(std::vector<double>{0}, std::vector<double>{1}).has_value());
  EXPECT_FALSE(roc_auc({}, {}).has_value());
}

TEST(MetricsTest, HandComputed) {
  const std::vector<double> y{1, 0, 1, 0};
  const std::vector<double> p{0.9, 0.6, 0.4, 0.1};
  EXPECT_DOUBLE_EQ(*roc_auc(y, p), 0.75);
  EXPECT_DOUBLE_EQ(*average_precision(y, p), 0.5 * 1 + 0.5 * 2 / 3);
  EXPECT_NEAR(brier_score(y, p), (0.01 + 0.36 + 0.36 + 0.01) / 4, 1e-15);
  EXPECT_NEAR(log_loss(y, p), -(2 * std::log(0.9) + 2 * std::log(0.4)) / 4, 1e-12);
  const auto all = probability_metrics(y, p, p);
  ASSERT_TRUE(all.has_value());
  EXPECT_NEAR(all->brier_skill, 1 - 0.185 / 0.25, 1e-12);
}

TEST(MetricsTest, CalibrationErrorOfEqualMassBins) {
  // Two bins of five: said 0.2, seen 0.4; said 0.8, seen 0.8.
  const std::vector<double> p{0.2, 0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8};
  const std::vector<double> y{1, 1, 0, 0, 0, 1, 1, 1, 1, 0};
  EXPECT_NEAR(calibration_error(y, p, 2), 0.5 * 0.2, 1e-12);
  // Ties are never parted: ten bins make the same two.
  EXPECT_NEAR(calibration_error(y, p, 10), 0.5 * 0.2, 1e-12);
  EXPECT_EQ(calibration_error({}, {}, 10), 0);
}

TEST(MetricsTest, ErrorsBeyondALogarithmStayFinite) {
  const std::vector<double> y{1, 0};
  EXPECT_TRUE(std::isfinite(log_loss(y, std::vector<double>{0, 1})));
}

TEST(MetricsTest, LiftTakesTheTopTenthAndSharesTies) {
  std::vector<double> y(20, 0), p(20);
  for (std::size_t i = 0; i < 20; ++i) p[i] = double(i);
  y[19] = y[18] = 1;
  EXPECT_DOUBLE_EQ(lift_top_tenth(y, p), 10);
  // All tied: the top tenth is any tenth.
  EXPECT_DOUBLE_EQ(lift_top_tenth(y, std::vector<double>(20, 1.0)), 1);
}

TEST(MetricsTest, NumbersByHand) {
  const std::vector<double> y{1, 2, 3};
  const auto m = number_metrics(y, std::vector<double>{2, 2, 5});
  ASSERT_TRUE(m.has_value());
  EXPECT_DOUBLE_EQ(m->r2, 1 - 5.0 / 2);
  EXPECT_DOUBLE_EQ(m->mae, 1);
  EXPECT_DOUBLE_EQ(m->rmse, std::sqrt(5.0 / 3));
  EXPECT_DOUBLE_EQ(m->corr, 3 / std::sqrt(2 * 6.0));
  EXPECT_EQ(number_metrics(y, std::vector<double>{7, 7, 7})->corr, 0);
  EXPECT_FALSE(number_metrics(std::vector<double>{4, 4}, std::vector<double>{1, 2}).has_value());
}

}  // namespace
}  // namespace tideline
