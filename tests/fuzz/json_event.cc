// Events as clients send them: no text is taken for JSON that a second parser refuses, limits
// hold, and what was taken survives the log and a retry unchanged.
#include <algorithm>
#include <cctype>
#include <cmath>

#include <boost/json.hpp>

#include "base/check.h"
#include "harness.h"
#include "pipeline/decoder.h"
#include "pipeline/json_scan.h"

namespace tideline::fuzz {
namespace {

namespace json = boost::json;

constexpr DecodeLimits kLimits{
    .batch_events_max = 5, .event_bytes_max = 2048, .json_depth_max = 8, .id_bytes_max = 32};
const Time kReceived = time_from_millis(1'750'000'000'000);

DecodeContext context(bool backfill) {
  return {SourceId("shop"), kReceived, backfill, [] { return std::string("made"); }};
}

std::optional<json::value> second_opinion(std::string_view text) {
  json::parse_options options;
  options.max_depth = 70'000;
  json::error_code error;
  json::value value = json::parse(text, error, {}, options);
  return error ? std::nullopt : std::optional(std::move(value));
}

// Numbers that only one of the two parsers takes: integers beyond 64 bits, large exponents.
bool has_odd_number(std::string_view text) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    digits = std::isdigit(static_cast<unsigned char>(text[i])) ? digits + 1 : 0;
    if (digits >= 19) return true;
    const bool exponent = text[i] == 'e' || text[i] == 'E';
    if (exponent && i > 0 && std::isdigit(static_cast<unsigned char>(text[i - 1]))) return true;
  }
  return false;
}

void check_event(const Event& event, bool backfill) {
  CHECK(!event.customer.empty());
  CHECK(event.customer.str().size() <= kLimits.id_bytes_max);
  CHECK(event.message_id.str().size() <= kLimits.id_bytes_max);
  CHECK(event.type != EventType::track || !event.name.empty());
  CHECK(millis(event.event_time) >= 0);
  CHECK(backfill || event.event_time <= kReceived + kLimits.future_skew_max);
  CHECK(backfill || event.arrival_time == kReceived);
  const auto properties = second_opinion(event.properties);
  CHECK(properties ? properties->is_object() : has_odd_number(event.properties));
}

void check_reject(const Reject& reject, std::string_view text) {
  CHECK(!reject.reason.empty());
  CHECK(reject.payload.size() <= kLimits.event_bytes_max);
  CHECK(reject.payload_bytes <= text.size());
  CHECK(reject.payload_bytes == reject.payload.size() ||
        reject.payload.size() == kLimits.event_bytes_max);
  CHECK(text.find(reject.payload) != std::string_view::npos);
}

// Through the log and back, byte for byte.
void check_bytes(const Entry& entry) {
  const NewRecord record = record_of(entry, 16);
  CHECK(record.shard < 16);
  const auto head = decode_entry_head(record.payload);
  CHECK(head && head->dedupe_key == entry.rules.dedupe_key);
  const auto again = decode_entry(record.payload, Time{});
  CHECK(again.has_value());
  CHECK(encode_entry(*again) == record.payload);
}

// A dead letter of the event can be sent again and means the same.
void check_payload(Decoder& decoder, const Event& event) {
  const std::string payload = payload_of(event);
  const auto value = second_opinion(payload);
  CHECK(value ? value->is_object() : has_odd_number(payload));
  if (payload.size() > kLimits.event_bytes_max) return;
  const Entry entry = decoder.line(payload, context(true));
  const Event* again = entry.event();
  CHECK(again != nullptr);
  CHECK(again->type == event.type && again->customer == event.customer);
  CHECK(again->name == event.name && again->properties == event.properties);
  CHECK(again->event_time == event.event_time && again->message_id == event.message_id);
}

void check_line(Decoder& decoder, std::string_view text, bool backfill) {
  const Entry entry = decoder.line(text, context(backfill));
  const std::string_view bare = trimmed(text);
  const bool small = bare.size() <= kLimits.event_bytes_max;
  const auto value = second_opinion(bare);
  const Reject* reject = entry.reject();
  const bool taken_for_json = small && !(reject && reject->code == DeadLetterCode::malformed_json);
  if (taken_for_json != value.has_value() && small) CHECK(has_odd_number(bare));
  if (reject) return check_reject(*reject, text), check_bytes(entry);
  if (value) CHECK(value->is_object());
  CHECK(depth_of(bare) <= kLimits.json_depth_max);
  check_event(*entry.event(), backfill);
  check_bytes(entry);
  check_payload(decoder, *entry.event());
}

// In a batch an event is what it is alone.
void check_batch(Decoder& decoder, std::string_view text) {
  const auto alone = decoder.line(text, context(false));
  const std::string body = "{\"batch\":[" + std::string(text) + "]}";
  const auto batch = decoder.batch(body, context(false));
  if (!second_opinion(trimmed(text)) || !batch) return;
  CHECK(batch->entries.size() == 1);
  CHECK(encode_entry(batch->entries.front()) == encode_entry(alone) ||
        trimmed(text).size() != text.size() || text.size() > kLimits.event_bytes_max);
}

}  // namespace

void json_event(std::string_view bytes) {
  static Decoder decoder(kLimits);
  Input input(bytes);
  const std::uint8_t mode = input.byte();
  const std::string_view text = input.rest();
  if (mode % 4 < 2) return check_line(decoder, text, mode % 4 == 1);
  if (mode % 4 == 2) return check_batch(decoder, text);
  const auto batch = decoder.batch(text, context(false));
  if (batch) {
    CHECK(second_opinion(text) || has_odd_number(text));
    CHECK(batch->entries.size() <= kLimits.batch_events_max);
    for (const Entry& entry : batch->entries) {
      if (entry.event()) check_event(*entry.event(), false);
      check_bytes(entry);
    }
  }
  const auto single = decoder.single(EventType::track, text, context(false));
  CHECK(!single || second_opinion(text) || has_odd_number(text));
  const auto key = decoder.write_key(text);
  CHECK(!key || second_opinion(text) || has_odd_number(text));
}

}  // namespace tideline::fuzz
