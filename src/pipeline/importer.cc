#include "pipeline/importer.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <deque>
#include <future>
#include <set>

namespace tideline {
namespace {

constexpr std::size_t kBlocksInFlight = 4;
constexpr std::size_t kBlockEvents = 4'096;
constexpr Duration kBlockPatience = std::chrono::minutes(10);

std::string ledger_key(const ImportIdentity& import) {
  ByteWriter key;
  key.text(import.source.str());
  key.hash(import.content);
  return key.take();
}

// The mapped row as a JSON object, for dead letters.
std::string payload_of(const ImportRow& row) {
  boost::json::object object;
  const auto add = [&](const char* key, const std::optional<std::string>& value) {
    if (value) object[key] = *value;
  };
  add("customer", row.customer);
  if (!row.time_text.empty()) object["time"] = row.time_text;
  add("event", row.event);
  add("type", row.type);
  add("id", row.id);
  if (!row.received_at_text.empty()) object["received_at"] = row.received_at_text;
  std::string text = boost::json::serialize(object);
  if (row.properties) {
    text.pop_back();
    text += (object.empty() ? "" : ",") + std::string("\"properties\":") + *row.properties + "}";
  }
  return text;
}

// The id of a row that brings none: of its source, its content and its number among equal rows.
std::string derived_id(const ImportIdentity& import, std::string_view content,
                       std::uint64_t copy) {
  ByteWriter key;
  key.text(import.source.str());
  key.text(content);
  key.varint(copy);
  return "row-" + xxh3_128(key.bytes()).hex();
}

}  // namespace

std::map<std::string, std::uint64_t> codes_of(const Totals& totals) {
  std::map<std::string, std::uint64_t> codes;
  for (std::size_t i = 0; i < totals.by_code.size(); ++i) {
    if (totals.by_code[i] > 0)
      codes[std::string(name_of(static_cast<DeadLetterCode>(i)))] = totals.by_code[i];
  }
  return codes;
}

struct Importer::Ledger {
  bool done = false;
  bool begun = false;      // an earlier run wrote this entry
  std::uint64_t rows = 0;  // of the sequence, put in
  Totals totals;
  // By shard: every record of rows that are counted lies below; what a killed run put in without
  // counting it lies at or above.
  std::map<std::uint16_t, std::uint64_t> next;
};

struct Importer::Origin {
  Hash128 dedupe_key{};
  bool late = false;
};

struct Importer::Run {
  struct Block {
    std::future<Result<std::vector<IngestVerdict>>> verdicts;
    std::uint64_t rows = 0;
    std::vector<Origin> origins;  // beside the verdicts
  };
  Ledger ledger;
  std::deque<Block> blocks;
  std::optional<std::map<std::uint16_t, std::uint64_t>>
      resumed_at;                                           // Ledger::next of a killed run
  std::set<Hash128> recognised;                             // entries that a killed run had put in
  std::unordered_map<std::uint64_t, std::uint32_t> copies;  // equal lines without an id, by hash
};

Result<Importer::Ledger> Importer::ledger_of(const ImportIdentity& import) {
  Ledger ledger;
  TRY_ASSIGN(const auto bytes, store_.get(Family::imports, ledger_key(import)));
  if (!bytes) return ledger;
  ByteReader in(*bytes);
  ledger.done = in.u8();
  ledger.rows = in.varint();
  const std::string commit_bytes = in.text();
  TRY_ASSIGN(const ShardCommit totals, decode_shard_commit(commit_bytes));
  ledger.totals = totals.totals;
  ledger.begun = true;
  for (std::uint64_t shards = in.varint(); shards > 0 && in.ok(); --shards) {
    const auto shard = static_cast<std::uint16_t>(in.varint());
    ledger.next[shard] = in.varint();
  }
  if (!in.done()) return fail(ErrorCode::corrupt, "the ledger of imports holds a broken entry");
  return ledger;
}

Status Importer::keep(const ImportIdentity& import, const Ledger& ledger, Durability durability) {
  ShardCommit totals;
  totals.totals = ledger.totals;
  ByteWriter out;
  out.u8(ledger.done);
  out.varint(ledger.rows);
  out.text(encode(totals));
  out.varint(ledger.next.size());
  for (const auto& [shard, offset] : ledger.next) {
    out.varint(shard);
    out.varint(offset);
  }
  WriteBatch batch;
  batch.put(Family::imports, ledger_key(import), out.take());
  return store_.write(batch, durability);
}

Result<std::optional<std::uint64_t>> Importer::rows_done(const ImportIdentity& import) {
  TRY_ASSIGN(const Ledger ledger, ledger_of(import));
  if (ledger.done) return std::optional<std::uint64_t>();
  return std::optional(ledger.rows);
}

Result<ImportCounts> Importer::done_before(const ImportIdentity& import) {
  TRY_ASSIGN(const Ledger ledger, ledger_of(import));
  ImportCounts counts;
  counts.already_done = ledger.done;
  counts.totals.received = counts.totals.duplicate = ledger.totals.received;
  return counts;
}

Entry Importer::reject_of(const ImportIdentity& import, DeadLetterCode code, std::string reason,
                          const std::string& payload, std::uint64_t copy) {
  Reject reject;
  reject.code = code;
  reject.reason = std::move(reason);
  reject.payload = payload.substr(0, limits_.event_bytes_max);
  reject.payload_bytes = payload.size();
  reject.payload_hash = xxh3_128(payload);
  reject.source = import.source;
  reject.message_id = MessageId(derived_id(import, payload, copy));
  reject.arrival_time = clock_.now();
  Entry entry;
  entry.rules.backfill = true;
  entry.rules.dedupe_key = dedupe_key_of(reject.source, reject.message_id);
  entry.content = std::move(reject);
  return entry;
}

// What makes a row a dead letter; nullopt when it is an event.
std::optional<Entry> Importer::wrong_row(const ImportIdentity& import, const ImportRow& row,
                                         const std::string& payload) {
  const auto wrong = [&](DeadLetterCode code, std::string reason) {
    return reject_of(import, code, std::move(reason), payload, row.copy);
  };
  const auto type = row.type && !row.type->empty() ? event_type_of(*row.type) : EventType::track;
  if (!type)
    return wrong(DeadLetterCode::unknown_type,
                 "type is none of track, identify, page, screen, group");
  if (!row.customer || row.customer->empty()) {
    return wrong(DeadLetterCode::missing_customer, "the row has no customer");
  }
  if (!row.time) {
    return wrong(DeadLetterCode::bad_time,
                 row.time_text.empty() ? "the row has no time"
                                       : "no readable time: " + row.time_text.substr(0, 64));
  }
  if (!row.received_at && !row.received_at_text.empty()) {
    return wrong(DeadLetterCode::bad_time,
                 "no readable received_at: " + row.received_at_text.substr(0, 64));
  }
  if (*type == EventType::track && (!row.event || row.event->empty())) {
    return wrong(DeadLetterCode::missing_event, "a track row has no event");
  }
  if (row.customer->size() > limits_.id_bytes_max ||
      (row.id && row.id->size() > limits_.id_bytes_max)) {
    return wrong(DeadLetterCode::bad_id,
                 "an id has more than " + std::to_string(limits_.id_bytes_max) + " bytes");
  }
  if (payload.size() > limits_.event_bytes_max) {
    return wrong(DeadLetterCode::too_large,
                 "the row has " + std::to_string(payload.size()) + " bytes; at most " +
                     std::to_string(limits_.event_bytes_max) + " are allowed");
  }
  if (row.properties) {
    if (auto checked = decoder_.check_object(*row.properties); !checked) {
      const auto code =
          dead_letter_code_of(checked.error().reason).value_or(DeadLetterCode::malformed_json);
      return wrong(code, "properties: " + checked.error().message);
    }
  }
  return std::nullopt;
}

Entry Importer::entry_of(const ImportIdentity& import, const ImportRow& row) {
  const std::string payload = payload_of(row);
  if (auto wrong = wrong_row(import, row, payload)) return std::move(*wrong);
  Event event;
  event.type = row.type && !row.type->empty() ? *event_type_of(*row.type) : EventType::track;
  event.customer = CustomerId(*row.customer);
  event.name = row.event.value_or("");
  if (event.type == EventType::identify || event.type == EventType::alias) event.name.clear();
  event.source = import.source;
  const bool has_id = row.id && !row.id->empty();
  event.message_id = MessageId(has_id ? *row.id : derived_id(import, payload, row.copy));
  event.event_time = *row.time;
  event.arrival_time = row.received_at.value_or(*row.time);
  event.properties = row.properties.value_or("{}");
  event.content = xxh3_128(payload);
  Entry entry;
  entry.rules.backfill = true;
  entry.rules.dedupe_key = dedupe_key_of(event.source, event.message_id);
  entry.content = std::move(event);
  return entry;
}

Entry Importer::entry_of(const ImportIdentity& import, const ImportLine& line, Run& run) {
  DecodeContext context{import.source, clock_.now(), true, [] { return std::string(); }};
  Entry entry = decoder_.line(line.text, context);
  Event* event = std::get_if<Event>(&entry.content);
  if (event && !event->server_id) return entry;
  const std::uint64_t copy = run.copies[xxh64(line.text)]++;
  const MessageId id(derived_id(import, line.text, copy));
  if (event) {
    event->message_id = id;
    event->server_id = false;
  } else {
    Reject& reject = std::get<Reject>(entry.content);
    reject.message_id = id;
    reject.payload_bytes = line.bytes;
  }
  entry.rules.dedupe_key = dedupe_key_of(import.source, id);
  return entry;
}

Status Importer::submit(const ImportIdentity& import, Run& run, std::vector<Entry> entries,
                        std::uint64_t rows) {
  if (run.blocks.size() >= kBlocksInFlight) TRY(settle(import, run));
  auto promise = std::make_shared<std::promise<Result<std::vector<IngestVerdict>>>>();
  std::vector<Origin> origins;
  for (const Entry& entry : entries) {
    const Event* event = entry.event();
    const bool late = event && event->arrival_time - event->event_time > lateness_;
    origins.push_back({entry.rules.dedupe_key, late});
  }
  run.blocks.push_back({promise->get_future(), rows, std::move(origins)});
  ingest_.submit(std::move(entries), kBlockPatience,
                 [promise](Result<std::vector<IngestVerdict>> verdicts) {
                   promise->set_value(std::move(verdicts));
                 });
  return {};
}

// What became of an entry that a killed run put in but did not count, now met again as a
// duplicate; nullopt when the duplicate is a real one.
Result<std::optional<PostedVerdict>> Importer::earlier_fate(Run& run, const Origin& origin) {
  if (!run.resumed_at) return std::optional<PostedVerdict>();
  TRY_ASSIGN(const auto mark,
             load<DedupeMark>(store_, Family::dedupe, dedupe_mark_key(origin.dedupe_key),
                              decode_dedupe_mark));
  if (!mark) return std::optional<PostedVerdict>();
  const auto counted = run.resumed_at->find(mark->winner.shard);
  const bool uncounted =
      counted == run.resumed_at->end() || mark->winner.offset >= counted->second;
  if (!uncounted || !run.recognised.insert(origin.dedupe_key).second) {
    return std::optional<PostedVerdict>();
  }
  TRY_ASSIGN(const auto letter,
             load<DeadLetter>(store_, Family::dead_letters, dead_letter_key(mark->winner),
                              decode_dead_letter));
  PostedVerdict fate{origin.late ? Verdict::late_applied : Verdict::applied, std::nullopt};
  if (letter) fate = {Verdict::dead_lettered, letter->code};
  return std::optional(fate);
}

// Waits for the oldest block and counts what became of it.
Status Importer::settle(const ImportIdentity& import, Run& run) {
  Run::Block block = std::move(run.blocks.front());
  run.blocks.pop_front();
  while (block.verdicts.wait_for(std::chrono::milliseconds(200)) != std::future_status::ready) {
    if (const auto failure = processor_.failure()) return fail(*failure);
  }
  TRY_ASSIGN(const auto verdicts, block.verdicts.get());
  Totals& totals = run.ledger.totals;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    PostedVerdict fate{verdicts[i].verdict, verdicts[i].code};
    std::uint64_t& next = run.ledger.next[verdicts[i].place.shard];
    next = std::max(next, verdicts[i].place.offset + 1);
    if (fate.verdict == Verdict::duplicate) {
      TRY_ASSIGN(const auto earlier, earlier_fate(run, block.origins[i]));
      fate = earlier.value_or(PostedVerdict{Verdict::duplicate, std::nullopt});
    }
    ++totals.received;
    totals.applied += fate.verdict == Verdict::applied;
    totals.late_applied += fate.verdict == Verdict::late_applied;
    totals.duplicate += fate.verdict == Verdict::duplicate;
    if (!fate.code) continue;
    ++totals.dead_lettered;
    ++totals.by_code[static_cast<std::size_t>(*fate.code)];
  }
  run.ledger.rows += block.rows;
  return keep(import, run.ledger, Durability::later);
}

// Reads where an earlier run stopped, or notes where this one begins.
Status Importer::begin(const ImportIdentity& import, Run& run) {
  TRY_ASSIGN(run.ledger, ledger_of(import));
  if (run.ledger.done) return {};
  if (run.ledger.begun) {
    run.resumed_at = run.ledger.next;
    return {};
  }
  for (const ShardStatus& shard : processor_.status().shards) {
    run.ledger.next[shard.shard] = shard.commit.next_offset;
  }
  return keep(import, run.ledger, Durability::later);
}

// What is under way is still counted, so that the next run goes on behind it.
tl::unexpected<Error> Importer::stopped(const ImportIdentity& import, Run& run) {
  while (!run.blocks.empty()) {
    if (auto settled = settle(import, run); !settled) return fail(std::move(settled).error());
  }
  return fail(ErrorCode::cancelled, "the import was stopped; run it again to go on");
}

Result<ImportCounts> Importer::finish(const ImportIdentity& import, Run& run, std::uint64_t rows,
                                      const OnProgress& progress) {
  while (!run.blocks.empty()) TRY(settle(import, run));
  if (progress) (void)progress({rows, rows, true});  // too late to stop
  TRY(archiver_.flush());
  run.ledger.done = true;
  TRY(keep(import, run.ledger, Durability::now));
  ImportCounts counts;
  counts.totals = run.ledger.totals;
  return counts;
}

Result<ImportCounts> Importer::import_rows(const ImportIdentity& import, ImportRows& rows,
                                           const OnProgress& progress) {
  Run run;
  TRY(begin(import, run));
  if (run.ledger.done) return done_before(import);
  std::uint64_t done = run.ledger.rows;
  if (done == 0) {
    // Records that are no rows come first, so that a run that goes on behind row 1 need not know
    // of them.
    std::vector<Entry> entries;
    std::unordered_map<std::uint64_t, std::uint64_t> copies;
    for (const ImportReject& bad : rows.rejects()) {
      entries.push_back(
          reject_of(import, DeadLetterCode::not_an_event,
                    bad.file + ", record " + std::to_string(bad.record) + ": " + bad.reason,
                    bad.text, copies[xxh64(bad.text)]++));
    }
    if (!entries.empty()) TRY(submit(import, run, std::move(entries), 0));
  }
  std::vector<ImportRow> block;
  for (;;) {
    TRY_ASSIGN(const bool more, rows.next(block));
    if (!more) break;
    for (std::size_t begin = 0; begin < block.size(); begin += kBlockEvents) {
      const std::size_t end = std::min(begin + kBlockEvents, block.size());
      std::vector<Entry> entries;
      for (std::size_t i = begin; i < end; ++i) entries.push_back(entry_of(import, block[i]));
      TRY(submit(import, run, std::move(entries), end - begin));
      done += end - begin;
      if (progress && !progress({done, rows.total()})) {
        return stopped(import, run);
      }
    }
  }
  return finish(import, run, done, progress);
}

Result<ImportCounts> Importer::import_lines(const ImportIdentity& import, ImportLines& lines,
                                            const OnProgress& progress) {
  Run run;
  TRY(begin(import, run));
  if (run.ledger.done) return done_before(import);
  std::uint64_t skip = run.ledger.rows;
  std::uint64_t done = skip;
  std::vector<ImportLine> block;
  std::vector<Entry> entries;
  const auto send = [&]() -> Status {
    const std::uint64_t rows = entries.size();
    if (rows == 0) return {};
    TRY(submit(import, run, std::exchange(entries, {}), rows));
    done += rows;
    if (progress && !progress({done, 0})) {
      return stopped(import, run);
    }
    return {};
  };
  for (;;) {
    TRY_ASSIGN(const bool more, lines.next(block));
    if (!more) break;
    for (const ImportLine& line : block) {
      if (line.text.find_first_not_of(" \t\r\n") == std::string::npos &&
          line.bytes == line.text.size())
        continue;
      Entry entry = entry_of(import, line, run);
      if (skip > 0) {
        --skip;  // read again only for the numbers of equal lines
        continue;
      }
      entries.push_back(std::move(entry));
      if (entries.size() == kBlockEvents) TRY(send());
    }
  }
  TRY(send());
  return finish(import, run, done, progress);
}

}  // namespace tideline
