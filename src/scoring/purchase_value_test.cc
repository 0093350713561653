// PurchaseValue beside simulated customers.
#include "scoring/purchase_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/rng.h"

namespace tideline {
namespace {

struct Simulated {
  PurchaseHistory history;
  double later = 0;  // purchases in the span after
};

// A customer of MBG/NBD from the first purchase on.
Simulated simulate(const PurchaseModel& m, double age, double span, Rng& rng) {
  Simulated out;
  const double rate = rng.gamma(m.r, 1 / m.alpha);
  const double leave = rng.beta(m.leave_first, m.leave_second);
  out.history.age = age;
  double t = 0;
  bool alive = !rng.chance(leave);  // may leave after the first too
  while (alive) {
    t += rng.exponential(1 / rate);
    if (t > age + span) break;
    if (t <= age) {
      out.history.repeats += 1;
      out.history.last = t;
    } else {
      out.later += 1;
    }
    alive = !rng.chance(leave);
  }
  return out;
}

TEST(PurchaseValue, ExpectedPurchasesAreWhatComesOnAverage) {
  const PurchaseModel model{PurchaseFamily::mbg_nbd, 0.9, 4.0, 0.7, 4.0};
  constexpr double kSpan = 26;
  Rng rng(7);
  double expected[3] = {0, 0, 0}, came[3] = {0, 0, 0}, n[3] = {0, 0, 0};
  for (int i = 0; i < 30'000; ++i) {
    const Simulated one = simulate(model, rng.uniform(5, 80), kSpan, rng);
    const int group = one.history.repeats == 0 ? 0 : one.history.repeats < 5 ? 1 : 2;
    expected[group] += expected_purchases(model, one.history, kSpan);
    came[group] += one.later;
    n[group] += 1;
  }
  for (int g = 0; g < 3; ++g) {
    ASSERT_GT(n[g], 1000);
    EXPECT_NEAR(expected[g] / came[g], 1, 0.05) << g;
  }
}

TEST(GammaGamma, ShrinksAMeanTowardsThatOfAll) {
  const GammaGamma model{6, 4, 15};  // mean of all: p gamma / (q - 1) = 30
  EXPECT_NEAR(model.expected_amount(1000, 50), 50, 0.2);
  const double once = model.expected_amount(1, 60);
  EXPECT_GT(once, 30);
  EXPECT_LT(once, 60);
  // Simulated: the mean long-run amount of who paid about 60 on the first day.
  Rng rng(8);
  double sum = 0, n = 0;
  for (int i = 0; i < 400'000; ++i) {
    const double nu = rng.gamma(model.q, 1 / model.gamma);
    const double paid = rng.gamma(model.p, 1 / nu);
    if (std::abs(paid - 60) > 2) continue;
    sum += model.p / nu;
    n += 1;
  }
  EXPECT_NEAR(sum / n / once, 1, 0.02);
}

}  // namespace
}  // namespace tideline
