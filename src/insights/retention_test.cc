// Retention: curves and months as by hand, and against a slow second counting over random
// histories.
#include "insights/retention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/rng.h"
#include "base/time.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 20260604;
const Time kStart = *parse_time("2026-01-01");

using ActiveDays = std::vector<std::int64_t>;

std::vector<RetentionPoint> retention_curve(const std::vector<ActiveDays>& customers,
                                            const RetentionOptions& options) {
  auto curve = empty_curve(options);
  for (const ActiveDays& active : customers) count_into(curve, active, options);
  return curve;
}

// One customer: its days, and what it brought on each.
struct Brought {
  std::vector<std::pair<std::int64_t, double>> days;
};
// The day of that number, from 0, of a month.
std::int64_t day_in(std::int64_t month, std::int64_t day) {
  std::int64_t at = month * 28;
  while (month_of_day(at) < month) ++at;
  return at + day;
}
std::vector<MonthGrowth> growth_of(const std::vector<Brought>& customers) {
  GrowthCounter counter;
  for (const Brought& one : customers) {
    std::vector<std::int64_t> days;
    std::vector<double> amounts;
    for (const auto& [day, amount] : one.days) {
      days.push_back(day);
      amounts.push_back(amount);
    }
    counter.add(days, amounts);
  }
  return counter.months();
}

std::vector<double> shares(const std::vector<RetentionPoint>& curve) {
  std::vector<double> out;
  for (const RetentionPoint& point : curve) out.push_back(point.share().value_or(-1));
  return out;
}

// Three customers; today is day 8, so the third, who came on day 6, has a day 1 and no day 2.
TEST(RetentionTest, CurvesAsByHand) {
  const std::vector<ActiveDays> customers = {{0, 1, 4}, {2, 5}, {6}};
  RetentionOptions options;
  options.days_max = 4;
  options.today = 8;
  EXPECT_EQ(shares(retention_curve(customers, options)),
            (std::vector<double>{1, 1.0 / 3, 0, 0.5, 0.5}));
  options.kind = RetentionKind::unbounded;
  EXPECT_EQ(shares(retention_curve(customers, options)),
            (std::vector<double>{1, 2.0 / 3, 1, 1, 0.5}));
  options.kind = RetentionKind::rolling;
  options.window_days = 2;
  EXPECT_EQ(shares(retention_curve(customers, options)), (std::vector<double>{1, 1, 0.5, 0.5, 1}));
  options.first_from = 1;
  options.first_to = 3;
  options.kind = RetentionKind::n_day;
  EXPECT_EQ(shares(retention_curve(customers, options)), (std::vector<double>{1, 0, 0, 1, 0}));
}

// The day that is not over counts neither below nor above the line.
TEST(RetentionTest, TodayDoesNotCount) {
  RetentionOptions options;
  options.days_max = 3;
  options.today = 2;
  options.kind = RetentionKind::unbounded;
  const std::vector<ActiveDays> customers = {{0, 2}, {2}};
  EXPECT_EQ(shares(retention_curve(customers, options)), (std::vector<double>{1, 0, -1, -1}));
}

TEST(RetentionTest, UnboundedNeverRisesWithinACohort) {
  Rng rng(kSeed);
  std::vector<ActiveDays> customers;
  for (int c = 0; c < 200; ++c) {
    ActiveDays days;
    for (std::int64_t d = 0; d < 60; ++d) {
      if (d == 0 || rng.chance(0.2)) days.push_back(d);
    }
    customers.push_back(std::move(days));
  }
  RetentionOptions options;
  options.today = 60;
  options.days_max = 59;
  options.kind = RetentionKind::unbounded;
  const auto unbounded = retention_curve(customers, options);
  options.kind = RetentionKind::n_day;
  const auto on_the_day = retention_curve(customers, options);
  for (std::size_t n = 0; n < unbounded.size(); ++n) {
    EXPECT_GE(unbounded[n].retained, on_the_day[n].retained) << "seed " << kSeed;
    if (n > 0) {
      EXPECT_LE(unbounded[n].retained, unbounded[n - 1].retained) << "seed " << kSeed;
    }
  }
}

TEST(RetentionTest, MonthsOfDays) {
  EXPECT_EQ(month_text(month_of_day(0)), "1970-01");
  EXPECT_EQ(month_text(month_of_day(day_index(*parse_time("2026-02-28")))), "2026-02");
  EXPECT_EQ(month_text(month_of_day(day_index(*parse_time("2024-12-31")))), "2024-12");
  EXPECT_EQ(month_of_day(day_index(*parse_time("2026-03-01"))),
            month_of_day(day_index(*parse_time("2026-02-28"))) + 1);
}

// Months 10 to 13 with customers a, b, c: (a 100, b 50), (a 30 + 50, c 0), nobody, (b 0, a 200).
TEST(RetentionTest, GrowthAsByHand) {
  const auto growth = growth_of(
      {{{{day_in(10, 3), 100}, {day_in(11, 0), 30}, {day_in(11, 9), 50}, {day_in(13, 27), 200}}},
       {{{day_in(10, 0), 50}, {day_in(13, 5), 0}}},
       {{{day_in(11, 11), 0}}}});
  ASSERT_EQ(growth.size(), 4U);
  EXPECT_EQ(growth[0].month, 10);
  EXPECT_EQ(growth[0].fresh, 2U);
  EXPECT_EQ(growth[0].amount, 150);
  EXPECT_FALSE(growth[0].gross_retention().has_value());
  EXPECT_EQ(growth[1].retained, 1U);
  EXPECT_EQ(growth[1].fresh, 1U);
  EXPECT_EQ(growth[1].churned, 1U);
  EXPECT_NEAR(*growth[1].gross_retention(), 80.0 / 150, 1e-12);
  EXPECT_EQ(growth[2].active, 0U);
  EXPECT_EQ(growth[2].churned, 2U);
  EXPECT_EQ(*growth[2].gross_retention(), 0);
  EXPECT_EQ(growth[3].resurrected, 2U);
  EXPECT_EQ(growth[3].fresh, 0U);
  EXPECT_FALSE(growth[3].gross_retention().has_value());
  EXPECT_TRUE(growth_of({}).empty());
}

// One that pays twice as much does not hide one that left; money back is not money paid, and who
// paid nothing before pays nothing again.
TEST(RetentionTest, GrossRetentionIsCapped) {
  const auto growth = growth_of({{{{day_in(0, 0), 100}, {day_in(1, 0), 500}}},
                                 {{{day_in(0, 1), 100}}},
                                 {{{day_in(0, 2), -40}, {day_in(1, 2), 7}}}});
  EXPECT_NEAR(*growth[1].gross_retention(), 0.5, 1e-12);
  EXPECT_NEAR(*growth[1].net_retention(), 2.5, 1e-12);
  EXPECT_NEAR(growth[1].amount, 507, 1e-12);
}

// Against sets of who was active when.
TEST(RetentionTest, MonthsReconcile) {
  Rng rng(kSeed + 1);
  std::vector<Brought> customers(300);
  std::vector<std::set<std::size_t>> active(24);
  std::vector<std::map<std::size_t, double>> paid(24);
  for (std::size_t c = 0; c < customers.size(); ++c) {
    for (std::int64_t m = 0; m < 24; ++m) {
      if (!rng.chance(0.3)) continue;
      const double amount = double(rng.below(300)) - 20;
      customers[c].days.emplace_back(day_in(m, 0), amount);
      active[std::size_t(m)].insert(c);
      paid[std::size_t(m)][c] = std::max(0.0, amount);
    }
  }
  const auto growth = growth_of(customers);
  ASSERT_EQ(growth.size(), 24U);
  for (std::size_t m = 0; m < growth.size(); ++m) {
    const MonthGrowth& now = growth[m];
    EXPECT_EQ(now.active, active[m].size());
    EXPECT_EQ(now.active, now.fresh + now.retained + now.resurrected) << "seed " << kSeed + 1;
    std::uint64_t fresh = 0;
    for (const std::size_t c : active[m]) {
      bool seen = false;
      for (std::size_t b = 0; b < m; ++b) seen = seen || active[b].count(c) > 0;
      fresh += seen ? 0 : 1;
    }
    EXPECT_EQ(now.fresh, fresh);
    if (m == 0) continue;
    EXPECT_EQ(growth[m - 1].active, now.retained + now.churned) << "seed " << kSeed + 1;
    double before = 0, again = 0, of_them = 0;
    for (const auto& [c, amount] : paid[m - 1]) {
      const double since = paid[m].count(c) > 0 ? paid[m][c] : 0;
      before += amount;
      again += std::min(amount, since);
      of_them += amount > 0 ? since : 0;
    }
    EXPECT_NEAR(*now.gross_retention(), again / before, 1e-12) << "seed " << kSeed + 1;
    EXPECT_NEAR(*now.net_retention(), of_them / before, 1e-12) << "seed " << kSeed + 1;
    EXPECT_LE(*now.gross_retention(), 1);
  }
}

// Any order of customers, the same bytes.
TEST(RetentionTest, OrderDoesNotMatter) {
  Rng rng(kSeed + 2);
  std::vector<Brought> customers;
  for (int c = 0; c < 50; ++c)
    customers.push_back({{{day_in(3, 0), rng.uniform()}, {day_in(4, 0), rng.uniform()}}});
  const auto forth = growth_of(customers);
  std::reverse(customers.begin(), customers.end());
  const auto back = growth_of(customers);
  EXPECT_EQ(forth[1].amount, back[1].amount);
  EXPECT_EQ(forth[1].amount_again, back[1].amount_again);
}

// Today is day 100: a was active on 70, 80 and 99 of the 30 days before, and brought 10 and 20; b
// on none of them, and what is of today counts tomorrow.
TEST(RetentionTest, RecentActivityAsByHand) {
  ActivityCounter counter(start_of_day(100) + 5 * kHour);
  counter.add(std::vector<std::int64_t>{10, 70, 80, 99, 100},
              std::vector<double>{500, 10, 0, 20, 7});
  counter.add(std::vector<std::int64_t>{69}, std::vector<double>{80});
  counter.add({}, {});
  const ActivityFigures figures = counter.figures();
  EXPECT_EQ(figures.customers, 2U);
  EXPECT_NEAR(*figures.daily_active, 3.0 / 30, 1e-12);
  EXPECT_NEAR(*figures.yearly_amount, 30 * 365.0 / 30, 1e-12);
  EXPECT_EQ(figures.curves[0].size(), 366U);
  EXPECT_EQ(figures.curves[0][60].customers, 1U);
  EXPECT_EQ(figures.curves[0][60].retained, 1U);
  EXPECT_FALSE(ActivityCounter(kStart).figures().daily_active.has_value());
}

TEST(RetentionTest, WithoutContractItHasAnotherName) {
  EXPECT_EQ(revenue_retention_name(true), "gross revenue retention");
  EXPECT_EQ(revenue_retention_name(false), "repeat revenue retention");
}

}  // namespace
}  // namespace tideline
