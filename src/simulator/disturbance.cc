#include "simulator/disturbance.h"

#include <numeric>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/rng.h"
#include "simulator/event_names.h"

namespace tideline {
namespace {

constexpr double kShortestDelayH = 73;  // beyond the bound of lateness, 72 h
constexpr double kLongestDelayH = 480;

// The event's luck: its first number chooses the flaw.
Rng luck_of(const DisturbanceOptions& options, const Event& event) {
  return Rng::stream(options.seed, "disturbance", xxh64(event.message_id.str()));
}

// The number that is put out of range, by the event's name; empty where there is none.
std::string_view ranged_property(std::string_view event) {
  namespace names = marketplace_event;
  if (event == names::kSessionCompleted) return "duration_min";
  if (event == names::kSessionRated) return "rating";
  if (event == names::kSessionCancelled) return "notice_hours";
  if (event == names::kMessageSent || event == names::kTutorMessage) return "reply_hours";
  return {};
}

void break_property(Event& event, std::string_view property) {
  event.properties = "{\"" + std::string(property) + "\":-7}";
}

}  // namespace

std::string_view name_of(Malformation malformation) {
  constexpr std::array<std::string_view, kMalformations> kNames = {
      "missing_customer", "missing_event", "bad_property", "malformed_json"};
  return kNames[static_cast<std::size_t>(malformation)];
}

Status check(const DisturbanceOptions& options) {
  const double shares[] = {options.late_share, options.duplicate_share, options.malformed_share};
  double sum = 0;
  for (const double share : shares) {
    if (!(share >= 0 && share <= 1)) return fail(ErrorCode::invalid, "a share must be 0 to 1");
    sum += share;
  }
  if (sum <= 1) return {};
  return fail(ErrorCode::invalid,
              "the shares of late, duplicate and malformed events are more than 1 together");
}

Flaw flaw_of(const DisturbanceOptions& options, const Event& event) {
  if (!options.any()) return Flaw::none;
  double left = luck_of(options, event).uniform();
  if ((left -= options.late_share) < 0) return Flaw::late;
  if ((left -= options.duplicate_share) < 0) return Flaw::duplicate;
  if ((left -= options.malformed_share) < 0) return Flaw::malformed;
  return Flaw::none;
}

Duration delay_of(const DisturbanceOptions& options, const Event& event) {
  Rng rng = luck_of(options, event);
  (void)rng.next();  // the flaw's number
  const double hours = rng.uniform(kShortestDelayH, kLongestDelayH);
  return Duration(static_cast<std::int64_t>(hours * double(kHour.count())));
}

Malformation malform(const DisturbanceOptions& options, Event& event) {
  Rng rng = luck_of(options, event);
  (void)rng.next();
  const std::string_view ranged = ranged_property(event.name);
  std::vector<Malformation> possible = {Malformation::missing_customer,
                                        Malformation::malformed_json};
  if (event.type == EventType::track) possible.push_back(Malformation::missing_event);
  if (!ranged.empty()) possible.push_back(Malformation::bad_property);
  const Malformation chosen = possible[rng.below(possible.size())];
  switch (chosen) {
    case Malformation::missing_customer: event.customer = CustomerId(); break;
    case Malformation::missing_event: event.name.clear(); break;
    case Malformation::bad_property: break_property(event, ranged); break;
    case Malformation::malformed_json: event.properties.back() = ','; break;
  }
  return chosen;
}

std::uint64_t SentCounts::malformed_in_all() const {
  return std::accumulate(malformed.begin(), malformed.end(), std::uint64_t{0});
}

}  // namespace tideline
