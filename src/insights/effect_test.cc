// Effect: intervals that cover a planted truth as often as they say, nothing found where nothing
// is, and what is missing where there is too little.
#include "insights/effect.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace tideline {
namespace {

const Time kStart = *parse_time("2026-01-01");
constexpr double kZ = 1.959963984540054;
constexpr std::uint64_t kSeed = 20260105;
constexpr int kRuns = 1'000;

// Customers for whom an action was due; the treated ones gain.
std::vector<EffectRow> simulated(Rng& rng, std::size_t customers, double stay, double gain,
                                 double health_gain) {
  std::vector<EffectRow> rows;
  for (std::size_t i = 0; i < customers; ++i) {
    EffectRow row;
    row.customer = "c" + std::to_string(i);
    row.play = "outreach";
    row.held_out = rng.uniform() < 0.2;
    row.due = kStart + kHour * static_cast<int>(i % 240);
    row.known = true;
    row.retained = rng.uniform() < stay + (row.held_out ? 0 : gain);
    row.health_change = 5 * rng.normal() + (row.held_out ? 0 : health_gain);
    rows.push_back(std::move(row));
  }
  return rows;
}

const Difference& measure_of(const std::vector<Effect>& effects, std::size_t place) {
  return effects.front().differences.at(place);
}

TEST(EffectTest, IntervalsCoverAPlantedEffect) {
  Rng rng(kSeed);
  int shares = 0, means = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto rows = simulated(rng, 400, 0.55, 0.12, 1.5);
    const auto effects = effects_of(rows, {30 * kDay});
    const Difference& kept = measure_of(effects, 0);
    const Difference& health = measure_of(effects, 1);
    ASSERT_EQ(kept.measure, "retained");
    ASSERT_EQ(health.measure, "health_change");
    shares += kept.low <= 0.12 && 0.12 <= kept.high ? 1 : 0;
    means += health.low <= 1.5 && 1.5 <= health.high ? 1 : 0;
  }
  // 95 % of 1,000, three standard errors of 6.9 either way.
  EXPECT_NEAR(shares, 950, 21) << "seed " << kSeed;
  EXPECT_NEAR(means, 950, 21) << "seed " << kSeed;
}

TEST(EffectTest, FindsNothingWhereNothingIs) {
  Rng rng(kSeed + 1);
  int shares = 0, means = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto effects = effects_of(simulated(rng, 400, 0.6, 0, 0), {30 * kDay});
    const auto found = [](const Difference& d) { return d.low > 0 || d.high < 0; };
    shares += found(measure_of(effects, 0)) ? 1 : 0;
    means += found(measure_of(effects, 1)) ? 1 : 0;
  }
  EXPECT_NEAR(shares, 50, 21) << "seed " << kSeed + 1;
  EXPECT_NEAR(means, 50, 21) << "seed " << kSeed + 1;
}

// The example of Newcombe's paper, 56 of 70 against 48 of 80: 0.0524 to 0.3339.
TEST(EffectTest, SharesAsInThePaper) {
  const Difference d = difference_of_shares(56, 70, 48, 80, kZ);
  EXPECT_NEAR(d.difference, 0.2, 1e-12);
  EXPECT_NEAR(d.low, 0.0524, 5e-5);
  EXPECT_NEAR(d.high, 0.3339, 5e-5);
  const Difference none = difference_of_shares(0, 10, 0, 10, kZ);
  EXPECT_LT(none.low, 0);
  EXPECT_GT(none.high, 0);
}

TEST(EffectTest, MeansByWelch) {
  const std::vector<double> ours = {27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1,
                                    21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4};
  const std::vector<double> theirs = {27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0,
                                      24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.9};
  // By hand: standard error 0.99547, 27.904 degrees of freedom, t 2.048724.
  const Difference d = difference_of_means(ours, theirs, kZ);
  EXPECT_NEAR(d.difference, -2.8666667, 1e-6);
  EXPECT_NEAR((d.high - d.low) / 2, 2.0394411, 1e-4);
}

TEST(EffectTest, ACustomerCountsOnce) {
  Rng rng(kSeed + 2);
  auto rows = simulated(rng, 400, 0.5, 0.1, 0);
  const auto once = effects_of(rows, {30 * kDay});
  auto later = rows;
  for (EffectRow& row : later) {
    row.due += 10 * kDay;
    row.play = "win_back";
    row.retained = !row.retained;
    rows.push_back(row);
  }
  const auto twice = effects_of(rows, {30 * kDay});
  ASSERT_EQ(twice.size(), 3U);
  EXPECT_EQ(twice[0].treated, once[0].treated);
  EXPECT_EQ(measure_of(twice, 0).treated, measure_of(once, 0).treated);
  EXPECT_EQ(twice[2].play, "win_back");
  EXPECT_NE(twice[2].differences[0].treated, once[0].differences[0].treated);
}

TEST(EffectTest, SaysWhatIsMissing) {
  std::vector<EffectRow> rows;
  for (int i = 0; i < 60; ++i) {
    EffectRow row;
    row.customer = "c" + std::to_string(i);
    row.held_out = i % 2 == 0;
    row.due = kStart + i * kDay;
    row.known = i < 40;
    rows.push_back(row);
  }
  const Effect effect = effects_of(rows, {30 * kDay}).front();
  EXPECT_TRUE(effect.differences.empty());
  EXPECT_EQ(effect.treated, 20U);
  EXPECT_EQ(effect.holdout_waiting, 10U);
  EXPECT_EQ(effect.treated_missing, 10U);
  EXPECT_EQ(effect.holdout_missing, 10U);
  // The last of those that wait is due on day 59, and known 30 days later.
  EXPECT_EQ(effect.enough_at, kStart + 89 * kDay);
  rows.resize(50);
  EXPECT_FALSE(effects_of(rows, {30 * kDay}).front().enough_at.has_value());
  EXPECT_EQ(effects_of({}, {30 * kDay}).front().treated_missing, 30U);
}

}  // namespace
}  // namespace tideline
