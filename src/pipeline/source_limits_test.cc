#include "pipeline/source_limits.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

struct SourceLimitsTest : ::testing::Test {
  ManualClock clock{time_from_millis(1'000'000)};
  SourceId loud{"loud"};
  SourceId quiet{"quiet"};
};

TEST_F(SourceLimitsTest, EachSourceHasItsOwnBuckets) {
  SourceLimits limits({.requests_per_s = 10, .burst_s = 1}, clock);
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(limits.check(loud)) << i;
    limits.charge(loud, 1, 1);
  }
  const auto refusal = limits.check(loud);
  ASSERT_TRUE(refusal);
  EXPECT_STREQ(refusal->what, "requests");
  EXPECT_FALSE(limits.check(quiet));
  const auto error = limits.admit(loud).error();
  EXPECT_EQ(error.code, ErrorCode::overloaded);
  EXPECT_EQ(error.reason, "rate_limited");
  EXPECT_EQ(error.message,
            "source loud sends requests faster than it may (ingest.source_requests_per_s)");
  clock.advance(Duration(200));
  EXPECT_FALSE(limits.check(loud));
}

TEST_F(SourceLimitsTest, TheEmptiestBucketSaysHowLong) {
  SourceLimits limits(
      {.requests_per_s = 10, .events_per_s = 100, .bytes_per_s = 1'000, .burst_s = 1}, clock);
  limits.charge(loud, 300, 5'000);
  const auto refusal = limits.check(loud);
  ASSERT_TRUE(refusal);
  EXPECT_STREQ(refusal->what, "bytes");
  EXPECT_EQ(refusal->wait, Duration(4'001));
  clock.advance(Duration(4'001));
  EXPECT_FALSE(limits.check(loud));
}

TEST_F(SourceLimitsTest, WithoutRatesNobodyIsHeldBack) {
  SourceLimits limits({}, clock);
  for (int i = 0; i < 1000; ++i) limits.charge(loud, 1'000'000, 1'000'000'000);
  EXPECT_TRUE(limits.admit(loud).has_value());
}

}  // namespace
}  // namespace tideline
