#include "adapters/segment_log/log_reader.h"

#include <algorithm>

namespace tideline::segment_log {
namespace {

constexpr std::uint64_t kIndexStride = 64 << 10;  // bytes between remembered places

}  // namespace

Result<std::vector<LogRecord>> LogReader::read(LogPosition from, std::size_t records_max,
                                               std::size_t bytes_max) {
  const LogPosition begin = folder_.begin();
  if (from < begin) {
    return fail(ErrorCode::not_found, "position " + std::to_string(from) +
                                          " was trimmed from the log; it begins at " +
                                          std::to_string(begin));
  }
  Wanted wanted{from, records_max, bytes_max};
  while (wanted.records.size() < records_max && !wanted.full && wanted.next < folder_.end()) {
    const Segment* segment = folder_.find(wanted.next);
    if (const Status read = read_segment(*segment, wanted); !read) {
      // What was read before the damage is good; the next read begins with it and says so.
      if (!wanted.records.empty()) break;
      return fail(read.error());
    }
  }
  return std::move(wanted.records);
}

Status LogReader::read_segment(const Segment& segment, Wanted& wanted) {
  const LogPosition end = segment.end.load(std::memory_order_acquire);
  const std::uint64_t limit = segment.end_bytes.load(std::memory_order_acquire);
  LogPoint point = nearest(segment, wanted.next);
  while (wanted.next < end && wanted.records.size() < wanted.records_max && !wanted.full) {
    TRY_ASSIGN(const NextFrame next, frame_at(segment, point, limit, window_));
    if (!next.head) return fail(damage_at(segment, point.offset, next.why));
    const FrameHead& head = *next.head;
    if (head.position + head.count > wanted.next) {
      TRY_ASSIGN(const auto* records, frame_records(segment, point, head, limit));
      take(head, *records, wanted);
      if (head.position + head.count > wanted.next) break;  // some of it is left for the next read
    }
    point = after(head, point);
    remember(segment, point);
  }
  hint_segment_ = segment.head.number;
  hint_ = point;
  return {};
}

Result<const std::vector<RecordView>*> LogReader::frame_records(const Segment& segment,
                                                                const LogPoint& point,
                                                                const FrameHead& head,
                                                                std::uint64_t limit) {
  if (frame_segment_ == segment.head.number && frame_offset_ == point.offset &&
      frame_load_ == window_.loads()) {
    return &frame_records_;
  }
  TRY_ASSIGN(FrameRecords body, records_at(segment, point, head, limit, window_, nullptr));
  if (!body.records) return fail(damage_at(segment, point.offset, body.why));
  frame_records_ = *std::move(body.records);
  frame_segment_ = segment.head.number;
  frame_offset_ = point.offset;
  frame_load_ = window_.loads();
  return &frame_records_;
}

void LogReader::take(const FrameHead& head, const std::vector<RecordView>& records,
                     Wanted& wanted) {
  for (auto i = wanted.next - head.position; i < records.size(); ++i) {
    const RecordView& record = records[i];
    wanted.bytes += record.payload.size();
    wanted.full = !wanted.records.empty() && wanted.bytes > wanted.bytes_max;
    if (wanted.full || wanted.records.size() == wanted.records_max) return;
    wanted.records.push_back(
        {wanted.next, record.place, record.kind, head.stored, std::string(record.payload)});
    ++wanted.next;
  }
}

LogPoint LogReader::nearest(const Segment& segment, LogPosition position) const {
  LogPoint point = start_of(segment);
  if (const auto found = index_.find(segment.head.number); found != index_.end()) {
    const auto& points = found->second;
    const auto after = std::upper_bound(
        points.begin(), points.end(), position,
        [](LogPosition wanted, const LogPoint& known) { return wanted < known.position; });
    if (after != points.begin()) point = *std::prev(after);
  }
  const bool hinted = hint_segment_ == segment.head.number && hint_.position <= position &&
                      hint_.offset > point.offset;
  return hinted ? hint_ : point;
}

void LogReader::remember(const Segment& segment, const LogPoint& point) {
  auto& points = index_[segment.head.number];
  const std::uint64_t last = points.empty() ? segment.first_frame() : points.back().offset;
  if (point.offset >= last + kIndexStride) points.push_back(point);
}

void LogReader::trimmed() {
  const Segment* first = folder_.segment_from(0);
  index_.erase(index_.begin(), index_.lower_bound(first->head.number));
}

Status LogReader::verify(const Segment& segment, SegmentLog::Verified& verified) {
  // Asked for first: once there is a next segment, this one's end is final.
  const Segment* next = folder_.segment_from(segment.head.number + 1);
  segment.file->forget_cached();
  const std::uint64_t limit = segment.end_bytes.load(std::memory_order_acquire);
  std::string bytes(segment.first_frame(), '\0');
  TRY_ASSIGN(const std::size_t got, read_up_to(*segment.file, 0, bytes));
  bytes.resize(got);
  const auto head = decode_segment_head(bytes);
  if (!head || head->check != segment.head.check) {
    return fail(damage_at(segment, 0, "the segment's head is not what was written"));
  }
  LogTail tail = tail_at_start(segment);
  TRY_ASSIGN(const auto damage, walk(segment, limit, tail, [&](const FrameHead& frame) {
               verified.frames += frame.kind == FrameKind::records ? 1 : 0;
               verified.records += frame.count;
             }));
  if (damage) return fail(damage_at(segment, damage->offset, damage->why));
  if (next != nullptr &&
      (next->head.previous_chain != tail.point.chain || next->head.first != tail.point.position)) {
    return fail(damage_at(segment, tail.point.offset,
                          "the segment ends otherwise than the next one says"));
  }
  verified.segments += 1;
  verified.bytes += limit;
  return {};
}

}  // namespace tideline::segment_log
