#include "insights/retention.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"

namespace tideline {
namespace {

constexpr double kYearDays = 365;

bool is_retained(std::span<const std::int64_t> active, std::int64_t day,
                 const RetentionOptions& options) {
  // Days that are not over do not count for anybody.
  const auto over = std::lower_bound(active.begin(), active.end(), options.today);
  switch (options.kind) {
    case RetentionKind::n_day: return std::binary_search(active.begin(), over, day);
    case RetentionKind::unbounded: return std::lower_bound(active.begin(), over, day) != over;
    case RetentionKind::rolling: {
      const auto first = std::lower_bound(active.begin(), over, day - options.window_days + 1);
      return first != over && *first <= day;
    }
  }
  return false;
}

Fixed exact(double amount) {
  const auto fixed = Fixed::from(amount);
  CHECK(fixed.has_value());
  return *fixed;
}

// One customer in one month in which it was active.
struct CustomerMonth {
  std::int64_t month = 0;
  ExactSum amount;

  // Whoever got back more than it paid has paid nothing.
  [[nodiscard]] Fixed paid() const { return Fixed::from_units(std::max<Int128>(0, amount.sum)); }
};

std::vector<CustomerMonth> months_of(std::span<const std::int64_t> active,
                                     std::span<const double> amounts) {
  std::vector<CustomerMonth> months;
  for (std::size_t d = 0; d < active.size(); ++d) {
    const std::int64_t month = month_of_day(active[d]);
    if (months.empty() || months.back().month != month) months.push_back({month, {}});
    months.back().amount.add(exact(amounts[d]));
  }
  return months;
}

}  // namespace

std::string_view name_of(RetentionKind kind) {
  switch (kind) {
    case RetentionKind::n_day: return "n_day";
    case RetentionKind::unbounded: return "unbounded";
    case RetentionKind::rolling: return "rolling";
  }
  return "";
}

std::vector<RetentionPoint> empty_curve(const RetentionOptions& options) {
  CHECK(options.days_max >= 0 && options.window_days >= 1);
  std::vector<RetentionPoint> curve(std::size_t(options.days_max) + 1);
  for (std::size_t n = 0; n < curve.size(); ++n) curve[n].day = static_cast<int>(n);
  return curve;
}

void count_into(std::vector<RetentionPoint>& curve, std::span<const std::int64_t> active,
                const RetentionOptions& options) {
  if (active.empty()) return;
  const std::int64_t first = active.front();
  if (first < options.first_from || first >= options.first_to) return;
  for (RetentionPoint& point : curve) {
    const std::int64_t day = first + point.day;
    if (day >= options.today) break;
    ++point.customers;
    point.retained += is_retained(active, day, options) ? 1 : 0;
  }
}

std::int64_t month_of_day(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  return (int(date.year()) - 1970) * std::int64_t{12} + std::int64_t(unsigned(date.month())) - 1;
}

std::string month_text(std::int64_t month) {
  CHECK(month >= 0);
  const std::string in_year = std::to_string(month % 12 + 1);
  return std::to_string(1970 + month / 12) + (in_year.size() == 1 ? "-0" : "-") + in_year;
}

std::optional<double> MonthGrowth::gross_retention() const {
  return amount_before > 0 ? std::optional(amount_again / amount_before) : std::nullopt;
}
std::optional<double> MonthGrowth::net_retention() const {
  return amount_before > 0 ? std::optional(amount_of_them / amount_before) : std::nullopt;
}

void GrowthCounter::add(std::span<const std::int64_t> active, std::span<const double> amounts) {
  CHECK(active.size() == amounts.size());
  const CustomerMonth* before = nullptr;
  const auto own = months_of(active, amounts);
  for (const CustomerMonth& now : own) {
    const bool follows = before != nullptr && before->month + 1 == now.month;
    Month& month = months_[now.month];
    ++month.counts.active;
    ++(follows ? month.counts.retained
               : (before == nullptr ? month.counts.fresh : month.counts.resurrected));
    month.amount.merge(now.amount);
    if (follows) {
      --months_[before->month].left;
      month.amount_again.add(std::min(before->paid(), now.paid()));
      if (before->paid() > Fixed()) month.amount_of_them.add(now.paid());
    }
    ++month.left;
    months_[now.month + 1].amount_before.add(now.paid());
    before = &now;
  }
}

std::vector<MonthGrowth> GrowthCounter::months() const {
  std::vector<MonthGrowth> growth;
  if (months_.empty()) return growth;
  // The last entry only awaits what would have been paid again.
  const std::int64_t last = months_.rbegin()->first - 1;
  std::uint64_t left = 0;
  for (std::int64_t m = months_.begin()->first; m <= last; ++m) {
    MonthGrowth& one = growth.emplace_back();
    const auto found = months_.find(m);
    if (found != months_.end()) {
      const Month& month = found->second;
      one = month.counts;
      one.amount = month.amount.total();
      one.amount_before = month.amount_before.total();
      one.amount_again = month.amount_again.total();
      one.amount_of_them = month.amount_of_them.total();
    }
    one.month = m;
    one.churned = left;
    left = found == months_.end() ? 0 : found->second.left;
  }
  return growth;
}

std::string_view revenue_retention_name(bool has_contract) {
  return has_contract ? "gross revenue retention" : "repeat revenue retention";
}

ActivityCounter::ActivityCounter(Time as_of) {
  figures_.as_of = as_of;
  for (std::size_t kind = 0; kind < options_.size(); ++kind) {
    RetentionOptions& options = options_[kind];
    options.kind = RetentionKind(kind);
    options.days_max = kCurveDaysMax;
    options.window_days = kRollingDays;
    options.today = day_index(as_of);
    figures_.curves[kind] = empty_curve(options);
  }
}

void ActivityCounter::add(std::span<const std::int64_t> active, std::span<const double> amounts) {
  if (active.empty()) return;
  ++figures_.customers;
  growth_.add(active, amounts);
  for (std::size_t kind = 0; kind < options_.size(); ++kind)
    count_into(figures_.curves[kind], active, options_[kind]);
  const std::int64_t today = options_.front().today;
  const auto from = std::lower_bound(active.begin(), active.end(), today - kRecentDays);
  const auto to = std::lower_bound(from, active.end(), today);
  if (from == to) return;
  ++recent_customers_;
  recent_days_ += std::uint64_t(to - from);
  for (auto day = from; day != to; ++day)
    recent_amount_.add(exact(amounts[std::size_t(day - active.begin())]));
}

ActivityFigures ActivityCounter::figures() const {
  ActivityFigures figures = figures_;
  figures.months = growth_.months();
  if (recent_customers_ == 0) return figures;
  const double customers = static_cast<double>(recent_customers_);
  figures.daily_active = static_cast<double>(recent_days_) / customers / double(kRecentDays);
  figures.yearly_amount = recent_amount_.total() / customers * kYearDays / double(kRecentDays);
  return figures;
}

}  // namespace tideline
