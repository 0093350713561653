#include "learning/lapse.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 13;
const Time kBegin = time_from_millis(1'700'006'400'000);

Observation bought(const Pack& pack, Time t) {
  Observation o;
  o.event = pack.find_event("Bought")->index;
  o.time = t;
  return o;
}

// Buys every `gap` days, each time a little earlier or later, until `until`.
std::vector<Observation> life(const Pack& pack, double gap, Time until, Rng& rng) {
  std::vector<Observation> events;
  Time t = kBegin + int(rng.below(20)) * kDay;
  while (t < until) {
    events.push_back(bought(pack, t));
    t += Duration(std::int64_t(gap * rng.uniform(0.8, 1.2) * double(kDay.count())));
  }
  return events;
}

TEST(LapseTest, RecommendsALittleMoreThanTheUsualGap) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  const auto pack = test_pack();
  const Time now = kBegin + 540 * kDay;
  LapseCounter counter(*pack, kBegin, now);
  for (int c = 0; c < 2'000; ++c) {
    const bool leaves = rng.chance(0.5);
    const Time until = leaves ? kBegin + int(30 + rng.below(400)) * kDay : now;
    counter.add(life(*pack, 10, until, rng));
  }
  const auto curve = counter.curve();
  ASSERT_TRUE(curve.has_value()) << curve.error().message;
  EXPECT_GE(curve->recommended, 10);
  EXPECT_LE(curve->recommended, 13);
  EXPECT_EQ(curve->follow_up_days, 90);
  EXPECT_EQ(curve->moments, 10U);
  double type_1 = 1;
  double type_2 = 0;
  for (const LapsePoint& point : curve->points) {
    EXPECT_LE(point.type_1, type_1);
    EXPECT_GE(point.type_2, type_2);
    type_1 = point.type_1;
    type_2 = point.type_2;
  }
  EXPECT_LT(curve->points[14].type_1, 0.01);  // nobody who is still here is silent for 15 days
}

TEST(LapseTest, CountsByHand) {
  const auto pack = test_pack();
  const Time now = kBegin + 84 * kDay;
  LapseCounter counter(*pack, kBegin, now);  // follow-up 28 days: one moment, after 56 days
  const Time moment = kBegin + 56 * kDay;
  for (int c = 0; c < 40; ++c) {
    counter.add(std::vector{bought(*pack, moment - 5 * kDay), bought(*pack, moment + 3 * kDay)});
    counter.add(std::vector{bought(*pack, moment - 20 * kDay)});
    counter.add(std::vector{bought(*pack, moment + kDay)});       // not yet a customer
    counter.add(std::vector{bought(*pack, moment - 50 * kDay)});  // long gone
  }
  const auto curve = counter.curve();
  ASSERT_TRUE(curve.has_value()) << curve.error().message;
  EXPECT_EQ(curve->came_back, 40U);
  EXPECT_EQ(curve->stayed_away, 40U);
  EXPECT_EQ(curve->recommended, 5);  // silent for exactly five days is not yet for more
  EXPECT_EQ(curve->points[3].type_1, 1);
  EXPECT_EQ(curve->points[4].type_1, 0);
  EXPECT_EQ(curve->points[18].type_2, 0);
  EXPECT_EQ(curve->points[19].type_2, 1);
}

TEST(LapseTest, TooLittleIsSaid) {
  const auto pack = test_pack();
  LapseCounter counter(*pack, kBegin, kBegin + 10 * kDay);
  counter.add(std::vector{bought(*pack, kBegin)});
  const auto curve = counter.curve();
  ASSERT_FALSE(curve.has_value());
  EXPECT_EQ(curve.error().reason, "insufficient_data");
}

}  // namespace
}  // namespace tideline
