// BatchProcessor: from a batch of one shard's records to one atomic write. No threads, no clock:
// same inputs, same bytes. Processor (processor.h) runs one for each worker.
#pragma once

#include <functional>
#include <list>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "features/customer_state.h"
#include "features/observer.h"
#include "pipeline/entry.h"
#include "pipeline/records.h"
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
};

struct BatchOutcome {
  std::vector<ItemOutcome> outcomes;  // one an item
  WriteBatch writes;                  // everything, the shard's commit included
  ShardCommit commit;                 // after the batch
  std::vector<ChangedCustomer> changed;
  std::uint32_t tries = 0;  // ranges tried, 1 when nothing failed
};

struct BatchOptions {
  Duration lateness = std::chrono::hours(72);
  Duration too_late = std::chrono::hours(24 * 90);
  std::string program_version;
  std::size_t cache_bytes = 64 << 20;  // decoded states kept, by their encoded size
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
  // Takes the states of the last process() into the cache.
  void committed();
  // Forgets cached states, e.g. when the state was swapped.
  void forget();

 private:
  struct Pending;  // an item that is to be applied
  struct Work;     // one call of process()
  using States = std::unordered_map<CustomerId, CustomerState>;

  [[nodiscard]] Result<Repeat> repeat_of_retry(const Event& event, Place letter);
  [[nodiscard]] Result<void> sort_out(Work& work, std::span<const WorkItem> items, Time now);
  [[nodiscard]] Result<void> load_states(Work& work);
  void try_range(Work& work, std::size_t begin, std::size_t end, Time now);
  [[nodiscard]] ItemOutcome apply_one(Work& work, const Pending& pending, States& states);
  void dead_letter(Work& work, std::size_t item, DeadLetterCode code, std::string reason,
                   Time now);
  void finish(Work& work, const ShardCommit& before, std::span<const WorkItem> items);
  void keep_marks(Work& work, std::span<const WorkItem> items);
  void remember(const CustomerId& customer, CustomerState state, std::size_t bytes);

  BatchOptions options_;
  const Pack& pack_;
  StateStore& store_;
  std::function<void(std::uint64_t)> before_record_;
  Observer observer_;

  struct Cached {
    CustomerState state;
    std::size_t bytes = 0;
    std::list<CustomerId>::iterator age;
  };
  std::unordered_map<CustomerId, Cached> cache_;
  std::list<CustomerId> ages_;  // newest first
  std::size_t cached_bytes_ = 0;
  std::vector<std::tuple<CustomerId, CustomerState, std::size_t>> touched_;
};

}  // namespace tideline
