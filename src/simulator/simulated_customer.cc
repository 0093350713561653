#include "simulator/simulated_customer.h"

#include <algorithm>
#include <cmath>

namespace tideline {
namespace {

constexpr std::int64_t kDaysLivedBefore = 45;  // unseen, so that old customers begin in mid-life

// Hazard: kHazardBase is the log of the daily chance at satisfaction logit 1 and a restlessness of
// 0.
constexpr double kHazardBase = -9.8;
constexpr double kHazardSatisfaction = 3.6;
constexpr double kHazardPrice = 1.0;
constexpr double kHazardGoal = 4.6;
constexpr double kHazardNewcomer = 0.8;
constexpr double kNewcomerDays = 25;
constexpr double kHazardHighest = 0.2;

double squash(double x) { return 1.0 / (1.0 + std::exp(-x)); }

double pain_sum(const SimulatedCustomer& customer) {
  double sum = 0;
  for (const double pain : customer.pains) sum += pain;
  return sum;
}

}  // namespace

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
  const bool by_campaign = world.calendar().campaign(c.joined_day) && nature.chance(0.6);
  for (int attempt = 0; attempt < 20; ++attempt) {
    c.nature = draw_nature(nature, by_campaign);
    if (tenure <= 0) break;
    const double hazard = std::exp(kHazardBase + c.nature.restless);
    const bool goal_ahead = c.nature.goal_days > tenure;
    if (goal_ahead && nature.chance(std::exp(-1.6 * hazard * tenure))) break;
  }
  Rng planted = Rng::stream(world.options().seed, "decline", index);
  c.decline = draw_decline(planted, c.nature.kind, c.lived_from);
  c.rng = Rng::stream(world.options().seed, "life", index);
  c.mood = c.nature.mood + 0.3 * c.rng.normal();
  c.felt = c.mood;
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
                            kHazardSatisfaction * (1.0 - c.felt) +
                            kHazardPrice * c.price_pressure + kHazardGoal * goal_met(c, day) +
                            kHazardNewcomer * std::exp(-lived / kNewcomerDays);
  return std::min(kHazardHighest, std::exp(log_hazard));
}

DeclineCause pressing_cause(const SimulatedCustomer& c, std::int64_t day) {
  constexpr double kStandsOut = 0.35;  // less than this is noise beside restlessness and mood
  const double weight = kHazardSatisfaction * c.nature.fragility;
  const double gloom = c.nature.mood - c.mood;  // beyond the usual wandering it is drift
  const std::array<double, 9> parts = {
      weight * c.pains[0],
      weight * c.pains[1],
      weight * c.pains[2],
      weight * c.pains[3],
      weight * c.pains[4],
      weight * c.pains[5],
      (kHazardPrice + 0.5 * kHazardSatisfaction) * c.price_pressure,
      kHazardGoal * goal_met(c, day),
      kHazardSatisfaction * std::max(0.0, gloom - 0.6)};
  constexpr std::array<DeclineCause, 9> kCauses = {
      DeclineCause::tutor,   DeclineCause::cancellations, DeclineCause::payments,
      DeclineCause::replies, DeclineCause::support,       DeclineCause::outage,
      DeclineCause::price,   DeclineCause::goal,          DeclineCause::drift};
  const auto largest = std::max_element(parts.begin(), parts.end());
  if (*largest < kStandsOut) return DeclineCause::drift;
  return kCauses[static_cast<std::size_t>(largest - parts.begin())];
}

}  // namespace tideline
