#include "pipeline/entry.h"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace tideline {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kIsReject = 1;
constexpr std::uint8_t kBackfill = 2;
constexpr std::uint8_t kServerId = 4;
constexpr std::uint8_t kClamped = 8;
constexpr auto kLastCode = static_cast<std::size_t>(DeadLetterCode::poison);
// Of every time that is written: what parse_time() takes, corrected by some hours at most.
constexpr Time kEarliest = time_from_millis(0);
constexpr Time kLatest = start_of_day(84'371);  // 2201-01-01

bool is_possible(Time time) { return kEarliest <= time && time < kLatest; }

bool is_possible(const Entry& entry) {
  const Event* event = entry.event();
  if (event == nullptr) {
    return static_cast<std::size_t>(entry.reject()->code) <= kLastCode &&
           is_possible(entry.reject()->arrival_time);
  }
  return event->type <= EventType::alias && is_possible(event->event_time) &&
         is_possible(event->arrival_time);
}

void write_event(ByteWriter& out, const EventView& event) {
  out.u8(static_cast<std::uint8_t>(event.type));
  out.text(event.customer);
  out.text(event.name);
  out.text(event.anonymous_id);
  out.text(event.previous_id);
  out.text(event.source);
  out.text(event.message_id);
  out.time(event.event_time);
  out.time(event.arrival_time);
  out.text(event.properties);
}

void write_rules(ByteWriter& out, std::uint8_t flags, const EntryRules& rules,
                 const Hash128& content) {
  out.u8(kVersion);
  out.u8(static_cast<std::uint8_t>(flags | (rules.backfill ? kBackfill : 0)));
  out.hash(rules.dedupe_key);
  out.hash(content);
  out.text(rules.retry_of);
}

void write_entry(ByteWriter& out, const EntryRules& rules, const EventView& event) {
  const int flags = (event.server_id ? kServerId : 0) | (event.clamped ? kClamped : 0);
  write_rules(out, static_cast<std::uint8_t>(flags), rules, event.content);
  write_event(out, event);
}

Event read_event(ByteReader& in, std::uint8_t flags) {
  Event event;
  event.type = static_cast<EventType>(in.u8());
  event.customer = CustomerId(in.text());
  event.name = in.text();
  event.anonymous_id = in.text();
  event.previous_id = in.text();
  event.source = SourceId(in.text());
  event.message_id = MessageId(in.text());
  event.event_time = in.time();
  event.arrival_time = in.time();
  event.properties = in.text();
  event.server_id = flags & kServerId;
  event.clamped = flags & kClamped;
  return event;
}

void write_reject(ByteWriter& out, const Reject& reject) {
  out.u8(static_cast<std::uint8_t>(reject.code));
  out.text(reject.reason);
  out.text(reject.payload);
  out.varint(reject.payload_bytes);
  out.text(reject.source.str());
  out.text(reject.customer_id);
  out.text(reject.message_id.str());
  out.time(reject.arrival_time);
}

Reject read_reject(ByteReader& in) {
  Reject reject;
  reject.code = static_cast<DeadLetterCode>(in.u8());
  reject.reason = in.text();
  reject.payload = in.text();
  reject.payload_bytes = in.varint();
  reject.source = SourceId(in.text());
  reject.customer_id = in.text();
  reject.message_id = MessageId(in.text());
  reject.arrival_time = in.time();
  return reject;
}

}  // namespace

EventView view_of(const Event& event) {
  EventView view;
  view.type = event.type;
  view.customer = event.customer.str();
  view.name = event.name;
  view.anonymous_id = event.anonymous_id;
  view.previous_id = event.previous_id;
  view.source = event.source.str();
  view.message_id = event.message_id.str();
  view.server_id = event.server_id;
  view.clamped = event.clamped;
  view.event_time = event.event_time;
  view.arrival_time = event.arrival_time;
  view.properties = event.properties;
  view.content = event.content;
  return view;
}

Event event_of(const EventView& view) {
  Event event;
  event.type = view.type;
  event.customer = CustomerId(std::string(view.customer));
  event.name = view.name;
  event.anonymous_id = view.anonymous_id;
  event.previous_id = view.previous_id;
  event.source = SourceId(std::string(view.source));
  event.message_id = MessageId(std::string(view.message_id));
  event.server_id = view.server_id;
  event.clamped = view.clamped;
  event.event_time = view.event_time;
  event.arrival_time = view.arrival_time;
  event.properties = view.properties;
  event.content = view.content;
  return event;
}

Hash128 dedupe_key_of(const SourceId& source, const MessageId& message) {
  EventView event;
  event.source = source.str();
  event.message_id = message.str();
  return dedupe_key_of(event);
}

Hash128 dedupe_key_of(const EventView& event) {
  // The length of the source keeps ("ab", "c") and ("a", "bc") apart.
  ByteWriter key;
  key.text(event.source);
  key.text(event.message_id);
  return xxh3_128(key.bytes());
}

std::string payload_of(const Event& event) {
  const auto quoted = [](const std::string& text) {
    return boost::json::serialize(boost::json::string_view(text));
  };
  std::string out = "{\"type\":" + quoted(std::string(name_of(event.type)));
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) out += std::string(",\"") + key + "\":" + quoted(value);
  };
  add("messageId", event.message_id.str());
  if (event.customer.str() != event.anonymous_id) add("userId", event.customer.str());
  add("anonymousId", event.anonymous_id);
  add("previousId", event.previous_id);
  add(event.type == EventType::track   ? "event"
      : event.type == EventType::group ? "groupId"
                                       : "name",
      event.name);
  add("timestamp", format_time(event.event_time));
  const bool has_traits = event.type == EventType::identify || event.type == EventType::group;
  return out + (has_traits ? ",\"traits\":" : ",\"properties\":") + event.properties + "}";
}

std::optional<std::string> link_key_of(const Event& event) {
  const bool other_anonymous =
      !event.anonymous_id.empty() && event.anonymous_id != event.customer.str();
  if (!other_anonymous && event.previous_id.empty()) return std::nullopt;
  ByteWriter key;
  key.text(event.customer.str());
  key.text(event.anonymous_id);
  key.text(event.previous_id);
  return key.take();
}

std::string encode_entry(const Entry& entry) {
  ByteWriter out;
  if (const Event* event = entry.event()) {
    write_entry(out, entry.rules, view_of(*event));
  } else {
    write_rules(out, kIsReject, entry.rules, entry.reject()->payload_hash);
    write_reject(out, *entry.reject());
  }
  return out.take();
}

Result<Entry> decode_entry(std::string_view bytes, Time stored_time) {
  ByteReader in(bytes);
  const std::uint8_t version = in.u8();
  const std::uint8_t flags = in.u8();
  Entry entry;
  entry.rules.dedupe_key = in.hash();
  const Hash128 content = in.hash();
  entry.rules.retry_of = in.text();
  entry.rules.backfill = flags & kBackfill;
  if (flags & kIsReject) {
    Reject reject = read_reject(in);
    reject.payload_hash = content;
    entry.content = std::move(reject);
  } else {
    Event event = read_event(in, flags);
    event.content = content;
    event.stored_time = stored_time;
    entry.content = std::move(event);
  }
  if (!in.done() || version != kVersion || !is_possible(entry)) {
    return fail(ErrorCode::corrupt,
                "a log record does not hold an entry of this program's format");
  }
  return entry;
}

Result<EntryHead> decode_entry_head(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t version = in.u8();
  in.u8();
  EntryHead head;
  head.dedupe_key = in.hash();
  head.content = in.hash();
  if (!in.ok() || version != kVersion) {
    return fail(ErrorCode::corrupt,
                "a log record does not begin like an entry of this program's format");
  }
  return head;
}

void add_record(const EntryRules& rules, const EventView& event, std::uint16_t shards,
                RecordBatch& batch) {
  std::string& buffer = batch.open();
  ByteWriter out(std::move(buffer));
  write_entry(out, rules, event);
  buffer = out.take();
  batch.close(shard_of(event.customer, shards), RecordKind::event);
}

void add_record(const Entry& entry, std::uint16_t shards, RecordBatch& batch) {
  if (const Event* event = entry.event()) {
    return add_record(entry.rules, view_of(*event), shards, batch);
  }
  const NewRecord record = record_of(entry, shards);
  batch.add(record.shard, record.kind, record.payload);
}

NewRecord record_of(const Entry& entry, std::uint16_t shards) {
  NewRecord record;
  record.kind = entry.event() ? RecordKind::event : RecordKind::reject;
  if (const Event* event = entry.event()) {
    record.shard = shard_of(event->customer, shards);
  } else {
    const Reject& reject = *entry.reject();
    record.shard = reject.customer_id.empty()
                       ? static_cast<std::uint16_t>(reject.payload_hash.low % shards)
                       : shard_of(CustomerId(reject.customer_id), shards);
  }
  record.payload = encode_entry(entry);
  return record;
}

}  // namespace tideline
