// What state holds of a customer and of the pipeline: bytes are read or refused as corrupt, what
// was read is written again the same, and a customer that was read computes.
#include <cmath>

#include "base/check.h"
#include "features/compute.h"
#include "features/state_view.h"
#include "harness.h"
#include "pipeline/records.h"
#include "small_pack.h"

namespace tideline::fuzz {
namespace {

const Pack& some_pack() {
  static const auto kParsed = [] {
    auto parsed = Pack::parse(kSmallPack, "fuzz.toml");
    if (!parsed) std::fprintf(stderr, "%s\n", parsed.error().message.c_str());
    CHECK(parsed.has_value());
    return *parsed;
  }();
  return *kParsed;
}

void check_computes(const CustomerState& state, std::string_view encoded) {
  const Pack& pack = some_pack();
  const Time now = state.last_event().value_or(time_from_millis(0)) + Duration(1);
  const FeatureVector vector = compute_features(pack, state, now);
  for (const double value : vector.values) CHECK(std::isfinite(value) || std::isnan(value));
  (void)is_eligible(pack, state, now);
  (void)is_lapsed(pack, state, now);
  CHECK(!encoded.empty());
}

void check_customer(std::string_view bytes) {
  const Pack& pack = some_pack();
  const auto state = CustomerState::decode(pack, bytes);
  if (!state) return CHECK(state.error().code == ErrorCode::corrupt);
  const std::string written = state->encode(pack);
  const auto again = CustomerState::decode(pack, written);
  CHECK(again && again->encode(pack) == written);
  check_computes(*state, written);
}

// A customer that some observations made, with some of its bytes changed.
void check_changed(Input& input) {
  const Pack& pack = some_pack();
  CustomerState state;
  std::vector<Observation> seen;
  const int count = input.byte() % 32;
  for (int i = 0; i < count; ++i) {
    Observation one;
    one.time = time_from_millis(1'700'000'000'000LL + 3'600'000LL * (input.byte() * 24 % 2900));
    one.type = input.byte() % 4 == 0 ? EventType::identify : EventType::track;
    one.event = one.type == EventType::track && input.byte() % 8 != 0 ? 0 : kUnknownEvent;
    one.name_hash = input.byte();
    one.message = std::to_string(input.byte());
    if (one.event == 0)
      one.fields = {{0, static_cast<double>(input.byte()) - 100.25},
                    {1, std::string(input.byte() % 2 == 0 ? "a" : "b")}};
    if (one.type == EventType::identify) one.fields = {{0, std::string("x")}, {1, 7.5}};
    seen.push_back(std::move(one));
  }
  state.apply(pack, seen);
  std::string bytes = state.encode(pack);
  check_customer(bytes);
  const int changes = input.byte() % 4;
  for (int i = 0; i < changes && !bytes.empty(); ++i) {
    bytes[input.word() % bytes.size()] = static_cast<char>(input.byte());
  }
  if (input.byte() % 4 == 0) bytes.resize(input.word() % (bytes.size() + 1));
  check_customer(bytes);
}

template <class T>
void check_record(std::string_view bytes, Result<T> (*decode)(std::string_view)) {
  const auto record = decode(bytes);
  if (!record) return CHECK(record.error().code == ErrorCode::corrupt);
  const std::string written = encode(*record);
  const auto again = decode(written);
  CHECK(again.has_value() && encode(*again) == written);
}

}  // namespace

void state_record(std::string_view bytes) {
  Input input(bytes);
  const std::uint8_t mode = input.byte();
  const std::string_view rest = input.rest();
  switch (mode % 12) {
    case 0: return check_customer(rest);
    case 1: return check_changed(input);
    case 2: return check_record<ShardCommit>(rest, decode_shard_commit);
    case 3: return check_record<ArchiveCursor>(rest, decode_archive_cursor);
    case 4: return check_record<AttemptMark>(rest, decode_attempt);
    case 5: return check_record<DedupeMark>(rest, decode_dedupe_mark);
    case 6: return check_record<ManifestFile>(rest, decode_manifest_file);
    case 7: return check_record<DeadLetter>(rest, decode_dead_letter);
    case 8: return check_record<KeptPrediction>(rest, decode_kept_prediction);
    case 9: return check_record<TierChange>(rest, decode_tier_change);
    case 10: return check_record<AppliedBits>(rest, decode_applied_bits);
    default: {
      const auto place = place_of_dead_letter_id(rest);
      if (place) CHECK(place_of_dead_letter_id(dead_letter_id(*place)) == place);
    }
  }
}

}  // namespace tideline::fuzz
