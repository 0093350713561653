// Retention: who comes back after how long, and how a month's active customers, and their money,
// come from the month before. Pure.
//
// Days and months are UTC. A customer is active on a day with a qualifying event on it; its first
// such day is day 0. Today is not over and counts in no curve.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/exact.h"
#include "base/time.h"

namespace tideline {

enum class RetentionKind : std::uint8_t {
  n_day,      // active on day N itself
  unbounded,  // active on day N or any later day that is over
  rolling,    // active on at least one of the `window_days` days that end with day N
};
[[nodiscard]] std::string_view name_of(RetentionKind kind);

struct RetentionPoint {
  int day = 0;                  // N
  std::uint64_t customers = 0;  // whose day N is over
  std::uint64_t retained = 0;   // of those

  [[nodiscard]] std::optional<double> share() const {
    if (customers == 0) return std::nullopt;
    return static_cast<double>(retained) / static_cast<double>(customers);
  }
};

struct RetentionOptions {
  RetentionKind kind = RetentionKind::n_day;
  int days_max = 90;
  int window_days = 7;          // of rolling, at least 1
  std::int64_t today = 0;       // the day that is not over yet
  std::int64_t first_from = 0;  // only customers whose day 0 is in [first_from, first_to)
  std::int64_t first_to = 1 << 30;
};

// One point for each N from 0 to days_max, nobody counted yet.
[[nodiscard]] std::vector<RetentionPoint> empty_curve(const RetentionOptions& options);
// Adds one customer: the days on which it was active, as day_index() numbers them, ascending, each
// once; none: nothing.
void count_into(std::vector<RetentionPoint>& curve, std::span<const std::int64_t> active,
                const RetentionOptions& options);

// A month, counted from January 1970.
[[nodiscard]] std::int64_t month_of_day(std::int64_t day);
// "2026-03"
[[nodiscard]] std::string month_text(std::int64_t month);

// Where the active customers of a month come from, and where those of the month before went:
//   active = fresh + retained + resurrected
//   active of the month before = retained + churned
struct MonthGrowth {
  std::int64_t month = 0;
  std::uint64_t active = 0;
  std::uint64_t fresh = 0;        // never active before
  std::uint64_t retained = 0;     // active in the month before
  std::uint64_t resurrected = 0;  // active before, but not in the month before
  std::uint64_t churned = 0;      // active in the month before, but not in this one

  double amount = 0;  // of all customers
  // Of customers that paid in the month before: what they paid then, what of it they paid again
  // (of each at most what it paid then), and all that they paid.
  double amount_before = 0;
  double amount_again = 0;
  double amount_of_them = 0;

  // Never above 1: what is gained with some cannot hide what is lost with others.
  [[nodiscard]] std::optional<double> gross_retention() const;
  [[nodiscard]] std::optional<double> net_retention() const;
};

// Adds up customers, in any order: the sums are exact, so the figures are the same for each.
class GrowthCounter {
 public:
  // The days on which one customer was active, ascending, each once, and what it brought on each:
  // the pack's currency, less than 0 where more was paid back, |amount| < 2^40.
  void add(std::span<const std::int64_t> active, std::span<const double> amounts);
  // Every month from the first to the last in which anybody was active, also those in which nobody
  // was.
  [[nodiscard]] std::vector<MonthGrowth> months() const;

 private:
  struct Month {
    MonthGrowth counts;
    std::uint64_t left = 0;  // active in it, not in the next
    ExactSum amount, amount_before, amount_again, amount_of_them;
  };
  std::map<std::int64_t, Month> months_;
};

// "gross revenue retention" where customers have a contract, else "repeat revenue retention":
// without one nobody owes the next month's money.
[[nodiscard]] std::string_view revenue_retention_name(bool has_contract);

// What the days of all customers come to.
struct ActivityFigures {
  Time as_of{};
  std::uint64_t customers = 0;                        // that were ever active
  std::array<std::vector<RetentionPoint>, 3> curves;  // by RetentionKind
  std::vector<MonthGrowth> months;
  // Over the 30 days before today, of customers active in them; nullopt: there are none.
  std::optional<double> daily_active;   // the mean share that is active on a day
  std::optional<double> yearly_amount;  // what they brought, over their number, times 365 / 30
};

// Days of the curves, and of the window of the rolling one.
inline constexpr int kCurveDaysMax = 365;
inline constexpr int kRollingDays = 7;
// Whole days before today that are recent.
inline constexpr std::int64_t kRecentDays = 30;

class ActivityCounter {
 public:
  explicit ActivityCounter(Time as_of);
  // As GrowthCounter::add().
  void add(std::span<const std::int64_t> active, std::span<const double> amounts);
  [[nodiscard]] ActivityFigures figures() const;

 private:
  ActivityFigures figures_;
  GrowthCounter growth_;
  std::array<RetentionOptions, 3> options_;
  std::uint64_t recent_customers_ = 0;
  std::uint64_t recent_days_ = 0;
  ExactSum recent_amount_;
};

}  // namespace tideline
