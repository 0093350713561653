// LogReader: durable records by position, through a sparse index that grows as it reads.
#pragma once

#include <map>
#include <vector>

#include "adapters/segment_log/segment_folder.h"

namespace tideline::segment_log {

// Not thread-safe, but safe beside the writer. Must not run beside SegmentFolder::trim.
class LogReader {
 public:
  explicit LogReader(SegmentFolder& folder) : folder_(folder) {}

  // As EventLog::read.
  [[nodiscard]] Result<std::vector<LogRecord>> read(LogPosition from, std::size_t records_max,
                                                    std::size_t bytes_max);
  // Checks one segment's every durable byte against the disk, adding to `verified`.
  Status verify(const Segment& segment, SegmentLog::Verified& verified);
  // Forgets what belongs to segments that are gone.
  void trimmed();

 private:
  struct Wanted {
    LogPosition next = 0;
    std::size_t records_max = 0;
    std::size_t bytes_max = 0;
    std::size_t bytes = 0;
    std::vector<LogRecord> records;
    bool full = false;
  };
  Status read_segment(const Segment& segment, Wanted& wanted);
  // The checked records of the frame at `point`; kept, since a large frame is read in pieces.
  [[nodiscard]] Result<const std::vector<RecordView>*> frame_records(const Segment& segment,
                                                                     const LogPoint& point,
                                                                     const FrameHead& head,
                                                                     std::uint64_t limit);
  void take(const FrameHead& head, const std::vector<RecordView>& records, Wanted& wanted);
  // The last known place in the segment at or before `position`.
  [[nodiscard]] LogPoint nearest(const Segment& segment, LogPosition position) const;
  void remember(const Segment& segment, const LogPoint& point);

  SegmentFolder& folder_;
  ByteWindow window_;
  std::map<std::uint64_t, std::vector<LogPoint>> index_;  // by segment number, ascending
  std::uint64_t hint_segment_ = 0;
  LogPoint hint_;  // where the last read ended: the next one begins there
  // The last frame of which records were asked: views into window_ as of frame_load_.
  std::uint64_t frame_segment_ = 0;
  std::uint64_t frame_offset_ = 0;
  std::uint64_t frame_load_ = 0;
  std::vector<RecordView> frame_records_;
};

}  // namespace tideline::segment_log
