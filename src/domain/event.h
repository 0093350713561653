// Event: something a customer did, as checked and normalised by ingest or import.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/id.h"
#include "base/time.h"

namespace tideline {

using CustomerId = Id<struct CustomerTag>;
using SourceId = Id<struct SourceTag>;
using MessageId = Id<struct MessageTag>;

enum class EventType : std::uint8_t { track, identify, page, screen, group, alias };
[[nodiscard]] std::string_view name_of(EventType type);
[[nodiscard]] std::optional<EventType> event_type_of(std::string_view name);

struct Event {
  EventType type = EventType::track;
  CustomerId customer;  // userId, else anonymousId
  std::string name;     // track: the event's name; page and screen: the page's name; else empty
  std::string anonymous_id;  // as sent; with a userId it is a link, kept and shown
  std::string previous_id;   // alias only
  SourceId source;
  MessageId message_id;
  bool server_id = false;  // the id was made by us, so a client's retry is not recognised
  bool clamped = false;    // the event's time lay over 5 minutes ahead and was cut to that
  Time event_time{};       // corrected by the client's clock
  Time arrival_time{};     // when it reached us; in a backfill the event's own time
  Time stored_time{};      // when the log took it
  // JSON object as sent: properties, or traits of identify and group.
  std::string properties = "{}";
  // Of type, ids, name, timestamp as sent and properties: tells a conflict from a repeat.
  Hash128 content{};

  bool operator==(const Event&) const = default;
};

// What features need of an event, lying elsewhere.
struct EventFacts {
  EventType type = EventType::track;
  std::string_view customer;
  std::string_view name;
  std::string_view message_id;
  Time event_time{};
  Time arrival_time{};
  std::string_view properties;  // JSON object, as Event's
};

// Points into `event`.
[[nodiscard]] inline EventFacts facts_of(const Event& event) {
  return {event.type,       event.customer.str(), event.name,      event.message_id.str(),
          event.event_time, event.arrival_time,   event.properties};
}

// Where an event stands: its shard, and its number in that shard, from 0.
struct Place {
  std::uint16_t shard = 0;
  std::uint64_t offset = 0;
  auto operator<=>(const Place&) const = default;
};

// The shard of a customer: xxh64(id) mod shards.
[[nodiscard]] std::uint16_t shard_of(const CustomerId& customer, std::uint16_t shards);
[[nodiscard]] std::uint16_t shard_of(std::string_view customer_id, std::uint16_t shards);

// What became of an event or a line.
enum class Verdict : std::uint8_t {
  accepted,
  applied,
  late_applied,
  duplicate,
  conflict,
  rejected,
  dead_lettered
};
[[nodiscard]] std::string_view name_of(Verdict verdict);

}  // namespace tideline
