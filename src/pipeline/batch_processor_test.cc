// Dedupe and BatchProcessor: repeats in the order of the log, bisect, verdicts, and one write that
// holds it all.
#include "pipeline/batch_processor.h"

#include <gtest/gtest.h>

#include <map>

#include "alerts/alert_records.h"
#include "base/fault.h"
#include "base/rng.h"
#include "pipeline/test_rig.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

class BatchTest : public ::testing::Test {
 protected:
  ~BatchTest() override { fault::clear(); }

  BatchOutcome process(std::span<const WorkItem> items, const std::string& give_up = {}) {
    auto outcome = processor_.process(commit_, items, rig_.clock.now(), give_up);
    EXPECT_TRUE(outcome.has_value());
    return outcome ? std::move(*outcome) : BatchOutcome();
  }
  // One batch of all that the shard was sent since, deduped, and committed.
  BatchOutcome process_new() {
    std::vector<WorkItem> items = rig_.items(0, commit_.next_offset);
    EXPECT_TRUE(dedupe_.mark_repeats(items).has_value());
    BatchOutcome outcome = process(items);
    EXPECT_TRUE(rig_.store.write(outcome.writes, Durability::later).has_value());
    processor_.committed();
    commit_ = outcome.commit;
    EXPECT_TRUE(commit_.totals.adds_up());
    return outcome;
  }
  static std::vector<Verdict> verdicts(const BatchOutcome& outcome) {
    std::vector<Verdict> result;
    for (const auto& item : outcome.outcomes) result.push_back(item.verdict);
    return result;
  }

  Rig rig_;
  Dedupe dedupe_{rig_.store};
  BatchOptions options_{std::chrono::hours(72), std::chrono::hours(24 * 90), "test", 1 << 20};
  BatchProcessor processor_{options_, *rig_.pack, rig_.store};
  ShardCommit commit_;
  std::string customer_ = customer_in(0);
};

TEST_F(BatchTest, EveryVerdict) {
  const std::string day = R"(,"timestamp":"2026-01-0)";
  rig_.append({track("a", customer_), track("a", customer_),
               track("a", customer_, "Bought", R"({"amount":6})"),
               track("b", customer_, "Bought", "{}", R"(,"timestamp":"2026-01-07T12:00:00Z")"),
               track("c", customer_, "Bought", "{}", R"(,"timestamp":"2026-01-07T11:59:59.999Z")"),
               track("d", customer_, "Bought", "{}", R"(,"timestamp":"2025-10-12T12:00:00Z")"),
               track("e", customer_, "Bought", "{}", R"(,"timestamp":"2025-10-12T11:59:59.999Z")"),
               track("f", customer_, "Bought", R"({"amount":1001})"),
               track("g", customer_, "Bought", R"({"amount":"much"})"),
               R"({"type":"track","userId":")" + customer_ + "\"}",
               track("h", customer_, "Never Declared", "{}")});
  const BatchOutcome outcome = process_new();
  using enum Verdict;
  EXPECT_EQ(
      verdicts(outcome),
      (std::vector<Verdict>{applied, duplicate, conflict, applied, late_applied, late_applied,
                            dead_lettered, dead_lettered, dead_lettered, rejected, applied}));
  EXPECT_EQ(outcome.outcomes[6].code, DeadLetterCode::too_late);
  EXPECT_EQ(outcome.outcomes[7].code, DeadLetterCode::bad_property);
  EXPECT_EQ(outcome.outcomes[9].code, DeadLetterCode::missing_event);
  const Totals& totals = outcome.commit.totals;
  EXPECT_EQ(totals.received, 11u);
  EXPECT_EQ(totals.applied, 3u);
  EXPECT_EQ(totals.late_applied, 2u);
  EXPECT_EQ(totals.duplicate, 1u);
  EXPECT_EQ(totals.dead_lettered, 5u);
  EXPECT_EQ(totals.live, 11u);
  EXPECT_EQ(outcome.tries, 1u) << "a refused event is no failure of the batch";
  EXPECT_EQ(rig_.letters().size(), 5u);
  EXPECT_EQ(rig_.event_count(customer_), 5u);
}

// In the same write as the letters; one a reason and source, and none of imported events.
TEST_F(BatchTest, DeadLettersAreToldByReasonAndSource) {
  const AlertQueue alerts;
  options_.alerts = &alerts;
  BatchProcessor processor(options_, *rig_.pack, rig_.store);
  const std::string bad = R"({"amount":1001})";
  rig_.append({track("a", customer_, "Bought", bad), track("b", customer_, "Bought", bad),
               track("c", customer_, "Bought", "{}", R"(,"timestamp":"2025-01-01T00:00:00Z")"),
               track("d", customer_)});
  const auto items = rig_.items(0);
  const auto outcome = processor.process(commit_, items, rig_.clock.now());
  ASSERT_TRUE(outcome.has_value());
  std::map<std::string, std::uint64_t> told;
  for (const auto& operation : outcome->writes.operations()) {
    if (operation.family != Family::alerts) continue;
    const Alert alert = decode_alert(*operation.value).value();
    EXPECT_EQ(alert.id, alert_id(alert));
    const auto& aside = std::get<SetAside>(alert.what);
    EXPECT_EQ(aside.source.str(), "test");
    told[std::string(name_of(aside.code))] += aside.count;
  }
  const std::map<std::string, std::uint64_t> wanted{{"bad_property", 2}, {"too_late", 1}};
  EXPECT_EQ(told, wanted);
}

TEST_F(BatchTest, ADuplicateIsOneWhereverAndWheneverItComes) {
  rig_.append({track("a", customer_)});
  process_new();
  rig_.append({track("a", customer_)});
  EXPECT_EQ(verdicts(process_new()), std::vector<Verdict>{Verdict::duplicate})
      << "remembered in flight";
  dedupe_.forget_committed(0, commit_.next_offset);
  EXPECT_EQ(dedupe_.remembered(), 0u);
  rig_.append({track("a", customer_)});
  EXPECT_EQ(verdicts(process_new()), std::vector<Verdict>{Verdict::duplicate})
      << "known from state";
  Dedupe restarted(rig_.store);
  auto items = rig_.items(0, 0);
  ASSERT_TRUE(restarted.mark_repeats(items).has_value());
  EXPECT_EQ(items[0].repeat, Repeat::fresh) << "the winner read again stays the winner";
  EXPECT_EQ(items[1].repeat, Repeat::duplicate);
  EXPECT_EQ(rig_.event_count(customer_), 1u);
}

TEST_F(BatchTest, TheFirstInTheLogWinsAlsoAcrossShards) {
  const std::string other = customer_in(1);
  rig_.append({track("a", other), track("a", customer_)});
  std::vector<WorkItem> items = rig_.items(1);
  items.push_back(rig_.items(0).front());
  ASSERT_TRUE(dedupe_.mark_repeats(items).has_value());
  EXPECT_EQ(items[0].repeat, Repeat::fresh);
  EXPECT_EQ(items[1].repeat, Repeat::conflict) << "other customer, other content";
}

TEST_F(BatchTest, AConflictTellsOfItsContentOnly) {
  rig_.append(
      {track("a", customer_, "Bought", R"({"amount":5})", R"(,"sentAt":"2026-01-10T12:00:00Z")"),
       track("a", customer_, "Bought", R"({"amount":5})", R"(,"context":{"ip":"::1"})"),
       track("a", customer_, "Looked", R"({"amount":5})")});
  using enum Verdict;
  EXPECT_EQ(verdicts(process_new()), (std::vector<Verdict>{applied, duplicate, conflict}));
}

TEST_F(BatchTest, NothingIsKeptBeforeTheWrite) {
  rig_.append({track("a", customer_)});
  const auto items = rig_.items(0);
  process(items);
  EXPECT_EQ(rig_.event_count(customer_), 0u);
  process(items);
  const BatchOutcome outcome = process(items);
  ASSERT_TRUE(rig_.store.write(outcome.writes, Durability::later).has_value());
  EXPECT_EQ(rig_.event_count(customer_), 1u) << "tried three times, counted once";
}

TEST_F(BatchTest, GivingUpDeadLettersWithoutATry) {
  rig_.append({track("a", customer_), track("a", customer_)});
  auto items = rig_.items(0);
  ASSERT_TRUE(dedupe_.mark_repeats(items).has_value());
  const BatchOutcome outcome = process(items, "it ended the process");
  using enum Verdict;
  EXPECT_EQ(verdicts(outcome), (std::vector<Verdict>{dead_lettered, duplicate}));
  EXPECT_EQ(outcome.outcomes[0].code, DeadLetterCode::poison);
  EXPECT_EQ(outcome.outcomes[0].attempts, 0u);
  EXPECT_EQ(outcome.tries, 0u);
}

TEST_F(BatchTest, ACacheThatIsTooSmallChangesNothing) {
  options_.cache_bytes = 1;
  BatchProcessor small(options_, *rig_.pack, rig_.store);
  ShardCommit commit;
  for (int round = 0; round < 5; ++round) {
    for (int c = 0; c < 3; ++c) {
      rig_.append({track(std::to_string(round) + "-" + std::to_string(c), customer_in(0, c))});
    }
    auto items = rig_.items(0, commit.next_offset);
    auto outcome = small.process(commit, items, rig_.clock.now());
    ASSERT_TRUE(outcome.has_value());
    ASSERT_TRUE(rig_.store.write(outcome->writes, Durability::later).has_value());
    small.committed();
    commit = outcome->commit;
  }
  for (int c = 0; c < 3; ++c) EXPECT_EQ(rig_.event_count(customer_in(0, c)), 5u);
}

TEST_F(BatchTest, LinksAreKept) {
  rig_.append({R"({"type":"identify","userId":")" + customer_ + R"(","anonymousId":"a1"})"});
  process_new();
  std::size_t links = 0;
  ASSERT_TRUE(rig_.store.scan(Family::links, "", "",
                              [&](std::string_view, std::string_view) { return ++links > 0; }));
  EXPECT_EQ(links, 1u);
}

#if defined(TIDELINE_FAULTS) && TIDELINE_FAULTS

TEST_F(BatchTest, OneThatThrowsCostsAtMost15TriesAndNoNeighbour) {
  fault::plant("poison");
  for (int bad = 0; bad < 100; ++bad) {
    SCOPED_TRACE(bad);
    std::vector<std::string> events;
    for (int i = 0; i < 100; ++i) {
      const std::string id = std::to_string(bad) + "-" + std::to_string(i);
      events.push_back(track(id, customer_in(0, i % 7), i == bad ? "Planted Throw" : "Bought"));
    }
    rig_.append(events);
    const BatchOutcome outcome = process_new();
    EXPECT_LE(outcome.tries, 15u);
    for (int i = 0; i < 100; ++i) {
      const ItemOutcome& item = outcome.outcomes[static_cast<std::size_t>(i)];
      EXPECT_EQ(item.verdict, i == bad ? Verdict::dead_lettered : Verdict::applied) << i;
      EXPECT_LE(item.attempts, 15u);
    }
  }
  EXPECT_EQ(rig_.letters().size(), 100u);
  for (const DeadLetter& letter : rig_.letters()) {
    EXPECT_EQ(letter.code, DeadLetterCode::poison);
    EXPECT_GE(letter.attempts, 1u);
    EXPECT_LE(letter.attempts, 15u);
    EXPECT_EQ(letter.program_version, "test");
  }
  std::uint64_t counted = 0;
  for (int c = 0; c < 7; ++c) counted += rig_.event_count(customer_in(0, c));
  EXPECT_EQ(counted, 9'900u);
}

// What throws when states are already being changed: they are read again, and no neighbour pays.
TEST_F(BatchTest, OneThatThrowsLateCostsAtMost15TriesAndNoNeighbour) {
  fault::plant("poison");
  std::uint64_t sent = 0;
  for (const int bad : {0, 1, 49, 50, 98, 99}) {
    SCOPED_TRACE(bad);
    std::vector<std::string> events;
    for (int i = 0; i < 100; ++i) {
      const std::string id = std::to_string(bad) + "-" + std::to_string(i);
      events.push_back(
          track(id, customer_in(0, i % 7), i == bad ? "Planted Throw Late" : "Bought"));
    }
    rig_.append(events);
    const BatchOutcome outcome = process_new();
    EXPECT_LE(outcome.tries, 15u);
    for (int i = 0; i < 100; ++i) {
      const ItemOutcome& item = outcome.outcomes[static_cast<std::size_t>(i)];
      EXPECT_EQ(item.verdict, i == bad ? Verdict::dead_lettered : Verdict::applied) << i;
      EXPECT_LE(item.attempts, 15u);
    }
    sent += 99;
  }
  EXPECT_EQ(rig_.letters().size(), 6u);
  std::uint64_t counted = 0;
  for (int c = 0; c < 7; ++c) counted += rig_.event_count(customer_in(0, c));
  EXPECT_EQ(counted, sent);
}

TEST_F(BatchTest, InALongBatchOneBadEventCostsItsHundredOnly) {
  fault::plant("poison");
  std::vector<std::string> events;
  for (int i = 0; i < 2'000; ++i) {
    events.push_back(
        track(std::to_string(i), customer_in(0, i % 7), i == 1'234 ? "Planted Throw" : "Bought"));
  }
  rig_.append(events);
  const BatchOutcome outcome = process_new();
  EXPECT_LE(outcome.tries, 19u + 15u);
  EXPECT_EQ(outcome.outcomes[0].attempts, 1u);
  EXPECT_LE(outcome.outcomes[1'234].attempts, 15u);
  EXPECT_EQ(commit_.totals.applied, 1'999u);
}

TEST_F(BatchTest, AnyMixOfBadOnesLosesNoGoodOne) {
  fault::plant("poison");
  Rng rng(test_seed());
  std::uint64_t good = 0;
  std::uint64_t bad = 0;
  for (const double share : {0.001, 0.01, 0.1, 0.5, 1.0}) {
    for (int round = 0; round < 10; ++round) {
      std::vector<std::string> events;
      for (int i = 0; i < 100; ++i) {
        const std::string id =
            std::to_string(share) + std::to_string(round) + "-" + std::to_string(i);
        const bool is_bad = rng.chance(share);
        ++(is_bad ? bad : good);
        const bool throws = rng.chance(0.5);
        const char* name = rng.chance(0.5) ? "Planted Throw" : "Planted Throw Late";
        events.push_back(!is_bad ? track(id, customer_in(0, i % 5))
                         : throws
                             ? track(id, customer_in(0, i % 5), name)
                             : track(id, customer_in(0, i % 5), "Bought", R"({"amount":-1})"));
      }
      rig_.append(events);
      process_new();
    }
  }
  std::uint64_t counted = 0;
  for (int c = 0; c < 5; ++c) counted += rig_.event_count(customer_in(0, c));
  EXPECT_EQ(counted, good);
  EXPECT_EQ(rig_.letters().size(), bad);
  EXPECT_EQ(commit_.totals.applied, good);
  EXPECT_EQ(commit_.totals.dead_lettered, bad);
}

TEST_F(BatchTest, ADroppedBatchWouldBeSeen) {
  fault::plant("poison");
  fault::plant("batch_dropped_on_bad_event");
  rig_.append(
      {track("a", customer_), track("b", customer_, "Planted Throw"), track("c", customer_)});
  process_new();
  EXPECT_LT(rig_.event_count(customer_), commit_.totals.applied) << "state and totals disagree";
}

TEST_F(BatchTest, ASkippedDedupeWouldBeSeen) {
  fault::plant("dedupe_skipped");
  rig_.append({track("a", customer_), track("a", customer_)});
  process_new();
  EXPECT_EQ(rig_.event_count(customer_), 2u);
}

#endif

}  // namespace
}  // namespace tideline
