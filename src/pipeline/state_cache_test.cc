// StateCache: what is taken is gone until it is put back; the oldest leave.
#include "pipeline/state_cache.h"

#include <gtest/gtest.h>

#include "pipeline/test_rig.h"

namespace tideline {
namespace {

class StateCacheTest : public ::testing::Test {
 protected:
  CustomerState state_of(int events) {
    CustomerState state;
    std::vector<Observation> all(static_cast<std::size_t>(events));
    for (int i = 0; i < events; ++i) all[static_cast<std::size_t>(i)].time = kStart + i * kDay;
    state.apply(*pack_, all);
    return state;
  }
  const Time kStart = *parse_time("2026-01-01");
  std::shared_ptr<const Pack> pack_ = rig_pack();
};

TEST_F(StateCacheTest, WhatIsTakenIsGoneUntilItIsPutBack) {
  StateCache cache(1 << 20);
  EXPECT_FALSE(cache.take(CustomerId("a")).has_value());
  cache.put(CustomerId("a"), state_of(2));
  cache.put(CustomerId("a"), state_of(3));
  EXPECT_GT(cache.bytes(), state_of(3).memory_bytes());
  auto taken = cache.take(CustomerId("a"));
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->event_count(), 3u);
  EXPECT_EQ(cache.bytes(), 0u);
  EXPECT_FALSE(cache.take(CustomerId("a")).has_value());
}

TEST_F(StateCacheTest, TheOldestLeaveAndTheBoundHolds) {
  const std::size_t one = state_of(1).memory_bytes();
  StateCache cache(10 * one);
  for (int i = 0; i < 100; ++i) {
    cache.put(CustomerId(std::to_string(i)), state_of(1));
    EXPECT_LE(cache.bytes(), 10 * one);
  }
  EXPECT_TRUE(cache.take(CustomerId("99")).has_value());
  EXPECT_FALSE(cache.take(CustomerId("0")).has_value());
  cache.forget();
  EXPECT_EQ(cache.bytes(), 0u);
  EXPECT_FALSE(cache.take(CustomerId("98")).has_value());
  StateCache none(1);
  none.put(CustomerId("a"), state_of(1));
  EXPECT_EQ(none.bytes(), 0u);
}

}  // namespace
}  // namespace tideline
