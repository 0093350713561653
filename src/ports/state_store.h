// StateStore: ordered keys in named families with atomic writes. Two implementations: RocksDB
// (adapters/rocksdb) and MemoryStateStore; one contract suite over both
// (ports/state_store_contract.h).
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tideline {

// A column family: one kind of thing. The layout of its keys and values is the owner's
// (pipeline/state_keys.h).
enum class Family : std::uint8_t {
  customers,  // tiles, counters, times, traits of one customer
  dedupe,     // marks of message ids
  dead_letters,
  commits,      // committed offset of each shard, totals, attempts in flight
  manifest,     // files of the lake and the ranges that they hold
  predictions,  // latest prediction of each customer
  history,      // kept predictions by customer and time
  links,        // alias and identify links
  keys,         // sources and their keys
  imports,      // ledger of finished imports
  settings,
  outbox,   // kept predictions and tier changes on their way into the lake
  watch,    // predictions kept to be compared with what happens, and what came of it
  access,   // users, sessions, the set-up link
  audit,    // who did what, in order
  actions,  // recommendations and what people made of them; tiers set by hand
  alerts,   // receivers of notices and what was delivered to them
  answers,  // of writes that may be sent again under the same Idempotency-Key
  saved,    // views, queries and versions of tiers and playbook that people keep
};
inline constexpr std::size_t kFamilyCount = 19;
[[nodiscard]] std::string_view name_of(Family family);

// Operations that become visible together or not at all.
class WriteBatch {
 public:
  struct Operation {
    Family family;
    std::string key;
    std::optional<std::string> value;  // nullopt: delete
  };

  void put(Family family, std::string key, std::string value);
  void remove(Family family, std::string key);
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  [[nodiscard]] bool empty() const { return operations_.empty(); }
  void append(WriteBatch other);

 private:
  std::vector<Operation> operations_;
};

enum class Durability : std::uint8_t {
  later,  // survives the end of the process; a power cut may take the newest writes
  now,    // synced to disk before the call returns
};

class StateStore {
 public:
  // Return false to stop.
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;

  virtual ~StateStore() = default;

  [[nodiscard]] virtual Result<std::optional<std::string>> get(Family family,
                                                               std::string_view key) = 0;
  // Answers in the order of `keys`.
  [[nodiscard]] virtual Result<std::vector<std::optional<std::string>>> get_many(
      Family family, std::span<const std::string> keys) = 0;
  // Visits keys in [from, to) in order of bytes, as of one moment; an empty `to` means to the end.
  virtual Status scan(Family family, std::string_view from, std::string_view to,
                      const Visitor& visit) = 0;
  // Same, from the greatest key below `to` downwards.
  virtual Status scan_back(Family family, std::string_view from, std::string_view to,
                           const Visitor& visit) = 0;
  // All or nothing. disk_full when the reserve would be used.
  virtual Status write(const WriteBatch& batch, Durability durability) = 0;
  // Everything written so far is on disk when this returns.
  virtual Status sync() = 0;
  // Approximate bytes on disk, all families.
  [[nodiscard]] virtual std::uint64_t disk_bytes() const = 0;
};

// One past the last key that starts with `prefix`; empty when there is none (all bytes 0xFF).
[[nodiscard]] std::string prefix_end(std::string_view prefix);

}  // namespace tideline
