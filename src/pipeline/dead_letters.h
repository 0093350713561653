// Dead letters as an operator handles them: list, show, retry (also edited), drop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pipeline/decoder.h"
#include "pipeline/ingest.h"
#include "pipeline/records.h"

namespace tideline {

struct DeadLetterFilter {
  std::string status = "open";  // open, retried, dropped; empty: any
  std::string code;             // empty: any
  std::string after_id;         // cursor: letters behind this one; empty: from the first
  std::size_t limit = 100;
};

class DeadLetters {
 public:
  DeadLetters(DecodeLimits limits, StateStore& store, Ingest& ingest, const Clock& clock)
      : limits_(limits), store_(store), ingest_(ingest), clock_(clock) {}

  // In the order of shard and offset.
  [[nodiscard]] Result<std::vector<DeadLetter>> list(const DeadLetterFilter& filter);
  [[nodiscard]] Result<DeadLetter> show(const std::string& id);

  using Done = std::function<void(Result<IngestVerdict>)>;
  // Sends the letter's payload, or `edited` in its place, on its way again; `done` hears what
  // became of it (within 30 s). Trying a letter that was retried or dropped before answers
  // `duplicate`, and nothing happens. invalid when the payload was cut (over 32 KiB) and no edited
  // one is given, or is no event.
  void retry(const std::string& id, std::optional<std::string> edited, Done done);
  // Sets it aside for good; synced before it returns. conflict when it is no longer open.
  Status drop(const std::string& id);

 private:
  [[nodiscard]] Result<Entry> entry_of(const DeadLetter& letter, const std::string& payload);

  DecodeLimits limits_;
  StateStore& store_;
  Ingest& ingest_;
  const Clock& clock_;
};

}  // namespace tideline
