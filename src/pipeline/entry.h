// Entry: what ingest and import put into the log: an event, or a reject that becomes a dead
// letter.
#pragma once

#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "domain/dead_letter.h"
#include "domain/event.h"
#include "ports/event_log.h"

namespace tideline {

// An event that was refused one by one; it gets a place in the log like any other.
struct Reject {
  DeadLetterCode code = DeadLetterCode::not_an_event;
  std::string reason;
  std::string payload;              // as sent: whole, or its first 32 KiB
  std::uint64_t payload_bytes = 0;  // of the whole
  Hash128 payload_hash{};           // of the whole
  SourceId source;
  std::string customer_id;  // where known
  MessageId message_id;     // where known
  Time arrival_time{};
};

// Rules that the entry's origin sets.
struct EntryRules {
  Hash128 dedupe_key{};   // of (source, message id); all zero: never a duplicate
  bool backfill = false;  // from an import: not live traffic
  std::string retry_of;   // id of the dead letter that this entry retries; else empty
};

struct Entry {
  EntryRules rules;
  std::variant<Event, Reject> content;

  [[nodiscard]] const Event* event() const { return std::get_if<Event>(&content); }
  [[nodiscard]] const Reject* reject() const { return std::get_if<Reject>(&content); }
};

// An Event whose text lies elsewhere: in the request that it came with.
struct EventView {
  EventType type = EventType::track;
  std::string_view customer;
  std::string_view name;
  std::string_view anonymous_id;
  std::string_view previous_id;
  std::string_view source;
  std::string_view message_id;
  bool server_id = false;
  bool clamped = false;
  Time event_time{};
  Time arrival_time{};
  std::string_view properties = "{}";
  Hash128 content{};
};
// Of all but the stored time.
[[nodiscard]] EventView view_of(const Event& event);
[[nodiscard]] Event event_of(const EventView& view);

// The part that the reader needs to recognise repeats, at the front of every encoded entry.
struct EntryHead {
  Hash128 dedupe_key{};
  Hash128 content{};  // Event::content, or the reject's payload hash
};

[[nodiscard]] Hash128 dedupe_key_of(const SourceId& source, const MessageId& message);
[[nodiscard]] Hash128 dedupe_key_of(const EventView& event);

// The event again as JSON in the shape that clients send, for dead letters and for people.
[[nodiscard]] std::string payload_of(const Event& event);

// Key in Family::links of the other id that an event ties to its customer (anonymousId,
// previousId): customer, anonymous id, previous id, each with its length. nullopt when it ties
// none.
[[nodiscard]] std::optional<std::string> link_key_of(const Event& event);

[[nodiscard]] std::string encode_entry(const Entry& entry);
// corrupt when the bytes are not an encoded entry. stored_time comes from the log record.
[[nodiscard]] Result<Entry> decode_entry(std::string_view bytes, Time stored_time);
[[nodiscard]] Result<EntryHead> decode_entry_head(std::string_view bytes);

// Adds the log record of an entry. Events go by their customer; rejects by customer where known,
// else by payload.
void add_record(const Entry& entry, std::uint16_t shards, RecordBatch& batch);
// The same, of an entry with these rules and this event.
void add_record(const EntryRules& rules, const EventView& event, std::uint16_t shards,
                RecordBatch& batch);
[[nodiscard]] NewRecord record_of(const Entry& entry, std::uint16_t shards);

}  // namespace tideline
