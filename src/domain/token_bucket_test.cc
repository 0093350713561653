#include "domain/token_bucket.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

constexpr Time kStart = time_from_millis(1'000'000);

TEST(TokenBucket, HoldsABurstThenTheRate) {
  TokenBucket bucket(10, 20, kStart);
  int passed = 0;
  for (int i = 0; i < 100; ++i) {
    if (bucket.wait(kStart) > Duration(0)) continue;
    bucket.charge(1, kStart);
    ++passed;
  }
  EXPECT_EQ(passed, 20);
  // 100 s, asked 100 times a second.
  for (int i = 1; i <= 10'000; ++i) {
    const Time now = kStart + Duration(10) * i;
    if (bucket.wait(now) > Duration(0)) continue;
    bucket.charge(1, now);
    ++passed;
  }
  EXPECT_NEAR(passed, 20 + 1000, 2);
}

TEST(TokenBucket, ALargeChargeIsPaidBack) {
  TokenBucket bucket(100, 50, kStart);
  bucket.charge(350, kStart);
  EXPECT_EQ(bucket.wait(kStart), Duration(3001));
  EXPECT_EQ(bucket.wait(kStart + Duration(3000)), Duration(1));
  EXPECT_EQ(bucket.wait(kStart + Duration(3001)), Duration(0));
}

TEST(TokenBucket, NeverHoldsMoreThanTheBurst) {
  TokenBucket bucket(100, 50, kStart);
  bucket.charge(50, kStart + kDay);
  EXPECT_GT(bucket.wait(kStart + kDay), Duration(0));
}

TEST(TokenBucket, ZeroIsNoLimit) {
  TokenBucket bucket(0, 1, kStart);
  bucket.charge(1e12, kStart);
  EXPECT_EQ(bucket.wait(kStart), Duration(0));
}

TEST(TokenBucket, AClockSetBackGivesAndTakesNothing) {
  TokenBucket bucket(1, 1, kStart);
  bucket.charge(3, kStart);
  EXPECT_EQ(bucket.wait(kStart - kHour), Duration(2001));
  EXPECT_EQ(bucket.wait(kStart - kHour + Duration(2001)), Duration(0));
}

}  // namespace
}  // namespace tideline
