// Dedupe: tells repeats of (source, message id) in the order of the log, over all shards.
//
// The one reader of the log asks for every entry before it goes to its shard, because two entries
// with the same id may belong to customers of different shards. Ids that are handed out but not
// yet committed are remembered here; committed ones stand in state, written by the shard's commit.
#pragma once

#include <deque>
#include <span>
#include <unordered_map>
#include <vector>

#include "pipeline/batch_processor.h"

namespace tideline {

class Dedupe {
 public:
  explicit Dedupe(StateStore& store) : store_(store) {}

  // Fills in `repeat` of each item, in order. An item whose own place is the winner is fresh.
  [[nodiscard]] Status mark_repeats(std::span<WorkItem> items);

  // Offsets of `shard` below `next_offset` are committed: their ids need no longer be remembered.
  void forget_committed(std::uint16_t shard, std::uint64_t next_offset);

  [[nodiscard]] std::size_t remembered() const { return in_flight_.size(); }

 private:
  struct KeyHash {
    std::size_t operator()(const Hash128& key) const noexcept {
      return static_cast<std::size_t>(key.low);
    }
  };
  struct Winner {
    std::uint64_t content = 0;
    Place place;
  };
  using Winners = std::unordered_map<Hash128, Winner, KeyHash>;
  struct HandedOut {
    std::uint64_t offset = 0;
    Hash128 key{};
  };

  StateStore& store_;
  Winners in_flight_;
  std::unordered_map<std::uint16_t, std::deque<HandedOut>> by_shard_;  // ascending offsets
};

}  // namespace tideline
