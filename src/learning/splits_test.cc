#include "learning/splits.h"

#include <gtest/gtest.h>

#include <map>

#include "base/hash.h"
#include "base/rng.h"

namespace tideline {
namespace {

Time day(int n) { return time_from_millis(1'700'006'400'000) + n * kDay; }

// One row a day and customer, the outcome for every third customer.
TaskRows daily_rows(int days, int customers, Duration horizon) {
  TaskRows rows{horizon, true, {}, {}};
  for (int d = 0; d < days; ++d) {
    for (int c = 0; c < customers; ++c) {
      rows.as_of.push_back(day(d));
      rows.labels.push_back(c % 3 == 0 ? 1 : 0);
    }
  }
  return rows;
}

TEST(SplitsTest, FoldsOfIdsAreTheirRemainder) {
  EXPECT_EQ(fold_of("0"), 0);
  EXPECT_EQ(fold_of("28400"), 0);
  EXPECT_EQ(fold_of("28401"), 1);
  EXPECT_EQ(fold_of("123456789012345678901234567899"), 4);
  EXPECT_EQ(fold_of("-1"), 4);
  EXPECT_EQ(fold_of("-5"), 0);
  EXPECT_EQ(fold_of("+7"), 2);
}

TEST(SplitsTest, FoldsOfOtherIdsAreTheirHash) {
  for (const char* id : {"", "-", "a", "12a", "1.5", " 1", "c-0001", "\xC3\xA9"}) {
    EXPECT_EQ(fold_of(id), int(xxh64(id) % 5)) << id;
  }
}

TEST(SplitsTest, PartsKeepTheGapOfTheLabel) {
  const Duration horizon = 44 * kDay;
  const TaskRows rows = daily_rows(300, 10, horizon);
  const auto cuts = time_cuts({&rows, 1}, SplitKind::time);
  ASSERT_TRUE(cuts.has_value());
  EXPECT_TRUE(carries(*cuts, rows));
  std::map<Part, std::pair<Time, Time>> span;
  for (const Time t : rows.as_of) {
    const Part part = cuts->part_of(t, horizon);
    auto& [first, last] = span.try_emplace(part, t, t).first->second;
    first = std::min(first, t);
    last = std::max(last, t);
  }
  // No label of a part was still open when the next part began.
  EXPECT_LE(span[Part::train].second + horizon, span[Part::validate].first);
  EXPECT_LE(span[Part::validate].second + horizon, span[Part::calibrate].first);
  EXPECT_LE(span[Part::calibrate].second + horizon, span[Part::test].first);
  EXPECT_EQ(span[Part::train].first, day(0));
  EXPECT_EQ(span[Part::test].second, day(299));
}

TEST(SplitsTest, AShortLabelUsesTheCutsOfTheLongestOne) {
  const TaskRows rows[] = {daily_rows(256, 10, 44 * kDay), daily_rows(272, 10, 28 * kDay)};
  const auto cuts = time_cuts(rows, SplitKind::time);
  ASSERT_TRUE(cuts.has_value());
  for (const TaskRows& task : rows) {
    EXPECT_TRUE(carries(*cuts, task));
    for (const Time t : task.as_of) {
      const Part part = cuts->part_of(t, task.horizon);
      switch (part) {
        case Part::train: EXPECT_LE(t + task.horizon, cuts->validate); break;
        case Part::validate: EXPECT_LE(t + task.horizon, cuts->calibrate); break;
        case Part::calibrate: EXPECT_LE(t + task.horizon, cuts->test); break;
        case Part::test: EXPECT_GE(t, cuts->test); break;
        case Part::none: EXPECT_LT(t, cuts->test); break;
      }
    }
  }
}

TEST(SplitsTest, TheLadderIsAsLongAsTheHistory) {
  const auto kinds = [](int days) {
    const TaskRows rows = daily_rows(days, 10, 44 * kDay);
    const auto strong = time_cuts({&rows, 1}, SplitKind::time);
    const auto weak = time_cuts({&rows, 1}, SplitKind::time_cross_fitted);
    return std::pair(strong && carries(*strong, rows), weak && carries(*weak, rows));
  };
  EXPECT_EQ(kinds(1), std::pair(false, false));
  EXPECT_EQ(kinds(44), std::pair(false, false));
  EXPECT_EQ(kinds(110), std::pair(false, true));
  EXPECT_EQ(kinds(300), std::pair(true, true));
}

TEST(SplitsTest, TrainAndTestByTimeKeepTheGapToo) {
  const TaskRows rows = daily_rows(110, 10, 44 * kDay);
  const auto cuts = time_cuts({&rows, 1}, SplitKind::time_cross_fitted);
  ASSERT_TRUE(cuts.has_value());
  for (const Time t : rows.as_of) {
    const Part part = cuts->part_of(t, rows.horizon);
    EXPECT_EQ(part == Part::test, t >= cuts->test);
    EXPECT_EQ(part == Part::train, t + rows.horizon <= cuts->test);
  }
}

TEST(SplitsTest, RareOutcomesAreTooLittle) {
  TaskRows rows{kDay, true, {}, std::vector<double>(1000, 0.0)};
  EXPECT_FALSE(is_enough(rows, kTrainMinimum));
  for (std::size_t i = 0; i < 29; ++i) rows.labels[i] = 1;
  EXPECT_FALSE(is_enough(rows, kTrainMinimum));
  rows.labels[29] = 1;
  EXPECT_TRUE(is_enough(rows, kTrainMinimum));
  rows.labels.resize(199);
  EXPECT_FALSE(is_enough(rows, kTrainMinimum));
}

}  // namespace
}  // namespace tideline
