#include "simulator/calendar.h"

#include <algorithm>
#include <array>

#include "base/rng.h"

namespace tideline {
namespace {

// Need for lessons in the middle of each month, January first: terms, examinations in May, the
// long holidays of summer, the short ones of December. Its mean is 1.
constexpr std::array<double, 12> kMonths = {1.12, 1.14, 1.16, 1.14, 1.26, 0.96,
                                            0.52, 0.56, 1.02, 1.12, 1.14, 0.86};
constexpr double kDaysAYear = 365.25;

// Each of these happens at most once in a period of so many days and ends within it, so that a day
// asks for one period only.
constexpr std::int64_t kCampaignPeriod = 91;
constexpr double kCampaignChance = 0.75;
constexpr double kCampaignDraw = 2.4;
constexpr std::int64_t kPricePeriod = 260;
constexpr double kPriceChance = 0.8;
constexpr std::int64_t kPriceHolds = 90;  // days at the full height
constexpr std::int64_t kPriceFades = 60;  // days until it is gone
constexpr std::int64_t kOutagePeriod = 36;
constexpr double kOutageChance = 0.75;

}  // namespace

double Calendar::season(std::int64_t day) const {
  const double year = static_cast<double>(day) / kDaysAYear;
  const double month = 12.0 * (year - static_cast<double>(static_cast<std::int64_t>(year))) + 11.5;
  const auto before = static_cast<std::size_t>(month);
  const double within = month - static_cast<double>(before);
  return (1.0 - within) * kMonths[before % 12] + within * kMonths[(before + 1) % 12];
}

bool Calendar::campaign(std::int64_t day) const {
  const std::int64_t period = day / kCampaignPeriod;
  Rng rng = Rng::stream(seed_, "campaign", static_cast<std::uint64_t>(period));
  if (!rng.chance(kCampaignChance)) return false;
  const auto length = 7 + static_cast<std::int64_t>(rng.below(8));
  const auto latest = static_cast<std::uint64_t>(kCampaignPeriod - length);
  const std::int64_t first =
      period * kCampaignPeriod + static_cast<std::int64_t>(rng.below(latest));
  return day >= first && day < first + length;
}

double Calendar::price_level(std::int64_t day) const {
  const std::int64_t period = day / kPricePeriod;
  Rng rng = Rng::stream(seed_, "price shock", static_cast<std::uint64_t>(period));
  if (!rng.chance(kPriceChance)) return 1;
  const double height = rng.uniform(0.12, 0.28);
  constexpr auto kLatest = static_cast<std::uint64_t>(kPricePeriod - kPriceHolds - kPriceFades);
  const std::int64_t since =
      day - period * kPricePeriod - static_cast<std::int64_t>(rng.below(kLatest));
  if (since < 0 || since >= kPriceHolds + kPriceFades) return 1;
  if (since < kPriceHolds) return 1 + height;
  return 1 + height * static_cast<double>(kPriceHolds + kPriceFades - since) / double(kPriceFades);
}

double Calendar::draw(std::int64_t day) const {
  return std::min(kMostDraw, season(day) * (campaign(day) ? kCampaignDraw : 1.0));
}

void Calendar::add_outages(std::int64_t day, std::vector<Outage>& out) const {
  const std::int64_t period = day / kOutagePeriod;
  Rng rng = Rng::stream(seed_, "outage", static_cast<std::uint64_t>(period));
  if (!rng.chance(kOutageChance)) return;
  Outage outage;
  outage.payments = rng.chance(0.45);
  const Duration length(static_cast<std::int64_t>(rng.uniform(1.0, 9.0) * double(kHour.count())));
  const Duration span = kOutagePeriod * kDay - length;
  outage.from = start_of_day(period * kOutagePeriod) +
                Duration(static_cast<std::int64_t>(rng.uniform() * double(span.count())));
  outage.until = outage.from + length;
  if (outage.from < start_of_day(day + 1) && outage.until > start_of_day(day))
    out.push_back(outage);
}

DayConditions Calendar::conditions(std::int64_t day) const {
  DayConditions conditions;
  conditions.day = day;
  conditions.season = season(day);
  conditions.campaign = campaign(day);
  conditions.price_level = price_level(day);
  add_outages(day, conditions.outages);
  return conditions;
}

}  // namespace tideline
