#include "learning/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"
#include "learning/curves.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 31;

struct Sample {
  std::vector<double> labels, p;
  std::vector<std::uint64_t> groups;
};

// Probabilities that are true; with `ties`, few different ones.
Sample sample(std::size_t n, Rng& rng, bool ties = false) {
  Sample s;
  for (std::size_t i = 0; i < n; ++i) {
    const double p = ties ? 0.1 + 0.2 * double(rng.below(4)) : rng.beta(1, 2);
    s.p.push_back(p);
    s.labels.push_back(rng.chance(p) ? 1 : 0);
    s.groups.push_back(i);
  }
  return s;
}

TEST(BootstrapTest, RowsThatCountOnceGiveThePlainMetrics) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  for (const bool ties : {false, true}) {
    const Sample s = sample(357, rng, ties);
    const auto plain = probability_metrics(s.labels, s.p, s.p);
    const auto weighted =
        weighted_metrics(s.labels, s.p, s.p, std::vector<double>(s.labels.size(), 1.0));
    ASSERT_TRUE(plain && weighted);
    EXPECT_NEAR(weighted->roc_auc, plain->roc_auc, 1e-12);
    EXPECT_NEAR(weighted->pr_auc, plain->pr_auc, 1e-12);
    EXPECT_NEAR(weighted->brier, plain->brier, 1e-12);
    EXPECT_NEAR(weighted->brier_skill, plain->brier_skill, 1e-12);
    EXPECT_NEAR(weighted->log_loss, plain->log_loss, 1e-12);
    EXPECT_NEAR(weighted->ece, plain->ece, 1e-12);
    EXPECT_NEAR(weighted->lift_top_tenth, plain->lift_top_tenth, 1e-12);
  }
}

TEST(BootstrapTest, RowsThatCountTwiceAreRowsWrittenTwice) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  const Sample s = sample(200, rng);
  std::vector<double> times, labels, p;
  for (std::size_t i = 0; i < s.p.size(); ++i) {
    times.push_back(double(rng.below(3)));
    for (int n = 0; n < int(times.back()); ++n) {
      labels.push_back(s.labels[i]);
      p.push_back(s.p[i]);
    }
  }
  const auto weighted = weighted_metrics(s.labels, s.p, s.p, times);
  const auto written = probability_metrics(labels, p, p);
  ASSERT_TRUE(weighted && written);
  EXPECT_NEAR(weighted->roc_auc, written->roc_auc, 1e-12);
  EXPECT_NEAR(weighted->pr_auc, written->pr_auc, 1e-12);
  EXPECT_NEAR(weighted->ece, written->ece, 1e-12);
  EXPECT_NEAR(weighted->lift_top_tenth, written->lift_top_tenth, 1e-12);
}

// The interval is about as wide as the metric moves from sample to sample, and holds the truth in
// about 95 of 100 samples.
TEST(BootstrapTest, IntervalsHoldTheTruthAboutAsOftenAsTheySay) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  const Sample all = sample(200'000, rng);
  const double truth = *roc_auc(all.labels, all.p);
  int held = 0;
  int calm = 0;  // calibration errors whose interval reaches 0: these probabilities are true
  constexpr int kSamples = 60;
  for (int i = 0; i < kSamples; ++i) {
    const Sample s = sample(300, rng);
    const auto intervals = probability_intervals(s.labels, s.p, s.p, Resamples(s.groups, 1));
    held += intervals.roc_auc.low <= truth && truth <= intervals.roc_auc.high;
    calm += intervals.ece.low < 0.02;
  }
  EXPECT_GE(held, 51);
  EXPECT_GE(calm, 51);
}

TEST(BootstrapTest, CopiesOfACustomersRowsDoNotNarrowIt) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  Sample s = sample(200, rng);
  const auto width = [](const Interval& i) { return i.high - i.low; };
  const double once =
      width(probability_intervals(s.labels, s.p, s.p, Resamples(s.groups, 1)).brier);
  for (int copy = 0; copy < 8; ++copy) {
    for (std::size_t i = 0; i < 200; ++i) {
      s.labels.push_back(s.labels[i]);
      s.p.push_back(s.p[i]);
      s.groups.push_back(s.groups[i]);
    }
  }
  const auto many = probability_intervals(s.labels, s.p, s.p, Resamples(s.groups, 1));
  EXPECT_NEAR(width(many.brier), once, 0.2 * once);
}

TEST(BootstrapTest, TheSameSeedGivesTheSameIntervals) {
  Rng rng(kSeed);
  const Sample s = sample(100, rng);
  const auto a = number_intervals(s.labels, s.p, Resamples(s.groups, 3));
  const auto b = number_intervals(s.labels, s.p, Resamples(s.groups, 3));
  const auto c = number_intervals(s.labels, s.p, Resamples(s.groups, 4));
  EXPECT_EQ(a.mae.low, b.mae.low);
  EXPECT_EQ(a.corr.high, b.corr.high);
  EXPECT_NE(a.mae.low, c.mae.low);
  const auto plain = number_metrics(s.labels, s.p);
  EXPECT_LT(a.mae.low, plain->mae);
  EXPECT_GT(a.mae.high, plain->mae);
}

TEST(CurvesTest, FollowTheirDefinitions) {
  const std::vector<double> labels{1, 0, 1, 0, 0, 0, 0, 1, 0, 0};
  const std::vector<double> p{0.9, 0.8, 0.7, 0.4, 0.3, 0.3, 0.2, 0.2, 0.1, 0.05};
  const auto bins = reliability_bins(labels, p, 2);
  ASSERT_EQ(bins.size(), 2U);
  EXPECT_EQ(bins[0].n, 6U);  // the two of 0.3 stay together
  EXPECT_NEAR(bins[1].observed, 0.5, 1e-12);
  EXPECT_NEAR(bins[1].predicted, 0.7, 1e-12);
  EXPECT_LT(bins[1].observed_interval.low, 0.5);

  const auto gain = gain_curve(labels, p);
  ASSERT_EQ(gain.size(), 20U);
  EXPECT_NEAR(gain[1].found, 1.0 / 3, 1e-12);  // the first tenth holds one of three
  EXPECT_NEAR(gain[1].lift, 10.0 / 3, 1e-9);
  EXPECT_NEAR(gain[19].found, 1, 1e-12);

  const auto errors = error_curve(labels, p);
  const ErrorPoint& half = errors[9];
  EXPECT_NEAR(half.threshold, 0.5, 1e-12);
  EXPECT_EQ(half.hits, 2U);
  EXPECT_EQ(half.false_alarms, 1U);
  EXPECT_EQ(half.missed, 1U);
  EXPECT_EQ(half.rightly_calm, 6U);

  const auto costs = error_costs(labels, p);
  EXPECT_NEAR(costs[0].cost, 0.2, 1e-12);  // one false alarm, one missed, ten customers
  EXPECT_NEAR(costs[0].cost_of_none, 0.3, 1e-12);
  EXPECT_NEAR(costs[0].cost_of_all, 0.7, 1e-12);
}

TEST(CurvesTest, TheSlopeTellsBoldFromTimid) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  Sample s = sample(20'000, rng);
  EXPECT_NEAR(calibration_slope(s.labels, s.p), 1, 0.05);
  for (double& p : s.p) {
    const double odds = p / (1 - p);
    p = odds * odds / (1 + odds * odds);
  }
  EXPECT_NEAR(calibration_slope(s.labels, s.p), 0.5, 0.03);
  EXPECT_TRUE(std::isnan(calibration_slope(s.labels, std::vector<double>(s.p.size(), 0.3))));
}

}  // namespace
}  // namespace tideline
