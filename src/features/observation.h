// Observation: an event as features see it: its time, its kind and the declared properties that
// were read.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "domain/event.h"

namespace tideline {

// Event index of a name that the pack does not know; such events count for activity only.
inline constexpr std::uint16_t kUnknownEvent = 0xFFFF;

// A declared property (or trait) that the event carries: `field` is FieldSpec::index.
struct FieldValue {
  std::uint16_t field = 0;
  std::variant<double, std::string, bool> value;
};

struct Observation {
  Time time{};
  EventType type = EventType::track;
  std::uint16_t event = kUnknownEvent;  // EventSpec::index; track only
  std::uint64_t name_hash = 0;          // xxh64 of the name, also of unknown ones
  std::string message;                  // message id: of equal times the greatest is the newest
  std::vector<FieldValue> fields;  // track: properties; identify: traits; each field at most once
  bool foreign_currency =
      false;  // its amounts are in another currency than the pack's: left out, counted
};

}  // namespace tideline
