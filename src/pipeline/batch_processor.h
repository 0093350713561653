// BatchProcessor: from a batch of one shard's records to one atomic write. No threads, no clock:
// same inputs, same bytes. Processor (processor.h) runs one for each worker.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "alerts/alert_queue.h"
#include "features/customer_state.h"
#include "features/observer.h"
#include "pipeline/entry.h"
#include "pipeline/records.h"
#include "pipeline/state_cache.h"
#include "ports/event_log.h"
#include "ports/state_store.h"

namespace tideline {

// What the reader found out about an entry's dedupe key, in the order of the log.
enum class Repeat : std::uint8_t { fresh, duplicate, conflict };

struct WorkItem {
  LogRecord record;
  Repeat repeat = Repeat::fresh;
};

struct ItemOutcome {
  Verdict verdict =
      Verdict::applied;  // applied, late_applied, duplicate, conflict, rejected, dead_lettered
  std::optional<DeadLetterCode> code;
  std::string reason;
  std::uint32_t attempts = 0;     // times that applying it was tried
  bool foreign_currency = false;  // applied, its amounts left out
};

struct ChangedCustomer {
  CustomerId customer;
  std::optional<Time> late_since;  // an event later than the lateness bound landed at this time
  bool is_history = false;         // all that changed it was imported
};

struct BatchOutcome {
  std::vector<ItemOutcome> outcomes;     // one an item
  WriteBatch writes;                     // everything, the shard's commit included
  ShardCommit commit;                    // after the batch
  std::vector<ChangedCustomer> changed;  // each once
  std::uint32_t tries = 0;               // ranges tried, 1 when nothing failed
};

struct BatchOptions {
  Duration lateness = std::chrono::hours(72);
  Duration too_late = std::chrono::hours(24 * 90);
  std::string program_version;
  std::size_t cache_bytes = 64 << 20;  // decoded states kept, by the memory that they take
  // Items that are tried together; a longer batch is tried piece by piece, so that one bad item
  // costs no more tries there.
  std::size_t tried_together_max = 100;
  const AlertQueue* alerts = nullptr;  // hears of dead letters; nullptr: nobody does
};

class BatchProcessor {
 public:
  // `pack` and `store` must outlive the processor. `before_record` is called before each record is
  // tried, with its offset (the watchdog's sign of life).
  BatchProcessor(BatchOptions options, const Pack& pack, StateStore& store,
                 std::function<void(std::uint64_t)> before_record = {});

  // Items are consecutive offsets from `before.next_offset` on. Nothing is written: the caller
  // writes `outcome.writes`, then calls committed(). An error means that state or log could not be
  // read. With `give_up` set, what would be applied is dead-lettered as poison with that reason,
  // untried.
  [[nodiscard]] Result<BatchOutcome> process(const ShardCommit& before,
                                             std::span<const WorkItem> items, Time now,
                                             const std::string& give_up = {});
  // Takes the states of the last process() into the cache. Without it they are read again.
  void committed();
  // Forgets cached states, e.g. when the state was swapped.
  void forget();

 private:
  struct Pending;  // an item that is to be applied
  struct Work;     // one call of process()
  // A customer of the batch. Taken out of the cache and changed in place; only committed() puts it
  // back.
  struct Subject {
    CustomerId customer;
    CustomerState state;
    bool is_changed = false;
  };

  [[nodiscard]] Result<Repeat> repeat_of_retry(const Event& event, Place letter);
  [[nodiscard]] Result<void> sort_out(Work& work, std::span<const WorkItem> items, Time now);
  [[nodiscard]] Result<void> load_subjects(Work& work);
  [[nodiscard]] Result<void> decode_stored(std::span<const std::size_t> subjects);
  void observe_range(Work& work, std::size_t begin, std::size_t end, Time now);
  [[nodiscard]] Result<void> apply_observed(Work& work, Time now);
  void apply_carefully(Work& work, std::size_t begin, std::size_t end, std::size_t failed,
                       Time now);
  void settle(Work& work);
  void dead_letter(Work& work, std::size_t item, DeadLetterCode code, std::string reason,
                   Time now);
  void finish(Work& work, const ShardCommit& before, std::span<const WorkItem> items);
  void keep_marks(Work& work, std::span<const WorkItem> items);
  void add_alerts(Work& work) const;

  BatchOptions options_;
  const Pack& pack_;
  StateStore& store_;
  std::function<void(std::uint64_t)> before_record_;
  Observer observer_;
  StateCache cache_;
  std::vector<Subject> subjects_;  // of the last process()
};

}  // namespace tideline
