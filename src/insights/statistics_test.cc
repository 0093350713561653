// Statistics: against tables of the distributions.
#include "insights/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tideline {
namespace {

TEST(StatisticsTest, MomentsByHand) {
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};
  const Moments moments = moments_of(values);
  EXPECT_EQ(moments.n, 8U);
  EXPECT_DOUBLE_EQ(moments.mean, 5);
  EXPECT_NEAR(moments.variance, 32.0 / 7, 1e-12);
  EXPECT_EQ(moments_of(std::vector<double>{3}).variance, 0);
  // A large mean must not swallow the spread: 1e9 + {0, 1, 2}.
  EXPECT_NEAR(moments_of(std::vector<double>{1e9, 1e9 + 1, 1e9 + 2}).variance, 1, 1e-6);
}

TEST(StatisticsTest, SharesAreMeansOfZerosAndOnes) {
  const std::vector<double> values = {1, 0, 0, 1, 1};
  const Moments spelt = moments_of(values);
  const Moments counted = moments_of_shares(3, 5);
  EXPECT_DOUBLE_EQ(counted.mean, spelt.mean);
  EXPECT_NEAR(counted.variance, spelt.variance, 1e-15);
  EXPECT_EQ(moments_of_shares(0, 0).n, 0U);
}

TEST(StatisticsTest, NormalQuantilesAsInTables) {
  EXPECT_NEAR(normal_quantile_of(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(normal_quantile_of(0.8), 0.8416212335729143, 1e-12);
  EXPECT_NEAR(normal_quantile_of(0.05), -1.6448536269514722, 1e-12);
  EXPECT_NEAR(normal_quantile_of(1e-9), -5.997807015007774, 1e-9);
  EXPECT_NEAR(normal_quantile_of(0.5), 0, 1e-12);
  for (double z = -5; z <= 5; z += 0.37)
    EXPECT_NEAR(normal_quantile_of(normal_below(z)), z, 1e-9) << z;
}

TEST(StatisticsTest, StudentQuantilesAsInTables) {
  const double z = normal_quantile_of(0.975);
  EXPECT_NEAR(student_quantile(z, 10), 2.228139, 1e-4);
  EXPECT_NEAR(student_quantile(z, 30), 2.042272, 1e-5);
  EXPECT_NEAR(student_quantile(z, 1e9), z, 1e-8);
}

TEST(StatisticsTest, ChiSquareAsInTables) {
  EXPECT_NEAR(chi_square_above(3.841458820694124, 1), 0.05, 1e-12);
  EXPECT_NEAR(chi_square_above(5.991464547107979, 2), 0.05, 1e-12);
  EXPECT_NEAR(chi_square_above(18.307038053275146, 10), 0.05, 1e-12);
  EXPECT_NEAR(chi_square_above(10.827566170662733, 1), 0.001, 1e-12);
  // Two degrees of freedom have a closed form, on both sides of the switch of methods.
  for (double x = 0; x < 60; x += 0.7)
    EXPECT_NEAR(chi_square_above(x, 2), std::exp(-x / 2), 1e-13) << x;
}

}  // namespace
}  // namespace tideline
