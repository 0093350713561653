// Archiver and rebuild: every applied event once in the lake, whatever crashes; the state built
// anew is the live one.
#include "pipeline/archiver.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/rng.h"
#include "pipeline/rebuild.h"
#include "pipeline/test_rig.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

class ArchiverTest : public ::testing::Test {
 protected:
  // Events of many customers over some days, with repeats and bad ones, applied; ids of the good
  // ones.
  std::vector<std::string> live(int count, Rng& rng) {
    std::vector<std::string> events;
    for (int i = 0; i < count; ++i) {
      const std::string id = std::to_string(next_id_++);
      const std::string customer = "c" + std::to_string(rng.below(25));
      const std::string time =
          R"(,"timestamp":")" +
          format_time(rig_.clock.now() - kHour * static_cast<int>(rng.below(60))) + "\"";
      const bool bad = rng.chance(0.1);
      events.push_back(
          track(id, customer, "Bought", bad ? R"({"amount":-1})" : R"({"amount":7.25})", time));
      if (!bad) good_.insert(id);
      if (rng.chance(0.2)) events.push_back(events[rng.below(events.size())]);
    }
    rig_.append(events);
    rig_.process_all(1 + rng.below(60));
    return events;
  }
  void expect_all_archived_once() {
    const auto ids = rig_.archived();
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()), good_);
    EXPECT_EQ(ids.size(), good_.size());
  }
  std::string bytes_of(StateStore& store, Family family) {
    ByteWriter all;
    EXPECT_TRUE(store.scan(family, "", "", [&](std::string_view key, std::string_view value) {
      all.text(key);
      all.text(value);
      return true;
    }));
    return all.take();
  }

  Rig rig_;
  int next_id_ = 0;
  std::set<std::string> good_;
};

TEST_F(ArchiverTest, EveryAppliedEventIsThereOnce) {
  Rng rng(test_seed());
  for (int round = 0; round < 6; ++round) {
    live(200, rng);
    rig_.clock.advance(kSecond);
    auto archiver = rig_.archiver(round % 2 == 0 ? 200'000 : 50);
    ASSERT_TRUE(archiver.flush().has_value());
    expect_all_archived_once();
    ASSERT_TRUE(archiver.flush().has_value()) << "nothing new";
    expect_all_archived_once();
  }
  const auto files = manifest_files(rig_.store, "events").value();
  for (const auto& file : files) {
    EXPECT_EQ(rig_.lake.verify(file.file).value(), file.rows);
    EXPECT_FALSE(file.ranges.empty());
  }
}

TEST_F(ArchiverTest, RowsOfTwoRoundsInOneMomentDoNotMeet) {
  Rng rng(test_seed());
  live(100, rng);
  auto archiver = rig_.archiver(10);  // several rounds at the same time of the clock
  ASSERT_TRUE(archiver.flush().has_value());
  live(100, rng);
  ASSERT_TRUE(archiver.flush().has_value());
  expect_all_archived_once();
}

TEST_F(ArchiverTest, APromiseThatWasCutShortIsKeptOnce) {
  Rng rng(test_seed());
  live(100, rng);
  // A crash after the write: the files are there, promised, and the batches still to be archived.
  MemoryStateStore before;
  WriteBatch all;
  for (const Family family : {Family::manifest, Family::commits}) {
    ASSERT_TRUE(rig_.store.scan(family, "", "", [&](std::string_view key, std::string_view value) {
      all.put(family, std::string(key), std::string(value));
      return true;
    }));
  }
  ASSERT_TRUE(rig_.archiver().flush().has_value());
  WriteBatch back;
  const auto promised = manifest_entries(rig_.store).value();
  for (ManifestFile file : promised) {
    file.complete = false;
    back.put(Family::manifest, manifest_key(file.file), encode(file));
  }
  back.append(std::move(all));
  ASSERT_TRUE(rig_.store.write(back, Durability::now).has_value());
  EXPECT_TRUE(manifest_files(rig_.store, "events")->empty());
  EXPECT_FALSE(rig_.lake.list()->empty());

  rig_.clock.advance(kSecond);
  auto archiver = rig_.archiver();
  ASSERT_TRUE(archiver.recover().has_value());
  EXPECT_TRUE(rig_.lake.list()->empty()) << "files that no entry names are swept";
  ASSERT_TRUE(archiver.flush().has_value());
  expect_all_archived_once();
}

TEST_F(ArchiverTest, ManyFilesOfADateBecomeOne) {
  Rng rng(test_seed());
  for (int round = 0; round < 10; ++round) {
    live(40, rng);
    rig_.clock.advance(kSecond);
    ASSERT_TRUE(rig_.archiver().flush().has_value());
  }
  std::map<std::string, int> before;
  const auto files = manifest_files(rig_.store, "events").value();
  for (const auto& file : files) ++before[file.date];
  auto archiver = rig_.archiver(200'000, 4);
  ASSERT_TRUE(archiver.merge_files().has_value());
  std::map<std::string, int> after;
  const auto merged = manifest_files(rig_.store, "events").value();
  for (const auto& file : merged) ++after[file.date];
  for (const auto& [date, count] : before) EXPECT_EQ(after[date], count > 4 ? 1 : count) << date;
  expect_all_archived_once();
  EXPECT_GT(rig_.lake.list()->size(), manifest_files(rig_.store, "events")->size())
      << "who still reads the old files can";
  ASSERT_TRUE(archiver.remove_replaced().has_value());
  EXPECT_EQ(rig_.lake.list()->size(), manifest_files(rig_.store, "events")->size())
      << "old files are gone";
}

TEST_F(ArchiverTest, ASettledDateIsMergedSooner) {
  Rng rng(test_seed());
  for (int round = 0; round < 12; ++round) {
    live(40, rng);
    rig_.clock.advance(kSecond);
    ASSERT_TRUE(rig_.archiver().flush().has_value());
  }
  const auto most_files = [&] {
    std::map<std::string, int> by_date;
    const auto files = manifest_files(rig_.store, "events").value();
    for (const auto& file : files) ++by_date[file.date];
    int most = 0;
    for (const auto& [date, count] : by_date) most = std::max(most, count);
    return most;
  };
  ASSERT_GT(most_files(), 8);
  auto archiver = rig_.archiver();
  ASSERT_TRUE(archiver.merge_files().has_value());
  EXPECT_GT(most_files(), 8) << "a date that still gets events is left alone";
  rig_.clock.advance(2 * kHour);
  ASSERT_TRUE(archiver.merge_files().has_value());
  EXPECT_LE(most_files(), 8);
  expect_all_archived_once();
}

TEST_F(ArchiverTest, AfterAnImportEveryDateIsSettled) {
  Rng rng(test_seed());
  for (int round = 0; round < 12; ++round) {
    live(40, rng);
    rig_.clock.advance(kSecond);
    ASSERT_TRUE(rig_.archiver().flush().has_value());
  }
  auto archiver = rig_.archiver();
  ASSERT_TRUE(archiver.merge_after_import().has_value());
  std::map<std::string, int> by_date;
  const auto files = manifest_files(rig_.store, "events").value();
  for (const auto& file : files) EXPECT_LE(++by_date[file.date], 8);
  expect_all_archived_once();
}

TEST_F(ArchiverTest, OldDatesLeaveWhenTheyAreRetired) {
  Rng rng(test_seed());
  for (int round = 0; round < 4; ++round) {
    live(100, rng);
    rig_.clock.advance(kDay);
  }
  auto archiver = rig_.archiver();
  ASSERT_TRUE(archiver.flush().has_value());
  const auto before = manifest_files(rig_.store, "events").value();
  std::set<std::string> dates;
  for (const auto& file : before) dates.insert(file.date);
  ASSERT_GT(dates.size(), 2u);
  const std::string first_kept = *std::next(dates.begin(), 2);
  ASSERT_TRUE(archiver.retire("events", first_kept).has_value());
  std::size_t kept = 0;
  for (const auto& file : before) kept += file.date >= first_kept ? 1 : 0;
  const auto after = manifest_files(rig_.store, "events").value();
  EXPECT_EQ(after.size(), kept);
  for (const auto& file : after) EXPECT_GE(file.date, first_kept);
  EXPECT_EQ(rig_.lake.list()->size(), kept);
}

TEST_F(ArchiverTest, TheLogKeepsWhatIsNotArchived) {
  Rng rng(test_seed());
  live(100, rng);
  auto archiver = rig_.archiver();
  const Time later = rig_.clock.now() + kDay;
  ASSERT_TRUE(archiver.trim_log(later).has_value());
  EXPECT_EQ(rig_.log.begin(), 0u);
  ASSERT_TRUE(archiver.flush().has_value());
  live(100, rng);
  const LogPosition second = archiver.archived_to().value();
  EXPECT_GT(second, 0u);
  ASSERT_TRUE(archiver.trim_log(later).has_value());
  EXPECT_EQ(rig_.log.begin(), second);
  ASSERT_TRUE(archiver.flush().has_value());
  expect_all_archived_once();
}

TEST_F(ArchiverTest, StateBuiltAnewIsTheLiveOne) {
  Rng rng(test_seed());
  for (int round = 0; round < 4; ++round) {
    live(300, rng);
    rig_.append({R"({"type":"identify","messageId":"i)" + std::to_string(round) +
                 R"(","userId":"c1","anonymousId":"a","traits":{}})"});
    good_.insert("i" + std::to_string(round));
    rig_.clock.advance(kHour * 7);
  }
  rig_.process_all();
  ASSERT_TRUE(rig_.archiver(70).flush().has_value());
  expect_all_archived_once();
  MemoryStateStore rebuilt;
  const auto counts = rebuild_state(rig_.store, rig_.lake, *rig_.pack, {}, rebuilt);
  ASSERT_TRUE(counts.has_value());
  EXPECT_EQ(counts->events, good_.size());
  EXPECT_TRUE(bytes_of(rebuilt, Family::customers) == bytes_of(rig_.store, Family::customers));
  EXPECT_EQ(bytes_of(rebuilt, Family::links), bytes_of(rig_.store, Family::links));
  // What comes again is still known.
  Dedupe dedupe(rebuilt);
  std::vector<WorkItem> items;
  for (std::uint16_t shard = 0; shard < Rig::kShards; ++shard) {
    for (WorkItem& item : rig_.items(shard)) {
      if (!decode_entry(item.record.payload, {})->event()) continue;
      item.record.place.offset += 1'000'000;  // sent again
      items.push_back(std::move(item));
    }
  }
  ASSERT_TRUE(dedupe.mark_repeats(items).has_value());
  for (const WorkItem& item : items) {
    const std::string id = decode_entry(item.record.payload, {})->event()->message_id.str();
    if (good_.contains(id)) {
      EXPECT_EQ(item.repeat, Repeat::duplicate) << id;
    }
  }
}

TEST_F(ArchiverTest, AsKnownThenLeavesOutWhatCameLater) {
  rig_.append({track("a", "c1", "Bought", "{}", R"(,"timestamp":"2026-01-09T10:00:00Z")")});
  rig_.clock.advance(kDay);
  rig_.append({track("b", "c1", "Bought", "{}", R"(,"timestamp":"2026-01-09T11:00:00Z")"),
               track("c", "c2")});
  rig_.process_all();
  ASSERT_TRUE(rig_.archiver().flush().has_value());
  const auto known = [&](const char* by) {
    MemoryStateStore then;
    const auto counts = rebuild_state(rig_.store, rig_.lake, *rig_.pack, {parse_time(by)}, then);
    EXPECT_TRUE(counts.has_value());
    const auto bytes = then.get(Family::customers, "c1").value();
    return bytes ? CustomerState::decode(*rig_.pack, *bytes)->event_count() : 0;
  };
  EXPECT_EQ(known("2026-01-10T00:00:00Z"), 0u) << "it happened, but had not arrived";
  EXPECT_EQ(known("2026-01-10T12:00:00Z"), 1u);
  EXPECT_EQ(known("2026-01-11T12:00:00Z"), 2u);
}

}  // namespace
}  // namespace tideline
