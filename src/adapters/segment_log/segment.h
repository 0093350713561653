// Segment: one open segment file, and the walk over its frames that recovery, reading and
// verification share.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/segment_log/frame.h"
#include "base/file.h"

namespace tideline::segment_log {

struct Segment {
  std::string name;  // "0000000001.seg"
  std::string path;
  SegmentHead head;
  std::uint32_t seed = 0;
  std::unique_ptr<File> file;
  // Durable frames end here, and this is the position after the last of them. Written by the log's
  // writer after each sync, read by anybody; final once there is a later segment.
  std::atomic<std::uint64_t> end_bytes{0};
  std::atomic<LogPosition> end{0};

  [[nodiscard]] std::uint64_t first_frame() const { return head_bytes(head.next_offsets.size()); }
};

[[nodiscard]] std::string segment_name(std::uint64_t number);

// Opens and checks the head; end_bytes and end stand at the first frame. corrupt, refused: see
// decode_segment_head; a file shorter than its head says is corrupt.
[[nodiscard]] Result<std::unique_ptr<Segment>> open_segment(FileSystem& files,
                                                            const std::string& folder,
                                                            const std::string& name);

// "FILE: byte N: why" as an Error.
[[nodiscard]] Error damage_at(const Segment& segment, std::uint64_t offset, std::string_view why);

// A piece of a file in memory, for walking forward without a system call a frame.
class ByteWindow {
 public:
  // The bytes [offset, offset + bytes) of the segment; fewer when `limit` comes first. Bytes below
  // `limit` must not change any more. The view lives until the next call.
  [[nodiscard]] Result<std::string_view> at(const Segment& segment, std::uint64_t offset,
                                            std::size_t bytes, std::uint64_t limit);
  // Changes whenever views given before are gone.
  [[nodiscard]] std::uint64_t loads() const { return loads_; }

 private:
  std::uint64_t segment_ = 0;  // number; 0: nothing loaded
  std::uint64_t start_ = 0;
  std::uint64_t loads_ = 0;
  std::string bytes_;
};

// Where the log stands between two frames of a segment.
struct LogPoint {
  std::uint64_t offset = 0;  // byte of the next frame
  LogPosition position = 0;  // of the next record
  std::uint32_t chain = 0;   // check sum of the frame before
};

[[nodiscard]] LogPoint start_of(const Segment& segment);

// A LogPoint with what appending needs to go on.
struct LogTail {
  LogPoint point;
  std::vector<std::uint64_t> next_offsets;  // by shard
  Time last_stored{};                       // latest in this segment
  bool marked = true;                       // a mark, or nothing, stands before this point
};

[[nodiscard]] LogTail tail_at_start(const Segment& segment);

// Writes a mark at the tail, which says that everything before it is on disk, and moves the tail.
Status write_mark(Segment& segment, LogTail& tail, Time now);

struct Damage {
  std::uint64_t offset = 0;
  std::string why;
};

// The head of the frame at `point`, checked in itself and as the next one; or what is wrong.
struct NextFrame {
  std::optional<FrameHead> head;
  std::string why;
};
[[nodiscard]] Result<NextFrame> frame_at(const Segment& segment, const LogPoint& point,
                                         std::uint64_t limit, ByteWindow& window);
[[nodiscard]] LogPoint after(const FrameHead& head, const LogPoint& point);

// The records of the frame at `point`, its body checked and its records' places consecutive with
// `next_offsets` (which is moved on) where given; or what is wrong.
struct FrameRecords {
  std::optional<std::vector<RecordView>> records;
  std::string why;
};
[[nodiscard]] Result<FrameRecords> records_at(const Segment& segment, const LogPoint& point,
                                              const FrameHead& head, std::uint64_t limit,
                                              ByteWindow& window,
                                              std::vector<std::uint64_t>* next_offsets);

// Walks and checks frame after frame, moving `tail`, until `limit` (nullopt) or the first bytes
// that are not the next frame.
[[nodiscard]] Result<std::optional<Damage>> walk(
    const Segment& segment, std::uint64_t limit, LogTail& tail,
    const std::function<void(const FrameHead&)>& visit);

}  // namespace tideline::segment_log
