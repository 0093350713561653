// Ingest: decoded entries into the log, and what to tell the sender of each.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "pipeline/entry.h"
#include "pipeline/verdict_board.h"
#include "ports/event_log.h"

namespace tideline {

struct IngestVerdict {
  std::string id;          // message id, as sent or made
  bool server_id = false;  // made by us: a retry would not be recognised
  Verdict verdict = Verdict::accepted;
  std::optional<DeadLetterCode> code;
  std::string reason;  // of rejected ones
  Place place;
};

class Ingest {
 public:
  using Done = std::function<void(Result<std::vector<IngestVerdict>>)>;

  Ingest(EventLog& log, VerdictBoard& board, const Clock& clock, std::uint16_t shards)
      : log_(log), board_(board), clock_(clock), shards_(shards) {}

  // Calls `done` once: when the entries are durable (accepted or rejected), or, with `applied_by`,
  // when workers have applied them (their real verdicts; timeout when that takes until then).
  // Nothing is stored on an error other than timeout. Thread-safe. `done` may run on the log's or
  // a worker's thread and must be short.
  void submit(std::vector<Entry> entries, std::optional<Duration> applied_within, Done done);

  // For who asks for no verdicts: calls `done` once, when the records are durable or none of them
  // is. As submit() else.
  void store(RecordBatch records, std::function<void(Status)> done);

  [[nodiscard]] std::uint16_t shards() const { return shards_; }

  // While closed, submissions answer `unavailable` with this message.
  void close(std::string why);

 private:
  EventLog& log_;
  VerdictBoard& board_;
  const Clock& clock_;
  std::uint16_t shards_;
  std::atomic<bool> closed_{false};
  std::string closed_why_;
};

}  // namespace tideline
