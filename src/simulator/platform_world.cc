#include "simulator/platform_world.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/hash.h"

namespace tideline {
namespace {

using Deed = PlatformDeed;

// What the lattice's dimensions are for.
enum Dimension : std::size_t {
  kInvolved,
  kVisits,
  kMinutes,
  kMessages,
  kStories,
  kMatches,
  kDates,
  kFeed,
  kLikes,
  kLeaves,
  kReturns,
  kPays,
  kPlan,
  kAge,
  kStage,
};
constexpr std::array<double, 16> kPrimes = {2,  3,  5,  7,  11, 13, 17, 19,
                                            23, 29, 31, 37, 41, 43, 47, 53};

// Customers join at a steady rate relative to those who are there, so that the mix of ages stays.
constexpr double kJoinYears = 6;            // mean time since joining
constexpr std::int64_t kUnseenDays = 400;   // lived before the history, for premium and stages
constexpr double kLeaveTypical = 0.0048;    // a day
constexpr std::int64_t kOldest = 40 * 365;  // days

// A visit day's rates at level 0, and how much customers differ in them (standard deviation of the
// log). `scored`: part of the engagement score, so moved by level and involvement.
struct DeedRate {
  Deed deed;
  double rate;
  bool scored;
};
constexpr std::array<DeedRate, 17> kRates = {{{Deed::feed_viewed, 0.22, false},
                                              {Deed::story_posted, 0.12, true},
                                              {Deed::story_viewed, 0.78, true},
                                              {Deed::conversation_started, 0.10, true},
                                              {Deed::conversation_prompt_used, 0.05, true},
                                              {Deed::message_sent, 0.92, true},
                                              {Deed::message_received, 0.40, true},
                                              {Deed::like_given, 0.22, false},
                                              {Deed::like_received, 0.20, false},
                                              {Deed::match_made, 0.24, true},
                                              {Deed::date_proposed, 0.165, true},
                                              {Deed::profile_updated, 0.01, false},
                                              {Deed::creator_followed, 0.03, false},
                                              {Deed::friend_added, 0.04, false},
                                              {Deed::boost_bought, 0.01, false},
                                              {Deed::report_filed, 0.002, false},
                                              {Deed::support_ticket_opened, 0.003, false}}};
constexpr double kMinutesTypical = 9.5;
// What all facets of a customer have in common, against what each has of its own.
constexpr double kShared = 0.5;
// The chance to come on a day, log-odds: who is here comes nearly every day, so that silence soon
// tells who is not.
constexpr double kVisitsTypical = 2.4;
constexpr double kVisitsInvolved = 0.22;
constexpr double kVisitsSpread = 0.22;

// The lattice dimension in which customers differ in a deed.
std::size_t facet_of(Deed deed) {
  switch (deed) {
    case Deed::story_posted:
    case Deed::story_viewed: return kStories;
    case Deed::conversation_started:
    case Deed::conversation_prompt_used:
    case Deed::message_sent:
    case Deed::message_received: return kMessages;
    case Deed::match_made: return kMatches;
    case Deed::date_proposed: return kDates;
    case Deed::like_given:
    case Deed::like_received: return kLikes;
    default: return kFeed;
  }
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

double normal_quantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  constexpr double kTail = 0.02425;
  if (p < kTail || p > 1 - kTail) {
    const double q = std::sqrt(-2 * std::log(std::min(p, 1 - p)));
    const double x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
                     ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    return p < kTail ? x : -x;
  }
  const double q = p - 0.5;
  const double r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

Status check(const PlatformOptions& options) {
  const auto out_of_range = [](const std::string& what) {
    return fail(ErrorCode::invalid, what, "usage");
  };
  if (options.customers < 1 || options.customers > 10'000'000)
    return out_of_range("customers must be 1 to 10000000");
  if (options.days < 30 || options.days > 3'650) return out_of_range("days must be 30 to 3650");
  constexpr Time kEarliest = Time(std::chrono::sys_days(std::chrono::year(1985) / 1 / 1));
  constexpr Time kLatest = Time(std::chrono::sys_days(std::chrono::year(2199) / 1 / 1));
  if (options.end < kEarliest || options.end > kLatest)
    return out_of_range("the end of a simulated history must lie in the years 1985 to 2198");
  if (options.end != start_of_day(day_index(options.end)))
    return out_of_range("the end of a simulated platform's history is a day, 00:00 UTC");
  if (!(options.planted_gap >= 0 && options.planted_gap <= 0.4))
    return out_of_range("the planted gap must be 0 to 0.4");
  const PlatformTargets& t = options.targets;
  if (!(t.engagement >= 0.1 && t.engagement <= 0.6))
    return out_of_range("the mean engagement must be 0.1 to 0.6");
  if (!(t.high_share >= 0.001 && t.high_share <= 0.5))
    return out_of_range("the share of high engagement must be 0.001 to 0.5");
  if (!(t.churn >= 0.2 && t.churn <= 0.8)) return out_of_range("the churn must be 0.2 to 0.8");
  if (!(t.premium >= 0.01 && t.premium <= 0.4))
    return out_of_range("the share of premium must be 0.01 to 0.4");
  if (!(t.revenue >= 5 && t.revenue <= 10'000))
    return out_of_range("the revenue must be 5 to 10000 a customer and year");
  return {};
}

PlatformWorld::PlatformWorld(const PlatformOptions& options, const PlatformLevels& levels)
    : options_(options), levels_(levels) {
  first_day_ = day_index(options.end) - options.days;
  const std::string identity =
      "platform/" + std::to_string(options.seed) + '/' + std::to_string(millis(options.end)) +
      '/' + std::to_string(options.days) + '/' + std::to_string(options.customers);
  tag_ = xxh3_128(identity).hex().substr(0, 6);
  Rng rng = Rng::stream(options.seed, "platform lattice");
  for (double& shift : shift_) shift = rng.uniform();
}

CustomerId PlatformWorld::customer_id(std::uint32_t index) const {
  const std::string digits = std::to_string(index + 1ULL);
  return CustomerId('p' + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits);
}

double PlatformWorld::point(std::uint32_t index, std::size_t dimension) const {
  const double x = shift_[dimension] + (index + 1.0) * std::sqrt(kPrimes[dimension]);
  return std::clamp(x - std::floor(x), 1e-9, 1 - 1e-9);
}

PlatformNature PlatformWorld::nature(std::uint32_t index) const {
  const auto z = [&](std::size_t dimension) { return normal_quantile(point(index, dimension)); };
  PlatformNature nature;
  nature.involvement = z(kInvolved);
  const double common = levels_.level + kShared * levels_.spread * nature.involvement;
  nature.visit_chance = std::clamp(
      logistic(kVisitsTypical + kVisitsInvolved * nature.involvement + kVisitsSpread * z(kVisits)),
      0.55, 0.97);
  nature.minutes = kMinutesTypical * std::exp(common + levels_.spread * z(kMinutes));
  for (const DeedRate& of : kRates) {
    const double own = levels_.spread * z(facet_of(of.deed));
    nature.rates[std::size_t(of.deed)] = of.rate * std::exp((of.scored ? common : 0) + own);
  }
  // Who is involved is harder to lose and easier to win back.
  nature.leave_chance = kLeaveTypical * std::exp(-0.2 * nature.involvement + 0.4 * z(kLeaves));
  nature.return_chance =
      std::min(0.5, levels_.return_a_day * std::exp(0.1 * nature.involvement + 0.4 * z(kReturns)));
  nature.pays = point(index, kPays) < levels_.payers;
  const double plan = point(index, kPlan);
  nature.plan = plan < 0.5 ? 0.7 : plan < 0.85 ? 1.1 : 1.8;
  nature.premium_chance = 1.0 / 12;
  return nature;
}

PlatformBeginning PlatformWorld::begin(std::uint32_t index) const {
  PlatformBeginning out;
  Rng rng = Rng::stream(options_.seed, "platform customer", index);
  out.life.nature = nature(index);
  // Independent of all above.
  Rng person = Rng::stream(options_.seed, "platform person", index);
  const double sex = person.uniform();
  out.gender = sex < 0.48 ? "woman" : sex < 0.96 ? "man" : "other";
  constexpr std::array<std::string_view, 5> kAges = {"18-24", "25-34", "35-44", "45-54", "55+"};
  constexpr std::array<std::string_view, 5> kRegions = {"north", "south", "east", "west",
                                                        "overseas"};
  out.age_band = kAges[person.below(kAges.size())];
  out.region = kRegions[person.below(kRegions.size())];
  out.life.nature.hour = 15 + 4 * person.normal();
  const double gap = options_.planted_gap / (1 - options_.targets.churn);
  out.life.nature.stays_away = person.chance(gap) && out.gender == "woman";

  const double age = -kJoinYears * 365 * std::log(1 - point(index, kAge));
  const std::int64_t end = end_day();
  out.joined_day = end - 1 - std::min(kOldest, static_cast<std::int64_t>(age));
  out.lived_from = std::max(out.joined_day, first_day_ - kUnseenDays);
  // Who joins is here; the longer ago, the more like everybody.
  if (out.lived_from > out.joined_day) {
    const PlatformNature& n = out.life.nature;
    const double leave = n.leave_chance;
    const double back = n.return_chance;
    const double settled = back / (back + leave);
    const double since = double(out.lived_from - out.joined_day);
    const double here = settled + (1 - settled) * std::exp(-(leave + back) * since);
    if (point(index, kStage) >= here) out.life.stage = PlatformStage::away;
  }
  if (out.life.nature.stays_away) {
    out.life.nature.return_chance = 0;
    out.life.nature.leave_chance = 0.2;
    if (out.lived_from > out.joined_day) out.life.stage = PlatformStage::away;
  }
  out.life.rng = rng;
  return out;
}

}  // namespace tideline
