// MemoryEventLog: the EventLog of tests and simulations. Nothing survives it.
//
// `done` runs on the caller's thread before append returns, so that a single-threaded simulation
// is deterministic; a caller that holds a lock which `done` needs shows itself by hanging.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "ports/event_log.h"

namespace tideline {

class MemoryEventLog final : public EventLog {
 public:
  // `clock` gives the stored time and must outlive the log.
  explicit MemoryEventLog(const Clock& clock) : clock_(clock) {}

  void append(RecordBatch records, Appended done) override;
  Result<std::vector<LogRecord>> read(LogPosition from, std::size_t records_max,
                                      std::size_t bytes_max) override;
  bool wait_for(LogPosition position, Duration timeout) override;
  [[nodiscard]] LogPosition begin() const override;
  [[nodiscard]] LogPosition end() const override;
  Status trim(LogPosition before, Time stored_before) override;

  // Every append from now on answers `error` and stores nothing; nullopt: as usual again.
  void refuse_appends(std::optional<Error> error);

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable grown_;
  std::optional<Error> refusal_;
  LogPosition begin_ = 0;
  std::vector<LogRecord> records_;  // from begin_ on
  std::map<std::uint16_t, std::uint64_t> next_offsets_;
};

}  // namespace tideline
