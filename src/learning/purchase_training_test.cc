// "Buy till you die" models against simulated customers, plain integration and hopeless data.
// The published parameters of a well-known cohort are checked by tests/real.
#include "learning/purchase_training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 71;
constexpr PurchaseFamily kFamilies[] = {PurchaseFamily::mbg_nbd, PurchaseFamily::bg_nbd,
                                        PurchaseFamily::pareto_nbd};

PurchaseModel truth_of(PurchaseFamily family) { return {family, 0.8, 6, 0.9, 2.5}; }

// Buys and leaves as the model says, seen for `age`; `bought_after`: whether in the span after.
PurchaseHistory live(const PurchaseModel& m, double age, double span, Rng& rng,
                     bool& bought_after) {
  const double rate = rng.gamma(m.r, 1 / m.alpha);
  double gone_at = 1e300;
  double chance = 0;
  if (m.family == PurchaseFamily::pareto_nbd) {
    gone_at = rng.exponential(1 / rng.gamma(m.leave_first, 1 / m.leave_second));
  } else {
    chance = rng.beta(m.leave_first, m.leave_second);
  }
  PurchaseHistory history{0, 0, age};
  bought_after = false;
  bool here = m.family != PurchaseFamily::mbg_nbd || !rng.chance(chance);
  for (double at = 0; here;) {
    at += rng.exponential(1 / rate);
    if (at > gone_at || at > age + span) break;
    if (at > age) {
      bought_after = true;
      break;
    }
    history.repeats += 1;
    history.last = at;
    here = !rng.chance(chance);
  }
  return history;
}

TEST(PurchaseTrainingTest, FindsTheParametersThatMadeTheCustomers) {
  SCOPED_TRACE(kSeed);
  for (const PurchaseFamily family : kFamilies) {
    SCOPED_TRACE(name_of(family));
    Rng rng(kSeed);
    const PurchaseModel truth = truth_of(family);
    std::vector<PurchaseHistory> histories;
    double true_likelihood = 0;
    bool after = false;
    for (int i = 0; i < 3'000; ++i) {
      histories.push_back(live(truth, rng.uniform(20, 80), 0, rng, after));
      true_likelihood += truth.log_likelihood(histories.back());
    }
    const auto fit = fit_purchases(family, histories);
    ASSERT_TRUE(fit) << fit.error().message;
    EXPECT_NEAR(fit->model.r / truth.r, 1, 0.2);
    EXPECT_NEAR(fit->model.alpha / truth.alpha, 1, 0.2);
    // No parameters are likelier than the found ones; the truth is, by chance, a little less so.
    EXPECT_GE(fit->log_likelihood, true_likelihood);
    EXPECT_LE(fit->log_likelihood, true_likelihood + 12);
  }
}

TEST(PurchaseTrainingTest, TheChanceOfNoPurchaseIsTheShareOfThoseWhoMadeNone) {
  SCOPED_TRACE(kSeed);
  for (const PurchaseFamily family : kFamilies) {
    SCOPED_TRACE(name_of(family));
    Rng rng(kSeed);
    double expected = 0;
    double none = 0;
    constexpr int kCustomers = 40'000;
    for (int i = 0; i < kCustomers; ++i) {
      bool after = false;
      const PurchaseHistory history = live(truth_of(family), 40, 15, rng, after);
      expected += truth_of(family).none_within(history, 15);
      none += after ? 0 : 1;
    }
    EXPECT_NEAR(expected / kCustomers, none / kCustomers, 0.008);
  }
}

TEST(PurchaseModelTest, NoneWithinFallsWithTheSpanAndStaysAProbability) {
  for (const PurchaseFamily family : kFamilies) {
    for (const PurchaseHistory h : {PurchaseHistory{0, 0, 30}, PurchaseHistory{3, 10, 30},
                                    PurchaseHistory{400, 29, 30}, PurchaseHistory{400, 1, 900}}) {
      double last = 1;
      for (const double span : {0.0, 1.0, 4.0, 52.0, 5200.0}) {
        const double now = truth_of(family).none_within(h, span);
        EXPECT_GE(now, 0);
        EXPECT_LE(now, last);
        last = now;
      }
    }
  }
}

// Schmittlein's likelihood, integrated over the time of leaving by ten million small steps.
TEST(PurchaseModelTest, ParetoNbdEqualsPlainIntegration) {
  const PurchaseModel m = truth_of(PurchaseFamily::pareto_nbd);
  for (const PurchaseHistory h :
       {PurchaseHistory{0, 0, 40}, PurchaseHistory{2, 30, 39}, PurchaseHistory{60, 3, 50}}) {
    const double power = m.r + h.repeats;
    constexpr int kSteps = 2'000'000;
    const double step = (h.age - h.last) / kSteps;
    double left = 0;
    for (int i = 0; i < kSteps; ++i) {
      const double y = h.last + (i + 0.5) * step;
      left += step * std::pow((m.alpha + h.last) / (m.alpha + y), power) *
              std::pow(m.leave_second + y, -m.leave_first - 1);
    }
    const double alive = std::pow((m.alpha + h.last) / (m.alpha + h.age), power) *
                         std::pow(m.leave_second + h.age, -m.leave_first);
    const double expected = std::lgamma(power) - std::lgamma(m.r) + m.r * std::log(m.alpha) +
                            m.leave_first * std::log(m.leave_second) -
                            power * std::log(m.alpha + h.last) +
                            std::log(alive + m.leave_first * left);
    EXPECT_NEAR(m.log_likelihood(h), expected, 1e-8);
  }
}

TEST(PurchaseTrainingTest, HopelessHistoriesEndInWords) {
  std::vector<PurchaseHistory> histories(20, {1, 5, 10});
  auto fit = fit_purchases(PurchaseFamily::bg_nbd, histories);
  ASSERT_FALSE(fit);
  EXPECT_EQ(fit.error().reason, "insufficient_data");

  histories.assign(200, {0, 0, 10});
  fit = fit_purchases(PurchaseFamily::bg_nbd, histories);
  ASSERT_FALSE(fit);
  EXPECT_EQ(fit.error().reason, "insufficient_data");

  // Everybody buys to the last day: there is no leaving to learn from.
  histories.clear();
  for (int i = 0; i < 300; ++i) histories.push_back({double(3 + i % 5), 29.9, 30});
  fit = fit_purchases(PurchaseFamily::bg_nbd, histories);
  ASSERT_FALSE(fit);
  EXPECT_EQ(fit.error().reason, "no_maximum");
  EXPECT_NE(fit.error().message.find("bg_nbd"), std::string::npos);
}

// Nobody leaves: the likelihood rises for ever with b, and flattens on the way.
TEST(PurchaseTrainingTest, WhereNobodyLeavesThereIsNoMaximum) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  std::vector<PurchaseHistory> histories;
  for (int i = 0; i < 4'000; ++i) {
    const double rate = rng.gamma(1.5, 0.1);
    PurchaseHistory history{0, 0, rng.uniform(20, 50)};
    for (double at = rng.exponential(1 / rate); at <= history.age;
         at += rng.exponential(1 / rate)) {
      history.repeats += 1;
      history.last = at;
    }
    histories.push_back(history);
  }
  for (const PurchaseFamily family : {PurchaseFamily::mbg_nbd, PurchaseFamily::bg_nbd}) {
    const auto fit = fit_purchases(family, histories);
    ASSERT_FALSE(fit.has_value()) << name_of(family);
    EXPECT_EQ(fit.error().reason, "no_maximum");
    EXPECT_NE(fit.error().message.find("b runs to infinity"), std::string::npos)
        << fit.error().message;
  }
}

TEST(PurchaseTrainingTest, BeginningNearbyLeadsToTheSameMaximum) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  const PurchaseModel truth = truth_of(PurchaseFamily::mbg_nbd);
  std::vector<PurchaseHistory> histories;
  bool after = false;
  for (int i = 0; i < 2'500; ++i) {
    histories.push_back(live(truth, rng.uniform(20, 80), 0, rng, after));
  }
  const auto far = fit_purchases(PurchaseFamily::mbg_nbd, histories);
  ASSERT_TRUE(far.has_value()) << far.error().message;
  const auto near = fit_purchases(PurchaseFamily::mbg_nbd, histories, &truth);
  ASSERT_TRUE(near.has_value()) << near.error().message;
  EXPECT_NEAR(near->log_likelihood, far->log_likelihood, 1e-3);
  EXPECT_NEAR(near->model.alpha, far->model.alpha, 0.01 * far->model.alpha);
}

}  // namespace
}  // namespace tideline
