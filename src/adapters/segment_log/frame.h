// The bytes of a segment file: segment head, frames, records. docs/formats/segment-log.md
// describes them; this is the only place that knows where a field lies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/event_log.h"

namespace tideline::segment_log {

inline constexpr std::size_t kFrameHeadBytes = RecordBatch::kFrontRoom;
inline constexpr std::size_t kRecordHeadBytes = RecordBatch::kHeadBytes;
inline constexpr std::size_t kFrameAlignment = 8;
inline constexpr std::size_t kHeadBlockBytes = 4096;
inline constexpr std::uint32_t kFormat = 1;

// The first bytes of a segment: who it is and where the log stood when it was begun.
struct SegmentHead {
  std::uint64_t number = 1;         // consecutive over the log's life
  std::uint64_t segment_bytes = 0;  // of the whole file
  std::uint64_t salt = 0;
  LogPosition first = 0;  // position of its first record
  Time created{};
  // The segment before it: where its frames end, the check sum of its last frame, its latest
  // stored time. Zero in the log's first segment.
  std::uint64_t previous_end = 0;
  std::uint32_t previous_chain = 0;
  Time previous_last_stored{};
  std::vector<std::uint64_t> next_offsets;  // by shard

  // Filled by encode and decode: this head's own check sum, which the first frame continues.
  std::uint32_t check = 0;
};

// A multiple of 4096.
[[nodiscard]] std::uint64_t head_bytes(std::size_t shards);
// Sets head.check.
[[nodiscard]] std::string encode(SegmentHead& head);
// From the first bytes of a file, at least head_bytes_in() of them. corrupt, with the byte in the
// message, when they are not an intact head; refused for another format.
[[nodiscard]] Result<SegmentHead> decode_segment_head(std::string_view bytes);
// Length of the head whose first block this is; nullopt when it is none.
[[nodiscard]] std::optional<std::uint64_t> head_bytes_in(std::string_view block);

// What every check sum of a segment's frames starts from.
[[nodiscard]] std::uint32_t seed_of(const SegmentHead& head);

enum class FrameKind : std::uint8_t {
  records = 1,
  mark = 2,  // no records: says that everything before it is on disk
};

struct FrameHead {
  FrameKind kind = FrameKind::records;
  std::uint32_t length = 0;  // head, records and padding; a multiple of 8
  std::uint64_t segment = 0;
  LogPosition position = 0;  // of the first record; of the next one in a mark
  LogPosition durable = 0;   // every record before this one was synced when the frame was written
  Time stored{};
  std::uint32_t count = 0;
  std::uint32_t previous = 0;    // check of the frame before, or of the segment's head
  std::uint32_t body_check = 0;  // CRC-32C of the bytes after the head
  std::uint32_t check = 0;       // of the 60 bytes before it; covers the body through body_check
};

// Writes kFrameHeadBytes to `into` and sets head.check.
void encode(FrameHead& head, std::uint32_t seed, char* into);
// nullopt when these bytes are no intact frame head of this segment.
[[nodiscard]] std::optional<FrameHead> decode_frame_head(std::string_view bytes,
                                                         std::uint32_t seed,
                                                         std::uint64_t segment);
// A quick no, for scans.
[[nodiscard]] bool starts_like_frame(const char* bytes);

// Whether a frame's bytes after the head are the ones that were written.
[[nodiscard]] bool body_intact(const FrameHead& head, std::string_view body);

struct RecordView {
  Place place;
  RecordKind kind = RecordKind::event;
  std::string_view payload;
};

// Walks the records of a body whose offsets are unknown, giving each its place from
// `next_offsets`.
void assign_places(std::span<char> body, std::vector<std::uint64_t>& next_offsets,
                   std::vector<Place>& places);
// The records of an intact body; nullopt when they do not fill it.
[[nodiscard]] std::optional<std::vector<RecordView>> decode_records(const FrameHead& head,
                                                                    std::string_view body);

[[nodiscard]] constexpr std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

}  // namespace tideline::segment_log
