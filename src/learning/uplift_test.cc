// Uplift: what is planted is found by both ways over both bases; the Qini coefficient as by hand,
// as by a slow second counting, and 0 for an order by chance.
#include "learning/uplift.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/rng.h"
#include "learning/test_tree_trainer.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 20260605;

// Customers with three features. Whoever has the first above 0 gains by the treatment, others
// lose by it; the second says how often a customer buys anyway, the third nothing.
struct Planted {
  UpliftRows rows;
  std::vector<double> truth;
};
Planted planted(Rng& rng, std::size_t customers) {
  Planted out;
  out.rows.rows = TrainingRows{0, 3, 1, {}, {}, {}};
  for (std::size_t i = 0; i < customers; ++i) {
    const double first = rng.normal(), second = rng.normal();
    const bool treated = rng.chance(0.4);
    const double uplift = first > 0 ? 0.3 : -0.1;
    const double base = 0.3 + 0.2 * std::tanh(second);
    const double chance = base + (treated ? uplift : 0);
    out.rows.rows.features.insert(out.rows.rows.features.end(), {first, second, rng.normal()});
    out.rows.rows.labels.push_back(rng.chance(chance) ? 1 : 0);
    out.rows.rows.days_since_qualifying.push_back(std::nan(""));
    out.rows.treated.push_back(treated);
    out.truth.push_back(uplift);
    ++out.rows.rows.rows;
  }
  return out;
}

struct Way {
  UpliftMethod method;
  UpliftBase base;
};
class UpliftTest : public testing::TestWithParam<Way> {};

TEST_P(UpliftTest, FindsWhatIsPlanted) {
  Rng rng(kSeed);
  const Planted learn = planted(rng, 4'000);
  const Planted judge = planted(rng, 4'000);
  const PlainTreeTrainer trees;
  UpliftOptions options;
  options.method = GetParam().method;
  options.base = GetParam().base;
  options.trees = &trees;
  options.tree_options.rounds_max = 30;
  options.tree_options.learning_rate = 0.2;
  const auto model = fit_uplift(learn.rows, options);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const auto uplift = model->uplift(judge.rows.rows.block());
  double who_gains = 0, who_loses = 0;
  for (std::size_t i = 0; i < uplift.size(); ++i)
    (judge.truth[i] > 0 ? who_gains : who_loses) += uplift[i] / double(uplift.size()) * 2;
  EXPECT_NEAR(who_gains, 0.3, 0.12) << "seed " << kSeed;
  EXPECT_NEAR(who_loses, -0.1, 0.12) << "seed " << kSeed;
  const QiniRows rows{uplift, judge.rows.rows.labels, judge.rows.treated};
  const Qini qini = qini_of(rows, kSeed);
  const QiniRows best{judge.truth, judge.rows.rows.labels, judge.rows.treated};
  EXPECT_GT(qini.coefficient, 0.5 * qini_coefficient(best)) << "seed " << kSeed;
  EXPECT_GT(qini.interval.low, 0) << "seed " << kSeed;
  EXPECT_LT(qini.interval.low, qini.coefficient);
  EXPECT_GT(qini.interval.high, qini.coefficient);
  EXPECT_GT(*observed_uplift(rows, 0.3), *observed_uplift(rows, 1.0));
  EXPECT_NEAR(*observed_uplift(rows, 1.0), qini.overall, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Ways, UpliftTest,
                         testing::Values(Way{UpliftMethod::two_models, UpliftBase::trees},
                                         Way{UpliftMethod::two_models, UpliftBase::regression},
                                         Way{UpliftMethod::transformed_outcome, UpliftBase::trees},
                                         Way{UpliftMethod::transformed_outcome,
                                             UpliftBase::regression}),
                         [](const auto& way) {
                           return std::string(name_of(way.param.method)) + "_" +
                                  std::string(name_of(way.param.base));
                         });

TEST(UpliftFitTest, TheSameRowsGiveTheSameModel) {
  Rng rng(kSeed + 1);
  const Planted learn = planted(rng, 500);
  UpliftOptions options;
  options.base = UpliftBase::regression;
  const auto first = fit_uplift(learn.rows, options);
  const auto second = fit_uplift(learn.rows, options);
  EXPECT_EQ(first->uplift(learn.rows.rows.block()), second->uplift(learn.rows.rows.block()));
}

TEST(UpliftFitTest, ArmsThatTellNothing) {
  Rng rng(kSeed + 2);
  Planted learn = planted(rng, 300);
  for (std::size_t r = 0; r < learn.rows.rows.rows; ++r)
    learn.rows.rows.labels[r] = learn.rows.treated[r] ? 1 : 0;
  UpliftOptions options;
  options.base = UpliftBase::regression;
  for (const double uplift : fit_uplift(learn.rows, options)->uplift(learn.rows.rows.block()))
    EXPECT_EQ(uplift, 1);
  learn.rows.treated.assign(learn.rows.rows.rows, true);
  EXPECT_EQ(fit_uplift(learn.rows, options).error().reason, "arm_missing");
}

// Treated, control, treated, control who did 1, 0, 0, 1: Q is 0, 1, 1, 0; the area over k is 2,
// over k / n 0.5, the line is flat, and a fourth of that is 0.125.
TEST(QiniTest, AsByHand) {
  const std::vector<double> uplift = {0.4, 0.3, 0.2, 0.1}, outcomes = {1, 0, 0, 1};
  const std::vector<bool> treated = {true, false, true, false};
  EXPECT_NEAR(qini_coefficient({uplift, outcomes, treated}), 0.125, 1e-15);
  const Qini qini = qini_of({uplift, outcomes, treated}, 1);
  EXPECT_EQ(qini.overall, 0);
  ASSERT_EQ(qini.curve.size(), 101U);
  EXPECT_NEAR(qini.curve[50].gain, 0.25, 1e-12);
  EXPECT_NEAR(qini.curve[25].gain, 0, 1e-12);
  EXPECT_NEAR(qini.curve[100].gain, 0, 1e-12);
  EXPECT_FALSE(observed_uplift({uplift, outcomes, treated}, 0.25).has_value());
  EXPECT_EQ(*observed_uplift({uplift, outcomes, treated}, 0.5), 1);
}

// Q as it is defined, counted anew for every k.
double slow_coefficient(const QiniRows& rows) {
  std::vector<std::size_t> order(rows.uplift.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return rows.uplift[a] > rows.uplift[b]; });
  const double n = double(order.size());
  double area = 0, before = 0;
  for (std::size_t k = 1; k <= order.size(); ++k) {
    double nt = 0, nc = 0, yt = 0, yc = 0;
    for (std::size_t i = 0; i < k; ++i) {
      const std::size_t r = order[i];
      (rows.treated[r] ? nt : nc) += 1;
      (rows.treated[r] ? yt : yc) += rows.outcomes[r];
    }
    const double q = nc > 0 ? yt - yc * nt / nc : 0;
    area += (before + q) / 2 / n;
    before = q;
  }
  return (area - before / 2) / n;
}

TEST(QiniTest, AsCountedSlowly) {
  Rng rng(kSeed + 3);
  for (int run = 0; run < 20; ++run) {
    std::vector<double> uplift, outcomes;
    std::vector<bool> treated;
    for (int i = 0; i < 120; ++i) {
      uplift.push_back(rng.uniform());
      outcomes.push_back(rng.uniform(0, 50));
      treated.push_back(rng.chance(0.3));
    }
    const QiniRows rows{uplift, outcomes, treated};
    EXPECT_NEAR(qini_coefficient(rows), slow_coefficient(rows), 1e-9) << "seed " << kSeed + 3;
  }
}

// Customers who count twice are two customers of equal prediction, and nothing hangs on the order
// in which equal ones come.
TEST(QiniTest, TiesAndTimes) {
  Rng rng(kSeed + 4);
  std::vector<double> uplift, outcomes, times, spelt_uplift, spelt_outcomes;
  std::vector<bool> treated, spelt_treated;
  for (int i = 0; i < 200; ++i) {
    uplift.push_back(std::round(rng.uniform() * 10));
    outcomes.push_back(rng.chance(0.5) ? 1 : 0);
    treated.push_back(rng.chance(0.5));
    times.push_back(double(rng.below(3)));
    for (int t = 0; t < int(times.back()); ++t) {
      spelt_uplift.insert(spelt_uplift.begin(), uplift.back());
      spelt_outcomes.insert(spelt_outcomes.begin(), outcomes.back());
      spelt_treated.insert(spelt_treated.begin(), treated.back());
    }
  }
  EXPECT_NEAR(qini_coefficient({uplift, outcomes, treated}, times),
              qini_coefficient({spelt_uplift, spelt_outcomes, spelt_treated}), 1e-12)
      << "seed " << kSeed + 4;
}

TEST(QiniTest, ChanceEarnsNothing) {
  Rng rng(kSeed + 5);
  double mean = 0;
  int clear = 0;
  constexpr int kRuns = 200;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<double> uplift, outcomes;
    std::vector<bool> treated;
    for (int i = 0; i < 400; ++i) {
      uplift.push_back(rng.uniform());
      treated.push_back(rng.chance(0.5));
      outcomes.push_back(rng.chance(treated.back() ? 0.5 : 0.3) ? 1 : 0);
    }
    const Qini qini = qini_of({uplift, outcomes, treated}, kSeed);
    mean += qini.coefficient / kRuns;
    clear += qini.interval.low > 0 || qini.interval.high < 0 ? 1 : 0;
  }
  EXPECT_NEAR(mean, 0, 0.002) << "seed " << kSeed + 5;
  EXPECT_LE(clear, 22) << "seed " << kSeed + 5;  // 5 % and three standard errors, and a little
}

}  // namespace
}  // namespace tideline
