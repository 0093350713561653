// SimulatedCustomer: one customer's nature and hidden state, as a value that can be copied and
// carried on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/customer_nature.h"
#include "simulator/decline.h"
#include "simulator/world.h"

namespace tideline {

// What a customer suffers from, each a level >= 0 that fades by itself.
enum class Pain : std::uint8_t { tutor, cancellations, payments, replies, support, outages };
inline constexpr std::size_t kPains = 6;

struct Booking {
  Time at{};
  std::uint32_t tutor = 0;
};

// A payment that is to be tried (again).
struct Bill {
  std::int64_t day = 0;
  double amount = 0;
  std::uint8_t tries = 0;
  bool subscription = false;
};

enum class Stage : std::uint8_t { not_joined, here, gone };

struct SimulatedCustomer {
  std::uint32_t index = 0;
  CustomerId id;
  std::string message_prefix;
  Nature nature;
  Rng rng{0};
  std::uint64_t sent = 0;  // events numbered so far
  std::uint64_t history_events = 0;

  Stage stage = Stage::not_joined;
  std::int64_t joined_day = 0;
  std::int64_t lived_from = 0;  // first day that is lived; later than joined_day for old customers
  std::int64_t stage_day = 0;   // first day of the present stay
  std::optional<std::int64_t> return_day;        // while gone
  std::optional<std::int64_t> last_day;          // once the decision to leave is made
  std::optional<std::int64_t> subscribed_until;  // next day of payment
  std::int64_t away_until = 0;                   // a break; no sessions before this day
  bool introduced = false;                       // identify was sent

  double mood = 0;      // log-odds, wanders around nature.mood
  double felt = 0;      // satisfaction as log-odds, as it was over the last weeks
  double activity = 1;  // follows satisfaction with a lag
  std::array<double, kPains> pains{};
  double price_pressure = 0;
  std::uint32_t tutor = 0;
  double match = 0;  // 0..1, how well the tutor fits
  std::int64_t tutor_since = 0;
  bool card_broken = false;
  std::vector<Booking> bookings;
  std::vector<Bill> bills;
  std::vector<Event> later;  // events of chains begun before, due on a later day

  Decline decline;                                  // the planted one
  DeclineCause decline_cause = DeclineCause::none;  // of the latest decline that has begun
  std::int64_t decline_began = 0;                   // its first day

  std::uint32_t departures = 0;
  DeclineCause leave_cause = DeclineCause::none;  // of the latest departure
  Time left{};                                    // of the latest departure
  std::optional<Time> returned;
};

// The customer before the first day lived.
[[nodiscard]] SimulatedCustomer make_customer(const World& world, std::uint32_t index);

// Satisfaction as log-odds, and squashed to 0..1.
[[nodiscard]] double satisfaction_logit(const SimulatedCustomer& customer);
[[nodiscard]] double satisfaction(const SimulatedCustomer& customer);
// 0 while the need is far from met, rising to 1 around the end of nature.goal_days.
[[nodiscard]] double goal_met(const SimulatedCustomer& customer, std::int64_t day);
// Chance to decide to leave on this day; 0 unless the customer is here.
[[nodiscard]] double leave_hazard(const SimulatedCustomer& customer, std::int64_t day);
// The largest part of the hazard: `drift` when the mood is, or none stands out.
[[nodiscard]] DeclineCause pressing_cause(const SimulatedCustomer& customer, std::int64_t day);

}  // namespace tideline
