// Experiment: intervals as by hand, nothing found where nothing is, broken splits that ring, and
// CUPED that narrows without moving.
#include "insights/experiment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 20260602;
constexpr int kRuns = 1'000;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// 3,894 of 21,307 against 2,262 of 21,306. By hand: difference 0.0765895, Welch's standard error
// 0.0033859, 1.96 of them either way.
TEST(ExperimentTest, LargeArmsAsByHand) {
  const ArmEffect effect =
      effect_between(moments_of_shares(3'894, 21'307), moments_of_shares(2'262, 21'306));
  EXPECT_NEAR(effect.treated, 0.182757, 5e-7);
  EXPECT_NEAR(effect.control, 0.106167, 5e-7);
  EXPECT_NEAR(effect.difference, 0.076590, 1e-6);
  EXPECT_NEAR(effect.low, 0.069953, 1e-6);
  EXPECT_NEAR(effect.high, 0.083226, 1e-6);
  EXPECT_NEAR(effect.z, 22.62, 0.005);
  EXPECT_TRUE(effect.is_clear());
  EXPECT_NEAR(*effect.lift(), 0.076590 / 0.106167, 1e-4);
}

// The two samples of Welch's test as in effect_test.cc: 27.904 degrees of freedom, where Student's
// quantile for 1.96 is 2.0488.
TEST(ExperimentTest, SmallArmsGetStudentsQuantile) {
  const Moments ours{15, 20.82, 7.0731};
  const Moments theirs{15, 23.6867, 7.7812};
  const ArmEffect effect = effect_between(ours, theirs);
  const double error = std::sqrt(7.0731 / 15 + 7.7812 / 15);
  EXPECT_NEAR(effect.standard_error, error, 1e-12);
  EXPECT_NEAR((effect.high - effect.low) / 2 / error, 2.0488, 5e-4);
}

TEST(ExperimentTest, WithoutSpread) {
  const ArmEffect same = effect_between({40, 1, 0}, {40, 1, 0});
  EXPECT_FALSE(same.is_clear());
  EXPECT_EQ(same.p, 1);
  const ArmEffect apart = effect_between({40, 1, 0}, {40, 0, 0});
  EXPECT_TRUE(apart.is_clear());
  EXPECT_EQ(apart.p, 0);
  EXPECT_FALSE(apart.lift().has_value());
}

// An experiment of customers that stay with `stay`, treated ones `gain` more often, and spend
// around what they spent before.
Experiment simulated(Rng& rng, std::size_t customers, double stay, double gain, double more) {
  Experiment experiment;
  experiment.arms = {"control", "treated"};
  experiment.shares = {0.5, 0.5};
  experiment.outcomes = {{"retained", true, {}}, {"amount", false, {}}};
  for (std::size_t i = 0; i < customers; ++i) {
    const std::size_t arm = rng.chance(0.5) ? 1 : 0;
    const double before = 50 + 10 * rng.normal();
    experiment.arm.push_back(arm);
    experiment.before.push_back(before);
    const double gained = arm == 1 ? gain : 0;
    experiment.outcomes[0].values.push_back(rng.chance(stay + gained) ? 1 : 0);
    const double amount = 0.8 * before + 6 * rng.normal() + (arm == 1 ? more : 0);
    experiment.outcomes[1].values.push_back(amount);
  }
  return experiment;
}

// The bar: 5 % +- 1.5 of 1,000 runs in which both arms are the same.
TEST(ExperimentTest, FindsNothingWhereNothingIs) {
  Rng rng(kSeed);
  int shares = 0, means = 0, adjusted = 0;
  for (int run = 0; run < kRuns; ++run) {
    const ExperimentReport report = report_of(simulated(rng, 600, 0.6, 0, 0));
    ASSERT_EQ(report.comparisons.size(), 2U);
    shares += report.comparisons[0].effect.is_clear() ? 1 : 0;
    means += report.comparisons[1].effect.is_clear() ? 1 : 0;
    ASSERT_TRUE(report.comparisons[1].cuped.has_value());
    adjusted += report.comparisons[1].cuped->is_clear() ? 1 : 0;
  }
  EXPECT_NEAR(shares, 50, 15) << "seed " << kSeed;
  EXPECT_NEAR(means, 50, 15) << "seed " << kSeed;
  EXPECT_NEAR(adjusted, 50, 15) << "seed " << kSeed;
}

TEST(ExperimentTest, IntervalsCoverAPlantedEffect) {
  Rng rng(kSeed + 1);
  int shares = 0, means = 0, adjusted = 0;
  for (int run = 0; run < kRuns; ++run) {
    const ExperimentReport report = report_of(simulated(rng, 600, 0.5, 0.1, 2));
    const auto covers = [](const ArmEffect& e, double truth) {
      return e.low <= truth && truth <= e.high ? 1 : 0;
    };
    shares += covers(report.comparisons[0].effect, 0.1);
    means += covers(report.comparisons[1].effect, 2);
    adjusted += covers(*report.comparisons[1].cuped, 2);
  }
  EXPECT_NEAR(shares, 950, 21) << "seed " << kSeed + 1;
  EXPECT_NEAR(means, 950, 21) << "seed " << kSeed + 1;
  EXPECT_NEAR(adjusted, 950, 21) << "seed " << kSeed + 1;
}

// The correlation with the time before is 0.8, so 64 % of the variance goes, and the interval is
// 0.6 as wide.
TEST(ExperimentTest, CupedNarrowsAsTheCorrelationSays) {
  Rng rng(kSeed + 2);
  const ExperimentReport report = report_of(simulated(rng, 20'000, 0.5, 0, 1));
  const Comparison& amount = report.comparisons[1];
  const auto width = [](const ArmEffect& effect) { return effect.high - effect.low; };
  EXPECT_NEAR(amount.variance_removed, 0.64, 0.01) << "seed " << kSeed + 2;
  EXPECT_NEAR(width(*amount.cuped) / width(amount.effect), 0.6, 0.01);
  // What chance removed from retention is nothing.
  EXPECT_LT(report.comparisons[0].variance_removed, 0.001);
}

// By hand: arms {(1, 2), (3, 6)} and {(2, 9), (4, 13)} have within-arm products 4 + 4 over squares
// 2 + 2, so theta is 2; the mean before is 2.5.
TEST(ExperimentTest, CupedByHand) {
  const std::size_t copies = 10;  // the smallest number that is told of is 30
  std::vector<double> outcomes, before;
  std::vector<std::size_t> arms;
  for (std::size_t i = 0; i < copies; ++i) {
    outcomes.insert(outcomes.end(), {2, 6, 9, 13});
    before.insert(before.end(), {1, 3, 2, 4});
    arms.insert(arms.end(), {0, 0, 1, 1});
  }
  outcomes.push_back(5);
  before.push_back(kUnknown);
  arms.push_back(0);
  const auto adjusted = adjusted_by_before(outcomes, before, arms, 2);
  ASSERT_TRUE(adjusted.has_value());
  EXPECT_NEAR(adjusted->theta, 2, 1e-12);
  EXPECT_NEAR(adjusted->variance_removed, 1, 1e-12);
  EXPECT_EQ(adjusted->known_before, 40U);
  EXPECT_NEAR(adjusted->outcomes[0], 5, 1e-12);
  EXPECT_NEAR(adjusted->outcomes[1], 5, 1e-12);
  EXPECT_NEAR(adjusted->outcomes[2], 10, 1e-12);
  EXPECT_NEAR(adjusted->outcomes[3], 10, 1e-12);
  EXPECT_EQ(adjusted->outcomes[40], 5);  // nothing is known of it: it stays
  EXPECT_FALSE(adjusted_by_before(outcomes, std::vector<double>(41, 7), arms, 2).has_value());
}

// Three arms of 21,307, 21,387 and 21,306: chi-square 0.2024 on two degrees of freedom, p 0.904.
TEST(ExperimentTest, ASoundSplitIsQuiet) {
  const std::vector<std::size_t> counts = {21'307, 21'387, 21'306};
  const SampleRatio ratio = sample_ratio(counts, std::vector<double>(3, 1.0 / 3));
  EXPECT_NEAR(ratio.chi_square, 0.2024, 5e-4);
  EXPECT_NEAR(ratio.p, 0.904, 5e-4);
  EXPECT_FALSE(ratio.alarm);
  EXPECT_FALSE(sample_ratio(std::vector<std::size_t>{0, 0}, std::vector<double>{0.5, 0.5}).alarm);
}

// Of the treated every twelfth is lost, as when a mail bounces before it is counted.
TEST(ExperimentTest, ABrokenSplitRings) {
  Rng rng(kSeed + 3);
  int rung_when_broken = 0, rung_when_sound = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<std::size_t> sound(2), broken(2);
    for (int i = 0; i < 20'000; ++i) {
      const std::size_t arm = rng.chance(0.5) ? 1 : 0;
      ++sound[arm];
      if (arm == 0 || !rng.chance(1.0 / 12)) ++broken[arm];
    }
    const std::vector<double> shares = {0.5, 0.5};
    rung_when_sound += sample_ratio(sound, shares).alarm ? 1 : 0;
    rung_when_broken += sample_ratio(broken, shares).alarm ? 1 : 0;
  }
  EXPECT_GE(rung_when_broken, 990) << "seed " << kSeed + 3;
  EXPECT_LE(rung_when_sound, 5) << "seed " << kSeed + 3;
}

TEST(ExperimentTest, SaysWhatIsMissing) {
  Experiment experiment;
  experiment.arms = {"control", "mail", "call"};
  experiment.shares = {0.5, 0.25, 0.25};
  experiment.outcomes = {{"retained", true, {}}};
  for (std::size_t i = 0; i < 160; ++i) {
    experiment.arm.push_back(i % 4 == 1 ? 1 : (i % 4 == 3 ? 2 : 0));
    // Nothing is known yet of most of those who were called.
    experiment.outcomes[0].values.push_back(i % 4 == 3 && i > 40 ? kUnknown : double(i % 3 == 0));
  }
  const ExperimentReport report = report_of(experiment);
  EXPECT_EQ(report.customers, (std::vector<std::size_t>{80, 40, 40}));
  ASSERT_EQ(report.comparisons.size(), 3U);
  EXPECT_TRUE(report.comparisons[0].enough);
  EXPECT_EQ(report.comparisons[1].arm, "call");
  EXPECT_FALSE(report.comparisons[1].enough);
  EXPECT_EQ(report.comparisons[1].missing, 20U);
  EXPECT_TRUE(report.comparisons[2].arm.empty());
  EXPECT_EQ(report.comparisons[2].effect.treated_n, 50U);
  EXPECT_EQ(report.comparisons[2].effect.control_n, 80U);
}

}  // namespace
}  // namespace tideline
