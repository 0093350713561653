#include "ports/memory_event_log.h"

#include <algorithm>

namespace tideline {

void MemoryEventLog::append(RecordBatch records, Appended done) {
  std::optional<Error> refusal;
  std::vector<Place> places;
  {
    const std::lock_guard lock(mutex_);
    refusal = refusal_;
    if (!refusal) {
      places.reserve(records.size());
      const Time now = clock_.now();
      for (const auto& record : records.records()) {
        places.push_back({record.shard, next_offsets_[record.shard]++});
        records_.push_back({begin_ + records_.size(), places.back(), record.kind, now,
                            std::string(record.payload)});
      }
    }
  }
  grown_.notify_all();
  if (refusal) {
    done(fail(*std::move(refusal)));
  } else {
    done(std::move(places));
  }
}

Result<std::vector<LogRecord>> MemoryEventLog::read(LogPosition from, std::size_t records_max,
                                                    std::size_t bytes_max) {
  const std::lock_guard lock(mutex_);
  if (from < begin_) {
    return fail(ErrorCode::not_found, "position " + std::to_string(from) +
                                          " was trimmed from the log; it begins at " +
                                          std::to_string(begin_));
  }
  std::vector<LogRecord> out;
  std::size_t bytes = 0;
  for (auto i = from - begin_; i < records_.size() && out.size() < records_max; ++i) {
    bytes += records_[i].payload.size();
    if (!out.empty() && bytes > bytes_max) break;
    out.push_back(records_[i]);
  }
  return out;
}

bool MemoryEventLog::wait_for(LogPosition position, Duration timeout) {
  std::unique_lock lock(mutex_);
  return grown_.wait_for(lock, timeout, [&] { return begin_ + records_.size() > position; });
}

LogPosition MemoryEventLog::begin() const {
  const std::lock_guard lock(mutex_);
  return begin_;
}

LogPosition MemoryEventLog::end() const {
  const std::lock_guard lock(mutex_);
  return begin_ + records_.size();
}

Status MemoryEventLog::trim(LogPosition before, Time stored_before) {
  const std::lock_guard lock(mutex_);
  const auto kept = std::find_if(records_.begin(), records_.end(), [&](const LogRecord& record) {
    return record.position >= before || record.stored_time >= stored_before;
  });
  begin_ += static_cast<LogPosition>(kept - records_.begin());
  records_.erase(records_.begin(), kept);
  return {};
}

void MemoryEventLog::refuse_appends(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(error);
}

}  // namespace tideline
