#include "pipeline/decoder.h"

#include <algorithm>
#include <array>
#include <deque>

#include "pipeline/json_index.h"
#include "pipeline/json_scan.h"
#include "pipeline/raw_event.h"

namespace tideline {
namespace {

std::optional<std::string_view>* member(RawEvent& raw, std::string_view key) {
  struct Member {
    std::string_view key;
    std::optional<std::string_view> RawEvent::*field;
  };
  // By length, so that few of them are compared.
  static constexpr std::array<Member, 15> kMembers = {{
      {"type", &RawEvent::type},
      {"name", &RawEvent::name},
      {"event", &RawEvent::event},
      {"userId", &RawEvent::user_id},
      {"sentAt", &RawEvent::sent_at},
      {"traits", &RawEvent::traits},
      {"groupId", &RawEvent::group_id},
      {"context", &RawEvent::context},
      {"messageId", &RawEvent::message_id},
      {"timestamp", &RawEvent::timestamp},
      {"properties", &RawEvent::properties},
      {"previousId", &RawEvent::previous_id},
      {"receivedAt", &RawEvent::received_at},
      {"anonymousId", &RawEvent::anonymous_id},
      {"originalTimestamp", &RawEvent::original_timestamp},
  }};
  static constexpr std::size_t kLongest = kMembers.back().key.size();
  // The first that is at least so long.
  static constexpr auto kFirst = [] {
    std::array<std::size_t, kLongest + 2> first{};
    for (std::size_t length = 0; length < first.size(); ++length) {
      while (first[length] < kMembers.size() && kMembers[first[length]].key.size() < length) {
        ++first[length];
      }
    }
    return first;
  }();
  if (key.size() > kLongest) return nullptr;
  for (std::size_t i = kFirst[key.size()]; i < kFirst[key.size() + 1]; ++i) {
    if (kMembers[i].key == key) return &(raw.*kMembers[i].field);
  }
  return nullptr;
}

// Texts that are not in the request as they are: strings with escapes, ids that were made. Their
// places do not change while others are added.
using Texts = std::deque<std::string>;

// A raw JSON string or integer as an id's text; nullopt for other types. null was left out before.
std::optional<std::string_view> id_text(std::string_view raw, Texts& texts) {
  if (raw.empty()) return std::nullopt;
  if (raw.front() != '"') {
    const bool integer = raw.find_first_not_of("-0123456789") == std::string_view::npos;
    return integer ? std::optional(raw) : std::nullopt;
  }
  const std::string_view inner = raw.substr(1, raw.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return inner;
  auto text = unquoted(raw);
  if (!text) return std::nullopt;
  return texts.emplace_back(*std::move(text));
}

struct Failure {
  DeadLetterCode code;
  std::string reason;
};
template <class T>
using Checked = tl::expected<T, Failure>;

// Of a whole body.
tl::unexpected<Error> refusal_of(const Failure& failure) {
  const bool large = failure.code == DeadLetterCode::too_large;
  return fail(large ? ErrorCode::too_large : ErrorCode::invalid, failure.reason,
              std::string(name_of(failure.code)));
}

Checked<std::optional<std::string_view>> read_id(std::optional<std::string_view> raw,
                                                 const char* key, std::size_t bytes_max,
                                                 Texts& texts) {
  if (!raw) return std::nullopt;
  auto text = id_text(*raw, texts);
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

Checked<std::optional<Time>> read_time(std::optional<std::string_view> raw, const char* key,
                                       Texts& texts) {
  if (!raw) return std::nullopt;
  const std::string_view text = *raw;
  std::optional<Time> time;
  if (text.size() >= 2 && text.front() == '"') {
    if (const auto unescaped = id_text(text, texts)) time = parse_time(*unescaped);
  }
  if (!time) {
    return tl::unexpected(Failure{
        DeadLetterCode::bad_time,
        std::string(key) +
            " is not an RFC 3339 time between 1970 and 2199: " + std::string(text.substr(0, 64))});
  }
  return time;
}

Checked<std::string_view> read_object(std::optional<std::string_view> raw, const char* key) {
  if (!raw) return std::string_view("{}");
  const std::string_view text = *raw;
  if (text.empty() || text.front() != '{') {
    return tl::unexpected(
        Failure{DeadLetterCode::not_an_event, std::string(key) + " is not an object"});
  }
  return text;
}

Checked<EventType> read_type(const RawEvent& raw, Texts& texts) {
  if (!raw.type)
    return tl::unexpected(Failure{DeadLetterCode::missing_type, "the event has no type"});
  const auto text = id_text(*raw.type, texts);
  const auto type = text ? event_type_of(*text) : std::nullopt;
  if (!type) {
    return tl::unexpected(Failure{DeadLetterCode::unknown_type,
                                  "type is none of track, identify, page, screen, group, alias: " +
                                      std::string(raw.type->substr(0, 64))});
  }
  return *type;
}

Checked<std::string_view> read_name(const RawEvent& raw, EventType type, Texts& texts) {
  const auto source = type == EventType::track   ? raw.event
                      : type == EventType::group ? raw.group_id
                                                 : raw.name;
  if (type == EventType::identify || type == EventType::alias) return std::string_view();
  auto text = source ? id_text(*source, texts) : std::nullopt;
  if (type == EventType::track && (!text || text->empty())) {
    return tl::unexpected(
        Failure{DeadLetterCode::missing_event, "a track event has no event name"});
  }
  return text.value_or(std::string_view());
}

Hash128 content_of(const EventView& event, std::optional<std::string_view> timestamp,
                   std::string& scratch) {
  scratch.clear();
  ByteWriter out(std::move(scratch));
  out.u8(static_cast<std::uint8_t>(event.type));
  out.text(event.customer);
  out.text(event.anonymous_id);
  out.text(event.previous_id);
  out.text(event.name);
  out.text(timestamp ? *timestamp : std::string_view{});
  out.text(event.properties);
  const Hash128 hash = xxh3_128(out.bytes());
  scratch = out.take();
  return hash;
}

// Sets the three times of an event (design 4.1). stored_time is the log's.
Checked<void> set_times(EventView& event, const RawEvent& raw, std::optional<Time> batch_sent,
                        const DecodeContext& context, const DecodeLimits& limits, Texts& texts) {
  auto original =
      read_time(raw.timestamp ? raw.timestamp : raw.original_timestamp, "timestamp", texts);
  if (!original) return tl::unexpected(original.error());
  auto sent = read_time(raw.sent_at, "sentAt", texts);
  if (!sent) return tl::unexpected(sent.error());
  if (!*sent) *sent = batch_sent;

  if (context.backfill) {
    auto received = read_time(raw.received_at, "receivedAt", texts);
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

// RudderStack's libraries on pages and telephones put the traits of an identify there.
std::optional<std::string_view> context_traits(const RawEvent& raw) {
  if (!raw.context) return std::nullopt;
  for (JsonCursor cursor(*raw.context); cursor.next();) {
    const bool found = !cursor.key().empty() && key_is(cursor.key(), "traits");
    if (found && cursor.value() != "null") return cursor.value();
  }
  return std::nullopt;
}

// What reading an event needs beside its members; the views in it live as long as `texts`.
struct Reading {
  std::optional<EventType> implied;
  std::optional<Time> batch_sent;
  const DecodeContext& context;
  const DecodeLimits& limits;
  Texts& texts;
  std::string& scratch;
};

Checked<void> set_ids(EventView& event, const RawEvent& raw, Reading& reading) {
  const auto read = [&](std::optional<std::string_view> id, const char* key) {
    return read_id(id, key, reading.limits.id_bytes_max, reading.texts);
  };
  const auto message = read(raw.message_id, "messageId");
  const auto user = read(raw.user_id, "userId");
  const auto anonymous = read(raw.anonymous_id, "anonymousId");
  const auto previous = read(raw.previous_id, "previousId");
  for (const auto* id : {&message, &user, &anonymous, &previous}) {
    if (!*id) return tl::unexpected(id->error());
  }
  event.anonymous_id = anonymous->value_or(std::string_view());
  event.previous_id = previous->value_or(std::string_view());
  event.customer = user->value_or(event.anonymous_id);
  if (event.customer.empty()) {
    return tl::unexpected(
        Failure{DeadLetterCode::missing_customer, "neither userId nor anonymousId is given"});
  }
  event.server_id = !*message;
  event.message_id = message->value_or(std::string_view());
  return {};
}

Checked<EventView> build_event(const RawEvent& raw, Reading& reading) {
  EventView event;
  event.source = reading.context.source.str();
  auto type =
      reading.implied ? Checked<EventType>(*reading.implied) : read_type(raw, reading.texts);
  if (!type) return tl::unexpected(type.error());
  event.type = *type;
  if (auto ids = set_ids(event, raw, reading); !ids) return tl::unexpected(ids.error());
  auto name = read_name(raw, event.type, reading.texts);
  if (!name) return tl::unexpected(name.error());
  event.name = *name;

  const bool has_traits = event.type == EventType::identify || event.type == EventType::group;
  const auto traits =
      event.type == EventType::identify && !raw.traits ? context_traits(raw) : raw.traits;
  auto properties =
      has_traits ? read_object(traits, "traits") : read_object(raw.properties, "properties");
  if (!properties) return tl::unexpected(properties.error());
  event.properties = *properties;

  if (auto timed = set_times(event, raw, reading.batch_sent, reading.context, reading.limits,
                             reading.texts);
      !timed) {
    return tl::unexpected(timed.error());
  }
  event.content =
      content_of(event, raw.timestamp ? raw.timestamp : raw.original_timestamp, reading.scratch);
  if (event.server_id) event.message_id = reading.texts.emplace_back(reading.context.next_id());
  return event;
}

// The members of an object, which is walked to its end; null counts as absent.
RawEvent members_of(JsonMembers& members) {
  RawEvent raw;
  while (members.next()) {
    const std::string_view quoted = members.key();
    if (quoted.empty()) continue;  // an array
    const bool plain = quoted.find('\\') == std::string_view::npos;
    const std::string key = plain ? std::string() : unquoted(quoted).value_or(std::string());
    auto* slot = member(raw, plain ? quoted.substr(1, quoted.size() - 2) : std::string_view(key));
    if (slot && !*slot && members.value() != "null") *slot = members.value();
  }
  return raw;
}

std::string customer_in(const RawEvent& raw, Texts& texts) {
  for (const auto& id : {raw.user_id, raw.anonymous_id}) {
    if (!id) continue;
    const auto text = id_text(*id, texts);
    if (text && !text->empty() && text->size() <= 1024) return std::string(*text);
  }
  return {};
}

std::string too_many(const char* what, std::size_t found, std::size_t allowed) {
  return std::string(what) + " " + std::to_string(found) + "; at most " + std::to_string(allowed) +
         " are allowed";
}

}  // namespace

// What a decoder keeps from one text to the next, so that memory is asked for once.
struct Decoder::Parsers {
  JsonIndex json;
  Texts texts;  // of the event at hand
  std::string scratch;

  // Validates every byte of `text`; nullopt when it is JSON.
  std::optional<Failure> validate(std::string_view text) {
    auto trouble = json.read(text);
    if (!trouble) return std::nullopt;
    return Failure{trouble->no_memory ? DeadLetterCode::too_large : DeadLetterCode::malformed_json,
                   std::move(trouble->words)};
  }
};

// Takes what became of each element, in their order.
class Decoder::Sink {
 public:
  virtual ~Sink() = default;
  virtual void take(const EntryRules& rules, const EventView& event) = 0;
  virtual void take(Entry reject) = 0;
};

class Decoder::EntrySink final : public Sink {
 public:
  void take(const EntryRules& rules, const EventView& event) override {
    entries.push_back({rules, event_of(event)});
  }
  void take(Entry reject) override { entries.push_back(std::move(reject)); }

  std::vector<Entry> entries;
};

class Decoder::RecordSink final : public Sink {
 public:
  RecordSink(EncodedBatch& into, std::uint16_t shards) : into_(into), shards_(shards) {}
  void take(const EntryRules& rules, const EventView& event) override {
    add_record(rules, event, shards_, into_.records);
    into_.server_ids += event.server_id ? 1 : 0;
  }
  void take(Entry reject) override { add_record(reject, shards_, into_.records); }

 private:
  EncodedBatch& into_;
  std::uint16_t shards_;
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
    reject.customer_id = customer_in(*raw, parsers_->texts);
    if (raw->message_id) {
      const auto id = id_text(*raw->message_id, parsers_->texts);
      if (id && id->size() <= limits_.id_bytes_max)
        reject.message_id = MessageId(std::string(*id));
    }
  }
  // No dedupe key: the sender may mend the event and send it again under the same id.
  Entry entry;
  entry.rules.backfill = context.backfill;
  entry.content = std::move(reject);
  return entry;
}

Entry Decoder::too_large(std::string_view text, const DecodeContext& context) {
  return reject(DeadLetterCode::too_large,
                too_many("the event has bytes:", text.size(), limits_.event_bytes_max), text,
                nullptr, context);
}

// Of one element of the text that was read last, which is walked to its end.
void Decoder::element(JsonMembers& members, std::optional<EventType> implied,
                      std::optional<Time> batch_sent, const DecodeContext& context, Sink& sink) {
  const RawEvent raw = members_of(members);
  const std::string_view text = members.whole();
  const auto refuse = [&](DeadLetterCode code, std::string reason, const RawEvent* known) {
    sink.take(reject(code, std::move(reason), text, known, context));
  };
  if (text.size() > limits_.event_bytes_max) {
    return sink.take(too_large(text, context));
  }
  if (text.empty() || text.front() != '{') {
    return refuse(DeadLetterCode::not_an_event, "JSON, but no object", nullptr);
  }
  if (members.depth() > limits_.json_depth_max) {
    return refuse(DeadLetterCode::too_deep,
                  too_many("the event nests levels:", members.depth(), limits_.json_depth_max),
                  nullptr);
  }
  parsers_->texts.clear();
  if (!raw.type && !raw.user_id && !raw.anonymous_id && !raw.event && !raw.message_id) {
    return refuse(DeadLetterCode::not_an_event, "an object without type, customer or event",
                  nullptr);
  }
  Reading reading{implied, batch_sent, context, limits_, parsers_->texts, parsers_->scratch};
  auto event = build_event(raw, reading);
  if (!event) return refuse(event.error().code, std::move(event.error().reason), &raw);
  EntryRules rules;
  rules.backfill = context.backfill;
  if (!event->server_id || context.backfill) rules.dedupe_key = dedupe_key_of(*event);
  sink.take(rules, *event);
}

Status Decoder::decode_batch(std::string_view body, const DecodeContext& context, Sink& sink) {
  if (auto bad = parsers_->validate(body)) return refusal_of(*bad);
  const JsonIndex& json = parsers_->json;
  std::optional<JsonIndex::At> list;
  std::optional<Time> sent;
  for (JsonMembers members(json, 0); members.next();) {
    if (members.key().empty()) break;  // an array
    if (!list && key_is(members.key(), "batch")) {
      list = members.at();
      if (!members.value().starts_with('[')) break;
    }
    if (!sent && key_is(members.key(), "sentAt")) {
      if (const auto text = unquoted(members.value())) sent = parse_time(*text);
    }
  }
  if (!list || !json.value(*list).starts_with('[')) {
    return fail(ErrorCode::invalid, "the body is JSON, but no object with an array \"batch\"",
                "not_an_event");
  }
  std::size_t taken = 0;
  for (JsonMembers elements(json, *list); elements.next();) {
    if (taken++ == limits_.batch_events_max) {
      return fail(
          ErrorCode::too_large,
          "the batch holds more than " + std::to_string(limits_.batch_events_max) + " events",
          "too_large");
    }
    JsonMembers members(json, elements.at());
    element(members, std::nullopt, sent, context, sink);
    elements.passed(members);
  }
  return {};
}

Result<DecodedBatch> Decoder::batch(std::string_view body, const DecodeContext& context) {
  EntrySink sink;
  TRY(decode_batch(body, context, sink));
  return DecodedBatch{std::move(sink.entries)};
}

Result<EncodedBatch> Decoder::encoded_batch(std::string_view body, const DecodeContext& context,
                                            std::uint16_t shards) {
  EncodedBatch encoded;
  // An event's record is its own text without most keys, and two hashes more.
  encoded.records.reserve(body.size() / 256, body.size());
  RecordSink sink(encoded, shards);
  TRY(decode_batch(body, context, sink));
  return encoded;
}

Result<DecodedBatch> Decoder::single(EventType type, std::string_view body,
                                     const DecodeContext& context) {
  if (auto bad = parsers_->validate(body)) return refusal_of(*bad);
  EntrySink sink;
  JsonMembers members(parsers_->json, 0);
  element(members, type, std::nullopt, context, sink);
  DecodedBatch decoded{std::move(sink.entries)};
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
  if (event.size() > limits_.event_bytes_max) return too_large(event, context);
  if (auto bad = parsers_->validate(event)) {
    return reject(bad->code, bad->reason, text, nullptr, context);
  }
  EntrySink sink;
  JsonMembers members(parsers_->json, 0);
  element(members, std::nullopt, std::nullopt, context, sink);
  return std::move(sink.entries.front());
}

std::optional<std::string> Decoder::write_key(std::string_view body) {
  if (parsers_->validate(body)) return std::nullopt;
  for (JsonCursor cursor(body); cursor.next();) {
    if (!cursor.key().empty() && key_is(cursor.key(), "writeKey")) return unquoted(cursor.value());
  }
  return std::nullopt;
}

Status Decoder::check_json(std::string_view text) {
  const auto bad = parsers_->validate(text);
  if (!bad) return {};
  return fail(ErrorCode::invalid, bad->reason, std::string(name_of(bad->code)));
}

Status Decoder::check_object(std::string_view text) {
  TRY(check_json(text));
  if (trimmed(text).front() != '{')
    return fail(ErrorCode::invalid, "properties are not an object", "not_an_event");
  if (depth_of(text) >= limits_.json_depth_max) {
    return fail(ErrorCode::invalid, "properties nest too deep", "too_deep");
  }
  return {};
}

}  // namespace tideline
