// DeadLetter: an event that could not be taken in, with the reason and all that a retry needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/event.h"

namespace tideline {

// Why an event or line was set aside. The text form (name_of) is the outside contract.
enum class DeadLetterCode : std::uint8_t {
  malformed_json,  // a line or element that is not JSON
  not_an_event,    // JSON, but no object of an event's shape
  missing_type,
  unknown_type,
  missing_customer,  // neither userId nor anonymousId
  missing_event,     // track without a name
  bad_time,          // a time that cannot be read
  bad_id,            // an id over its limit or not a string
  too_large,         // over the event limit; the first 32 KiB are kept
  too_deep,
  conflict,      // same id, other content; the first one wins
  too_late,      // more than 90 days behind its arrival
  bad_property,  // a declared property of the wrong type or out of range
  poison,        // processing it failed, hung or killed the process
};
[[nodiscard]] std::string_view name_of(DeadLetterCode code);
[[nodiscard]] std::optional<DeadLetterCode> dead_letter_code_of(std::string_view name);

struct DeadLetter {
  std::string id;  // "SHARD-OFFSET", unique in a data folder
  DeadLetterCode code = DeadLetterCode::poison;
  std::string reason;               // one sentence
  std::string payload;              // the event as sent: whole, or its first 32 KiB
  std::uint64_t payload_bytes = 0;  // of the whole
  Hash128 payload_hash{};           // of the whole
  SourceId source;
  std::string customer_id;  // where known
  Place place;
  std::uint32_t attempts = 0;  // times that processing was tried
  Time first_time{};           // first and last failure
  Time last_time{};
  std::string program_version;
  std::string status = "open";  // open, retried, dropped
};

}  // namespace tideline
