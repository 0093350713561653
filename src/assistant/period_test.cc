#include "assistant/period.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

const Time kNow = *parse_time("2026-01-15T10:00:00Z");  // a Thursday

std::string read(std::string_view text) {
  std::vector<Word> words = words_of(text);
  std::string out;
  for (const Period& p : periods_in(words, kNow)) {
    const auto at = [](Time t) {
      const std::string text = format_time(t);
      return text.substr(11, 8) == "00:00:00" ? text.substr(0, 10) : text.substr(0, 16);
    };
    out += (out.empty() ? "" : " | ") + at(p.from) + ".." + at(p.to) + (p.to_come ? " ahead" : "");
  }
  return out;
}

TEST(Period, ReadsDatesInWords) {
  EXPECT_EQ(read("today"), "2026-01-15..2026-01-16");
  EXPECT_EQ(read("yesterday"), "2026-01-14..2026-01-15");
  EXPECT_EQ(read("this week"), "2026-01-12..2026-01-16");
  EXPECT_EQ(read("last week"), "2026-01-05..2026-01-12");
  EXPECT_EQ(read("last month"), "2025-12-01..2026-01-01");
  EXPECT_EQ(read("last quarter"), "2025-10-01..2026-01-01");
  EXPECT_EQ(read("last year"), "2025-01-01..2026-01-01");
  EXPECT_EQ(read("in december"), "2025-12-01..2026-01-01");
  EXPECT_EQ(read("in january"), "2026-01-01..2026-01-16");
  EXPECT_EQ(read("december 2024"), "2024-12-01..2025-01-01");
  EXPECT_EQ(read("5 january"), "2026-01-05..2026-01-06");
  EXPECT_EQ(read("january 5th"), "2026-01-05..2026-01-06");
  EXPECT_EQ(read("february 29"), "");  // not in 2025
  EXPECT_EQ(read("q3 2025"), "2025-07-01..2025-10-01");
  EXPECT_EQ(read("in 2025"), "2025-01-01..2026-01-01");
  EXPECT_EQ(read("2026-01-05"), "2026-01-05..2026-01-06");
  EXPECT_EQ(read("2025-11"), "2025-11-01..2025-12-01");
  EXPECT_EQ(read("on monday"), "2026-01-12..2026-01-13");
  EXPECT_EQ(read("on friday"), "2026-01-09..2026-01-10");
  EXPECT_EQ(read("decembr 2025"), "2025-12-01..2026-01-01");
}

TEST(Period, ReadsFeastsAndSlips) {
  EXPECT_EQ(read("since new year"), "2026-01-01..2026-01-16");
  EXPECT_EQ(read("on new year's eve"), "2025-12-31..2026-01-01");
  EXPECT_EQ(read("since christmas"), "2025-12-25..2026-01-16");
  EXPECT_EQ(read("since midnight"), "2026-01-15..2026-01-16");
  EXPECT_EQ(read("over the weekend"), "2026-01-10..2026-01-12");
  EXPECT_EQ(read("on tuesday, the 13th of january"), "2026-01-13..2026-01-14");
  EXPECT_EQ(read("past thirty dyas"), "2025-12-16T10:00..2026-01-15T10:00");
  EXPECT_EQ(read("yestreday"), "2026-01-14..2026-01-15");
  EXPECT_EQ(read("over the last months"), "");
  EXPECT_EQ(read("they tend to leave"), "");
}

TEST(Period, ReadsStretches) {
  EXPECT_EQ(read("in the last 30 days"), "2025-12-16T10:00..2026-01-15T10:00");
  EXPECT_EQ(read("past two weeks"), "2026-01-01T10:00..2026-01-15T10:00");
  EXPECT_EQ(read("last 24 hours"), "2026-01-14T10:00..2026-01-15T10:00");
  EXPECT_EQ(read("last 3 months"), "2025-10-15T10:00..2026-01-15T10:00");
  EXPECT_EQ(read("90d"), "2025-10-17T10:00..2026-01-15T10:00");
  EXPECT_EQ(read("next 30 days"), "2026-01-15T10:00..2026-02-14T10:00 ahead");
  EXPECT_EQ(read("next month"), "2026-02-01..2026-03-01 ahead");
  EXPECT_EQ(read("since monday"), "2026-01-12..2026-01-16");
  EXPECT_EQ(read("since last week"), "2026-01-05..2026-01-16");
  EXPECT_EQ(read("between 2025-11-01 and 2025-11-05"), "2025-11-01..2025-11-06");
  EXPECT_EQ(read("from october to november"), "2025-10-01..2025-12-01");
}

TEST(Period, ReadsTwoAndLeavesTheRest) {
  EXPECT_EQ(read("this month versus last month"),
            "2026-01-01..2026-01-16 | 2025-12-01..2026-01-01");
  EXPECT_EQ(read("how are we doing"), "");
  EXPECT_EQ(read("may I ask"), "");
  EXPECT_EQ(read("how up to date is it"), "");
  EXPECT_EQ(read("top 10 customers"), "");
  EXPECT_EQ(read("\"last week\" as a name"), "");
}

TEST(Period, TheOneBeforeIsAsLong) {
  std::vector<Word> words = words_of("december");
  const Period before_it = before(periods_in(words, kNow).front());
  EXPECT_EQ(format_date(before_it.from), "2025-11-01");
  EXPECT_EQ(format_date(before_it.to), "2025-12-01");
  const Period stretch = before(last_days(7, kNow));
  EXPECT_EQ(stretch.to, kNow - 7 * kDay);
  EXPECT_EQ(stretch.from, kNow - 14 * kDay);
}

// Whatever is typed, nothing breaks, and every period is one.
TEST(Period, AnyWordsAreRead) {
  const std::vector<std::string> parts = {"last", "31",  "february", "since", "between", "and",
                                          "2025", "q4",  "from",     "to",    "week",    "days",
                                          "99d",  "may", "monday",   "3660",  "next",    "0"};
  std::uint64_t state = 7;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int k = 0; k < 5; ++k) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      text += parts[(state >> 33) % parts.size()] + " ";
    }
    std::vector<Word> words = words_of(text);
    for (const Period& p : periods_in(words, kNow)) ASSERT_LT(p.from, p.to) << text;
  }
}

}  // namespace
}  // namespace tideline
