#include "simulator/living_customers.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "simulator/customer_day.h"

namespace tideline {
// Events are large, so keys are sorted and every event is moved once.
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

void LivingCustomers::live_day(std::int64_t day, std::vector<Event>& out) {
  const bool seen = day >= world_.first_day();
  const DayConditions conditions = world_.calendar().conditions(day);
  const std::size_t begin = out.size();
  for (SimulatedCustomer& customer : customers_) {
    if (day < customer.lived_from) continue;
    const std::size_t before = out.size();
    CustomerDay(world_, conditions, customer, seen ? &out : nullptr).live();
    for (std::size_t i = before; i < out.size(); ++i) {
      if (in_history(world_, out[i])) ++customer.history_events;
    }
  }
  sort_by_time(out, begin);
}

void LivingCustomers::live_part(Time from, Time until, double times, std::string_view lane,
                                std::vector<Event>& out) {
  const DayConditions conditions = world_.calendar().conditions(day_index(from));
  for (SimulatedCustomer& customer : customers_) {
    CustomerDay(world_, conditions, customer, &out).live_part(from, until, times, lane);
  }
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
  truth.kind = customer.nature.kind;
  truth.joined = start_of_day(customer.joined_day);
  truth.decline_cause = customer.decline_cause;
  if (customer.decline_cause != DeclineCause::none)
    truth.decline_began = start_of_day(customer.decline_began);
  if (last.gone) truth.left = customer.left;
  truth.returned = customer.returned;
  truth.departures = customer.departures;
  truth.leave_cause = customer.leave_cause;
  truth.events = customer.history_events;
  truth.satisfaction = last.satisfaction;
  truth.activity = last.activity;
  truth.leave_hazard = last.leave_hazard;
  truth.leave_probability_30d = last.gone ? 1.0 : 1.0 - std::pow(1.0 - last.leave_hazard, 30.0);
  return truth;
}

}  // namespace tideline
