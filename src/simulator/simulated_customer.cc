#include "simulator/simulated_customer.h"

#include <algorithm>
#include <cmath>

namespace tideline {
namespace {

constexpr std::array<std::string_view, 5> kRegions = {"us_west", "us_east", "uk", "europe",
                                                      "india"};
constexpr std::array<std::int32_t, 5> kUtcOffsets = {-8, -5, 0, 1, 5};
constexpr std::array<double, 5> kRegionShares = {0.2, 0.35, 0.2, 0.15, 0.1};
constexpr std::array<std::string_view, 6> kSubjects = {"maths",   "physics", "english",
                                                       "spanish", "coding",  "music"};

constexpr std::int64_t kDaysLivedBefore = 45;  // unseen, so that old customers begin in mid-life

// Hazard: kHazardBase is the log of the daily chance at satisfaction logit 1 and a restlessness of
// 0.
constexpr double kHazardBase = -8.0;
constexpr double kHazardSatisfaction = 2.4;
constexpr double kHazardPrice = 1.0;
constexpr double kHazardGoal = 4.6;
constexpr double kHazardNewcomer = 0.8;
constexpr double kNewcomerDays = 25;
constexpr double kHazardHighest = 0.2;

std::uint8_t draw_region(Rng& rng) {
  double left = rng.uniform();
  for (std::uint8_t i = 0; i + 1U < kRegions.size(); ++i) {
    left -= kRegionShares[i];
    if (left < 0) return i;
  }
  return static_cast<std::uint8_t>(kRegions.size() - 1);
}

double draw_peak_hour(Rng& rng) {
  const double kind = rng.uniform();
  if (kind < 0.68) return rng.uniform(17.5, 20.5);  // evening
  if (kind < 0.88) return rng.uniform(14.0, 17.0);
  return rng.uniform(8.5, 11.5);
}

Nature draw_nature(Rng& rng) {
  Nature n;
  n.sessions_a_week = std::clamp(1.6 * std::exp(0.5 * rng.normal()), 0.4, 4.5);
  n.digital = rng.gamma(2.5, 0.4);
  n.talkative = rng.gamma(2.0, 0.5);
  n.reply_hours = 2.5 * std::exp(0.8 * rng.normal());
  n.contact = rng.gamma(1.2, 1.0 / 1.2);
  n.cancel_rate = rng.beta(1.6, 18.0);
  n.no_show_rate = rng.beta(1.1, 45.0);
  n.reschedule_rate = rng.beta(1.4, 20.0);
  n.rating_share = rng.beta(3.0, 2.0);
  n.rating_bias = 0.35 * rng.normal();
  n.payment_failure = rng.beta(1.0, 40.0);
  n.price_sensitivity = rng.beta(2.0, 3.0);
  n.mood = 1.2 + 0.6 * rng.normal();
  n.fragility = std::exp(0.4 * rng.normal());
  // Who needs and uses little is easier to lose.
  n.restless =
      0.35 * rng.normal() - 0.9 * (n.digital - 1.0) - 1.0 * std::log(n.sessions_a_week / 1.6);
  n.decline_days = rng.chance(0.25) ? 2.0 : 26.0;
  n.goal_days = 90.0 + rng.exponential(600.0);
  n.weekend = std::exp(0.45 * rng.normal());
  n.region = draw_region(rng);
  n.utc_offset_h = kUtcOffsets[n.region];
  n.peak_hour = draw_peak_hour(rng);
  constexpr std::array<double, 4> kLengths = {30, 45, 60, 90};
  n.session_minutes = kLengths[rng.below(kLengths.size())];
  n.mobile = rng.chance(0.45);
  n.subject = static_cast<std::uint8_t>(rng.below(kSubjects.size()));
  return n;
}

double squash(double x) { return 1.0 / (1.0 + std::exp(-x)); }

double pain_sum(const SimulatedCustomer& customer) {
  double sum = 0;
  for (const double pain : customer.pains) sum += pain;
  return sum;
}

}  // namespace

std::string_view region_name(std::uint8_t region) { return kRegions[region]; }
std::string_view subject_name(std::uint8_t subject) { return kSubjects[subject]; }

SimulatedCustomer make_customer(const World& world, std::uint32_t index) {
  SimulatedCustomer c;
  c.index = index;
  c.id = world.customer_id(index);
  c.message_prefix = world.message_prefix(c.id);
  c.joined_day = world.joining_day(index);
  c.lived_from = std::max(c.joined_day, world.first_day() - kDaysLivedBefore);
  c.stage_day = c.joined_day;
  Rng nature = Rng::stream(world.options().seed, "nature", index);
  // Who is still here after a long time is more settled than a newcomer: survivors are drawn by
  // rejection.
  const auto tenure = static_cast<double>(world.first_day() - c.joined_day);
  for (int attempt = 0; attempt < 20; ++attempt) {
    c.nature = draw_nature(nature);
    if (tenure <= 0) break;
    const double hazard = std::exp(kHazardBase + c.nature.restless);
    const bool goal_ahead = c.nature.goal_days > tenure;
    if (goal_ahead && nature.chance(std::exp(-1.6 * hazard * tenure))) break;
  }
  c.rng = Rng::stream(world.options().seed, "life", index);
  c.mood = c.nature.mood + 0.3 * c.rng.normal();
  return c;
}

double satisfaction_logit(const SimulatedCustomer& customer) {
  return customer.mood - customer.nature.fragility * pain_sum(customer) -
         0.5 * customer.price_pressure;
}

double satisfaction(const SimulatedCustomer& customer) {
  return squash(satisfaction_logit(customer));
}

double goal_met(const SimulatedCustomer& customer, std::int64_t day) {
  const auto lived = static_cast<double>(day - customer.stage_day);
  return squash((lived - customer.nature.goal_days) / 18.0);
}

double leave_hazard(const SimulatedCustomer& c, std::int64_t day) {
  if (c.stage != Stage::here || c.last_day) return 0;
  const auto lived = static_cast<double>(day - c.stage_day);
  const double log_hazard = kHazardBase + c.nature.restless +
                            kHazardSatisfaction * (1.0 - satisfaction_logit(c)) +
                            kHazardPrice * c.price_pressure + kHazardGoal * goal_met(c, day) +
                            kHazardNewcomer * std::exp(-lived / kNewcomerDays);
  return std::min(kHazardHighest, std::exp(log_hazard));
}

LeaveCause leave_cause(const SimulatedCustomer& c, std::int64_t day) {
  constexpr double kStandsOut = 0.35;  // less than this is noise beside restlessness and mood
  const double weight = kHazardSatisfaction * c.nature.fragility;
  const std::array<double, 6> parts = {
      weight * c.pains[0],
      weight * c.pains[1],
      weight * c.pains[2],
      weight * c.pains[3],
      (kHazardPrice + 0.5 * kHazardSatisfaction) * c.price_pressure,
      kHazardGoal * goal_met(c, day)};
  constexpr std::array<LeaveCause, 6> kCauses = {LeaveCause::tutor,    LeaveCause::cancellations,
                                                 LeaveCause::payments, LeaveCause::replies,
                                                 LeaveCause::price,    LeaveCause::goal};
  const auto largest = std::max_element(parts.begin(), parts.end());
  if (*largest < kStandsOut) return LeaveCause::drift;
  return kCauses[static_cast<std::size_t>(largest - parts.begin())];
}

}  // namespace tideline
