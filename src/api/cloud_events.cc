#include "api/cloud_events.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "api/base64.h"
#include "pipeline/json_scan.h"

namespace tideline {
namespace {

// What of a CloudEvent makes an event of ours, each part as JSON text; empty: not given.
struct Parts {
  std::string id, type, subject, time, sent_at, user_id, anonymous_id;
  std::string data;
};

struct Attribute {
  std::string_view name;
  std::string Parts::*part;
};
// The last three are extensions; CloudEvents has no attributes for what they say.
constexpr std::array<Attribute, 7> kAttributes = {{{"id", &Parts::id},
                                                   {"type", &Parts::type},
                                                   {"subject", &Parts::subject},
                                                   {"time", &Parts::time},
                                                   {"sentat", &Parts::sent_at},
                                                   {"userid", &Parts::user_id},
                                                   {"anonymousid", &Parts::anonymous_id}}};

// Raw JSON text of those members of an object that tell whether it is an event of ours.
struct Members {
  std::string_view type, user_id, anonymous_id, message_id, timestamp, sent_at, event, properties;
  bool has_content = false;  // event, properties, traits, groupId or previousId
};

Members members_of(std::string_view object) {
  struct Member {
    std::string_view name;
    std::string_view Members::*text;
  };
  static constexpr std::array<Member, 9> kMembers = {{{"type", &Members::type},
                                                      {"userId", &Members::user_id},
                                                      {"anonymousId", &Members::anonymous_id},
                                                      {"messageId", &Members::message_id},
                                                      {"timestamp", &Members::timestamp},
                                                      {"originalTimestamp", &Members::timestamp},
                                                      {"sentAt", &Members::sent_at},
                                                      {"event", &Members::event},
                                                      {"properties", &Members::properties}}};
  static constexpr std::array<std::string_view, 5> kContent = {"event", "properties", "traits",
                                                               "groupId", "previousId"};
  Members members;
  if (!object.starts_with('{')) return members;
  for (JsonCursor cursor(object); cursor.next();) {
    if (cursor.value() == "null") continue;
    const auto is_key = [&](std::string_view name) { return key_is(cursor.key(), name); };
    for (const Member& member : kMembers) {
      if (is_key(member.name)) members.*member.text = cursor.value();
    }
    members.has_content = members.has_content || std::ranges::any_of(kContent, is_key);
  }
  return members;
}

bool names_type(std::string_view raw) {
  const auto text = unquoted(raw);
  return text && event_type_of(*text).has_value();
}

std::string_view first_given(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

// Members of a JSON object that are there, written before the closing bracket.
class Object {
 public:
  void add(std::string_view name, std::string_view raw) {
    if (raw.empty()) return;
    text_ += text_.empty() ? "" : ",";
    text_.append("\"").append(name).append("\":").append(raw);
  }
  // All members of another object; those added before win.
  void add_members_of(std::string_view object) {
    const std::string_view inside = trimmed(object.substr(1, object.size() - 2));
    if (inside.empty()) return;
    text_ += text_.empty() ? "" : ",";
    text_ += inside;
  }
  [[nodiscard]] std::string take() { return "{" + std::move(text_) + "}"; }

 private:
  std::string text_;
};

// Whether the data is an event of ours; `named`: the CloudEvent's type is one of ours.
bool is_event(const Members& given, bool named) {
  const bool somebody = !given.user_id.empty() || !given.anonymous_id.empty();
  if (names_type(given.type)) return somebody;
  if (named) return somebody || given.has_content;
  return somebody && !given.event.empty() && given.properties.starts_with('{');
}

// Data that is an event of ours, completed from the attributes.
std::string completed(const Parts& parts, const Members& given, std::string_view type) {
  Object event;
  if (!names_type(given.type)) event.add("type", type);
  if (given.message_id.empty()) event.add("messageId", parts.id);
  if (given.timestamp.empty()) event.add("timestamp", parts.time);
  if (given.sent_at.empty()) event.add("sentAt", parts.sent_at);
  if (given.user_id.empty()) event.add("userId", first_given({parts.user_id, parts.subject}));
  if (given.anonymous_id.empty()) event.add("anonymousId", parts.anonymous_id);
  event.add_members_of(parts.data);
  return event.take();
}

std::string event_text(const Parts& parts) {
  const Members given = members_of(parts.data);
  const bool named = names_type(parts.type);
  const std::string_view type = named ? std::string_view(parts.type) : "\"track\"";
  if (is_event(given, named)) return completed(parts, given, type);
  Object event;
  event.add("type", type);
  if (!named) event.add("event", parts.type);
  event.add("messageId", parts.id);
  event.add("userId", first_given({parts.user_id, given.user_id, parts.subject}));
  event.add("anonymousId", first_given({parts.anonymous_id, given.anonymous_id}));
  event.add("timestamp", parts.time);
  event.add("sentAt", parts.sent_at);
  const auto our_type = event_type_of(unquoted(type).value_or(""));
  const bool traits = our_type == EventType::identify || our_type == EventType::group;
  event.add(traits ? "traits" : "properties", parts.data);
  return event.take();
}

bool is_json_type(std::string_view media_type) {
  const std::string_view bare = trimmed(media_type.substr(0, media_type.find(';')));
  return bare.ends_with("/json") || bare.ends_with("+json");
}

std::string wrapped(std::string_view name, std::string_view raw) {
  return "{\"" + std::string(name) + "\":" + std::string(raw) + "}";
}

// JSON as properties: what is no object becomes the member "data" of one.
std::string as_object(std::string_view json) {
  const std::string_view text = trimmed(json);
  return text.starts_with('{') ? std::string(text) : wrapped("data", text);
}

// Bytes of binary mode as properties: JSON, else text, else base64.
Result<std::string> object_of_bytes(Decoder& decoder, std::string_view bytes,
                                    std::optional<std::string_view> media_type) {
  if (bytes.empty()) return std::string();
  const bool must_be_json = media_type && is_json_type(*media_type);
  if (must_be_json || !media_type || trimmed(bytes).starts_with('{')) {
    auto checked = decoder.check_json(bytes);
    if (checked) return as_object(bytes);
    if (must_be_json) return tl::unexpected(std::move(checked).error());
  }
  if (simdjson::validate_utf8(bytes.data(), bytes.size())) {
    return wrapped("data", http::json_string(bytes));
  }
  return wrapped("data_base64", http::json_string(base64_encode(bytes)));
}

// The text of an attribute in a field of the head: a quoted string or not, percent-encoded
// (CloudEvents HTTP binding, 3.1.3.2).
std::string attribute_text(std::string_view field) {
  std::string text;
  if (field.size() >= 2 && field.starts_with('"') && field.ends_with('"')) {
    field = field.substr(1, field.size() - 2);
    for (std::size_t i = 0; i < field.size(); ++i) {
      if (field[i] == '\\' && i + 1 < field.size()) ++i;
      text += field[i];
    }
  } else {
    text = field;
  }
  auto decoded = http::percent_decode(text);
  return decoded ? *std::move(decoded) : text;
}

Result<std::string> event_in_head(Decoder& decoder, const http::Request& request) {
  Parts parts;
  for (const Attribute& attribute : kAttributes) {
    const auto field = request.headers.get("ce-" + std::string(attribute.name));
    if (field) parts.*attribute.part = http::json_string(attribute_text(*field));
  }
  std::string bytes = request.body;
  if (request.headers.get("ce-datacontentencoding").value_or("") == "base64") {
    bytes = base64_decode(bytes).value_or(bytes);
  }
  TRY_ASSIGN(parts.data, object_of_bytes(decoder, bytes, request.headers.get("Content-Type")));
  return event_text(parts);
}

// data_base64, or data of 0.3 that says so: JSON where it is JSON, else left as it came.
std::string object_of_base64(Decoder& decoder, std::string_view raw, std::string_view media_type) {
  const auto text = unquoted(raw);
  const auto bytes = text ? base64_decode(*text) : std::nullopt;
  const bool json = media_type.empty() || is_json_type(media_type);
  if (bytes && json && decoder.check_json(*bytes)) return as_object(*bytes);
  return wrapped("data_base64", raw);
}

// An object in the JSON format of CloudEvents; nullopt when it is none.
std::optional<std::string> event_in_object(Decoder& decoder, std::string_view object) {
  if (!object.starts_with('{')) return std::nullopt;
  Parts parts;
  std::string_view data, base64, media_type, encoding, version;
  for (JsonCursor cursor(object); cursor.next();) {
    if (cursor.value() == "null") continue;
    const auto is_key = [&](std::string_view name) { return key_is(cursor.key(), name); };
    for (const Attribute& attribute : kAttributes) {
      if (is_key(attribute.name)) parts.*attribute.part = cursor.value();
    }
    if (is_key("data")) data = cursor.value();
    if (is_key("data_base64")) base64 = cursor.value();
    if (is_key("datacontenttype")) media_type = cursor.value();
    if (is_key("datacontentencoding")) encoding = cursor.value();
    if (is_key("specversion")) version = cursor.value();
  }
  if (version.empty() && (parts.id.empty() || parts.type.empty())) return std::nullopt;
  const std::string type = unquoted(media_type).value_or("");
  if (base64.empty() && encoding == "\"base64\"") base64 = data;
  if (!base64.empty()) {
    parts.data = object_of_base64(decoder, base64, type);
  } else if (!data.empty()) {
    parts.data = as_object(data);
  }
  return event_text(parts);
}

Error not_a_cloud_event() {
  return {ErrorCode::invalid,
          "the body is JSON, but no CloudEvent: an object with specversion, id and type, or a "
          "list of such",
          "not_an_event"};
}

// A list in the JSON format; what in it is no CloudEvent is left as it is and refused by itself.
void append_list(Decoder& decoder, std::string_view list, std::string& texts) {
  // Decoding an element reuses the decoder's parser, not its text: cutting goes on undisturbed.
  bool first = true;
  for (JsonCursor cursor(list); cursor.next();) {
    const auto event = event_in_object(decoder, cursor.value());
    texts += std::exchange(first, false) ? "" : ",";
    texts += event ? *event : wrapped("cloudevent", cursor.value());
  }
}

}  // namespace

Result<std::vector<Entry>> decode_cloud_events(Decoder& decoder, const http::Request& request,
                                               const DecodeContext& context) {
  const std::string_view media_type = request.headers.get("Content-Type").value_or("");
  const bool in_head = !media_type.starts_with("application/cloudevents") &&
                       (request.headers.get("ce-id") || request.headers.get("ce-type"));
  const std::string_view body = trimmed(request.body);
  std::string batch = "{\"batch\":[";
  if (in_head) {
    TRY_ASSIGN(const std::string event, event_in_head(decoder, request));
    batch += event;
  } else {
    if (body.empty()) return fail(ErrorCode::invalid, "the body is empty", "malformed_json");
    TRY(decoder.check_json(body));
    if (body.starts_with('[')) {
      append_list(decoder, body, batch);
    } else if (const auto event = event_in_object(decoder, body)) {
      batch += *event;
    } else {
      return tl::unexpected(not_a_cloud_event());
    }
  }
  batch += "]}";
  TRY_ASSIGN(DecodedBatch decoded, decoder.batch(batch, context));
  const bool alone = in_head || !body.starts_with('[');
  const Reject* bad = alone ? decoded.entries.front().reject() : nullptr;
  if (bad && bad->code == DeadLetterCode::too_large) {
    return fail(ErrorCode::too_large, bad->reason, "too_large");
  }
  return std::move(decoded.entries);
}

}  // namespace tideline
