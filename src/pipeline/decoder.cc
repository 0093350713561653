#include "pipeline/decoder.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "pipeline/json_scan.h"
#include "pipeline/raw_event.h"

namespace tideline {
namespace {

// Deeper nesting than this in a whole body is malformed; an event's own bound is
// DecodeLimits::json_depth_max.
constexpr std::size_t kBodyDepthMax = 65'536;

std::optional<std::string_view>* member(RawEvent& raw, std::string_view key) {
  struct Member {
    std::string_view key;
    std::optional<std::string_view> RawEvent::*field;
  };
  static constexpr std::array<Member, 14> kMembers = {{
      {"type", &RawEvent::type},
      {"messageId", &RawEvent::message_id},
      {"userId", &RawEvent::user_id},
      {"anonymousId", &RawEvent::anonymous_id},
      {"previousId", &RawEvent::previous_id},
      {"groupId", &RawEvent::group_id},
      {"event", &RawEvent::event},
      {"name", &RawEvent::name},
      {"timestamp", &RawEvent::timestamp},
      {"originalTimestamp", &RawEvent::original_timestamp},
      {"sentAt", &RawEvent::sent_at},
      {"receivedAt", &RawEvent::received_at},
      {"properties", &RawEvent::properties},
      {"traits", &RawEvent::traits},
  }};
  for (const auto& m : kMembers) {
    if (m.key == key) return &(raw.*m.field);
  }
  return nullptr;
}

// A raw JSON string or integer as an id's text; nullopt for other types. null was left out before.
std::optional<std::string> id_text(std::string_view raw) {
  if (raw.empty()) return std::nullopt;
  if (raw.front() == '"') return unquoted(raw);
  const bool integer = raw.find_first_not_of("-0123456789") == std::string_view::npos;
  return integer ? std::optional(std::string(raw)) : std::nullopt;
}

struct Failure {
  DeadLetterCode code;
  std::string reason;
};
template <class T>
using Checked = tl::expected<T, Failure>;

Checked<std::optional<std::string>> read_id(std::optional<std::string_view> raw, const char* key,
                                            std::size_t bytes_max) {
  if (!raw) return std::nullopt;
  auto text = id_text(*raw);
  if (!text)
    return tl::unexpected(Failure{DeadLetterCode::bad_id, std::string(key) + " is not a string"});
  if (text->size() > bytes_max) {
    return tl::unexpected(
        Failure{DeadLetterCode::bad_id, std::string(key) + " has " + std::to_string(text->size()) +
                                            " bytes; at most " + std::to_string(bytes_max) +
                                            " are allowed"});
  }
  if (text->empty()) return std::nullopt;
  return text;
}

Checked<std::optional<Time>> read_time(std::optional<std::string_view> raw, const char* key) {
  if (!raw) return std::nullopt;
  const std::string_view text = *raw;
  std::optional<Time> time;
  if (text.size() >= 2 && text.front() == '"') {
    if (const auto unescaped = id_text(text)) time = parse_time(*unescaped);
  }
  if (!time) {
    return tl::unexpected(Failure{
        DeadLetterCode::bad_time,
        std::string(key) +
            " is not an RFC 3339 time between 1970 and 2199: " + std::string(text.substr(0, 64))});
  }
  return time;
}

Checked<std::string> read_object(std::optional<std::string_view> raw, const char* key) {
  if (!raw) return std::string("{}");
  const std::string_view text = *raw;
  if (text.empty() || text.front() != '{') {
    return tl::unexpected(
        Failure{DeadLetterCode::not_an_event, std::string(key) + " is not an object"});
  }
  return std::string(text);
}

Checked<EventType> read_type(const RawEvent& raw) {
  if (!raw.type)
    return tl::unexpected(Failure{DeadLetterCode::missing_type, "the event has no type"});
  const auto text = id_text(*raw.type);
  const auto type = text ? event_type_of(*text) : std::nullopt;
  if (!type) {
    return tl::unexpected(Failure{DeadLetterCode::unknown_type,
                                  "type is none of track, identify, page, screen, group, alias: " +
                                      std::string(raw.type->substr(0, 64))});
  }
  return *type;
}

Checked<std::string> read_name(const RawEvent& raw, EventType type) {
  const auto source = type == EventType::track   ? raw.event
                      : type == EventType::group ? raw.group_id
                                                 : raw.name;
  if (type == EventType::identify || type == EventType::alias) return std::string();
  auto text = source ? id_text(*source) : std::nullopt;
  if (type == EventType::track && (!text || text->empty())) {
    return tl::unexpected(
        Failure{DeadLetterCode::missing_event, "a track event has no event name"});
  }
  return text.value_or(std::string());
}

Hash128 content_of(const Event& event, std::optional<std::string_view> timestamp) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(event.type));
  out.text(event.customer.str());
  out.text(event.anonymous_id);
  out.text(event.previous_id);
  out.text(event.name);
  out.text(timestamp ? *timestamp : std::string_view{});
  out.text(event.properties);
  return xxh3_128(out.bytes());
}

// Sets the three times of an event (design 4.1). stored_time is the log's.
Checked<void> set_times(Event& event, const RawEvent& raw, std::optional<Time> batch_sent,
                        const DecodeContext& context, const DecodeLimits& limits) {
  auto original = read_time(raw.timestamp ? raw.timestamp : raw.original_timestamp, "timestamp");
  if (!original) return tl::unexpected(original.error());
  auto sent = read_time(raw.sent_at, "sentAt");
  if (!sent) return tl::unexpected(sent.error());
  if (!*sent) *sent = batch_sent;

  if (context.backfill) {
    auto received = read_time(raw.received_at, "receivedAt");
    if (!received) return tl::unexpected(received.error());
    event.event_time = original->value_or(context.received);
    event.arrival_time = received->value_or(event.event_time);
    return {};
  }
  event.arrival_time = context.received;
  event.event_time = !*original ? context.received
                     : *sent    ? context.received - (**sent - **original)
                                : **original;
  if (event.event_time > context.received + limits.future_skew_max) {
    event.event_time = context.received + limits.future_skew_max;
    event.clamped = true;
  }
  if (millis(event.event_time) < 0) {
    return tl::unexpected(
        Failure{DeadLetterCode::bad_time, "the corrected event time lies before 1970"});
  }
  return {};
}

Checked<Event> build_event(const RawEvent& raw, std::optional<EventType> implied,
                           std::optional<Time> batch_sent, const DecodeContext& context,
                           const DecodeLimits& limits) {
  Event event;
  event.source = context.source;
  auto type = implied ? Checked<EventType>(*implied) : read_type(raw);
  if (!type) return tl::unexpected(type.error());
  event.type = *type;

  auto message = read_id(raw.message_id, "messageId", limits.id_bytes_max);
  auto user = read_id(raw.user_id, "userId", limits.id_bytes_max);
  auto anonymous = read_id(raw.anonymous_id, "anonymousId", limits.id_bytes_max);
  auto previous = read_id(raw.previous_id, "previousId", limits.id_bytes_max);
  for (const auto* id : {&message, &user, &anonymous, &previous}) {
    if (!*id) return tl::unexpected(id->error());
  }
  event.anonymous_id = anonymous->value_or(std::string());
  event.previous_id = previous->value_or(std::string());
  event.customer = CustomerId(*user ? **user : event.anonymous_id);
  if (event.customer.empty()) {
    return tl::unexpected(
        Failure{DeadLetterCode::missing_customer, "neither userId nor anonymousId is given"});
  }
  auto name = read_name(raw, event.type);
  if (!name) return tl::unexpected(name.error());
  event.name = std::move(*name);

  const bool has_traits = event.type == EventType::identify || event.type == EventType::group;
  auto properties =
      has_traits ? read_object(raw.traits, "traits") : read_object(raw.properties, "properties");
  if (!properties) return tl::unexpected(properties.error());
  event.properties = std::move(*properties);

  if (auto timed = set_times(event, raw, batch_sent, context, limits); !timed)
    return tl::unexpected(timed.error());
  event.content = content_of(event, raw.timestamp ? raw.timestamp : raw.original_timestamp);
  event.server_id = !*message;
  event.message_id = MessageId(*message ? **message : context.next_id());
  return event;
}

// The members of a valid JSON object's raw text; null counts as absent.
RawEvent members_of(std::string_view object) {
  RawEvent raw;
  for (JsonCursor cursor(object); cursor.next();) {
    const std::string_view quoted = cursor.key();
    const bool plain = quoted.find('\\') == std::string_view::npos;
    const std::string key = plain ? std::string() : unquoted(quoted).value_or(std::string());
    auto* slot = member(raw, plain ? quoted.substr(1, quoted.size() - 2) : std::string_view(key));
    if (slot && !*slot && cursor.value() != "null") *slot = cursor.value();
  }
  return raw;
}

std::string customer_in(const RawEvent& raw) {
  for (const auto& id : {raw.user_id, raw.anonymous_id}) {
    if (!id) continue;
    if (auto text = id_text(*id); text && !text->empty() && text->size() <= 1024) return *text;
  }
  return {};
}

std::string too_many(const char* what, std::size_t found, std::size_t allowed) {
  return std::string(what) + " " + std::to_string(found) + "; at most " + std::to_string(allowed) +
         " are allowed";
}

}  // namespace

struct Decoder::Parsers {
  simdjson::dom::parser dom;

  // Validates every byte of `text`; nullopt when it is JSON.
  std::optional<Failure> validate(std::string_view text) {
    const simdjson::padded_string padded(text);
    // Depth costs memory only as far as the text can nest.
    const std::size_t depth = std::min(kBodyDepthMax, std::max<std::size_t>(64, text.size()));
    if (dom.capacity() < text.size() || dom.max_depth() < depth) {
      if (dom.allocate(std::max(dom.capacity(), text.size()), std::max(dom.max_depth(), depth))) {
        return Failure{DeadLetterCode::too_large, "no memory to parse the body"};
      }
    }
    const auto error = dom.parse(padded).error();
    if (!error) return std::nullopt;
    return Failure{DeadLetterCode::malformed_json,
                   std::string("not JSON: ") + simdjson::error_message(error)};
  }
};

Decoder::Decoder(DecodeLimits limits) : parsers_(std::make_unique<Parsers>()), limits_(limits) {}
Decoder::~Decoder() = default;

Entry Decoder::reject(DeadLetterCode code, std::string reason, std::string_view payload,
                      const RawEvent* raw, const DecodeContext& context) {
  Reject reject;
  reject.code = code;
  reject.reason = std::move(reason);
  reject.payload = std::string(payload.substr(0, limits_.event_bytes_max));
  reject.payload_bytes = payload.size();
  reject.payload_hash = xxh3_128(payload);
  reject.source = context.source;
  reject.arrival_time = context.received;
  if (raw) {
    reject.customer_id = customer_in(*raw);
    if (raw->message_id) {
      const auto id = id_text(*raw->message_id);
      if (id && id->size() <= limits_.id_bytes_max) reject.message_id = MessageId(*id);
    }
  }
  // No dedupe key: the sender may mend the event and send it again under the same id.
  Entry entry;
  entry.rules.backfill = context.backfill;
  entry.content = std::move(reject);
  return entry;
}

Entry Decoder::element(std::string_view text, std::optional<EventType> implied,
                       std::optional<Time> batch_sent, const DecodeContext& context) {
  if (text.size() > limits_.event_bytes_max) {
    return reject(DeadLetterCode::too_large,
                  too_many("the event has bytes:", text.size(), limits_.event_bytes_max), text,
                  nullptr, context);
  }
  if (text.empty() || text.front() != '{') {
    return reject(DeadLetterCode::not_an_event, "JSON, but no object", text, nullptr, context);
  }
  if (const std::size_t depth = depth_of(text); depth > limits_.json_depth_max) {
    return reject(DeadLetterCode::too_deep,
                  too_many("the event nests levels:", depth, limits_.json_depth_max), text,
                  nullptr, context);
  }
  const RawEvent raw = members_of(text);
  if (!raw.type && !raw.user_id && !raw.anonymous_id && !raw.event && !raw.message_id) {
    return reject(DeadLetterCode::not_an_event, "an object without type, customer or event", text,
                  nullptr, context);
  }
  auto event = build_event(raw, implied, batch_sent, context, limits_);
  if (!event)
    return reject(event.error().code, std::move(event.error().reason), text, &raw, context);
  Entry entry;
  entry.rules.backfill = context.backfill;
  if (!event->server_id || context.backfill) {
    entry.rules.dedupe_key = dedupe_key_of(event->source, event->message_id);
  }
  entry.content = std::move(*event);
  return entry;
}

Result<DecodedBatch> Decoder::batch(std::string_view body, const DecodeContext& context) {
  if (auto bad = parsers_->validate(body)) {
    return fail(ErrorCode::invalid, bad->reason, std::string(name_of(bad->code)));
  }
  std::optional<std::string_view> list;
  std::optional<Time> sent;
  for (JsonCursor cursor(body); cursor.next();) {
    if (cursor.key().empty()) break;  // an array
    if (!list && key_is(cursor.key(), "batch")) list = cursor.value();
    if (!sent && key_is(cursor.key(), "sentAt")) {
      if (const auto text = unquoted(cursor.value())) sent = parse_time(*text);
    }
  }
  if (!list || list->empty() || list->front() != '[') {
    return fail(ErrorCode::invalid, "the body is JSON, but no object with an array \"batch\"",
                "not_an_event");
  }
  DecodedBatch decoded;
  for (JsonCursor cursor(*list); cursor.next();) {
    if (decoded.entries.size() == limits_.batch_events_max) {
      return fail(
          ErrorCode::too_large,
          "the batch holds more than " + std::to_string(limits_.batch_events_max) + " events",
          "too_large");
    }
    decoded.entries.push_back(element(cursor.value(), std::nullopt, sent, context));
  }
  return decoded;
}

Result<DecodedBatch> Decoder::single(EventType type, std::string_view body,
                                     const DecodeContext& context) {
  if (auto bad = parsers_->validate(body)) {
    return fail(ErrorCode::invalid, bad->reason, std::string(name_of(bad->code)));
  }
  DecodedBatch decoded;
  decoded.entries.push_back(element(trimmed(body), type, std::nullopt, context));
  const Reject* bad = decoded.entries.front().reject();
  if (bad && bad->code == DeadLetterCode::too_large) {
    return fail(ErrorCode::too_large, bad->reason, "too_large");
  }
  if (bad && bad->code == DeadLetterCode::not_an_event) {
    return fail(ErrorCode::invalid, "the body is JSON, but no event: " + bad->reason,
                "not_an_event");
  }
  return decoded;
}

Entry Decoder::line(std::string_view text, const DecodeContext& context) {
  const std::string_view event = trimmed(text);
  if (event.size() > limits_.event_bytes_max)
    return element(event, std::nullopt, std::nullopt, context);
  if (auto bad = parsers_->validate(event))
    return reject(bad->code, bad->reason, text, nullptr, context);
  return element(event, std::nullopt, std::nullopt, context);
}

std::optional<std::string> Decoder::write_key(std::string_view body) {
  if (parsers_->validate(body)) return std::nullopt;
  for (JsonCursor cursor(body); cursor.next();) {
    if (!cursor.key().empty() && key_is(cursor.key(), "writeKey")) return unquoted(cursor.value());
  }
  return std::nullopt;
}

Status Decoder::check_object(std::string_view text) {
  if (auto bad = parsers_->validate(text)) {
    return fail(ErrorCode::invalid, bad->reason, std::string(name_of(bad->code)));
  }
  if (trimmed(text).front() != '{')
    return fail(ErrorCode::invalid, "properties are not an object", "not_an_event");
  if (depth_of(text) >= limits_.json_depth_max) {
    return fail(ErrorCode::invalid, "properties nest too deep", "too_deep");
  }
  return {};
}

}  // namespace tideline
