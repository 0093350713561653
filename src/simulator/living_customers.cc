#include "simulator/living_customers.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "simulator/customer_day.h"

namespace tideline {
namespace {

// How many more portions of the day a customer gets at a speed above 1: whole ones, and one by
// chance.
std::uint32_t copies_at(const World& world, const SimulatedCustomer& customer, std::int64_t day,
                        double speed) {
  const double more = speed - 1.0;
  const double whole = std::floor(more);
  const std::uint64_t number =
      (std::uint64_t{customer.index} << 32) ^ static_cast<std::uint64_t>(day);
  Rng rng = Rng::stream(world.options().seed, "speed", number);
  return static_cast<std::uint32_t>(whole) + (rng.chance(more - whole) ? 1U : 0U);
}

// Sorts the events from `begin` on by time, equal times in the order they are in. Events are
// large, so keys are sorted and every event is moved once.
void sort_by_time(std::vector<Event>& events, std::size_t begin) {
  std::vector<std::pair<Time, std::size_t>> keys;
  keys.reserve(events.size() - begin);
  for (std::size_t i = begin; i < events.size(); ++i) keys.emplace_back(events[i].event_time, i);
  std::sort(keys.begin(), keys.end());
  std::vector<Event> sorted;
  sorted.reserve(keys.size());
  for (const auto& [time, index] : keys) sorted.push_back(std::move(events[index]));
  std::move(sorted.begin(), sorted.end(), events.begin() + std::ptrdiff_t(begin));
}

}  // namespace

bool kept_at(double speed, const Event& event) {
  return static_cast<double>(xxh64(event.message_id.str())) * 0x1.0p-64 < speed;
}

LivingCustomers::LivingCustomers(const World& world, std::uint32_t first, std::uint32_t count)
    : world_(world) {
  customers_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) add(first + i);
}

void LivingCustomers::add(std::uint32_t index) {
  customers_.push_back(make_customer(world_, index));
}

std::int64_t LivingCustomers::first_day() const {
  std::int64_t first = world_.last_day() + 1;
  for (const SimulatedCustomer& customer : customers_)
    first = std::min(first, customer.lived_from);
  return first;
}

void LivingCustomers::live_day(std::int64_t day, std::vector<Event>& out, double speed) {
  const bool seen = day >= world_.first_day();
  const std::size_t begin = out.size();
  for (SimulatedCustomer& customer : customers_) {
    if (day < customer.lived_from) continue;
    CustomerDay living(world_, customer, day, seen ? &out : nullptr);
    const std::size_t before = out.size();
    living.live();
    for (std::size_t i = before; i < out.size(); ++i) {
      if (in_history(world_, out[i])) ++customer.history_events;
    }
    if (speed <= 1) continue;
    const std::uint32_t copies = copies_at(world_, customer, day, speed);
    for (std::uint32_t copy = 1; copy <= copies; ++copy) living.live_again(copy);
  }
  if (speed < 1) {
    const auto dropped = [&](const Event& event) { return !kept_at(speed, event); };
    out.erase(std::remove_if(out.begin() + std::ptrdiff_t(begin), out.end(), dropped), out.end());
  }
  sort_by_time(out, begin);
}

LatentSample sample(const SimulatedCustomer& customer, std::int64_t day) {
  LatentSample state;
  state.at = start_of_day(day);
  state.gone = customer.stage == Stage::gone;
  state.satisfaction = satisfaction(customer);
  state.activity = customer.stage == Stage::here ? customer.activity : 0.0;
  state.leave_hazard = customer.last_day ? 1.0 : leave_hazard(customer, day);
  return state;
}

bool sample_due(const World& world, std::int64_t day) {
  const std::uint32_t every = world.options().sample_every_days;
  return every > 0 && day >= world.first_day() && day % every == 0 &&
         start_of_day(day) >= world.start();
}

Truth truth_of(const World& world, const SimulatedCustomer& customer) {
  Truth truth;
  const LatentSample last = sample(customer, world.last_day() + 1);
  truth.customer = customer.id;
  truth.joined = start_of_day(customer.joined_day);
  if (last.gone) truth.left = customer.left;
  truth.returned = customer.returned;
  truth.departures = customer.departures;
  truth.cause = customer.cause;
  truth.events = customer.history_events;
  truth.satisfaction = last.satisfaction;
  truth.activity = last.activity;
  truth.leave_hazard = last.leave_hazard;
  truth.leave_probability_30d = last.gone ? 1.0 : 1.0 - std::pow(1.0 - last.leave_hazard, 30.0);
  return truth;
}

}  // namespace tideline
