#include "adapters/segment_log/segment_log.h"

#include <mutex>

#include "adapters/segment_log/log_reader.h"
#include "adapters/segment_log/log_writer.h"
#include "adapters/segment_log/segment_folder.h"
#include "base/check.h"

namespace tideline {

struct SegmentLog::Parts {
  Recovery recovery;
  std::unique_ptr<segment_log::SegmentFolder> folder;
  // One reader at a time, and none while segments are let go; appends do not take it.
  std::mutex reading;
  std::optional<segment_log::LogReader> reader;
  std::optional<segment_log::LogWriter> writer;  // last: stops first
};

SegmentLog::SegmentLog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SegmentLog::~SegmentLog() = default;

Result<std::unique_ptr<SegmentLog>> SegmentLog::open(Options options) {
  CHECK(options.files != nullptr && options.clock != nullptr);
  const std::uint64_t smallest =
      segment_log::head_bytes(options.shards) + segment_log::kHeadBlockBytes;
  if (options.segment_bytes < smallest || options.segment_bytes > (1ULL << 31) ||
      options.segment_bytes % segment_log::kHeadBlockBytes != 0) {
    return fail(ErrorCode::invalid, "a log segment of " + std::to_string(options.segment_bytes) +
                                        " bytes: give a multiple of 4096 from " +
                                        std::to_string(smallest) + " to 2 GiB");
  }
  if (options.shards == 0) return fail(ErrorCode::invalid, "a log needs at least one shard");
  auto parts = std::make_unique<Parts>();
  TRY_ASSIGN(parts->folder, segment_log::SegmentFolder::open(options, parts->recovery));
  parts->reader.emplace(*parts->folder);
  parts->writer.emplace(options, *parts->folder);
  return std::unique_ptr<SegmentLog>(new SegmentLog(std::move(parts)));
}

void SegmentLog::append(RecordBatch records, Appended done) {
  parts_->writer->append(std::move(records), std::move(done));
}

Result<std::vector<Place>> SegmentLog::append_and_wait(RecordBatch records) {
  return parts_->writer->append_and_wait(std::move(records));
}

Result<std::vector<LogRecord>> SegmentLog::read(LogPosition from, std::size_t records_max,
                                                std::size_t bytes_max) {
  const std::lock_guard lock(parts_->reading);
  return parts_->reader->read(from, records_max, bytes_max);
}

bool SegmentLog::wait_for(LogPosition position, Duration timeout) {
  return parts_->folder->wait_for(position, timeout);
}

LogPosition SegmentLog::begin() const { return parts_->folder->begin(); }
LogPosition SegmentLog::end() const { return parts_->folder->end(); }

Status SegmentLog::trim(LogPosition before, Time stored_before) {
  const std::lock_guard lock(parts_->reading);
  const Status trimmed = parts_->folder->trim(before, stored_before);
  parts_->reader->trimmed();
  return trimmed;
}

Result<SegmentLog::Verified> SegmentLog::verify() {
  Verified verified;
  for (std::uint64_t number = 0;;) {
    // Segment by segment, so that readers get their turns.
    const std::lock_guard lock(parts_->reading);
    const segment_log::Segment* segment = parts_->folder->segment_from(number);
    if (segment == nullptr) return verified;
    TRY(parts_->reader->verify(*segment, verified));
    number = segment->head.number + 1;
  }
}

const SegmentLog::Recovery& SegmentLog::recovery() const { return parts_->recovery; }

SegmentLog::Stats SegmentLog::stats() const {
  Stats stats = parts_->writer->stats();
  const auto sizes = parts_->folder->sizes();
  stats.segments = sizes.segments;
  stats.segment_bytes = sizes.bytes;
  return stats;
}

}  // namespace tideline
