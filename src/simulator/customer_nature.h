// Nature: what does not change in a simulated customer's life, and the kinds of customers.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/rng.h"

namespace tideline {

enum class CustomerKind : std::uint8_t {
  pupil,   // all through the school year, little in the holidays
  exam,    // much for some months, until the examination
  adult,   // for the own pleasure or work, in the evening, whatever the season
  casual,  // now and then, easily lost
  family,  // several children, on a plan, hard to lose
};
inline constexpr std::size_t kCustomerKinds = 5;
[[nodiscard]] std::string_view name_of(CustomerKind kind);

struct Nature {
  CustomerKind kind = CustomerKind::pupil;
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
  double subscriber = 0;         // chance to be on a plan
  double seasonal = 0;           // how much the school year counts; 0..1
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
  bool by_campaign = false;  // joined in a campaign: for the price
  std::uint8_t region = 0;   // see region_name
  std::uint8_t subject = 0;  // see subject_name
};

[[nodiscard]] Nature draw_nature(Rng& rng, bool by_campaign);
[[nodiscard]] std::string_view region_name(std::uint8_t region);
[[nodiscard]] std::string_view subject_name(std::uint8_t subject);

}  // namespace tideline
