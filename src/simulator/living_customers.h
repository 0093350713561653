// LivingCustomers: a range of simulated customers, lived day by day together.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "simulator/simulated_customer.h"

namespace tideline {

class LivingCustomers {
 public:
  // Customers [first, first + count). `world` must outlive the object.
  LivingCustomers(const World& world, std::uint32_t first, std::uint32_t count);

  // The first day that any customer lives.
  [[nodiscard]] std::int64_t first_day() const;
  // Lives one day after the other. Appends the day's events in time order (ties: by customer, then
  // as they arose); days before the history are lived unseen.
  void live_day(std::int64_t day, std::vector<Event>& out);
  // Appends, in no order, what everybody may begin to do once more in a part of the day that was
  // lived last: see CustomerDay::live_part.
  void live_part(Time from, Time until, double times, std::string_view lane,
                 std::vector<Event>& out);
  // Takes in the customer who joins next.
  void add(std::uint32_t index);

  [[nodiscard]] const std::vector<SimulatedCustomer>& customers() const { return customers_; }

 private:
  const World& world_;
  std::vector<SimulatedCustomer> customers_;
};

// The hidden state at 00:00 UTC of a day, before the day is lived.
[[nodiscard]] LatentSample sample(const SimulatedCustomer& customer, std::int64_t day);
// What is true of a customer when the history is lived; the samples are the caller's to fill.
[[nodiscard]] Truth truth_of(const World& world, const SimulatedCustomer& customer);
// Sorts the events from `begin` on by time, equal times in the order they are in.
void sort_by_time(std::vector<Event>& events, std::size_t begin = 0);
// True when a LatentSample is due at the beginning of the day.
[[nodiscard]] bool sample_due(const World& world, std::int64_t day);
// Whether an event stays at a speed below 1: an even share, chosen by its id.
[[nodiscard]] bool kept_at(double speed, const Event& event);
// True when the event belongs to the history: [start, end).
[[nodiscard]] inline bool in_history(const World& world, const Event& event) {
  return event.event_time >= world.start() && event.event_time < world.end();
}

}  // namespace tideline
