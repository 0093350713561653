// The bytes of the log, one piece each: what a decoder takes is what an encoder would write.
#include "adapters/segment_log/frame.h"
#include "base/check.h"
#include "harness.h"
#include "pipeline/entry.h"

namespace tideline::fuzz {
namespace {

using namespace segment_log;

void check_entry(std::string_view bytes) {
  const auto head = decode_entry_head(bytes);
  const auto entry = decode_entry(bytes, Time{});
  if (!entry) return CHECK(entry.error().code == ErrorCode::corrupt);
  CHECK(head && head->dedupe_key == entry->rules.dedupe_key);
  const std::string written = encode_entry(*entry);
  const auto again = decode_entry(written, Time{});
  CHECK(again && encode_entry(*again) == written);
  CHECK(record_of(*entry, 16).shard < 16);
  if (const Event* event = entry->event()) {
    const auto twice = again->event();
    CHECK(twice != nullptr && *twice == *event);
    (void)payload_of(*event);
    (void)link_key_of(*event);
  }
}

void check_segment_head(std::string_view bytes) {
  const auto length = head_bytes_in(bytes);
  auto head = decode_segment_head(bytes);
  if (!head) return;
  CHECK(length && *length == head_bytes(head->next_offsets.size()) && *length <= bytes.size());
  SegmentHead copy = *head;
  const std::string written = encode(copy);
  CHECK(copy.check == head->check && written == bytes.substr(0, written.size()));
}

// A frame with the right check sums over arbitrary bytes: the body is what is being read.
void check_frame(Input& input) {
  FrameHead head;
  head.segment = input.byte();
  head.position = input.word();
  head.count = 1 + input.byte() % 7;
  std::string body(input.rest());
  body.resize(aligned(body.size()));
  head.length = static_cast<std::uint32_t>(kFrameHeadBytes + body.size());
  head.body_check = crc32c(body);
  std::string bytes(kFrameHeadBytes, '\0');
  encode(head, 7, bytes.data());
  CHECK(starts_like_frame(bytes.data()));
  const auto again = decode_frame_head(bytes, 7, head.segment);
  CHECK(again && again->position == head.position && again->count == head.count);
  CHECK(!decode_frame_head(bytes, 8, head.segment) && body_intact(*again, body));
  const auto records = decode_records(*again, body);
  if (!records) return;
  CHECK(records->size() == head.count);
  std::size_t used = 0;
  for (const RecordView& record : *records) {
    CHECK(record.payload.data() >= body.data());
    CHECK(record.payload.data() + record.payload.size() <= body.data() + body.size());
    used += kRecordHeadBytes + record.payload.size();
  }
  CHECK(aligned(used) == body.size());
}

// Records as they are written are the records that are read.
void check_records(Input& input) {
  std::vector<NewRecord> records;
  while (!input.empty() && records.size() < 32) {
    NewRecord record;
    record.shard = input.byte() % 16;
    record.kind = input.byte() % 2 == 0 ? RecordKind::event : RecordKind::reject;
    record.payload = std::string(input.rest().substr(0, input.byte() % 100));
    records.push_back(std::move(record));
  }
  RecordBatch batch(records);
  CHECK(batch.size() == records.size());
  std::string body = batch.empty() ? std::string() : batch.take().substr(RecordBatch::kFrontRoom);
  std::vector<std::uint64_t> next(16, 5);
  std::vector<Place> places;
  assign_places(body, next, places);
  FrameHead head;
  head.count = static_cast<std::uint32_t>(records.size());
  body.resize(aligned(body.size()));
  head.body_check = crc32c(body);
  const auto read = decode_records(head, body);
  CHECK(read && read->size() == records.size() && places.size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    CHECK((*read)[i].place == places[i] && (*read)[i].kind == records[i].kind);
    CHECK((*read)[i].payload == records[i].payload && places[i].shard == records[i].shard);
  }
}

}  // namespace

void log_record(std::string_view bytes) {
  Input input(bytes);
  switch (input.byte() % 4) {
    case 0: return check_entry(input.rest());
    case 1: return check_segment_head(input.rest());
    case 2: return check_frame(input);
    default: return check_records(input);
  }
}

}  // namespace tideline::fuzz
