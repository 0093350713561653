#include "simulator/platform_events.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace tideline {
namespace {

using Deed = PlatformDeed;

constexpr std::array<std::string_view, kPlatformDeeds> kNames = {
    "Feed Viewed",           "Story Posted",         "Story Viewed",
    "Story Prompt Answered", "Conversation Started", "Conversation Prompt Used",
    "Message Sent",          "Message Received",     "Like Given",
    "Like Received",         "Match Made",           "Date Proposed",
    "Date Accepted",         "Date Completed",       "Profile Updated",
    "Creator Followed",      "Friend Added",         "Notification Received",
    "Notification Opened",   "Boost Bought",         "Report Filed",
    "Support Ticket Opened"};

// What comes to the customer, at any hour.
bool comes_anytime(Deed deed) {
  return deed == Deed::like_received || deed == Deed::notification_received;
}

}  // namespace

PlatformWriter::PlatformWriter(const PlatformWorld& world, std::uint32_t index,
                               const PlatformBeginning& who)
    : world_(&world),
      customer_(world.customer_id(index)),
      prefix_(customer_.str() + '-' + world.tag() + '-'),
      gender_(who.gender),
      age_band_(who.age_band),
      region_(who.region),
      joined_day_(who.joined_day),
      rng_(Rng::stream(world.options().seed, "platform hand", index)) {}

Time PlatformWriter::moment(Time from, Time until) {
  const double span = double(std::max<std::int64_t>(1, (until - from).count()));
  return from + Duration(static_cast<std::int64_t>(rng_.uniform() * span));
}

void PlatformWriter::emit(Time at, EventType type, std::string_view name, std::vector<Event>& out,
                          PropertyWriter properties) {
  Event& event = out.emplace_back();
  event.type = type;
  event.customer = customer_;
  event.name = name;
  event.message_id = MessageId(prefix_ + std::to_string(++sent_));
  event.event_time = event.arrival_time = at;
  event.properties = properties.take();
}

void PlatformWriter::introduce(std::int64_t day, std::vector<Event>& out) {
  emit(start_of_day(day), EventType::identify, "", out,
       PropertyWriter()
           .text("gender", gender_)
           .text("age_band", age_band_)
           .text("region", region_)
           .text("joined", format_time(start_of_day(joined_day_))));
}

void PlatformWriter::write_visit(std::int64_t day, const PlatformNature& nature,
                                 const PlatformDay& lived, std::vector<Event>& out) {
  const Time midnight = start_of_day(day);
  const auto length = Duration(static_cast<std::int64_t>(lived.minutes * 60e3));
  const double hour = nature.hour + 1.5 * rng_.normal();
  const double of_day = hour - 24 * std::floor(hour / 24);
  began_ = midnight + Duration(static_cast<std::int64_t>(of_day * 3.6e6));
  began_ =
      std::max(midnight, std::min(began_, midnight + kDay - length - std::chrono::minutes(1)));
  ended_ = began_ + length;
  emit(began_, EventType::track, "Signed In", out);
  emit(ended_, EventType::track, "Session Ended", out,
       PropertyWriter().number("minutes", lived.minutes, 1));
}

void PlatformWriter::pay(Time at, double amount, std::vector<Event>& out) {
  emit(at, EventType::track, "Payment Succeeded", out,
       PropertyWriter().number("amount", amount, 2).text("currency", "USD"));
  paid_ += amount;
}

void PlatformWriter::write_money(std::int64_t day, const PlatformNature& nature,
                                 const PlatformDay& lived, std::vector<Event>& out) {
  const Time midnight = start_of_day(day);
  const Time at = lived.visit ? moment(began_, ended_) : moment(midnight, midnight + kDay);
  if (lived.premium_started) emit(at, EventType::track, "Premium Started", out);
  if (lived.premium_paid) pay(at, premium_price(world_->levels(), nature), out);
  if (lived.premium_failed) emit(at, EventType::track, "Payment Failed", out);
  if (lived.premium_cancelled) emit(at, EventType::track, "Premium Cancelled", out);
}

void PlatformWriter::write(std::int64_t day, const PlatformNature& nature,
                           const PlatformDay& lived, std::vector<Event>& out) {
  const Time midnight = start_of_day(day);
  if (lived.visit) write_visit(day, nature, lived, out);
  for (std::size_t d = 0; d < kPlatformDeeds; ++d) {
    for (unsigned i = 0; i < lived.deeds[d]; ++i) {
      const bool anytime = !lived.visit || comes_anytime(Deed(d));
      const Time at = anytime ? moment(midnight, midnight + kDay) : moment(began_, ended_);
      PropertyWriter properties;
      if (Deed(d) == Deed::match_made)
        properties.number("compatibility", rng_.uniform(0.3, 0.95), 2);
      emit(at, EventType::track, kNames[d], out, std::move(properties));
      if (Deed(d) == Deed::boost_bought) pay(at, kBoostPrice, out);
    }
  }
  write_money(day, nature, lived, out);
}

}  // namespace tideline
