#include "adapters/segment_log/log_writer.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/check.h"
#include "base/fault.h"
#include "base/hash.h"
#include "telemetry/thread_name.h"
#include "telemetry/thread_priority.h"

namespace tideline::segment_log {
namespace {

// Smaller appends are copied into a common frame; larger ones are a frame of their own, written
// from where their caller encoded them.
constexpr std::size_t kOwnFrameBytes = 16 << 10;
// The kernel is told to bring a large group to the disk piece by piece while the rest is copied.
constexpr std::uint64_t kStrideBytes = 1 << 20;
// Writes end with a whole page of the page cache: a page that is written in part must be read
// from the disk first when the cache does not hold it.
constexpr std::uint64_t kPageBytes = 4096;
constexpr char kZeros[kPageBytes] = {};

// The planted bug goes on as if the disk had obeyed.
Status heeded(Status status) {
  if (!status && fault::planted("swallowed_eio")) return {};
  return status;
}

// Takes `bytes` off the front of `pieces`, from `at` on, splitting one where need be.
std::vector<std::string_view> take_pieces(std::vector<std::string_view>& pieces, std::size_t& at,
                                          std::uint64_t bytes) {
  std::vector<std::string_view> taken;
  while (at < pieces.size() && bytes > 0) {
    const std::string_view piece = pieces[at].substr(0, bytes);
    taken.push_back(piece);
    bytes -= piece.size();
    pieces[at].remove_prefix(piece.size());
    if (pieces[at].empty()) ++at;
  }
  return taken;
}

}  // namespace

LogWriter::LogWriter(const SegmentLog::Options& options, SegmentFolder& folder)
    : options_(options),
      folder_(folder),
      tail_(folder.recovered_tail()),
      next_offsets_(tail_.next_offsets) {
  thread_ = std::thread([this] {
    name_thread("log writer");
    take_short_turns();
    run();
  });
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

LogWriter::Waiting LogWriter::waiting_of(RecordBatch records, EventLog::Appended done) {
  Waiting waiting;
  waiting.places.reserve(records.size());
  waiting.body_bytes = records.bytes();
  waiting.queued_bytes = waiting.body_bytes;
  waiting.framed = records.take();
  waiting.framed.resize(aligned(waiting.framed.size()), '\0');
  waiting.done = std::move(done);
  return waiting;
}

void LogWriter::append(RecordBatch records, EventLog::Appended done) {
  if (records.empty()) return done(std::vector<Place>());
  Waiting waiting = waiting_of(std::move(records), std::move(done));
  Status queued;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    queued = enqueue(waiting);
    wake = queued && !committing_ && std::exchange(idle_, false);
  }
  if (!queued) return waiting.done(fail(queued.error()));
  if (wake) wake_.notify_one();
}

Result<std::vector<Place>> LogWriter::append_and_wait(RecordBatch records) {
  if (records.empty()) return std::vector<Place>();
  std::promise<Result<std::vector<Place>>> promise;
  auto appended = promise.get_future();
  Waiting waiting = waiting_of(std::move(records), [&promise](Result<std::vector<Place>> places) {
    promise.set_value(std::move(places));
  });
  Group group;
  {
    const std::lock_guard lock(mutex_);
    TRY(enqueue(waiting));
    if (!std::exchange(committing_, true)) group = take_group();
  }
  if (!group.empty()) {
    commit(std::move(group));
    hand_over();
  }
  return appended.get();
}

// Offsets are given in the order of the queue, so both happen under one lock. The check sum covers
// the offsets: a few microseconds of it are no reason for a second lock and an order to keep.
Status LogWriter::enqueue(Waiting& waiting) {
  TRY(admit(waiting.queued_bytes));
  const auto body = std::span(waiting.framed).subspan(kFrameHeadBytes);
  assign_places(body.first(waiting.body_bytes), next_offsets_, waiting.places);
  if (waiting.body_bytes >= kOwnFrameBytes) {
    waiting.body_check = crc32c(std::string_view(body.data(), body.size()));
  }
  stats_.queued_bytes += waiting.queued_bytes;
  queue_.push_back(std::move(waiting));
  return {};
}

Status LogWriter::admit(std::uint64_t bytes) {
  const std::uint64_t around = head_bytes(options_.shards) + 2 * kFrameHeadBytes;
  if (around + aligned(bytes) > options_.segment_bytes) {
    return fail(ErrorCode::too_large, "an append of " + std::to_string(bytes) +
                                          " bytes does not fit into a log segment of " +
                                          std::to_string(options_.segment_bytes));
  }
  if (failed_) return fail(*failed_);
  if (stats_.queued_bytes > 0 && stats_.queued_bytes + bytes > options_.queue_bytes_max) {
    return fail(ErrorCode::overloaded,
                "the log's queue of " + std::to_string(options_.queue_bytes_max >> 20) +
                    " MiB is full; the same request may pass later",
                "log_queue_full");
  }
  return {};
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
    const bool none = group.empty();
    if (!none) commit(std::move(group));
    if (none && unsettled_) settle();
    hand_over();
    if (!none) continue;
    const std::lock_guard lock(mutex_);
    if (stopping_ && queue_.empty()) return;
  }
}

LogWriter::Group LogWriter::next_group() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!committing_ && (stopping_ || !queue_.empty())) break;
    // Who commits meanwhile wakes the thread when it has something to settle.
    const bool settles = !committing_ && unsettled_ && options_.settle > Duration::zero();
    const std::uint64_t commits = stats_.commits;
    idle_ = true;
    settling_ = settles;
    if (settles) {
      const bool quiet = wake_.wait_for(lock, options_.settle) == std::cv_status::timeout;
      if (quiet && !committing_ && stats_.commits == commits) break;
    } else {
      wake_.wait(lock);
    }
  }
  idle_ = settling_ = false;
  committing_ = true;
  return take_group();
}

void LogWriter::hand_over() {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    committing_ = false;
    const bool to_settle = unsettled_ && options_.settle > Duration::zero() && !settling_;
    if (!queue_.empty() || stopping_ || to_settle) wake = std::exchange(idle_, false);
  }
  if (wake) wake_.notify_one();
}

LogWriter::Group LogWriter::take_group() {
  Group group;
  std::uint64_t bytes = 0;
  while (!queue_.empty()) {
    bytes += queue_.front().body_bytes;
    if (!group.empty() && bytes > options_.group_bytes_max) break;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void LogWriter::commit(Group group) {
  if (const Status room = folder_.check_reserve(); !room) {
    return give_up(group, 0, room.error());
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
  pieces_.clear();
  merged_.clear();
  std::uint64_t framed = 0;  // bytes of frames so far
  std::size_t i = from;
  while (i < group.size()) {
    const std::size_t first = i;
    std::uint64_t bytes = kFrameHeadBytes + group[i].body_bytes;
    if (!fits(framed + aligned(bytes))) break;
    ++i;
    if (group[first].body_bytes >= kOwnFrameBytes) {
      close_frame(group[first].framed, group[first].body_check, group, first, i, tail);
      pieces_.push_back(group[first].framed);
    } else {
      while (i < group.size() && group[i].body_bytes < kOwnFrameBytes &&
             bytes < options_.frame_bytes && fits(framed + aligned(bytes + group[i].body_bytes))) {
        bytes += group[i].body_bytes;
        ++i;
      }
      add_merged(group, first, i, tail);
    }
    framed += aligned(bytes);
  }
  return i;
}

void LogWriter::add_merged(Group& group, std::size_t from, std::size_t to, LogTail& tail) {
  std::string& framed = merged_.emplace_back(kFrameHeadBytes, '\0');
  for (std::size_t i = from; i < to; ++i) framed += group[i].body();
  framed.resize(aligned(framed.size()), '\0');
  const auto check = crc32c(std::string_view(framed).substr(kFrameHeadBytes));
  close_frame(framed, check, group, from, to, tail);
  pieces_.push_back(framed);
}

void LogWriter::close_frame(std::span<char> framed, std::uint32_t body_check, const Group& group,
                            std::size_t from, std::size_t to, LogTail& tail) {
  FrameHead head;
  for (std::size_t i = from; i < to; ++i) {
    for (const Place place : group[i].places) tail.next_offsets[place.shard] = place.offset + 1;
    head.count += static_cast<std::uint32_t>(group[i].places.size());
  }
  head.length = static_cast<std::uint32_t>(framed.size());
  head.segment = folder_.active().head.number;
  head.position = tail.point.position;
  head.durable = tail_.point.position;
  head.stored = options_.clock->now();
  head.previous = tail.point.chain;
  head.body_check = body_check;
  encode(head, folder_.active().seed, framed.data());
  tail.point = after(head, tail.point);
  tail.last_stored = std::max(tail.last_stored, head.stored);
  tail.marked = false;
}

// Writes pieces_ from tail_ to `end`, and zeros up to the end of the page in which the mark behind
// them will stand.
Status LogWriter::write(std::uint64_t end) {
  File& file = *folder_.active().file;
  const std::uint64_t page_end =
      (end + kFrameHeadBytes + kPageBytes - 1) / kPageBytes * kPageBytes;
  for (std::uint64_t left = page_end - end; left > 0;) {
    const auto zeros = std::string_view(kZeros, std::min<std::uint64_t>(left, kPageBytes));
    pieces_.push_back(zeros);
    left -= zeros.size();
  }
  std::size_t at = 0;
  for (std::uint64_t offset = tail_.point.offset; offset < page_end;) {
    const std::uint64_t stop = std::min(page_end, (offset / kStrideBytes + 1) * kStrideBytes);
    TRY(heeded(write_all(file, offset, take_pieces(pieces_, at, stop - offset))));
    if (stop < page_end) file.begin_sync(offset, stop - offset);
    offset = stop;
  }
  return {};
}

Status LogWriter::make_durable(Group& group, std::size_t from, std::size_t to,
                               const LogTail& next) {
  fault::crash_point("log.before_write");
  TRY(write(next.point.offset));
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
      stats_.records += group[i].places.size();
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
  const bool full = cause.code == ErrorCode::disk_full;
  const Error error =
      full ? cause
           : Error{ErrorCode::unavailable,
                   "the log has failed and takes nothing more until the program is started "
                   "again: " +
                       cause.message,
                   "log_failed"};
  {
    const std::lock_guard lock(mutex_);
    if (!full) failed_ = error;
    // What waits has offsets that continue those of the group in hand.
    for (auto& waiting : queue_) group.push_back(std::move(waiting));
    queue_.clear();
    next_offsets_ = tail_.next_offsets;
  }
  if (!full) unsettled_ = false;
  refuse(group, from, error);
}

}  // namespace tideline::segment_log
