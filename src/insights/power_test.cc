// Power: sizes as in other programs' tables, and experiments of that size find what they were made
// for as often as planned.
#include "insights/power.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "insights/experiment.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 20260601;
constexpr int kRuns = 1'000;

// R 4.2: power.prop.test(p1, p2, power) says n = 387.3385, 3840.847, 5141.306 in each arm.
TEST(PowerTest, SharesAsInR) {
  EXPECT_EQ(sample_size_for_shares(0.5, 0.1)->control, 388U);
  EXPECT_EQ(sample_size_for_shares(0.5, 0.1)->treated, 388U);
  EXPECT_EQ(sample_size_for_shares(0.10, 0.02)->control, 3'841U);
  PowerOptions ninety;
  ninety.power = 0.9;
  EXPECT_EQ(sample_size_for_shares(0.10, 0.02, ninety)->control, 5'142U);
  // The other direction is another question, as the variance is: 0.5 to 0.4 is 0.5 to 0.6.
  EXPECT_EQ(sample_size_for_shares(0.5, -0.1)->control, 388U);
}

// By hand: 2910.513 in the control, twice that treated.
TEST(PowerTest, UnequalArms) {
  PowerOptions two_thirds;
  two_thirds.treated_share = 2.0 / 3;
  const auto size = sample_size_for_shares(0.10, 0.02, two_thirds);
  EXPECT_EQ(size->control, 2'911U);
  EXPECT_EQ(size->treated, 5'822U);
  EXPECT_GT(size->customers(), 2U * 3'841U);
}

// R 4.2: power.t.test(delta = 0.5, sd = 1, power = 0.8) says n = 63.76561.
TEST(PowerTest, MeansAsInR) {
  EXPECT_EQ(sample_size_for_means(0.5, 1)->control, 64U);
  EXPECT_EQ(sample_size_for_means(5, 10)->treated, 64U);
}

TEST(PowerTest, TheSizeHasThePower) {
  for (const double power : {0.6, 0.8, 0.95}) {
    PowerOptions options;
    options.power = power;
    const auto shares = sample_size_for_shares(0.3, 0.05, options);
    EXPECT_NEAR(power_for_shares(0.3, 0.05, *shares), power, 0.001);
    const auto means = sample_size_for_means(0.2, 1, options);
    EXPECT_NEAR(power_for_means(0.2, 1, *means), power, 0.01);
  }
}

TEST(PowerTest, RefusesWhatCannotBe) {
  EXPECT_EQ(sample_size_for_shares(0, 0.1).error().reason, "bad_baseline");
  EXPECT_EQ(sample_size_for_shares(0.95, 0.05).error().reason, "bad_change");
  EXPECT_EQ(sample_size_for_shares(0.5, 0).error().reason, "bad_change");
  EXPECT_EQ(sample_size_for_shares(0.5, 1e-9).error().reason, "bad_change");
  EXPECT_EQ(sample_size_for_means(0.1, 0).error().reason, "bad_deviation");
  PowerOptions options;
  options.power = 1;
  EXPECT_EQ(sample_size_for_shares(0.5, 0.1, options).error().reason, "bad_power");
  options = {};
  options.treated_share = 1;
  EXPECT_EQ(sample_size_for_shares(0.5, 0.1, options).error().reason, "bad_share");
}

// One experiment of that size whose treated arm gains; whether the effect was found.
bool finds(Rng& rng, const SampleSize& size, double baseline, double gain) {
  std::size_t control = 0, treated = 0;
  for (std::uint64_t i = 0; i < size.control; ++i) control += rng.chance(baseline) ? 1 : 0;
  for (std::uint64_t i = 0; i < size.treated; ++i) treated += rng.chance(baseline + gain) ? 1 : 0;
  return effect_between(moments_of_shares(treated, size.treated),
                        moments_of_shares(control, size.control))
      .is_clear();
}

// 80 % of 1,000 runs, three standard errors of 12.6 either way.
TEST(PowerTest, ExperimentsFindWhatTheyWerePlannedFor) {
  Rng rng(kSeed);
  const auto size = sample_size_for_shares(0.45, 0.10);
  ASSERT_TRUE(size.has_value());
  int found = 0;
  for (int run = 0; run < kRuns; ++run) found += finds(rng, *size, 0.45, 0.10) ? 1 : 0;
  EXPECT_NEAR(found, 800, 38) << "seed " << kSeed;
}

}  // namespace
}  // namespace tideline
