// Processor: reads the log, hands records to one bounded queue a shard, and has workers apply and
// commit them.
//
// A worker takes what waits in a shard, up to batch_events_max at a time; where more than that
// waits it takes up to batch_events_behind_max, since a commit costs the same for many.
//
// One reader thread, `workers` worker threads (shard s belongs to worker s mod workers), one
// watchdog thread that aborts the process when a record runs too long. Every commit is one atomic
// write of a shard. While the disk is full the workers pause and try again; reads go on.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "pipeline/attempt_marks.h"
#include "pipeline/batch_processor.h"
#include "pipeline/dedupe.h"
#include "pipeline/verdict_board.h"
#include "telemetry/right_of_way.h"

namespace tideline {

struct ProcessorOptions {
  std::uint16_t shards = 16;
  int workers = 2;
  std::size_t batch_events_max = 100;                        // 1 to 10,000
  Duration batch_window_max = std::chrono::milliseconds(5);  // 0 to 5 s
  std::size_t batch_events_behind_max = 0;                   // at least batch_events_max
  std::size_t batch_bytes_max = 4 << 20;                     // of a batch beyond batch_events_max
  std::size_t queue_events_max = 20'000;                     // a shard
  std::size_t queue_bytes_max = 64 << 20;                    // payload of all shards together
  Duration watchdog = std::chrono::seconds(5);
  std::uint32_t crashes_before_isolation = 3;
  // Processing gives way to answering who sends, since the log holds what waits; nullptr: it does
  // not. Must outlive the processor.
  RightOfWay* gives_way_to = nullptr;
  BatchOptions batch;
};

struct ShardStatus {
  std::uint16_t shard = 0;
  ShardCommit commit;
  std::size_t queued = 0;
};

struct PipelineStatus {
  std::vector<ShardStatus> shards;
  Totals totals;
  LogPosition log_end = 0;
  std::uint64_t lag = 0;        // durable records not yet committed
  std::uint64_t commits = 0;    // since the start
  std::uint64_t records = 0;    // committed since the start
  Duration busy{};              // time of all workers spent on batches since the start
  std::optional<Error> paused;  // why commits wait, when they do: the disk is full
  int workers = 0;
  std::size_t queue_events_max = 0;  // of one shard
  // When the oldest record that is read and not yet committed was stored; nullopt: there is none.
  std::optional<Time> oldest;
};

class Processor {
 public:
  // Called from workers after each commit.
  using OnChanged = std::function<void(std::span<const ChangedCustomer>)>;

  // Reads where each shard stands. All references must outlive the processor.
  [[nodiscard]] static Result<std::unique_ptr<Processor>> open(
      ProcessorOptions options, EventLog& log, StateStore& store, AttemptMarks& attempts,
      const Pack& pack, const Clock& clock, VerdictBoard& board, OnChanged on_changed);
  ~Processor();  // stops

  void start();
  // Ends after the batches at hand; what is queued stays in the log for the next start.
  void stop();

  // Waits until the batches in which the process ended before are dealt with. For a start: who
  // kills the program while it serves should not hit them, since a record that is being tried
  // alone when the process ends is set aside.
  Status wait_settled(Duration timeout);
  // Waits until everything that is durable in the log now is committed; timeout, or why the
  // processor failed.
  Status wait_idle(Duration timeout);

  [[nodiscard]] PipelineStatus status() const;
  // In a folder without live events: the first 00:00 UTC after its last event. Else nullopt.
  [[nodiscard]] std::optional<Time> midnight_after_imports() const;
  [[nodiscard]] ShardCommit commit_of(std::uint16_t shard) const;
  // Why processing stands still, if it does.
  [[nodiscard]] std::optional<Error> failure() const;
  // Forgets cached states; only while stopped.
  void forget_states();

 private:
  struct Shard;
  struct Worker;
  Processor(ProcessorOptions options, EventLog& log, StateStore& store, AttemptMarks& attempts,
            const Pack& pack, const Clock& clock, VerdictBoard& board, OnChanged on_changed);

  Status load_commits();
  void let_answers_pass();
  void read_loop();
  Status read_some(LogPosition& next);
  bool hand_over(std::vector<WorkItem>& items);
  [[nodiscard]] bool has_room(const Shard& shard) const;
  void forget_committed();
  Status keep_reader_position(LogPosition next);
  void work_loop(Worker& worker);
  [[nodiscard]] std::vector<WorkItem> take_batch(Worker& worker, Shard*& shard);
  [[nodiscard]] Shard* next_ready(const Worker& worker,
                                  std::chrono::steady_clock::time_point& wake);
  [[nodiscard]] std::vector<WorkItem> take_from(Shard& shard);
  Status process_batch(Worker& worker, Shard& shard, std::span<const WorkItem> items);
  Status commit_batch(Worker& worker, Shard& shard, std::span<const WorkItem> items,
                      const AttemptMark& mark, const std::string& give_up = {});
  Status write_when_possible(const WriteBatch& writes);
  void publish(Shard& shard, const BatchOutcome& outcome);
  void watch_loop();
  void fail_with(Error error);

  ProcessorOptions options_;
  EventLog& log_;
  StateStore& store_;
  AttemptMarks& attempts_;
  const Pack& pack_;
  const Clock& clock_;
  VerdictBoard& board_;
  OnChanged on_changed_;
  Dedupe dedupe_;

  mutable std::mutex mutex_;          // shards' queues and commits, failure
  std::condition_variable work_;      // something was queued, or stop
  std::condition_variable progress_;  // something was taken or committed, or stop
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<Error> failure_;
  std::optional<Error> paused_;
  std::size_t queued_bytes_ = 0;
  LogPosition read_next_ = 0;  // the reader's position
  std::uint64_t commits_ = 0;
  std::uint64_t records_ = 0;
  LogPosition kept_position_ = 0;
  std::atomic<bool> stopping_{false};
  bool started_ = false;
  std::thread reader_;
  std::thread watchdog_;
};

}  // namespace tideline
