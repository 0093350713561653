// The records that the pipeline keeps in state: keys and values of each family, and their bytes.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "domain/dead_letter.h"
#include "domain/prediction.h"
#include "ports/event_log.h"
#include "ports/state_store.h"
#include "scoring/playbook.h"

namespace tideline {

inline constexpr std::size_t kDeadLetterCodes = 14;

// How many entries of a shard ended how. The four outcomes sum to received.
struct Totals {
  std::uint64_t received = 0;
  std::uint64_t applied = 0;
  std::uint64_t late_applied = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t live = 0;              // of received: not from an import
  std::uint64_t foreign_currency = 0;  // of applied: amount left out
  std::array<std::uint64_t, kDeadLetterCodes> by_code{};

  void add(const Totals& other);
  [[nodiscard]] bool adds_up() const {
    return received == applied + late_applied + duplicate + dead_lettered;
  }
};

// Family::commits, key "shard" + shard: how far a shard has come.
struct ShardCommit {
  std::uint64_t next_offset = 0;  // of the shard; everything below is committed
  LogPosition log_next = 0;       // log position after the last committed record
  Time last_event_time{};         // greatest event time applied
  Totals totals;
};

// Family::commits, key "archived" + shard: everything below is in the lake.
struct ArchiveCursor {
  std::uint64_t next_offset = 0;
  LogPosition log_next = 0;
};

// In the file of attempts (pipeline/attempt_marks.h): written before a batch is tried; done with
// once its first offset is committed.
struct AttemptMark {
  std::uint64_t first_offset = 0;
  std::uint64_t last_offset = 0;
  std::uint32_t crashes = 0;  // times that the process ended inside
  bool one_by_one = false;    // isolating: the mark covers one record
  bool running = false;       // being tried now; found so at a start: the process ended inside
  std::uint64_t isolate_until = 0;  // one by one up to and including this offset
};

// Family::dedupe, key: 16 bytes of the dedupe key. There are as many as events in a week, so every
// byte counts.
struct DedupeMark {
  std::uint64_t content = 0;  // content_print() of what came first
  Place winner;
  Time stored_until{};  // stored by then, whole hours
};
// Tells one content from another under the same id; two are taken for one with a chance of 2^-64.
[[nodiscard]] inline std::uint64_t content_print(const Hash128& content) { return content.low; }
// The mark of an entry that was stored at `stored_time`.
[[nodiscard]] DedupeMark dedupe_mark(const Hash128& content, Place winner, Time stored_time);

// Family::manifest, key "file" + table + name: a file of the lake.
struct ManifestFile {
  std::string file;  // relative to the lake
  std::string table;
  std::string date;       // of the events
  bool complete = false;  // false: promised before the write, may be missing or cut
  std::uint64_t rows = 0;
  struct Range {
    std::uint16_t shard = 0;
    std::uint64_t first = 0;  // offsets, inclusive
    std::uint64_t last = 0;
  };
  std::vector<Range> ranges;
};

// Family::predictions and history: a prediction with what next_tier needs.
struct KeptPrediction {
  Prediction prediction;
  std::string pending_tier;         // beyond the border, but not yet shown
  std::uint32_t pending_count = 0;  // scheduled scorings over it
  bool superseded = false;          // a late event changed what it was computed from
  Time kept_at{};                   // when the newest row of history was kept, and what it said
  std::vector<std::optional<double>> kept_figures;
  std::vector<PlayMark> plays;  // of the latest prediction only, not of history
};

// Keys.
[[nodiscard]] std::string shard_commit_key(std::uint16_t shard);
[[nodiscard]] std::string archive_cursor_key(std::uint16_t shard);
[[nodiscard]] std::string dedupe_mark_key(const Hash128& key);
[[nodiscard]] std::string dead_letter_key(Place place);
[[nodiscard]] std::optional<Place> place_of_dead_letter_id(std::string_view id);  // "SHARD-OFFSET"
[[nodiscard]] std::string dead_letter_id(Place place);
[[nodiscard]] std::string manifest_key(const std::string& file);
// Applied offsets of a committed batch, not yet archived: "todo" + shard + first offset.
[[nodiscard]] std::string applied_prefix(std::uint16_t shard);
[[nodiscard]] std::string applied_key(std::uint16_t shard, std::uint64_t first_offset);
[[nodiscard]] std::string history_key(const CustomerId& customer, Time time);
// Outbox of a table of the lake, in the order of time.
[[nodiscard]] std::string outbox_prefix(const std::string& table);
[[nodiscard]] std::string outbox_key(const std::string& table, Time time,
                                     const CustomerId& customer);
[[nodiscard]] std::string history_prefix(const CustomerId& customer);

// Values; decoding answers corrupt when the bytes are not such a record.
[[nodiscard]] std::string encode(const ShardCommit& commit);
[[nodiscard]] std::string encode(const ArchiveCursor& cursor);
[[nodiscard]] std::string encode(const AttemptMark& mark);
[[nodiscard]] std::string encode(const DedupeMark& mark);
[[nodiscard]] std::string encode(const ManifestFile& file);
[[nodiscard]] std::string encode(const DeadLetter& letter);
[[nodiscard]] std::string encode(const KeptPrediction& kept);
[[nodiscard]] Result<ShardCommit> decode_shard_commit(std::string_view bytes);
[[nodiscard]] Result<ArchiveCursor> decode_archive_cursor(std::string_view bytes);
[[nodiscard]] Result<AttemptMark> decode_attempt(std::string_view bytes);
[[nodiscard]] Result<DedupeMark> decode_dedupe_mark(std::string_view bytes);
[[nodiscard]] Result<ManifestFile> decode_manifest_file(std::string_view bytes);
[[nodiscard]] Result<DeadLetter> decode_dead_letter(std::string_view bytes);
[[nodiscard]] Result<KeptPrediction> decode_kept_prediction(std::string_view bytes);

// A change of the shown tier, on its way into the lake.
struct TierChange {
  CustomerId customer;
  Time time{};
  std::string from;  // empty: first score
  std::string to;
  std::string reason;
  std::string model_version;
};
[[nodiscard]] std::string encode(const TierChange& change);
[[nodiscard]] Result<TierChange> decode_tier_change(std::string_view bytes);

// Bit i: offset first + i was applied.
struct AppliedBits {
  std::uint64_t first_offset = 0;
  LogPosition log_first = 0;  // of the batch's first record
  std::vector<bool> applied;
};
[[nodiscard]] std::string encode(const AppliedBits& bits);
[[nodiscard]] Result<AppliedBits> decode_applied_bits(std::string_view bytes);

// Reads a record of `family`; nullopt when the key is absent.
template <class T>
[[nodiscard]] Result<std::optional<T>> load(StateStore& store, Family family, std::string_view key,
                                            Result<T> (*decode)(std::string_view)) {
  TRY_ASSIGN(auto bytes, store.get(family, key));
  if (!bytes) return std::optional<T>();
  TRY_ASSIGN(T value, decode(*bytes));
  return std::optional<T>(std::move(value));
}

}  // namespace tideline
