// Decoder: JSON as clients send it -> checked and normalised entries. The only reader of events'
// JSON.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pipeline/entry.h"

namespace tideline {

struct RawEvent;
class JsonMembers;

struct DecodeLimits {
  std::size_t batch_events_max = 2'500;
  std::size_t event_bytes_max = 32 * 1024;
  std::size_t json_depth_max = 32;  // of one event; the event itself is depth 1
  std::size_t id_bytes_max = 128;
  Duration future_skew_max = std::chrono::minutes(5);
};

// What is known of a request beside its body.
struct DecodeContext {
  SourceId source;
  Time received{};
  bool backfill = false;  // event's own time is its arrival, unless receivedAt is given
  std::function<std::string()> next_id;  // makes ids for events without one; unique
};

struct DecodedBatch {
  std::vector<Entry> entries;
};

// The same, as the log takes it.
struct EncodedBatch {
  RecordBatch records;
  std::size_t server_ids = 0;  // events whose id was made here
};

class Decoder {
 public:
  explicit Decoder(DecodeLimits limits);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // {"batch":[...]}: the whole text is validated. invalid with reason malformed_json or
  // not_an_event for the body; too_large when it holds more than batch_events_max. Single bad
  // elements become rejects.
  [[nodiscard]] Result<DecodedBatch> batch(std::string_view body, const DecodeContext& context);
  // As batch(), for who does not ask what became of each: nothing is copied but into the records.
  [[nodiscard]] Result<EncodedBatch> encoded_batch(std::string_view body,
                                                   const DecodeContext& context,
                                                   std::uint16_t shards);
  // One event of a given type (POST /v1/track ...). A bad one is a reject in the answer; a body
  // that is no JSON object is an error like that of batch().
  [[nodiscard]] Result<DecodedBatch> single(EventType type, std::string_view body,
                                            const DecodeContext& context);
  // One line of NDJSON; never fails: what is wrong is a reject.
  [[nodiscard]] Entry line(std::string_view text, const DecodeContext& context);

  // "writeKey" at the top of a JSON object.
  [[nodiscard]] std::optional<std::string> write_key(std::string_view body);

  // Every byte of `text` is one JSON value; else invalid with reason malformed_json.
  [[nodiscard]] Status check_json(std::string_view text);
  // Checks that `text` is one JSON object within the limits, e.g. the properties of an import's
  // row.
  [[nodiscard]] Status check_object(std::string_view text);

 private:
  struct Parsers;
  class Sink;
  class EntrySink;
  class RecordSink;
  Status decode_batch(std::string_view body, const DecodeContext& context, Sink& sink);
  void element(JsonMembers& members, std::optional<EventType> implied,
               std::optional<Time> batch_sent, const DecodeContext& context, Sink& sink);
  Entry too_large(std::string_view text, const DecodeContext& context);
  Entry reject(DeadLetterCode code, std::string reason, std::string_view payload,
               const RawEvent* raw, const DecodeContext& context);
  std::unique_ptr<Parsers> parsers_;
  DecodeLimits limits_;
};

}  // namespace tideline
