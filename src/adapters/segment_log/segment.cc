#include "adapters/segment_log/segment.h"

#include <algorithm>
#include <cstdio>

namespace tideline::segment_log {
namespace {

constexpr std::size_t kWindowBytes = 256 << 10;

// Reads the blocks of a segment head.
Result<std::string> read_head(File& file) {
  std::string bytes(kHeadBlockBytes, '\0');
  TRY_ASSIGN(auto got, read_up_to(file, 0, bytes));
  bytes.resize(got);
  const auto needed = head_bytes_in(bytes).value_or(bytes.size());
  if (needed > bytes.size()) {
    bytes.resize(needed);
    TRY_ASSIGN(got, read_up_to(file, 0, bytes));
    bytes.resize(got);
  }
  return bytes;
}

}  // namespace

std::string segment_name(std::uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "%010llu.seg", static_cast<unsigned long long>(number));
  return name;
}

Error damage_at(const Segment& segment, std::uint64_t offset, std::string_view why) {
  return Error{ErrorCode::corrupt,
               segment.path + ": byte " + std::to_string(offset) + ": " + std::string(why),
               "log_damaged"};
}

Result<std::unique_ptr<Segment>> open_segment(FileSystem& files, const std::string& folder,
                                              const std::string& name) {
  auto segment = std::make_unique<Segment>();
  segment->name = name;
  segment->path = folder + "/" + name;
  TRY_ASSIGN(segment->file, files.open(segment->path, OpenMode::read_write));
  TRY_ASSIGN(const std::string bytes, read_head(*segment->file));
  auto head = decode_segment_head(bytes);
  if (!head) {
    Error error = std::move(head).error();
    error.message = segment->path + ": " + error.message;
    error.reason = error.code == ErrorCode::corrupt ? "log_damaged" : "log_format";
    return fail(std::move(error));
  }
  segment->head = *std::move(head);
  segment->seed = seed_of(segment->head);
  if (segment_name(segment->head.number) != name) {
    return fail(damage_at(*segment, 0, "this is segment " + segment_name(segment->head.number)));
  }
  TRY_ASSIGN(const auto size, segment->file->size());
  if (size < segment->head.segment_bytes) {
    return fail(damage_at(*segment, size,
                          "the file ends here, but it was made " +
                              std::to_string(segment->head.segment_bytes) +
                              " bytes long: what stood behind is missing"));
  }
  segment->end_bytes = segment->first_frame();
  segment->end = segment->head.first;
  return segment;
}

Result<std::string_view> ByteWindow::at(const Segment& segment, std::uint64_t offset,
                                        std::size_t bytes, std::uint64_t limit) {
  const auto wanted = static_cast<std::size_t>(
      offset >= limit ? 0 : std::min<std::uint64_t>(bytes, limit - offset));
  const bool loaded = segment_ == segment.head.number && offset >= start_ &&
                      offset + wanted <= start_ + bytes_.size();
  if (!loaded) {
    segment_ = 0;
    ++loads_;
    bytes_.resize(std::min<std::uint64_t>(std::max(wanted, kWindowBytes),
                                          offset >= limit ? 0 : limit - offset));
    TRY_ASSIGN(const std::size_t got, read_up_to(*segment.file, offset, bytes_));
    bytes_.resize(got);
    segment_ = segment.head.number;
    start_ = offset;
  }
  return std::string_view(bytes_).substr(offset - start_, wanted);
}

LogPoint start_of(const Segment& segment) {
  return LogPoint{segment.first_frame(), segment.head.first, segment.head.check};
}

LogTail tail_at_start(const Segment& segment) {
  return LogTail{start_of(segment), segment.head.next_offsets, Time{}, true};
}

Status write_mark(Segment& segment, LogTail& tail, Time now) {
  FrameHead mark;
  mark.kind = FrameKind::mark;
  mark.length = kFrameHeadBytes;
  mark.segment = segment.head.number;
  mark.position = tail.point.position;
  mark.durable = tail.point.position;
  mark.stored = now;
  mark.previous = tail.point.chain;
  char bytes[kFrameHeadBytes];
  encode(mark, segment.seed, bytes);
  TRY(write_all(*segment.file, tail.point.offset, std::string_view(bytes, sizeof bytes)));
  tail.point = after(mark, tail.point);
  tail.marked = true;
  return {};
}

Result<NextFrame> frame_at(const Segment& segment, const LogPoint& point, std::uint64_t limit,
                           ByteWindow& window) {
  TRY_ASSIGN(const auto bytes, window.at(segment, point.offset, kFrameHeadBytes, limit));
  auto head = decode_frame_head(bytes, segment.seed, segment.head.number);
  if (!head) return NextFrame{std::nullopt, "no intact frame begins here"};
  if (head->previous != point.chain || head->position != point.position) {
    return NextFrame{std::nullopt, "the frame here does not continue the one before it"};
  }
  if (point.offset + head->length > limit) {
    return NextFrame{std::nullopt, "the frame here is longer than the rest of the segment"};
  }
  return NextFrame{head, {}};
}

LogPoint after(const FrameHead& head, const LogPoint& point) {
  return LogPoint{point.offset + head.length, point.position + head.count, head.check};
}

Result<FrameRecords> records_at(const Segment& segment, const LogPoint& point,
                                const FrameHead& head, std::uint64_t limit, ByteWindow& window,
                                std::vector<std::uint64_t>* next_offsets) {
  // The whole frame, so that the window begins with it and its head can be met again in there.
  TRY_ASSIGN(const auto frame, window.at(segment, point.offset, head.length, limit));
  const auto body = frame.substr(std::min(kFrameHeadBytes, frame.size()));
  if (frame.size() < head.length || !body_intact(head, body)) {
    return FrameRecords{std::nullopt, "the frame's records do not match their check sum"};
  }
  auto records = decode_records(head, body);
  if (!records) return FrameRecords{std::nullopt, "the frame's records do not fill it"};
  for (const auto& record : *records) {
    if (next_offsets == nullptr) break;
    if (record.place.shard >= next_offsets->size() ||
        record.place.offset != (*next_offsets)[record.place.shard]++) {
      return FrameRecords{std::nullopt, "a record's offset in its shard is not the next one"};
    }
  }
  return FrameRecords{std::move(records), {}};
}

Result<std::optional<Damage>> walk(const Segment& segment, std::uint64_t limit, LogTail& tail,
                                   const std::function<void(const FrameHead&)>& visit) {
  ByteWindow window;
  while (tail.point.offset < limit) {
    TRY_ASSIGN(const NextFrame next, frame_at(segment, tail.point, limit, window));
    if (!next.head) return Damage{tail.point.offset, next.why};
    const FrameHead& head = *next.head;
    if (head.kind == FrameKind::records) {
      auto next_offsets = tail.next_offsets;
      TRY_ASSIGN(const FrameRecords body,
                 records_at(segment, tail.point, head, limit, window, &next_offsets));
      if (!body.records) return Damage{tail.point.offset, body.why};
      tail.next_offsets = std::move(next_offsets);
      tail.last_stored = std::max(tail.last_stored, head.stored);
    }
    tail.marked = head.kind == FrameKind::mark;
    tail.point = after(head, tail.point);
    visit(head);
  }
  return std::optional<Damage>();
}

}  // namespace tideline::segment_log
