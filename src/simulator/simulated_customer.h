// SimulatedCustomer: one customer's nature and hidden state, as a value that can be copied and
// carried on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/world.h"

namespace tideline {

// What a customer suffers from, each a level >= 0 that fades by itself.
enum class Pain : std::uint8_t { tutor, cancellations, payments, replies };
inline constexpr std::size_t kPains = 4;

// What does not change in a life.
struct Nature {
  double sessions_a_week = 0;  // need, when content
  double digital = 0;          // visits to the site, 1 is usual
  double talkative = 0;        // messages, 1 is usual
  double reply_hours = 0;      // the customer's own median time to answer
  double contact = 0;          // calls and tickets, 1 is usual
  double cancel_rate = 0;      // chance to cancel a booked session, when content
  double no_show_rate = 0;
  double reschedule_rate = 0;
  double rating_share = 0;       // sessions that get a rating
  double rating_bias = 0;        // points
  double payment_failure = 0;    // chance that a sound card fails
  double price_sensitivity = 0;  // 0..1
  double mood = 0;               // long-run satisfaction before what happens, log-odds
  double fragility = 0;          // how much bad experiences count, 1 is usual
  double restless = 0;           // added to the log of the hazard of leaving
  double decline_days = 0;       // how long the way from the decision to the last day tends to be
  double goal_days = 0;          // life after which the need is met
  double weekend = 0;            // factor on Saturday and Sunday
  std::int32_t utc_offset_h = 0;
  double peak_hour = 0;  // local
  double session_minutes = 0;
  bool mobile = false;
  std::uint8_t region = 0;   // index into kRegions
  std::uint8_t subject = 0;  // index into kSubjects
};

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

  std::uint32_t departures = 0;
  LeaveCause cause = LeaveCause::none;
  Time left{};  // of the latest departure
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
// The largest part of the hazard; `drift` when none stands out.
[[nodiscard]] LeaveCause leave_cause(const SimulatedCustomer& customer, std::int64_t day);

[[nodiscard]] std::string_view region_name(std::uint8_t region);
[[nodiscard]] std::string_view subject_name(std::uint8_t subject);

}  // namespace tideline
