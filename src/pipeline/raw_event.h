// RawEvent: the raw JSON text of an event's members, cut out but not yet read (pipeline/decoder.cc
// only).
#pragma once

#include <optional>
#include <string_view>

namespace tideline {

// Raw text of the members of an event that matter, found in one pass; later repeats of a key are
// ignored.
struct RawEvent {
  std::optional<std::string_view> type, message_id, user_id, anonymous_id, previous_id, group_id,
      event, name, timestamp, original_timestamp, sent_at, received_at, properties, traits,
      context;
};

}  // namespace tideline
