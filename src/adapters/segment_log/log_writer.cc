#include "adapters/segment_log/log_writer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/fault.h"
#include "base/hash.h"

namespace tideline::segment_log {
namespace {

// The planted bug goes on as if the disk had obeyed.
Status heeded(Status status) {
  if (!status && fault::planted("swallowed_eio")) return {};
  return status;
}

}  // namespace

LogWriter::LogWriter(const SegmentLog::Options& options, SegmentFolder& folder)
    : options_(options), folder_(folder), tail_(folder.recovered_tail()) {
  thread_ = std::thread([this] { run(); });
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void LogWriter::append(const std::vector<NewRecord>& records, EventLog::Appended done) {
  if (records.empty()) return done(std::vector<Place>());
  Waiting waiting;
  waiting.done = std::move(done);
  waiting.count = static_cast<std::uint32_t>(records.size());
  for (const auto& record : records) {
    CHECK(record.shard < options_.shards);
    waiting.queued_bytes += kRecordHeadBytes + record.payload.size();
  }
  if (const Status admitted = admit(waiting.queued_bytes); !admitted) {
    return waiting.done(fail(admitted.error()));
  }
  waiting.body.reserve(waiting.queued_bytes);
  for (const auto& record : records) encode_record(record, waiting.body);
  enqueue(std::move(waiting));
}

Status LogWriter::admit(std::uint64_t bytes) {
  const std::uint64_t around = head_bytes(options_.shards) + 2 * kFrameHeadBytes;
  if (around + aligned(bytes) > options_.segment_bytes) {
    return fail(ErrorCode::too_large, "an append of " + std::to_string(bytes) +
                                          " bytes does not fit into a log segment of " +
                                          std::to_string(options_.segment_bytes));
  }
  const std::lock_guard lock(mutex_);
  if (failed_) return fail(*failed_);
  if (stats_.queued_bytes > 0 && stats_.queued_bytes + bytes > options_.queue_bytes_max) {
    return fail(ErrorCode::overloaded,
                "the log's queue of " + std::to_string(options_.queue_bytes_max >> 20) +
                    " MiB is full; the same request may pass later",
                "log_queue_full");
  }
  stats_.queued_bytes += bytes;
  return {};
}

void LogWriter::enqueue(Waiting waiting) {
  {
    std::unique_lock lock(mutex_);
    if (failed_) {  // while the append was encoded
      const Error failed = *failed_;
      stats_.queued_bytes -= waiting.queued_bytes;
      lock.unlock();
      return waiting.done(fail(failed));
    }
    queue_.push_back(std::move(waiting));
  }
  wake_.notify_one();
}

SegmentLog::Stats LogWriter::stats() const {
  const std::lock_guard lock(mutex_);
  SegmentLog::Stats stats = stats_;
  stats.failed = failed_.has_value();
  return stats;
}

void LogWriter::run() {
  for (;;) {
    Group group = next_group();
    if (!group.empty()) {
      commit(std::move(group));
      continue;
    }
    if (unsettled_) settle();
    const std::lock_guard lock(mutex_);
    if (stopping_ && queue_.empty()) return;
  }
}

LogWriter::Group LogWriter::next_group() {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !queue_.empty(); };
  if (unsettled_ && options_.settle > Duration::zero()) {
    wake_.wait_for(lock, options_.settle, ready);
  } else {
    wake_.wait(lock, ready);
  }
  Group group;
  std::uint64_t bytes = 0;
  while (!queue_.empty()) {
    bytes += queue_.front().body.size();
    if (!group.empty() && bytes > options_.group_bytes_max) break;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void LogWriter::commit(Group group) {
  if (const Status room = folder_.check_reserve(); !room) {
    return refuse(group, 0, room.error());
  }
  for (std::size_t from = 0; from < group.size();) {
    LogTail next = tail_;
    const std::size_t to = frame(group, from, next);
    if (to == from) {
      auto rolled = folder_.roll(tail_);
      if (!rolled) return give_up(group, from, rolled.error());
      tail_ = *std::move(rolled);
      continue;
    }
    if (const Status durable = make_durable(group, from, to, next); !durable) {
      return give_up(group, from, durable.error());
    }
    from = to;
  }
}

bool LogWriter::fits(std::uint64_t framed_bytes) const {
  return tail_.point.offset + framed_bytes + kFrameHeadBytes <=
         folder_.active().head.segment_bytes;
}

std::size_t LogWriter::frame(Group& group, std::size_t from, LogTail& tail) {
  buffer_.clear();
  std::size_t i = from;
  while (i < group.size()) {
    const std::size_t head_at = buffer_.size();
    if (!fits(head_at + kFrameHeadBytes + aligned(group[i].body.size()))) break;
    buffer_.append(kFrameHeadBytes, '\0');
    const std::size_t first = i;
    do {
      buffer_ += group[i].body;
      ++i;
    } while (i < group.size() && buffer_.size() - head_at < options_.frame_bytes &&
             fits(aligned(buffer_.size() + group[i].body.size())));
    close_frame(head_at, group, first, i, tail);
  }
  return i;
}

void LogWriter::close_frame(std::size_t head_at, Group& group, std::size_t from, std::size_t to,
                            LogTail& tail) {
  buffer_.resize(aligned(buffer_.size()), '\0');
  const std::span<char> framed = std::span(buffer_).subspan(head_at);
  FrameHead head;
  std::size_t at = kFrameHeadBytes;
  for (std::size_t i = from; i < to; ++i) {
    Waiting& waiting = group[i];
    waiting.places.clear();
    waiting.places.reserve(waiting.count);
    assign_places(framed.subspan(at, waiting.body.size()), tail.next_offsets, waiting.places);
    at += waiting.body.size();
    head.count += waiting.count;
  }
  head.length = static_cast<std::uint32_t>(framed.size());
  head.segment = folder_.active().head.number;
  head.position = tail.point.position;
  head.durable = tail_.point.position;
  head.stored = options_.clock->now();
  head.previous = tail.point.chain;
  const auto body = framed.subspan(kFrameHeadBytes);
  head.body_check = crc32c(std::string_view(body.data(), body.size()));
  encode(head, folder_.active().seed, framed.data());
  tail.point = after(head, tail.point);
  tail.last_stored = std::max(tail.last_stored, head.stored);
  tail.marked = false;
}

Status LogWriter::make_durable(Group& group, std::size_t from, std::size_t to,
                               const LogTail& next) {
  fault::crash_point("log.before_write");
  TRY(heeded(write_all(*folder_.active().file, tail_.point.offset, buffer_)));
  fault::crash_point("log.after_write");
  const bool early = fault::planted("ack_before_sync");
  if (early) acknowledge(group, from, to);
  fault::crash_point("log.before_sync");
  TRY(heeded(sync()));
  fault::crash_point("log.after_sync");
  // Not synced itself: a mark survives the end of the process at once, and a power cut with the
  // next group's sync or settle().
  LogTail marked = next;
  TRY(heeded(write_mark(folder_.active(), marked, options_.clock->now())));
  {
    const std::lock_guard lock(mutex_);
    stats_.commits += 1;
    stats_.bytes += marked.point.offset - tail_.point.offset;
  }
  tail_ = std::move(marked);
  unsettled_ = true;
  folder_.publish(tail_.point);
  fault::crash_point("log.before_ack");
  if (!early) acknowledge(group, from, to);
  fault::crash_point("log.after_ack");
  return {};
}

Status LogWriter::sync() {
  const Time begun = options_.clock->now();
  TRY(folder_.active().file->sync());
  const Duration took = options_.clock->now() - begun;
  const std::lock_guard lock(mutex_);
  stats_.last_sync = took;
  stats_.longest_sync = std::max(stats_.longest_sync, took);
  return {};
}

void LogWriter::settle() {
  unsettled_ = false;
  if (const Status synced = sync(); !synced) {
    Group none;
    give_up(none, 0, synced.error());
  }
}

void LogWriter::acknowledge(Group& group, std::size_t from, std::size_t to) {
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = from; i < to; ++i) {
      stats_.queued_bytes -= std::exchange(group[i].queued_bytes, 0);
      stats_.appends += 1;
      stats_.records += group[i].count;
    }
  }
  for (std::size_t i = from; i < to; ++i) {
    std::exchange(group[i].done, nullptr)(std::move(group[i].places));
  }
}

void LogWriter::refuse(Group& group, std::size_t from, const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = from; i < group.size(); ++i) stats_.queued_bytes -= group[i].queued_bytes;
  }
  for (std::size_t i = from; i < group.size(); ++i) {
    if (group[i].done) group[i].done(fail(error));  // a planted bug has answered already
  }
}

void LogWriter::give_up(Group& group, std::size_t from, const Error& cause) {
  if (cause.code == ErrorCode::disk_full) return refuse(group, from, cause);
  const Error failed{ErrorCode::unavailable,
                     "the log has failed and takes nothing more until the program is started "
                     "again: " +
                         cause.message,
                     "log_failed"};
  {
    const std::lock_guard lock(mutex_);
    failed_ = failed;
    for (auto& waiting : queue_) group.push_back(std::move(waiting));
    queue_.clear();
  }
  unsettled_ = false;
  refuse(group, from, failed);
}

}  // namespace tideline::segment_log
