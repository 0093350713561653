// LoadWatch: how much was done a second lately, and how much more could be, from samples of
// counters.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "base/time.h"

namespace tideline {

// Counters as they stood at one moment; all only grow.
struct LoadSample {
  Time at{};
  std::uint64_t stored = 0;   // records durable in the log
  std::uint64_t applied = 0;  // records committed by workers
  std::uint64_t commits = 0;  // of workers
  Duration busy{};            // of all workers
};

// Over the samples that are kept.
struct LoadRates {
  double over_s = 0;
  double stored_per_s = 0;
  double applied_per_s = 0;
  std::optional<double> events_per_commit;  // nullopt: no commit
  double utilisation = 0;                   // busy share of the workers, 0 to 1
  // How many more a second the workers could apply, at the cost that events had lately; nullopt
  // while too little was applied to know that.
  std::optional<double> headroom_per_s;
};

// Thread-safe.
class LoadWatch {
 public:
  // `over`: how far back rates look.
  explicit LoadWatch(int workers, Duration over = std::chrono::seconds(10))
      : workers_(workers), over_(over) {}

  // In the order of time; a sample before the last one starts afresh.
  void note(const LoadSample& sample);
  [[nodiscard]] LoadRates rates() const;

 private:
  const int workers_;
  const Duration over_;
  mutable std::mutex mutex_;
  std::deque<LoadSample> samples_;
};

// What the log has waiting for its sync.
struct LogLoad {
  std::uint64_t queued_bytes = 0;
  std::uint64_t queued_bytes_max = 0;
  std::uint64_t commits = 0;  // data syncs since the start
  std::uint64_t records = 0;  // durable since the start
  Duration last_sync{};
  Duration longest_sync{};
};

}  // namespace tideline
