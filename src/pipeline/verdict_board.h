// VerdictBoard: where workers post what became of each place, and where `?verdicts=1` and
// `?wait_for=` wait.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "domain/dead_letter.h"

namespace tideline {

struct PostedVerdict {
  Verdict verdict = Verdict::applied;
  std::optional<DeadLetterCode> code;  // of conflict, rejected and dead_lettered
};

// Thread-safe. Keeps the newest `kept` verdicts of each shard.
class VerdictBoard {
 public:
  // timeout when the places were not committed in time.
  using Ready = std::function<void(Result<std::vector<PostedVerdict>>)>;

  explicit VerdictBoard(std::uint16_t shards, std::size_t kept = 1 << 16);

  // Where a shard stands when the program starts.
  void begin_at(std::uint16_t shard, std::uint64_t next_offset);
  // The verdicts of offsets first_offset, first_offset + 1, ... now committed.
  void post(std::uint16_t shard, std::uint64_t first_offset,
            std::span<const PostedVerdict> verdicts);

  // Calls `ready` once all places are committed (maybe at once, else from the posting thread), or
  // from expire() after `deadline`.
  void when(std::vector<Place> places, Time deadline, Ready ready);
  // Ends waits whose deadline has passed.
  void expire(Time now);
  // Ends all waits with `unavailable`; for shutting down.
  void close();

 private:
  struct ShardBoard {
    std::uint64_t next = 0;
    std::vector<PostedVerdict> ring;
  };
  struct Wait {
    std::vector<Place> places;
    Time deadline;
    Ready ready;
  };
  [[nodiscard]] bool committed(const std::vector<Place>& places) const;
  [[nodiscard]] std::vector<PostedVerdict> verdicts(const std::vector<Place>& places) const;

  std::mutex mutex_;
  std::vector<ShardBoard> shards_;
  std::size_t kept_;
  std::vector<Wait> waits_;
  bool closed_ = false;
};

}  // namespace tideline
