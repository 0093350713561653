// For tests of this module: a small pack and everything of the pipeline over in-memory twins.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/memory_file_system.h"
#include "features/customer_state.h"
#include "pipeline/archiver.h"
#include "pipeline/decoder.h"
#include "pipeline/ingest.h"
#include "pipeline/processor.h"
#include "ports/memory_event_log.h"
#include "ports/memory_lake.h"
#include "ports/memory_state_store.h"

namespace tideline {

inline constexpr std::string_view kRigPack = R"(
[pack]
name = "shop"
about = "For tests"
currency = "EUR"
qualifying = ["Bought"]
lapse_days = 30

[event."Bought"]
amount = { type = "number", min = 0, max = 1000 }

[event."Looked"]

[event."Planted Throw"]

[[feature]]
name = "bought_30d"
group = "shop"
unit = "times"
value = 'count("Bought", 30d)'

[eligible]
rule = 'since(qualifying) <= 90d'
)";

inline std::shared_ptr<const Pack> rig_pack() {
  auto pack = Pack::parse(std::string(kRigPack), "pack.toml");
  EXPECT_TRUE(pack.has_value()) << pack.error().message;
  return pack ? *pack : nullptr;
}

// Everything that survives a crash, and the parts that do not.
struct Rig {
  static constexpr std::uint16_t kShards = 4;

  ManualClock clock{*parse_time("2026-01-10T12:00:00Z")};
  std::shared_ptr<const Pack> pack = rig_pack();
  MemoryEventLog log{clock};
  MemoryStateStore store;
  MemoryLake lake;
  MemoryFileSystem files;
  std::unique_ptr<AttemptMarks> attempts = open_attempts();
  VerdictBoard board{kShards};
  Ingest ingest{log, board, clock, kShards};
  Decoder decoder{DecodeLimits()};
  std::unique_ptr<Processor> processor;
  std::vector<ChangedCustomer> changed;
  std::mutex changed_mutex;
  int made_ids = 0;

  std::unique_ptr<AttemptMarks> open_attempts() {
    EXPECT_TRUE(files.make_folder("/run").has_value());
    auto opened = AttemptMarks::open(files, "/run/attempts", kShards);
    EXPECT_TRUE(opened.has_value());
    return opened ? std::move(*opened) : nullptr;
  }

  void open_processor(std::size_t batch = 100) {
    ProcessorOptions options;
    options.shards = kShards;
    options.batch_events_max = batch;
    options.batch_window_max = Duration{0};
    options.queue_events_max = 500;
    options.batch.program_version = "test";
    auto opened = Processor::open(
        options, log, store, *attempts, *pack, clock, board, [this](auto customers) {
          const std::lock_guard lock(changed_mutex);
          changed.insert(changed.end(), customers.begin(), customers.end());
        });
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    processor = std::move(*opened);
  }

  // Starts, waits until everything is committed, stops.
  void process_all(std::size_t batch = 100) {
    open_processor(batch);
    processor->start();
    const Status idle = processor->wait_idle(std::chrono::seconds(60));
    EXPECT_TRUE(idle.has_value()) << idle.error().message;
    processor->stop();
  }

  Archiver archiver(std::size_t flush_rows_max = 200'000, std::size_t files_per_date_max = 64) {
    return Archiver({kShards, flush_rows_max, files_per_date_max}, log, store, lake, clock);
  }

  Entry entry(const std::string& json) {
    const DecodeContext context{SourceId("test"), clock.now(), false,
                                [this] { return "made-" + std::to_string(++made_ids); }};
    return decoder.line(json, context);
  }

  // Into the log, as ingest does it.
  std::vector<Place> append(const std::vector<std::string>& events) {
    std::vector<NewRecord> records;
    for (const std::string& json : events) records.push_back(record_of(entry(json), kShards));
    auto places = append_and_wait(log, std::move(records));
    EXPECT_TRUE(places.has_value());
    return places ? *places : std::vector<Place>();
  }

  // The items of a shard behind `next_offset`, as the reader hands them over.
  std::vector<WorkItem> items(std::uint16_t shard, std::uint64_t next_offset = 0) {
    std::vector<WorkItem> found;
    auto records = log.read(log.begin(), 1'000'000, std::size_t{1} << 30);
    EXPECT_TRUE(records.has_value());
    for (LogRecord& record : *records) {
      if (record.place.shard == shard && record.place.offset >= next_offset)
        found.push_back({std::move(record)});
    }
    return found;
  }

  Totals totals() {
    Totals sum;
    for (std::uint16_t shard = 0; shard < kShards; ++shard) {
      auto commit =
          load<ShardCommit>(store, Family::commits, shard_commit_key(shard), decode_shard_commit);
      if (commit && *commit) sum.add((*commit)->totals);
    }
    return sum;
  }

  std::vector<DeadLetter> letters() {
    std::vector<DeadLetter> found;
    EXPECT_TRUE(
        store.scan(Family::dead_letters, "", "", [&](std::string_view, std::string_view value) {
          found.push_back(decode_dead_letter(value).value());
          return true;
        }));
    return found;
  }

  std::uint64_t event_count(const std::string& customer) {
    const auto bytes = store.get(Family::customers, customer);
    if (!bytes || !*bytes) return 0;
    return CustomerState::decode(*pack, **bytes).value().event_count();
  }

  // Ids of the lake's rows that the manifest counts, in the order of shard and offset.
  std::vector<std::string> archived() {
    std::vector<EventRow> rows;
    const auto names = names_of(manifest_files(store, "events").value());
    EXPECT_TRUE(lake.scan_events(names, std::nullopt,
                                 [&](std::span<const EventRow> block) -> Result<bool> {
                                   rows.insert(rows.end(), block.begin(), block.end());
                                   return true;
                                 }));
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return a.place < b.place; });
    std::vector<std::string> ids;
    for (const EventRow& row : rows) ids.push_back(row.event.message_id.str());
    return ids;
  }
};

// A track event as JSON.
inline std::string track(const std::string& id, const std::string& customer,
                         const std::string& name = "Bought",
                         const std::string& properties = R"({"amount":5})",
                         const std::string& more = "") {
  return R"({"type":"track","messageId":")" + id + R"(","userId":")" + customer +
         R"(","event":")" + name + R"(","properties":)" + properties + more + "}";
}

// A customer of the shard, different for each `number`.
inline std::string customer_in(std::uint16_t shard, int number = 0) {
  for (int i = 0;; ++i) {
    std::string id = "c" + std::to_string(i);
    if (shard_of(CustomerId(id), Rig::kShards) == shard && number-- == 0) return id;
  }
}

}  // namespace tideline
