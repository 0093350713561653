#include "pipeline/processor.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/check.h"
#include "base/fault.h"
#include "telemetry/thread_name.h"
#include "telemetry/thread_priority.h"
#include "telemetry/thread_time.h"

namespace tideline {
namespace {

using Steady = std::chrono::steady_clock;  // for waiting and utilisation only, never for results

constexpr std::size_t kReadRecordsMax = 2'000;
constexpr std::size_t kReadBytesMax = 8 << 20;
constexpr Duration kReaderPatience = std::chrono::milliseconds(200);
constexpr auto kWatchInterval = std::chrono::milliseconds(100);
constexpr auto kFirstPause = std::chrono::milliseconds(10);  // while the disk is full
constexpr auto kLongestPause = std::chrono::seconds(1);
constexpr LogPosition kKeepPositionEvery = 100'000;  // records
constexpr std::string_view kReaderKey = "reader";

// A commit that was given up because the processor stops; what it held is read again.
constexpr std::string_view kStopped = "processor_stopped";

}  // namespace

struct Processor::Shard {
  std::uint16_t number = 0;
  std::deque<WorkItem> queue;
  Steady::time_point first_queued;
  bool busy = false;
  std::size_t in_flight = 0;  // taken from the queue, not yet committed
  Time oldest_taken{};        // stored time of the first of those
  ShardCommit commit;
  std::optional<AttemptMark> mark;  // a batch in which the process ended before

  // Records that a batch waits for; of a marked batch exactly as many as it had.
  [[nodiscard]] std::size_t wanted(std::size_t batch_events_max) const {
    if (!mark) return batch_events_max;
    return mark->one_by_one ? 1 : mark->last_offset - mark->first_offset + 1;
  }
  [[nodiscard]] LogPosition first_position() const { return queue.front().record.position; }
  [[nodiscard]] bool marked_and_ready() const { return mark && queue.size() >= wanted(0); }
};

struct Processor::Worker {
  std::size_t number = 0;
  std::unique_ptr<BatchProcessor> processor;
  std::atomic<bool> trying{false};
  std::atomic<std::uint64_t> beats{0};   // one a record tried
  std::atomic<std::uint64_t> offset{0};  // the record at hand
  std::atomic<std::int64_t> busy_ns{0};
  std::atomic<int> id{0};  // of the thread, once it runs
  std::thread thread;
};

Processor::Processor(ProcessorOptions options, EventLog& log, StateStore& store,
                     AttemptMarks& attempts, const Pack& pack, const Clock& clock,
                     VerdictBoard& board, OnChanged on_changed)
    : options_(std::move(options)),
      log_(log),
      store_(store),
      attempts_(attempts),
      pack_(pack),
      clock_(clock),
      board_(board),
      on_changed_(std::move(on_changed)),
      dedupe_(store) {}

Processor::~Processor() { stop(); }

Result<std::unique_ptr<Processor>> Processor::open(ProcessorOptions options, EventLog& log,
                                                   StateStore& store, AttemptMarks& attempts,
                                                   const Pack& pack, const Clock& clock,
                                                   VerdictBoard& board, OnChanged on_changed) {
  std::unique_ptr<Processor> processor(new Processor(std::move(options), log, store, attempts,
                                                     pack, clock, board, std::move(on_changed)));
  TRY(processor->load_commits());
  return processor;
}

Status Processor::load_commits() {
  LogPosition oldest = log_.end();
  for (std::uint16_t number = 0; number < options_.shards; ++number) {
    auto shard = std::make_unique<Shard>();
    shard->number = number;
    TRY_ASSIGN(auto commit, load<ShardCommit>(store_, Family::commits, shard_commit_key(number),
                                              decode_shard_commit));
    if (commit) shard->commit = *commit;
    TRY_ASSIGN(auto mark, attempts_.read(number));
    if (mark && mark->first_offset == shard->commit.next_offset) {
      // Kept at once: a crash that another shard's batch causes must not count here again.
      if (mark->running) ++mark->crashes;
      mark->running = false;
      TRY(attempts_.write(number, *mark));
      shard->mark = mark;
    }
    if (shard->commit.log_next > log_.end()) {
      return fail(ErrorCode::corrupt, "state has committed the log up to position " +
                                          std::to_string(shard->commit.log_next) +
                                          ", but the log ends at " + std::to_string(log_.end()) +
                                          ": files of the log are missing");
    }
    oldest = std::min(oldest, shard->commit.log_next);
    board_.begin_at(number, shard->commit.next_offset);
    shards_.push_back(std::move(shard));
  }
  TRY_ASSIGN(const auto kept, store_.get(Family::commits, kReaderKey));
  if (kept) oldest = std::max(oldest, from_big_endian(*kept));
  if (oldest < log_.begin() && log_.begin() != log_.end()) oldest = log_.begin();
  read_next_ = kept_position_ = oldest;

  for (int i = 0; i < std::max(1, options_.workers); ++i) {
    auto worker = std::make_unique<Worker>();
    worker->number = static_cast<std::size_t>(i);
    BatchOptions batch = options_.batch;
    batch.cache_bytes /= static_cast<std::size_t>(std::max(1, options_.workers));
    batch.tried_together_max = options_.batch_events_max;
    worker->processor = std::make_unique<BatchProcessor>(
        batch, pack_, store_, [w = worker.get()](std::uint64_t offset) {
          w->offset.store(offset, std::memory_order_relaxed);
          w->beats.fetch_add(1, std::memory_order_relaxed);
        });
    workers_.push_back(std::move(worker));
  }
  return {};
}

void Processor::start() {
  CHECK(!started_);
  started_ = true;
  stopping_ = false;
  reader_ = std::thread([this] {
    name_thread("log reader");
    if (options_.gives_way_to != nullptr) give_way();
    read_loop();
  });
  for (auto& worker : workers_) {
    worker->thread = std::thread([this, w = worker.get()] {
      name_thread("apply");
      w->id = id_of_thread();
      if (options_.gives_way_to != nullptr) give_way();
      work_loop(*w);
    });
  }
  watchdog_ = std::thread([this] {
    name_thread("watchdog");
    watch_loop();
  });
}

void Processor::stop() {
  if (!started_) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  progress_.notify_all();
  reader_.join();
  for (auto& worker : workers_) worker->thread.join();
  watchdog_.join();
  started_ = false;
  // What was queued but not committed is read again at the next start.
  const std::lock_guard lock(mutex_);
  LogPosition next = read_next_;
  for (auto& shard : shards_) {
    if (!shard->queue.empty()) next = std::min(next, shard->queue.front().record.position);
    if (shard->busy) {  // its batch was given up
      next = std::min(next, std::max(shard->commit.log_next, kept_position_));
      shard->busy = false;
    }
    shard->queue.clear();
    shard->in_flight = 0;
    dedupe_.forget_committed(shard->number, ~std::uint64_t{0});
  }
  queued_bytes_ = 0;
  paused_ = std::nullopt;
  read_next_ = next;
}

void Processor::fail_with(Error error) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
    stopping_ = true;
  }
  work_.notify_all();
  progress_.notify_all();
}

void Processor::let_answers_pass() {
  if (options_.gives_way_to != nullptr) options_.gives_way_to->let_pass();
}

void Processor::read_loop() {
  LogPosition next = read_next_;
  while (!stopping_) {
    let_answers_pass();
    if (auto read = read_some(next); !read) return fail_with(read.error().in("reading the log"));
  }
}

Status Processor::read_some(LogPosition& next) {
  if (!log_.wait_for(next, kReaderPatience)) {
    forget_committed();
    return keep_reader_position(next);
  }
  TRY_ASSIGN(auto records, log_.read(next, kReadRecordsMax, kReadBytesMax));
  std::vector<WorkItem> items;
  items.reserve(records.size());
  {
    // The commits only grow, so a stale look at them is at worst a record too much here and none
    // too few.
    const std::lock_guard lock(mutex_);
    for (auto& record : records) {
      next = record.position + 1;
      CHECK(record.place.shard < shards_.size());
      if (record.place.offset < shards_[record.place.shard]->commit.next_offset) continue;
      items.push_back({std::move(record), Repeat::fresh});
    }
  }
  TRY(dedupe_.mark_repeats(items));
  if (!hand_over(items)) return {};
  {
    const std::lock_guard lock(mutex_);
    read_next_ = next;
  }
  progress_.notify_all();
  forget_committed();
  if (next >= kept_position_ + kKeepPositionEvery) return keep_reader_position(next);
  return {};
}

bool Processor::has_room(const Shard& shard) const {
  if (shard.queue.empty()) return true;
  return shard.queue.size() < options_.queue_events_max &&
         queued_bytes_ < options_.queue_bytes_max;
}

// In order; waits where a shard's queue is full; false when the processor stops.
bool Processor::hand_over(std::vector<WorkItem>& items) {
  std::unique_lock lock(mutex_);
  for (std::size_t next = 0; next < items.size();) {
    bool wake = false;
    for (; next < items.size(); ++next) {
      Shard& shard = *shards_[items[next].record.place.shard];
      if (!has_room(shard)) break;
      if (shard.queue.empty()) shard.first_queued = Steady::now();
      wake = wake || shard.queue.empty() || shard.mark ||
             shard.queue.size() + 1 == options_.batch_events_max;
      queued_bytes_ += items[next].record.payload.size();
      shard.queue.push_back(std::move(items[next]));
    }
    if (wake) work_.notify_all();
    // Under the same lock, so that nothing counts both as queued and as not yet read.
    read_next_ =
        next < items.size() ? items[next].record.position : items.back().record.position + 1;
    if (next == items.size()) break;
    const Shard& full = *shards_[items[next].record.place.shard];
    progress_.wait(lock, [&] { return stopping_ || has_room(full); });
    if (stopping_) return false;
  }
  return !stopping_;
}

void Processor::forget_committed() {
  std::vector<std::uint64_t> offsets;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& shard : shards_) offsets.push_back(shard->commit.next_offset);
  }
  for (std::uint16_t s = 0; s < offsets.size(); ++s) dedupe_.forget_committed(s, offsets[s]);
}

// Remembers that every record below a position is committed, so that idle shards do not hold the
// start back.
Status Processor::keep_reader_position(LogPosition next) {
  LogPosition committed = next;
  {
    const std::lock_guard lock(mutex_);
    // A shard whose batch failed looks idle, but what it had in hand is not committed.
    if (failure_) return {};
    for (const auto& shard : shards_) {
      if (!shard->queue.empty() || shard->busy)
        committed = std::min(committed, shard->commit.log_next);
    }
  }
  if (committed <= kept_position_) return {};
  WriteBatch batch;
  batch.put(Family::commits, std::string(kReaderKey), big_endian(committed));
  const Status written = store_.write(batch, Durability::later);
  if (!written && written.error().code == ErrorCode::disk_full) return {};  // only for speed
  TRY(written);
  kept_position_ = committed;
  return {};
}

void Processor::work_loop(Worker& worker) {
  for (;;) {
    let_answers_pass();
    Shard* shard = nullptr;
    std::vector<WorkItem> items = take_batch(worker, shard);
    if (items.empty()) return;
    const auto begun = Steady::now();
    auto done = process_batch(worker, *shard, items);
    worker.busy_ns += std::chrono::nanoseconds(Steady::now() - begun).count();
    // The failure first: a shard that is neither busy nor failed counts as done with its records.
    const bool stopped = !done && done.error().reason == kStopped;
    if (!done && !stopped) fail_with(done.error().in("processing"));
    if (stopped) return;  // still busy: what it has in hand is read again
    {
      const std::lock_guard lock(mutex_);
      shard->busy = false;
      shard->in_flight = 0;
    }
    progress_.notify_all();
    work_.notify_all();
    if (!done) return;
  }
}

// Waits for a shard of this worker with a full batch, or one whose window has passed. Empty: stop.
std::vector<WorkItem> Processor::take_batch(Worker& worker, Shard*& taken) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stopping_) return {};
    if (fault::planted("processor_held")) {
      work_.wait(lock);
      continue;
    }
    // After the process ended inside a batch, one batch at a time runs until that is settled: the
    // next crash then tells which one it was.
    const bool suspects = std::any_of(shards_.begin(), shards_.end(),
                                      [](const auto& s) { return s->mark.has_value(); });
    if (suspects &&
        std::any_of(shards_.begin(), shards_.end(), [](const auto& s) { return s->busy; })) {
      work_.wait(lock);
      continue;
    }
    auto wake = Steady::time_point::max();
    if (Shard* shard = next_ready(worker, wake); shard != nullptr) {
      std::vector<WorkItem> items = take_from(*shard);
      taken = shard;
      lock.unlock();
      progress_.notify_all();
      return items;
    }
    if (wake == Steady::time_point::max()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, wake);
    }
  }
}

// Of the worker's shards that are ready, the one whose turn came first in the log: under a load
// that keeps some ready at all times none waits for ever. Null: none; `wake` is when one will be.
Processor::Shard* Processor::next_ready(const Worker& worker, Steady::time_point& wake) {
  const bool marked_first = std::any_of(shards_.begin(), shards_.end(),
                                        [](const auto& s) { return s->marked_and_ready(); });
  const auto now = Steady::now();
  Shard* next = nullptr;
  for (std::size_t s = worker.number; s < shards_.size(); s += workers_.size()) {
    Shard& shard = *shards_[s];
    if (shard.queue.empty() || (marked_first && !shard.mark)) continue;
    const bool exact = shard.mark.has_value();
    const auto due = shard.first_queued + options_.batch_window_max;
    if (shard.queue.size() < shard.wanted(options_.batch_events_max) && (exact || now < due)) {
      if (!exact) wake = std::min(wake, due);
    } else if (next == nullptr || shard.first_position() < next->first_position()) {
      next = &shard;
    }
  }
  return next;
}

// What the shard's next batch holds.
std::vector<WorkItem> Processor::take_from(Shard& shard) {
  std::size_t most = shard.wanted(options_.batch_events_max);
  const bool behind = !shard.mark && shard.queue.size() > most;
  if (behind) most = std::max(most, options_.batch_events_behind_max);
  std::vector<WorkItem> items;
  std::size_t bytes = 0;
  while (!shard.queue.empty() && items.size() < most) {
    const std::size_t size = shard.queue.front().record.payload.size();
    const bool enough = items.size() >= options_.batch_events_max;
    if (behind && enough && bytes + size > options_.batch_bytes_max) break;
    bytes += size;
    items.push_back(std::move(shard.queue.front()));
    shard.queue.pop_front();
  }
  queued_bytes_ -= bytes;
  shard.first_queued = Steady::now();
  shard.busy = true;
  shard.in_flight = items.size();
  shard.oldest_taken = items.front().record.stored_time;
  return items;
}

// Normal batches; and, after the process ended inside one, the same batch again, then its records
// one by one.
Status Processor::process_batch(Worker& worker, Shard& shard, std::span<const WorkItem> items) {
  const std::uint64_t first = shard.commit.next_offset;
  const std::uint64_t last = first + items.size() - 1;
  if (items.front().record.place.offset != first) {
    return fail(ErrorCode::corrupt, "the log lacks records " + std::to_string(first) + " to " +
                                        std::to_string(items.front().record.place.offset - 1) +
                                        " of shard " + std::to_string(shard.number) +
                                        ", which were not processed yet");
  }
  const std::optional<AttemptMark> before = shard.mark;
  std::optional<AttemptMark> next;
  if (!before) {
    TRY(commit_batch(worker, shard, items, AttemptMark{first, last, 0, false, false, 0}));
  } else if (before->one_by_one) {
    // Alone, and the process ended: it is the one.
    const std::string give_up =
        before->crashes > 0 ? "processing it hung or ended the process" : "";
    TRY(commit_batch(worker, shard, items, *before, give_up));
    if (first < before->isolate_until) {
      next = AttemptMark{first + 1, first + 1, 0, true, false, before->isolate_until};
    }
  } else if (before->crashes < options_.crashes_before_isolation) {
    TRY(commit_batch(worker, shard, items, *before));
  } else {
    for (const WorkItem& item : items) {
      const std::uint64_t at = item.record.place.offset;
      TRY(commit_batch(worker, shard, std::span(&item, 1),
                       AttemptMark{at, at, 0, true, false, last}));
    }
  }
  const std::lock_guard lock(mutex_);
  shard.mark = next;
  return {};
}

Status Processor::commit_batch(Worker& worker, Shard& shard, std::span<const WorkItem> items,
                               const AttemptMark& mark, const std::string& give_up) {
  AttemptMark tried = mark;
  tried.running = true;
  TRY(attempts_.write(shard.number, tried));

  fault::crash_point("processor.before_batch");
  worker.offset = mark.first_offset;
  worker.trying = true;
  auto outcome = worker.processor->process(shard.commit, items, clock_.now(), give_up);
  worker.trying = false;
  if (!outcome) return tl::unexpected(outcome.error());

  fault::crash_point("processor.before_commit");
  if (fault::planted("offset_committed_apart")) {
    WriteBatch apart;
    apart.put(Family::commits, shard_commit_key(shard.number), encode(outcome->commit));
    TRY(store_.write(apart, Durability::later));
    fault::crash_point("processor.between_commits");
  }
  if (auto written = write_when_possible(outcome->writes); !written) {
    TRY(attempts_.write(shard.number, mark));  // no crash
    return written;
  }
  fault::crash_point("processor.after_commit");
  worker.processor->committed();
  publish(shard, *outcome);
  return {};
}

// Waits while the disk is full, trying again after growing pauses.
Status Processor::write_when_possible(const WriteBatch& writes) {
  for (Steady::duration pause = kFirstPause;;
       pause = std::min<Steady::duration>(2 * pause, kLongestPause)) {
    Status written = store_.write(writes, Durability::later);
    std::unique_lock lock(mutex_);
    if (written || written.error().code != ErrorCode::disk_full) {
      paused_ = std::nullopt;
      return written;
    }
    paused_ = written.error();
    work_.wait_for(lock, pause, [&] { return stopping_.load(); });
    if (stopping_) {
      return fail(ErrorCode::unavailable, "processing was stopped while the disk was full",
                  std::string(kStopped));
    }
  }
}

void Processor::publish(Shard& shard, const BatchOutcome& outcome) {
  const std::uint64_t first = shard.commit.next_offset;
  {
    const std::lock_guard lock(mutex_);
    shard.commit = outcome.commit;
    shard.in_flight -= outcome.outcomes.size();
    ++commits_;
    records_ += outcome.outcomes.size();
  }
  std::vector<PostedVerdict> verdicts;
  verdicts.reserve(outcome.outcomes.size());
  for (const ItemOutcome& o : outcome.outcomes) verdicts.push_back({o.verdict, o.code});
  // Before the verdicts: who waits for one must find its customer among the changed.
  if (on_changed_ && !outcome.changed.empty()) on_changed_(outcome.changed);
  board_.post(shard.number, first, verdicts);
}

// A record that runs too long ends the process; the attempt mark then isolates it (design 4.3).
// That the thread wants a processor and gets none is the machine's doing and does not count.
void Processor::watch_loop() {
  struct Seen {
    std::uint64_t beats = 0;
    Duration still{0};
    std::optional<Duration> ran;  // by the thread in all, when it was last seen still
  };
  std::vector<Seen> seen(workers_.size());
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    progress_.wait_for(lock, kWatchInterval, [] { return false; });
    for (const auto& worker : workers_) {
      Seen& last = seen[worker->number];
      const std::uint64_t beats = worker->beats;
      if (!worker->trying || beats != last.beats) {
        last = {beats, Duration{0}, std::nullopt};
        continue;
      }
      const auto time = time_of_thread(worker->id);
      const bool starves = time && time->wants_processor && last.ran;
      last.still += starves ? std::min<Duration>(kWatchInterval, time->ran - *last.ran)
                            : Duration(kWatchInterval);
      if (time) last.ran = time->ran;
      if (last.still < options_.watchdog) continue;
      std::fprintf(stderr,
                   "tideline: the record at offset %llu ran longer than %s; ending the process\n",
                   static_cast<unsigned long long>(worker->offset.load()),
                   format_duration(options_.watchdog).c_str());
      std::abort();
    }
  }
}

Status Processor::wait_settled(Duration timeout) {
  std::unique_lock lock(mutex_);
  const bool settled = progress_.wait_for(lock, timeout, [&] {
    return failure_ || stopping_ ||
           std::none_of(shards_.begin(), shards_.end(),
                        [](const auto& shard) { return shard->mark.has_value(); });
  });
  if (failure_) return fail(*failure_);
  if (!settled) {
    return fail(ErrorCode::timeout,
                "records in which the process ended before are still being tried");
  }
  return {};
}

Status Processor::wait_idle(Duration timeout) {
  const LogPosition end = log_.end();
  std::unique_lock lock(mutex_);
  const bool idle = progress_.wait_for(lock, timeout, [&] {
    if (failure_ || stopping_) return true;
    return read_next_ >= end && std::all_of(shards_.begin(), shards_.end(), [](const auto& shard) {
             return shard->queue.empty() && !shard->busy;
           });
  });
  if (failure_) return fail(*failure_);
  if (stopping_) return fail(ErrorCode::unavailable, "processing was stopped");
  if (!idle) return fail(ErrorCode::timeout, "processing did not catch up in time");
  return {};
}

PipelineStatus Processor::status() const {
  PipelineStatus status;
  status.log_end = log_.end();
  const std::lock_guard lock(mutex_);
  for (const auto& shard : shards_) {
    status.shards.push_back({shard->number, shard->commit, shard->queue.size()});
    status.totals.add(shard->commit.totals);
    status.lag += shard->queue.size() + shard->in_flight;
    if (shard->in_flight == 0 && shard->queue.empty()) continue;
    const Time oldest =
        shard->in_flight > 0 ? shard->oldest_taken : shard->queue.front().record.stored_time;
    status.oldest = std::min(status.oldest.value_or(oldest), oldest);
  }
  status.lag += status.log_end > read_next_ ? status.log_end - read_next_ : 0;
  status.commits = commits_;
  status.records = records_;
  status.paused = paused_;
  status.workers = static_cast<int>(workers_.size());
  status.queue_events_max = options_.queue_events_max;
  for (const auto& worker : workers_) status.busy += Duration(worker->busy_ns / 1'000'000);
  return status;
}

std::optional<Time> Processor::midnight_after_imports() const {
  const std::lock_guard lock(mutex_);
  Time last{};
  for (const auto& shard : shards_) {
    if (shard->commit.totals.live > 0) return std::nullopt;
    last = std::max(last, shard->commit.last_event_time);
  }
  if (last == Time{}) return std::nullopt;
  return start_of_day(day_index(last) + 1);
}

ShardCommit Processor::commit_of(std::uint16_t shard) const {
  const std::lock_guard lock(mutex_);
  return shards_[shard]->commit;
}

std::optional<Error> Processor::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Processor::forget_states() {
  CHECK(!started_);
  for (auto& worker : workers_) worker->processor->forget();
}

}  // namespace tideline
