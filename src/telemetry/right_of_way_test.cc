// RightOfWay: how much answering makes later work wait, and for how long.
#include "telemetry/right_of_way.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

using std::chrono::milliseconds;

struct RightOfWayTest : ::testing::Test {
  // One window in which `share` of it was worked.
  void window(double share) {
    now += RightOfWay::kWindow;
    way.worked(
        std::chrono::duration_cast<RightOfWay::Clock::duration>(share * RightOfWay::kWindow), now);
  }
  // How long the way stays taken while all of two processors answer.
  milliseconds taken_for(milliseconds rush) {
    milliseconds taken{0};
    for (milliseconds t{0}; t < rush; t += RightOfWay::kWindow) {
      window(2);
      if (way.is_taken(now)) taken += RightOfWay::kWindow;
    }
    return taken;
  }

  RightOfWay way{2};
  RightOfWay::Clock::time_point now{std::chrono::hours(1)};
};

TEST_F(RightOfWayTest, IsTakenByMoreThanAnEighthOfAllProcessors) {
  EXPECT_FALSE(way.is_taken(now));
  window(1);  // of the hour before
  EXPECT_FALSE(way.is_taken(now));
  window(0.25);
  EXPECT_FALSE(way.is_taken(now));
  window(0.3);
  EXPECT_TRUE(way.is_taken(now));
  EXPECT_FALSE(way.is_taken(now + RightOfWay::kHold));
}

TEST_F(RightOfWayTest, ShortPiecesOfWorkAreSummedUp) {
  window(0);
  for (int i = 0; i < 5; ++i) {
    now += milliseconds(1);
    way.worked(std::chrono::microseconds(300), now);
  }
  EXPECT_TRUE(way.is_taken(now));
}

TEST_F(RightOfWayTest, IsFreeAfterASecondOfALoadThatDoesNotEnd) {
  window(0);
  const milliseconds taken = taken_for(milliseconds(10'000));
  EXPECT_GT(taken, milliseconds(950));
  EXPECT_LE(taken, milliseconds(1'000) + RightOfWay::kHold);
}

TEST_F(RightOfWayTest, RegainsWhatItWasFree) {
  window(0);
  taken_for(milliseconds(5'000));
  for (int i = 0; i < 60; ++i) window(0);  // 300 ms
  const milliseconds taken = taken_for(milliseconds(5'000));
  EXPECT_GT(taken, milliseconds(250));
  EXPECT_LE(taken, milliseconds(300) + RightOfWay::kHold);
  now += std::chrono::hours(1);
  window(0);
  EXPECT_GT(taken_for(milliseconds(5'000)), milliseconds(950));
}

TEST_F(RightOfWayTest, WhoLetsPassGoesOnOnceItIsFree) {
  now = RightOfWay::Clock::now();
  window(0);
  window(2);
  const auto begun = RightOfWay::Clock::now();
  way.let_pass();
  EXPECT_FALSE(way.is_taken(RightOfWay::Clock::now()));
  EXPECT_LT(RightOfWay::Clock::now() - begun, std::chrono::seconds(1));
}

}  // namespace
}  // namespace tideline
