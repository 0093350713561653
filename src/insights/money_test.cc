// Money: figures as by hand and by closed forms, and identities that must hold for any input.
#include "insights/money.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 20260603;

MoneyInputs example() {
  MoneyInputs in;
  in.ltv = 600;
  in.monthly_churn = 0.08;
  in.acquisition_cost = 120;
  in.replacement_cost = 30;
  in.share_replaced = 0.25;
  in.found = 400;
  in.share_saved = 0.05;
  in.cost_once = 5'000;
  in.cost_month = 2'000;
  in.months = 12;
  return in;
}

// 600 x 0.75 + 150 x 0.25 = 487.5 a customer, 400 x 12 x 0.05 = 240 customers, 29,000 spent.
TEST(MoneyTest, AsByHand) {
  const auto answer = calculate_money(example());
  ASSERT_TRUE(answer.has_value());
  EXPECT_NEAR(answer->value_saved, 487.5, 1e-9);
  EXPECT_NEAR(answer->lifetime_months, 12.5, 1e-9);
  EXPECT_NEAR(answer->value_month, 48, 1e-9);
  EXPECT_NEAR(answer->revenue_at_risk, 2'880'000, 1e-6);
  EXPECT_NEAR(answer->replacement_bill, 720'000, 1e-6);
  EXPECT_NEAR(answer->saved, 240, 1e-9);
  EXPECT_EQ(answer->gain_proven, 0);
  EXPECT_NEAR(answer->gain_scenario, 117'000, 1e-6);
  EXPECT_NEAR(answer->gain, 117'000, 1e-6);
  EXPECT_NEAR(answer->cost, 29'000, 1e-9);
  EXPECT_NEAR(*answer->roi, 88'000.0 / 29'000, 1e-12);
  EXPECT_NEAR(*answer->roi_proven, -1, 1e-12);
  EXPECT_NEAR(*answer->break_even_customers, 29'000 / 487.5, 1e-9);
  EXPECT_NEAR(*answer->break_even_share, 29'000 / 487.5 / 4'800, 1e-12);
}

// The closed form of the day's sums: after t days
// a b / (1 - k) (t - (1 - k^t) / (1 - k)) + a o t, with k = 0.92^(1/30.4375) kept a day,
// a = 20/30.4375 saved a day, b = 450 (1 - k) brought a day, o = 37.5 at once. It passes
// 5,000 + 2,000 t / 30.4375 first at t = 196, and is 48,601.12 after 365.
TEST(MoneyTest, PaybackByTheClosedForm) {
  const auto answer = calculate_money(example());
  EXPECT_EQ(answer->payback_days, 196);
  EXPECT_NEAR(answer->realised, 48'601.122707463, 1e-5);
}

TEST(MoneyTest, ProvenAndScenarioAreToldApart) {
  MoneyInputs in = example();
  in.measured = MeasuredEffect{1'200, 0.04, 0.01, 0.07};
  auto answer = calculate_money(in);
  // 48 customers proven, (4,800 - 1,200) x 0.05 = 180 supposed.
  EXPECT_NEAR(answer->saved, 228, 1e-9);
  EXPECT_NEAR(answer->gain_proven, 48 * 487.5, 1e-6);
  EXPECT_NEAR(answer->gain_proven_low, 12 * 487.5, 1e-6);
  EXPECT_NEAR(answer->gain_proven_high, 84 * 487.5, 1e-6);
  EXPECT_NEAR(answer->gain_scenario, 180 * 487.5, 1e-6);
  EXPECT_NEAR(answer->gain, answer->gain_proven + answer->gain_scenario, 1e-9);
  EXPECT_NEAR(*answer->roi_proven, (48 * 487.5 - 29'000) / 29'000, 1e-12);
  // An interval that holds 0 proves nothing, and whoever was measured is not supposed of either.
  in.measured = MeasuredEffect{1'200, 0.04, -0.01, 0.09};
  answer = calculate_money(in);
  EXPECT_EQ(answer->gain_proven, 0);
  EXPECT_NEAR(answer->gain_scenario, 180 * 487.5, 1e-6);
  // More were treated than are found in the time: nothing is left to suppose.
  in.measured = MeasuredEffect{9'000, 0.04, 0.01, 0.07};
  EXPECT_EQ(calculate_money(in)->gain_scenario, 0);
}

TEST(MoneyTest, WithoutCostOrGain) {
  MoneyInputs in = example();
  in.cost_once = in.cost_month = 0;
  auto answer = calculate_money(in);
  EXPECT_FALSE(answer->roi.has_value());
  EXPECT_EQ(answer->break_even_share, 0);
  in = example();
  in.share_saved = 0;
  answer = calculate_money(in);
  EXPECT_NEAR(*answer->roi, -1, 1e-12);
  EXPECT_FALSE(answer->payback_days.has_value());
  in.ltv = in.share_replaced = 0;
  EXPECT_FALSE(calculate_money(in)->break_even_customers.has_value());
  in = example();
  in.cost_month = 1e6;
  EXPECT_FALSE(calculate_money(in)->payback_days.has_value());
}

TEST(MoneyTest, RefusesWhatIsOutOfRange) {
  MoneyInputs in = example();
  in.monthly_churn = 0;
  in.share_saved = 1.5;
  const auto refused = calculate_money(in);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "bad_input");
  EXPECT_EQ(refused.error().message,
            "monthly_churn is from 0.0001 to 0.99; share_saved is from 0 to 1");
  in = example();
  in.ltv = std::nan("");
  EXPECT_FALSE(calculate_money(in).has_value());
  in = example();
  in.measured = MeasuredEffect{100, 0.1, 0.2, 0.3};
  EXPECT_FALSE(calculate_money(in).has_value());
}

// At the share that breaks even the return is 0, and money scales with the currency.
TEST(MoneyTest, IdentitiesHoldForAnyInput) {
  Rng rng(kSeed);
  for (int run = 0; run < 500; ++run) {
    MoneyInputs in;
    in.ltv = rng.uniform(1, 5'000);
    in.monthly_churn = rng.uniform(0.005, 0.5);
    in.acquisition_cost = rng.uniform(0, 500);
    in.replacement_cost = rng.uniform(0, 500);
    in.share_replaced = rng.uniform();
    in.found = rng.uniform(10, 10'000);
    in.share_saved = rng.uniform();
    in.cost_once = rng.uniform(0, 10'000);
    in.cost_month = rng.uniform(1, 2'000);
    in.months = rng.uniform(1, 60);
    const auto answer = calculate_money(in);
    ASSERT_TRUE(answer.has_value()) << "seed " << kSeed;
    EXPECT_LE(answer->realised, answer->gain * (1 + 1e-9) + 1e-9) << "seed " << kSeed;
    MoneyInputs even = in;
    even.share_saved = std::min(1.0, *answer->break_even_share);
    if (*answer->break_even_share <= 1) {
      EXPECT_NEAR(*calculate_money(even)->roi, 0, 1e-9) << "seed " << kSeed;
    }
    MoneyInputs cents = in;
    for (double MoneyInputs::*place :
         {&MoneyInputs::ltv, &MoneyInputs::acquisition_cost, &MoneyInputs::replacement_cost,
          &MoneyInputs::cost_once, &MoneyInputs::cost_month}) {
      cents.*place *= 100;
    }
    const auto hundredfold = calculate_money(cents);
    EXPECT_NEAR(hundredfold->gain / answer->gain, 100, 1e-6);
    EXPECT_NEAR(*hundredfold->roi, *answer->roi, 1e-9);
    EXPECT_EQ(hundredfold->payback_days, answer->payback_days);
  }
}

TEST(MoneyTest, EveryFigureSaysHowItCameToBe) {
  const MoneyInputs in = example();
  const auto answer = calculate_money(in);
  for (const MoneyFigure& figure : money_figures(in, *answer)) {
    EXPECT_FALSE(figure.formula.empty()) << figure.key;
    EXPECT_FALSE(figure.source.empty()) << figure.key;
    EXPECT_FALSE(figure.unit.empty()) << figure.key;
    if (figure.key == "gain_proven") {
      EXPECT_EQ(figure.source, "not measured yet");
    }
  }
}

}  // namespace
}  // namespace tideline
