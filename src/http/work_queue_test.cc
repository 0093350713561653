#include "http/work_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tideline::http {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using Entry = WorkQueue::Entry;
using At = WorkQueue::Clock::time_point;

struct WorkQueueTest : ::testing::Test {
  Entry enter(WorkQueue& queue, std::uint64_t flow, std::uint64_t cost, const std::string& name) {
    return queue.enter({flow, cost,
                        [this, name](bool late) {
                          started.push_back(late ? "late " + name : name);
                          return wanted;
                        }},
                       now);
  }
  // One unit of cost takes one millisecond.
  void leave(WorkQueue& queue, std::uint64_t cost) { queue.leave(cost, milliseconds(cost), now); }
  // So that the first figure is forgotten.
  void teach(WorkQueue& queue) {
    for (int i = 0; i < 2000; ++i) {
      ASSERT_EQ(enter(queue, 0, 10, "teach"), Entry::now);
      leave(queue, 10);
    }
  }
  At now{};
  bool wanted = true;
  std::vector<std::string> started;
};

TEST_F(WorkQueueTest, PlacesAreTakenFirstThenOneWaits) {
  WorkQueue queue({.places = 2, .wait_max = milliseconds(100)});
  EXPECT_EQ(enter(queue, 1, 1, "a"), Entry::now);
  EXPECT_EQ(enter(queue, 1, 1, "b"), Entry::now);
  EXPECT_EQ(enter(queue, 1, 1, "c"), Entry::later);
  EXPECT_THAT(started, ElementsAre());
  leave(queue, 1);
  EXPECT_THAT(started, ElementsAre("c"));
  leave(queue, 1);
  leave(queue, 1);
  EXPECT_EQ(queue.load(now).working, 0u);
  EXPECT_EQ(enter(queue, 1, 1, "d"), Entry::now);
}

TEST_F(WorkQueueTest, RefusesWhatWouldWaitTooLong) {
  WorkQueue queue({.places = 1, .wait_max = milliseconds(100)});
  teach(queue);
  ASSERT_EQ(enter(queue, 1, 10, "working"), Entry::now);
  int taken = 0;
  bool told = queue.would_refuse(1, 10);
  while (enter(queue, 1, 10, "x") == Entry::later) {
    EXPECT_FALSE(told);
    told = queue.would_refuse(1, 10);
    ASSERT_LT(++taken, 1000);
  }
  EXPECT_TRUE(told);
  EXPECT_GE(taken, 9);
  EXPECT_LE(taken, 12);
  leave(queue, 10);
  EXPECT_EQ(enter(queue, 1, 10, "again"), Entry::later);
}

TEST_F(WorkQueueTest, AQuietFlowIsServedBesideALoudOne) {
  WorkQueue queue({.places = 1, .wait_max = milliseconds(100)});
  teach(queue);
  ASSERT_EQ(enter(queue, 1, 10, "working"), Entry::now);
  while (enter(queue, 1, 10, "loud") == Entry::later) {}
  // The loud flow is refused, the quiet one is not, and comes second.
  EXPECT_EQ(enter(queue, 2, 10, "quiet"), Entry::later);
  leave(queue, 10);
  leave(queue, 10);
  leave(queue, 10);
  EXPECT_THAT(started, ElementsAre("loud", "quiet", "loud"));
}

TEST_F(WorkQueueTest, CostNotCountIsShared) {
  WorkQueue queue({.places = 1, .wait_max = std::chrono::seconds(10)});
  ASSERT_EQ(enter(queue, 9, 1, "working"), Entry::now);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(enter(queue, 1, 30, "big"), Entry::later);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(enter(queue, 2, 10, "small"), Entry::later);
  for (int i = 0; i < 6; ++i) leave(queue, 10);
  EXPECT_THAT(started, ElementsAre("big", "small", "small", "small", "big", "small"));
}

TEST_F(WorkQueueTest, WhatWaitedFarTooLongIsLate) {
  WorkQueue queue({.places = 1, .wait_max = milliseconds(100)});
  ASSERT_EQ(enter(queue, 1, 1, "working"), Entry::now);
  ASSERT_EQ(enter(queue, 1, 1, "old"), Entry::later);
  now += milliseconds(401);
  ASSERT_EQ(enter(queue, 1, 1, "new"), Entry::later);
  EXPECT_EQ(queue.load(now).oldest, milliseconds(401));
  leave(queue, 1);
  EXPECT_THAT(started, ElementsAre("late old", "new"));
  EXPECT_EQ(queue.load(now).working, 1u);
  leave(queue, 1);
  EXPECT_EQ(queue.load(now).working, 0u);
}

TEST_F(WorkQueueTest, WhatNobodyWantsTakesNoPlace) {
  WorkQueue queue({.places = 1});
  ASSERT_EQ(enter(queue, 1, 1, "working"), Entry::now);
  ASSERT_EQ(enter(queue, 1, 1, "gone"), Entry::later);
  wanted = false;
  leave(queue, 1);
  EXPECT_EQ(queue.load(now).working, 0u);
}

TEST_F(WorkQueueTest, NeverMoreThanItMayHold) {
  WorkQueue queue({.places = 1, .wait_max = std::chrono::hours(1), .items_max = 3});
  ASSERT_EQ(enter(queue, 1, 1, "working"), Entry::now);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(enter(queue, i, 1, "x"), Entry::later);
  EXPECT_EQ(enter(queue, 4, 1, "y"), Entry::refused);
}

}  // namespace
}  // namespace tideline::http
