#include "simulator/platform_life.h"

#include <algorithm>
#include <cmath>

namespace tideline {
namespace {

using Deed = PlatformDeed;

constexpr std::size_t at(Deed deed) { return static_cast<std::size_t>(deed); }

// Most who leave do so from one day to the next. Cooling down: comes less and does less for about
// a week, then stays away or gets over it.
constexpr double kLeavesAtOnce = 0.94;  // of those who begin to leave
constexpr double kCoolVisits = 0.5;
constexpr double kCoolDeeds = 0.6;
constexpr double kCoolEnds = 1.0 / 6;  // a day
constexpr double kCoolRecovers = 0.2;  // of these

constexpr double kPremiumEndsHere = 1.0 / 240;  // a day
constexpr double kPremiumEndsAway = 1.0 / 40;
constexpr double kPaymentFails = 0.06;
constexpr int kMostTries = 3;
constexpr int kBillDays = 30;

constexpr double kNotifiedHere = 0.25;  // a day
constexpr double kNotifiedAway = 0.12;
constexpr double kLikedAway = 0.015;  // share of the rate of who is here

// By one number drawn, and never falling when the mean rises: lives stay comparable when levels
// change.
std::uint16_t poisson(Rng& rng, double mean) {
  const double u = rng.uniform();
  double chance = std::exp(-mean);
  double below = chance;
  std::uint16_t count = 0;
  while (u >= below && count < 1000) {
    chance *= mean / ++count;
    below += chance;
  }
  return count;
}

std::uint16_t binomial(Rng& rng, unsigned n, double p) {
  std::uint16_t hits = 0;
  for (unsigned i = 0; i < n; ++i) hits += rng.chance(p) ? 1 : 0;
  return hits;
}

}  // namespace

std::string_view name_of(PlatformStage stage) {
  constexpr std::array<std::string_view, 3> kNames = {"here", "cooling", "away"};
  return kNames[static_cast<std::size_t>(stage)];
}

void PlatformLife::change_stage() {
  switch (stage) {
    case PlatformStage::here:
      if (!rng.chance(nature.leave_chance)) return;
      stage = rng.chance(kLeavesAtOnce) ? PlatformStage::away : PlatformStage::cooling;
      return;
    case PlatformStage::cooling:
      if (!rng.chance(kCoolEnds)) return;
      stage = rng.chance(kCoolRecovers) ? PlatformStage::here : PlatformStage::away;
      return;
    case PlatformStage::away:
      if (rng.chance(nature.return_chance)) stage = PlatformStage::here;
      return;
  }
}

void PlatformLife::do_deeds(PlatformDay& day) {
  Rng luck(rng.next());
  const bool away = stage == PlatformStage::away;
  const double less = stage == PlatformStage::cooling ? kCoolDeeds : 1;
  auto& n = day.deeds;
  const auto some = [&](Deed deed, double factor) {
    n[at(deed)] = poisson(luck, nature.rates[at(deed)] * factor);
  };
  n[at(Deed::notification_received)] = poisson(luck, away ? kNotifiedAway : kNotifiedHere);
  some(Deed::like_received, away ? kLikedAway : less);
  if (!day.visit) return;
  day.minutes = std::min(600.0, std::round(10 * luck.gamma(2, nature.minutes / 2 * less)) / 10);
  for (const Deed deed :
       {Deed::feed_viewed, Deed::story_posted, Deed::story_viewed, Deed::conversation_started,
        Deed::conversation_prompt_used, Deed::message_sent, Deed::message_received,
        Deed::like_given, Deed::match_made, Deed::date_proposed, Deed::profile_updated,
        Deed::creator_followed, Deed::friend_added, Deed::report_filed,
        Deed::support_ticket_opened}) {
    some(deed, less);
  }
  n[at(Deed::story_prompt_answered)] = binomial(luck, n[at(Deed::story_posted)], 0.3);
  n[at(Deed::date_accepted)] = binomial(luck, n[at(Deed::date_proposed)], kDateAccepted);
  n[at(Deed::date_completed)] =
      binomial(luck, n[at(Deed::date_accepted)], kDatesKept / kDateAccepted);
  n[at(Deed::notification_opened)] = binomial(luck, n[at(Deed::notification_received)], 0.4);
  if (nature.pays) some(Deed::boost_bought, less);
}

void PlatformLife::handle_premium(PlatformDay& day) {
  if (!nature.pays) return;
  if (!premium) {
    if (!day.visit || !rng.chance(nature.premium_chance)) return;
    premium = day.premium_started = true;
    bill_in = 0;
    tries = 0;
  } else if (rng.chance(stage == PlatformStage::away ? kPremiumEndsAway : kPremiumEndsHere)) {
    premium = false;
    day.premium_cancelled = true;
    return;
  }
  if (bill_in > 0) {
    --bill_in;
    return;
  }
  // The first payment opens premium, so it goes through.
  if (!day.premium_started && rng.chance(kPaymentFails)) {
    day.premium_failed = true;
    if (++tries < kMostTries) return;
    premium = false;
    day.premium_cancelled = true;
    return;
  }
  day.premium_paid = true;
  tries = 0;
  bill_in = kBillDays - 1;
}

bool PlatformLife::move_on() {
  change_stage();
  if (stage == PlatformStage::away) return false;
  return rng.chance(nature.visit_chance * (stage == PlatformStage::cooling ? kCoolVisits : 1));
}

PlatformDay PlatformLife::live_day() {
  PlatformDay day;
  day.visit = move_on();
  do_deeds(day);
  handle_premium(day);
  return day;
}

PlatformDay PlatformLife::live_unseen() {
  PlatformDay day;
  day.visit = move_on();
  handle_premium(day);
  return day;
}

double premium_price(const PlatformLevels& levels, const PlatformNature& nature) {
  return std::round(100 * levels.price * nature.plan) / 100;
}

// Weights and caps are those of packs/engagement; platform_test.cc holds them together.
void EngagementScore::add(const PlatformDay& day) {
  active_days_ += day.visit ? 1 : 0;
  minutes_ += day.minutes;
  messages_ += day.deeds[at(Deed::message_sent)];
  stories_ += day.deeds[at(Deed::story_posted)] + day.deeds[at(Deed::story_viewed)];
  matches_ += day.deeds[at(Deed::match_made)];
  dates_ += day.deeds[at(Deed::date_completed)];
}

double EngagementScore::value() const {
  const auto part = [](double x, double cap) { return std::min(1.0, x / cap); };
  return 0.15 * part(active_days_, 24) + 0.15 * part(minutes_, 480) + 0.2 * part(messages_, 50) +
         0.2 * part(stories_, 50) + 0.15 * part(matches_, 12) + 0.15 * part(dates_, 6);
}

PlatformFuture live_on(PlatformLife life, Rng luck) {
  life.rng = luck;
  EngagementScore score;
  PlatformFuture future;
  future.churned = true;
  for (int i = 0; i < kChurnDays; ++i) {
    const PlatformDay day = life.live_day();
    if (i < kScoreDays) score.add(day);
    if (day.visit) future.churned = false;
  }
  future.engagement = score.value();
  return future;
}

}  // namespace tideline
