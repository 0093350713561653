// The calendar: seasons, campaigns, price shocks and outages as often and as long as they should.
#include "simulator/calendar.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <set>

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 3;

std::int64_t day_of(std::string_view date) { return day_index(parse_time(date).value()); }

TEST(Calendar, SummerIsQuietAndTheExaminationsAreBusy) {
  const Calendar calendar(kSeed);
  for (const char* year : {"2024", "2025", "2026"}) {
    const std::string y = year;
    EXPECT_LT(calendar.season(day_of(y + "-07-20")), 0.75) << y;
    EXPECT_GT(calendar.season(day_of(y + "-05-15")), 1.15) << y;
    EXPECT_LT(calendar.season(day_of(y + "-12-20")), 0.95) << y;
  }
  double sum = 0;
  for (std::int64_t day = day_of("2025-01-01"); day < day_of("2026-01-01"); ++day) {
    const double season = calendar.season(day);
    EXPECT_LT(std::abs(calendar.season(day + 1) - season), 0.02) << "a jump on day " << day;
    sum += season;
  }
  EXPECT_NEAR(sum / 365, 1.0, 0.02);
}

TEST(Calendar, CampaignsPriceShocksAndOutagesHappenNowAndThen) {
  const Calendar calendar(kSeed);
  const std::int64_t from = day_of("2010-01-01");
  const std::int64_t until = day_of("2030-01-01");
  double campaign_days = 0;
  double dear_days = 0;
  double highest = 1;
  std::set<Time> outages;
  double outage_hours = 0;
  for (std::int64_t day = from; day < until; ++day) {
    const DayConditions conditions = calendar.conditions(day);
    campaign_days += conditions.campaign ? 1 : 0;
    dear_days += conditions.price_level > 1.05 ? 1 : 0;
    highest = std::max(highest, conditions.price_level);
    EXPECT_GE(conditions.price_level, 1.0);
    for (const Outage& outage : conditions.outages) {
      EXPECT_LT(outage.from, start_of_day(day + 1));
      EXPECT_GT(outage.until, start_of_day(day));
      if (!outages.insert(outage.from).second) continue;
      const double hours = days(outage.until - outage.from) * 24;
      EXPECT_GT(hours, 0.9);
      EXPECT_LT(hours, 9.1);
      outage_hours += hours;
    }
  }
  const auto all = static_cast<double>(until - from);
  std::printf("20 years: %.0f campaign days, %.0f dear days, %zu outages of %.1f h, seed %llu\n",
              campaign_days, dear_days, outages.size(), outage_hours / double(outages.size()),
              static_cast<unsigned long long>(kSeed));
  EXPECT_NEAR(campaign_days / all, 0.75 * 10.5 / 91, 0.03);
  EXPECT_NEAR(dear_days / all, 0.8 * 140 / 260, 0.12);
  EXPECT_GT(highest, 1.2);
  EXPECT_LT(highest, 1.3);
  EXPECT_NEAR(static_cast<double>(outages.size()), 0.75 * all / 36, 35);
}

TEST(Calendar, MoreJoinWhileACampaignRuns) {
  const Calendar calendar(kSeed);
  for (std::int64_t day = day_of("2025-01-01"); day < day_of("2026-01-01"); ++day) {
    EXPECT_GT(calendar.draw(day), 0);
    EXPECT_LE(calendar.draw(day), Calendar::kMostDraw);
    if (calendar.campaign(day)) {
      EXPECT_GT(calendar.draw(day), 2 * calendar.season(day));
    }
  }
}

}  // namespace
}  // namespace tideline
