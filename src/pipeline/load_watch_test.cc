#include "pipeline/load_watch.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

constexpr Time kStart = time_from_millis(1'000'000);

LoadSample sample(int second, std::uint64_t applied, std::uint64_t commits, Duration busy) {
  return {kStart + second * kSecond, 2 * applied, applied, commits, busy};
}

TEST(LoadWatch, KnowsNothingFromOneSample) {
  LoadWatch watch(2);
  EXPECT_EQ(watch.rates().over_s, 0);
  watch.note(sample(0, 100, 1, Duration(0)));
  EXPECT_EQ(watch.rates().over_s, 0);
  EXPECT_FALSE(watch.rates().headroom_per_s);
}

TEST(LoadWatch, RatesAndHeadroom) {
  LoadWatch watch(2);
  watch.note(sample(0, 1'000, 10, Duration(0)));
  watch.note(sample(4, 5'000, 50, std::chrono::seconds(2)));
  const LoadRates rates = watch.rates();
  EXPECT_EQ(rates.over_s, 4);
  EXPECT_EQ(rates.stored_per_s, 2'000);
  EXPECT_EQ(rates.applied_per_s, 1'000);
  EXPECT_EQ(rates.events_per_commit, 100);
  // Two workers were busy for two of their eight seconds: three times as much more would fit.
  EXPECT_EQ(rates.utilisation, 0.25);
  EXPECT_EQ(rates.headroom_per_s, 3'000);
}

TEST(LoadWatch, LooksBackOnlySoFar) {
  LoadWatch watch(1);
  for (int second = 0; second <= 60; ++second) {
    // Fast for a minute, then slow for the last ten seconds.
    const std::uint64_t applied = second <= 50 ? second * 1'000 : 50'000 + (second - 50) * 10;
    watch.note(sample(second, applied, 1, Duration(0)));
  }
  EXPECT_EQ(watch.rates().over_s, 10);
  EXPECT_EQ(watch.rates().applied_per_s, 10);
  EXPECT_FALSE(watch.rates().events_per_commit);
  EXPECT_FALSE(watch.rates().headroom_per_s);
}

TEST(LoadWatch, AClockSetBackStartsAfresh) {
  LoadWatch watch(1);
  watch.note(sample(10, 10, 1, Duration(0)));
  watch.note(sample(5, 20, 2, Duration(0)));
  EXPECT_EQ(watch.rates().over_s, 0);
  watch.note(sample(6, 30, 3, Duration(0)));
  EXPECT_EQ(watch.rates().applied_per_s, 10);
}

}  // namespace
}  // namespace tideline
