// EventLog: the durable stream between ingest and processing. Two implementations: the segment log
// (adapters/segment_log) and MemoryEventLog (ports/memory_event_log.h); one contract suite over
// both (ports/event_log_contract.h).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "ports/record_batch.h"

namespace tideline {

// A record's number in the whole log, from 0, without gaps, in the order of the log.
using LogPosition = std::uint64_t;

struct LogRecord {
  LogPosition position = 0;
  Place place;  // shard and number in that shard; consecutive within a shard
  RecordKind kind = RecordKind::event;
  Time stored_time{};
  std::string payload;
};

class EventLog {
 public:
  // Places of the records of one append, in their order; or why none of them was stored.
  using Appended = std::function<void(Result<std::vector<Place>>)>;

  virtual ~EventLog() = default;

  // Takes the records as one unit, in order, and calls `done` once, after a successful data sync
  // covers them, or with an error when they are not durable. `done` runs on the log's own thread:
  // it must be short and must not call append's waiting forms. Thread-safe. After a failed sync
  // every append answers `unavailable` until the log is opened again. disk_full: the reserve would
  // be used; overloaded: the queue of waiting bytes is full; too_large: no segment could hold it.
  // What is refused at once, or empty, has `done` called by append itself.
  virtual void append(RecordBatch records, Appended done) = 0;

  // Up to `records_max` durable records from `from` on, stopping after `bytes_max` payload bytes
  // (at least one record); empty at the end. not_found when `from` was already trimmed. corrupt
  // names file and byte offset.
  virtual Result<std::vector<LogRecord>> read(LogPosition from, std::size_t records_max,
                                              std::size_t bytes_max) = 0;

  // Waits until a durable record at `position` exists, or `timeout` passed; true when it exists.
  virtual bool wait_for(LogPosition position, Duration timeout) = 0;

  // First position still kept, and one past the last durable one.
  [[nodiscard]] virtual LogPosition begin() const = 0;
  [[nodiscard]] virtual LogPosition end() const = 0;

  // Lets go of whole segments that lie before `before` and were stored before `stored_before`.
  virtual Status trim(LogPosition before, Time stored_before) = 0;
};

// append() and wait: for callers that have a thread to spare.
[[nodiscard]] Result<std::vector<Place>> append_and_wait(EventLog& log, RecordBatch records);

}  // namespace tideline
