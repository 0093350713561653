// Processor: restarts, isolation of a record that ended the process, waiting, verdicts.
#include "pipeline/processor.h"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <set>
#include <thread>

#include "base/rng.h"
#include "pipeline/dead_letters.h"
#include "pipeline/test_rig.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

class ProcessorTest : public ::testing::Test {
 protected:
  // As if the process had ended while the mark's batch was tried.
  void leave_mark(std::uint16_t shard, AttemptMark mark) {
    ASSERT_TRUE(rig_.attempts->write(shard, mark).has_value());
  }
  // nullopt: none that is not done with.
  std::optional<AttemptMark> mark_of(std::uint16_t shard) {
    const auto commit = load<ShardCommit>(rig_.store, Family::commits, shard_commit_key(shard),
                                          decode_shard_commit)
                            .value()
                            .value_or(ShardCommit());
    const auto mark = rig_.attempts->read(shard).value();
    return mark && mark->first_offset == commit.next_offset ? mark : std::nullopt;
  }
  // Ten events of one customer of shard 0, ids 0 to 9.
  void append_ten() {
    std::vector<std::string> events;
    for (int i = 0; i < 10; ++i) events.push_back(track(std::to_string(i), customer_in(0)));
    rig_.append(events);
  }

  Rig rig_;
};

TEST_F(ProcessorTest, AppliesEverythingOnceAlsoOverRestarts) {
  Rng rng(test_seed());
  std::map<std::string, std::uint64_t> expected;
  int id = 0;
  for (int life = 0; life < 8; ++life) {
    std::vector<std::string> events;
    for (int i = 0; i < 700; ++i) {
      const std::string customer = "c" + std::to_string(rng.below(40));
      const bool repeat = id > 0 && rng.chance(0.2);
      if (repeat) {
        const int old = static_cast<int>(rng.below(static_cast<std::uint64_t>(id)));
        events.push_back(track(std::to_string(old), "c" + std::to_string(old % 40)));
      } else {
        events.push_back(track(std::to_string(id), "c" + std::to_string(id % 40)));
        ++expected["c" + std::to_string(id % 40)];
        ++id;
      }
    }
    rig_.append(events);
    rig_.process_all(1 + rng.below(150));
  }
  const Totals totals = rig_.totals();
  EXPECT_TRUE(totals.adds_up());
  EXPECT_EQ(totals.received, 5'600u);
  EXPECT_EQ(totals.applied, static_cast<std::uint64_t>(id));
  for (const auto& [customer, count] : expected)
    EXPECT_EQ(rig_.event_count(customer), count) << customer;
  std::set<CustomerId> changed;
  for (const ChangedCustomer& one : rig_.changed) changed.insert(one.customer);
  EXPECT_EQ(changed.size(), expected.size());
}

TEST_F(ProcessorTest, GoesOnAfterStopAndStart) {
  append_ten();
  rig_.process_all();
  rig_.append({track("x", customer_in(1))});
  rig_.processor->start();
  ASSERT_TRUE(rig_.processor->wait_idle(std::chrono::seconds(60)).has_value());
  rig_.processor->stop();
  EXPECT_EQ(rig_.totals().applied, 11u);
  const PipelineStatus status = rig_.processor->status();
  EXPECT_EQ(status.lag, 0u);
  EXPECT_EQ(status.log_end, 11u);
  EXPECT_TRUE(status.totals.adds_up());
}

TEST_F(ProcessorTest, ACrashIsCountedOnceAndOnlyWhereItHappened) {
  append_ten();
  rig_.append({track("other", customer_in(1))});
  leave_mark(0, {0, 9, 0, false, true, 0});
  leave_mark(1, {0, 0, 1, false, false,
                 0});  // an earlier crash; in the last one this batch was not running
  rig_.open_processor();
  EXPECT_EQ(mark_of(0)->crashes, 1u);
  EXPECT_FALSE(mark_of(0)->running);
  EXPECT_EQ(mark_of(1)->crashes, 1u);
  rig_.open_processor();
  EXPECT_EQ(mark_of(0)->crashes, 1u) << "nothing was tried in between";
}

TEST_F(ProcessorTest, AMarkedBatchIsTriedAgainAsItWas) {
  append_ten();
  leave_mark(0, {0, 9, 1, false, true, 0});
  rig_.process_all(3);
  EXPECT_EQ(rig_.totals().applied, 10u);
  EXPECT_EQ(mark_of(0), std::nullopt);
  EXPECT_EQ(rig_.processor->status().commits, 1u) << "the batch of before, not three at a time";
}

TEST_F(ProcessorTest, AfterThreeCrashesOneByOne) {
  append_ten();
  rig_.append({track("later", customer_in(0))});
  leave_mark(0, {0, 9, 2, false, true, 0});
  rig_.process_all();
  EXPECT_EQ(rig_.totals().applied, 11u);
  EXPECT_EQ(mark_of(0), std::nullopt);
  EXPECT_EQ(rig_.processor->status().commits, 11u);
}

TEST_F(ProcessorTest, TheRecordThatEndedTheProcessAloneIsSetAside) {
  append_ten();
  // 0 to 3 were committed one by one; 4 ended the process.
  {
    std::vector<WorkItem> items = rig_.items(0);
    BatchProcessor first({}, *rig_.pack, rig_.store);
    auto outcome = first.process({}, std::span(items).first(4), rig_.clock.now());
    ASSERT_TRUE(rig_.store.write(outcome->writes, Durability::later).has_value());
  }
  leave_mark(0, {4, 4, 0, true, true, 9});
  rig_.process_all();
  EXPECT_EQ(rig_.totals().applied, 9u);
  ASSERT_EQ(rig_.letters().size(), 1u);
  EXPECT_EQ(rig_.letters()[0].place.offset, 4u);
  EXPECT_EQ(rig_.letters()[0].code, DeadLetterCode::poison);
  EXPECT_EQ(mark_of(0), std::nullopt);
}

TEST_F(ProcessorTest, AnInnocentOneInIsolationIsNotBlamedForAnothersCrash) {
  append_ten();
  leave_mark(0, {0, 0, 0, true, false, 9});
  rig_.process_all();
  EXPECT_EQ(rig_.totals().applied, 10u);
  EXPECT_TRUE(rig_.letters().empty());
}

TEST_F(ProcessorTest, WhileABatchIsSuspectOthersDoNotRunBesideIt) {
  std::vector<std::string> events;
  for (int i = 0; i < 400; ++i)
    events.push_back(track(std::to_string(i), "c" + std::to_string(i)));
  rig_.append(events);
  const std::uint64_t in_first = rig_.items(0).size();
  ASSERT_GT(in_first, 50u);
  leave_mark(0, {0, in_first - 1, 2, false, true, 0});
  std::atomic<int> inside{0};
  std::atomic<bool> overlapped{false};
  ProcessorOptions options;
  options.shards = Rig::kShards;
  options.workers = 4;
  options.batch_events_max = 10;
  options.batch_window_max = Duration{0};
  Processor* processor = nullptr;
  auto opened = Processor::open(options, rig_.log, rig_.store, *rig_.attempts, *rig_.pack,
                                rig_.clock, rig_.board, [&](auto) {
                                  // Called inside a worker's batch; the isolation of the first
                                  // shard ends with its commit.
                                  const bool settled =
                                      processor->commit_of(0).next_offset >= in_first;
                                  if (++inside > 1 && !settled) overlapped = true;
                                  for (int i = 0; i < 1'000; ++i) std::this_thread::yield();
                                  --inside;
                                });
  ASSERT_TRUE(opened.has_value());
  processor = opened->get();
  processor->start();
  ASSERT_TRUE(processor->wait_idle(std::chrono::seconds(60)).has_value());
  processor->stop();
  EXPECT_FALSE(overlapped);
  EXPECT_EQ(rig_.totals().applied, 400u);
}

TEST_F(ProcessorTest, WhatIsBeingProcessedCountsAsLag) {
  append_ten();
  std::optional<std::uint64_t> lag;
  Processor* processor = nullptr;
  ProcessorOptions options;
  options.shards = Rig::kShards;
  options.batch_events_max = 4;
  options.batch_window_max = Duration{0};
  auto opened = Processor::open(options, rig_.log, rig_.store, *rig_.attempts, *rig_.pack,
                                rig_.clock, rig_.board, [&](auto) {
                                  if (!lag)
                                    lag = processor->status().lag;  // after the first commit
                                });
  ASSERT_TRUE(opened.has_value());
  processor = opened->get();
  EXPECT_EQ(processor->status().lag, 10u);
  processor->start();
  ASSERT_TRUE(processor->wait_idle(std::chrono::seconds(60)).has_value());
  processor->stop();
  ASSERT_TRUE(lag.has_value());
  EXPECT_LT(*lag, 10u);
  EXPECT_GE(*lag, 6u);
  EXPECT_EQ(processor->status().lag, 0u);
}

TEST_F(ProcessorTest, MarkedBatchesComeFirstAndAStartCanWaitForThem) {
  std::vector<std::string> events;
  for (int i = 0; i < 600; ++i)
    events.push_back(track(std::to_string(i), "c" + std::to_string(i)));
  rig_.append(events);
  leave_mark(3, {0, 9, 1, false, true, 0});
  std::vector<std::uint64_t> others;  // committed when shard 3 went on
  ProcessorOptions options;
  options.shards = Rig::kShards;
  options.batch_events_max = 10;
  options.batch_window_max = Duration{0};
  Processor* processor = nullptr;
  auto opened =
      Processor::open(options, rig_.log, rig_.store, *rig_.attempts, *rig_.pack, rig_.clock,
                      rig_.board, [&](auto) {
                        const std::lock_guard lock(rig_.changed_mutex);
                        if (!others.empty() || processor->commit_of(3).next_offset == 0) {
                          return;
                        }
                        others.push_back(processor->status().records - 10);
                      });
  ASSERT_TRUE(opened.has_value());
  processor = opened->get();
  processor->start();
  ASSERT_TRUE(processor->wait_settled(std::chrono::seconds(60)).has_value());
  EXPECT_GE(processor->commit_of(3).next_offset, 10u);
  EXPECT_EQ(mark_of(3).has_value() && mark_of(3)->crashes > 0, false);
  ASSERT_TRUE(processor->wait_idle(std::chrono::seconds(60)).has_value());
  processor->stop();
  ASSERT_EQ(others.size(), 1u);
  EXPECT_LT(others[0], 300u) << "the others did not go first";
  EXPECT_EQ(rig_.totals().applied, 600u);
}

TEST_F(ProcessorTest, AFailureIsToldAndNothingIsSkipped) {
  append_ten();
  rig_.store.refuse_writes(Error{ErrorCode::io_failed, "the disk is gone", {}});
  rig_.open_processor();
  rig_.processor->start();
  const Status idle = rig_.processor->wait_idle(std::chrono::seconds(60));
  ASSERT_FALSE(idle.has_value());
  EXPECT_NE(idle.error().message.find("the disk is gone"), std::string::npos);
  ASSERT_TRUE(rig_.processor->failure().has_value());
  rig_.processor->stop();
  rig_.store.refuse_writes(std::nullopt);
  rig_.process_all();
  EXPECT_EQ(rig_.totals().applied, 10u);
}

// Both shards are one worker's, and both are ready all the time.
TEST_F(ProcessorTest, NoShardWaitsWhileAnotherIsServed) {
  std::vector<std::string> events, expected;
  for (int i = 0; i < 60; ++i) {
    const std::string customer = customer_in(i % 3 == 0 ? 2 : 0);
    events.push_back(track("fair-" + std::to_string(i), customer));
    expected.push_back(customer);
  }
  rig_.append(events);
  rig_.process_all(1);
  std::vector<std::string> order;
  for (const ChangedCustomer& one : rig_.changed) order.push_back(one.customer.str());
  EXPECT_EQ(order, expected);
}

TEST_F(ProcessorTest, AFailedBatchIsNotTakenForCommitted) {
  rig_.open_processor();
  rig_.processor->start();
  rig_.store.refuse_writes(Error{ErrorCode::io_failed, "the disk is gone", {}});
  append_ten();
  while (!rig_.processor->failure()) std::this_thread::yield();
  // The reader comes to rest on a disk that works again, and remembers how far all is committed.
  rig_.store.refuse_writes(std::nullopt);
  rig_.processor->stop();
  rig_.process_all();
  EXPECT_EQ(rig_.totals().applied, 10u);
}

TEST_F(ProcessorTest, WhileTheDiskIsFullItPausesAndThenGoesOnByItself) {
  append_ten();
  rig_.store.refuse_writes(Error{ErrorCode::disk_full, "no room left", {}});
  rig_.open_processor();
  rig_.processor->start();
  while (!rig_.processor->status().paused) std::this_thread::yield();
  EXPECT_EQ(rig_.processor->status().paused->message, "no room left");
  EXPECT_FALSE(rig_.processor->failure().has_value());
  EXPECT_EQ(rig_.processor->status().lag, 10u);
  EXPECT_EQ(rig_.processor->status().oldest, rig_.clock.now());  // of what is taken and waits
  rig_.append({track("later", customer_in(0)), track("other", customer_in(1))});
  rig_.store.refuse_writes(std::nullopt);
  ASSERT_TRUE(rig_.processor->wait_idle(std::chrono::seconds(60)).has_value());
  EXPECT_FALSE(rig_.processor->status().paused.has_value());
  rig_.processor->stop();
  EXPECT_EQ(rig_.totals().applied, 12u);
  EXPECT_EQ(rig_.event_count(customer_in(0)), 11u);
}

TEST_F(ProcessorTest, StoppedWhileTheDiskIsFullItLosesNothingAndBlamesNobody) {
  append_ten();
  rig_.open_processor();
  rig_.store.refuse_writes(Error{ErrorCode::disk_full, "no room left", {}});
  for (int turn = 0; turn < 5; ++turn) {
    rig_.processor->start();
    while (!rig_.processor->status().paused) std::this_thread::yield();
    rig_.processor->stop();
    EXPECT_FALSE(rig_.processor->failure().has_value());
  }
  EXPECT_FALSE(mark_of(0).has_value() && mark_of(0)->running) << "nothing crashed";
  rig_.store.refuse_writes(std::nullopt);
  rig_.processor->start();
  ASSERT_TRUE(rig_.processor->wait_idle(std::chrono::seconds(60)).has_value());
  rig_.processor->stop();
  EXPECT_EQ(rig_.totals().applied, 10u);
  EXPECT_EQ(rig_.event_count(customer_in(0)), 10u);
}

// Held back, then all at once: few commits, queues within their bounds.
TEST_F(ProcessorTest, WhatWaitedIsAppliedInLargeBatchesWithinTheBounds) {
  std::vector<std::string> events;
  std::size_t bytes = 0;
  for (int i = 0; i < 8'000; ++i) {
    events.push_back(track(std::to_string(i), "c" + std::to_string(i % 500)));
    bytes += events.back().size();
  }
  rig_.append(events);
  ProcessorOptions options;
  options.shards = Rig::kShards;
  options.batch_events_max = 100;
  options.batch_events_behind_max = 10'000;
  options.batch_window_max = Duration{0};
  options.queue_events_max = 3'000;
  options.queue_bytes_max = bytes / 10;
  std::atomic<std::size_t> most_queued{0};
  std::atomic<std::uint64_t> most_at_once{0};
  std::map<std::uint16_t, std::uint64_t> seen;  // next offset by shard
  Processor* processor = nullptr;
  auto opened = Processor::open(options, rig_.log, rig_.store, *rig_.attempts, *rig_.pack,
                                rig_.clock, rig_.board, [&](auto) {
                                  const std::lock_guard lock(rig_.changed_mutex);
                                  std::size_t queued = 0;
                                  for (const auto& shard : processor->status().shards) {
                                    queued += shard.queued;
                                    std::uint64_t& before = seen[shard.shard];
                                    const std::uint64_t next = shard.commit.next_offset;
                                    most_at_once =
                                        std::max<std::uint64_t>(most_at_once, next - before);
                                    before = next;
                                  }
                                  most_queued = std::max<std::size_t>(most_queued, queued);
                                });
  ASSERT_TRUE(opened.has_value());
  processor = opened->get();
  processor->start();
  ASSERT_TRUE(processor->wait_idle(std::chrono::seconds(60)).has_value());
  processor->stop();
  EXPECT_EQ(rig_.totals().applied, 8'000u);
  EXPECT_GT(most_at_once, 100u);
  EXPECT_LT(most_queued, 8'000u / 2) << "the reader waits";
}

TEST_F(ProcessorTest, AMissingPartOfTheLogIsAnError) {
  append_ten();
  ASSERT_TRUE(rig_.log.trim(5, rig_.clock.now() + kDay).has_value());
  rig_.open_processor();
  rig_.processor->start();
  const Status idle = rig_.processor->wait_idle(std::chrono::seconds(60));
  ASSERT_FALSE(idle.has_value());
  EXPECT_EQ(idle.error().code, ErrorCode::corrupt);
  EXPECT_EQ(rig_.totals().received, 0u);
}

TEST_F(ProcessorTest, VerdictsOfWhatWasSubmitted) {
  std::vector<Entry> entries;
  for (const std::string& json :
       {track("a", "c1"), track("a", "c1"), track("b", "c1", "Bought", R"({"amount":-1})"),
        std::string("{")}) {
    entries.push_back(rig_.entry(json));
  }
  rig_.open_processor();
  rig_.processor->start();
  std::promise<Result<std::vector<IngestVerdict>>> answered;
  rig_.ingest.submit(std::move(entries), std::chrono::seconds(60),
                     [&](auto result) { answered.set_value(std::move(result)); });
  const auto result = answered.get_future().get();
  rig_.processor->stop();
  ASSERT_TRUE(result.has_value());
  const auto& verdicts = *result;
  ASSERT_EQ(verdicts.size(), 4u);
  EXPECT_EQ(verdicts[0].verdict, Verdict::applied);
  EXPECT_EQ(verdicts[0].id, "a");
  EXPECT_EQ(verdicts[1].verdict, Verdict::duplicate);
  EXPECT_EQ(verdicts[1].place.offset, verdicts[0].place.offset + 1);
  EXPECT_EQ(verdicts[2].verdict, Verdict::dead_lettered);
  EXPECT_EQ(verdicts[2].code, DeadLetterCode::bad_property);
  EXPECT_EQ(verdicts[3].verdict, Verdict::rejected);
  EXPECT_EQ(verdicts[3].code, DeadLetterCode::malformed_json);
}

TEST_F(ProcessorTest, AClosedOrFullLogStoresNothing) {
  std::optional<ErrorCode> code;
  const auto submit = [&] {
    std::vector<Entry> entries;
    entries.push_back(rig_.entry(track("a", "c1")));
    rig_.ingest.submit(std::move(entries), std::nullopt, [&](auto result) {
      code = result ? std::optional<ErrorCode>() : std::optional(result.error().code);
    });
  };
  rig_.log.refuse_appends(Error{ErrorCode::disk_full, "full", {}});
  submit();
  EXPECT_EQ(code, ErrorCode::disk_full);
  rig_.log.refuse_appends(std::nullopt);
  rig_.ingest.close("time stands still");
  submit();
  EXPECT_EQ(code, ErrorCode::unavailable);
  EXPECT_EQ(rig_.log.end(), 0u);
}

TEST_F(ProcessorTest, AFolderOfImportsOnlyHasItsMidnight) {
  rig_.open_processor();
  EXPECT_EQ(rig_.processor->midnight_after_imports(), std::nullopt);
  Entry entry =
      rig_.entry(track("a", "c1", "Bought", "{}", R"(,"timestamp":"2026-01-09T23:59:00Z")"));
  entry.rules.backfill = true;
  ASSERT_TRUE(append_and_wait(rig_.log, {record_of(entry, Rig::kShards)}).has_value());
  rig_.process_all();
  EXPECT_EQ(rig_.processor->midnight_after_imports(), parse_time("2026-01-10T00:00:00Z"));
  rig_.append({track("b", "c1")});
  rig_.process_all();
  EXPECT_EQ(rig_.processor->midnight_after_imports(), std::nullopt);
}

class LetterTest : public ProcessorTest {
 protected:
  // A running processor and the one letter of an event that it refused.
  LetterTest() {
    rig_.append({track("a", "c1", "Bought", R"({"amount":-5})")});
    rig_.open_processor();
    rig_.processor->start();
    EXPECT_TRUE(rig_.processor->wait_idle(std::chrono::seconds(60)).has_value());
    id_ = rig_.letters().at(0).id;
  }
  Result<IngestVerdict> retry(std::optional<std::string> edited) {
    std::promise<Result<IngestVerdict>> answered;
    letters_.retry(id_, std::move(edited),
                   [&](auto result) { answered.set_value(std::move(result)); });
    return answered.get_future().get();
  }
  DeadLetters letters_{DecodeLimits(), rig_.store, rig_.ingest, rig_.clock};
  std::string id_;
};

TEST_F(LetterTest, ARetryAsItWasFailsAgainAndIsCounted) {
  const auto verdict = retry(std::nullopt);
  ASSERT_TRUE(verdict.has_value());
  EXPECT_EQ(verdict->verdict, Verdict::dead_lettered);
  EXPECT_EQ(verdict->code, DeadLetterCode::bad_property);
  ASSERT_EQ(rig_.letters().size(), 1u) << "the same letter";
  EXPECT_EQ(rig_.letters()[0].attempts, 2u);
  EXPECT_EQ(rig_.letters()[0].status, "open");
}

TEST_F(LetterTest, AnEditedRetryIsAppliedOnce) {
  const auto first = retry(track("a", "c1"));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->verdict, Verdict::applied);
  EXPECT_EQ(rig_.letters()[0].status, "retried");
  const auto second = retry(track("a", "c1"));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->verdict, Verdict::duplicate);
  EXPECT_EQ(rig_.event_count("c1"), 1u);
  EXPECT_FALSE(letters_.drop(id_).has_value()) << "it is no longer open";
}

TEST_F(LetterTest, RetriesSentTogetherCountOnce) {
  std::promise<void> all;
  std::atomic<int> left{20};
  for (int i = 0; i < 20; ++i) {
    letters_.retry(id_, track("a", "c1"), [&](auto) {
      if (--left == 0) all.set_value();
    });
  }
  all.get_future().get();
  EXPECT_EQ(rig_.event_count("c1"), 1u);
  EXPECT_EQ(rig_.letters().size(), 1u);
  EXPECT_EQ(rig_.letters()[0].status, "retried");
  rig_.processor->stop();
  EXPECT_TRUE(rig_.totals().adds_up());
}

TEST_F(LetterTest, ARetryAndTheSendersMendedEventCountOnce) {
  const std::string rejected = R"({"type":"track","messageId":"r","userId":"c2"})";
  const std::string mended =
      track("r", "c2", "Bought", R"({"amount":5})", R"(,"timestamp":"2026-01-10T11:00:00Z")");
  const auto send = [&](const std::string& json) {
    rig_.append({json});
    EXPECT_TRUE(rig_.processor->wait_idle(std::chrono::seconds(60)).has_value());
  };
  for (const bool retry_first : {true, false}) {
    SCOPED_TRACE(retry_first);
    const std::string id = retry_first ? "r" : "s";
    const auto under = [&](std::string json) {
      return json.replace(json.find("\"r\""), 3, "\"" + id + "\"");
    };
    const std::uint64_t before = rig_.event_count("c2");
    send(under(rejected));
    for (const DeadLetter& letter : rig_.letters()) {
      if (letter.customer_id == "c2" && letter.status == "open") id_ = letter.id;
    }
    if (retry_first) {
      EXPECT_EQ(retry(under(mended))->verdict, Verdict::applied);
      send(under(mended));
    } else {
      send(under(mended));
      EXPECT_EQ(retry(under(mended))->verdict, Verdict::duplicate);
      EXPECT_EQ(retry(under(track("r", "c2", "Looked")))->verdict, Verdict::conflict);
    }
    EXPECT_EQ(rig_.event_count("c2"), before + 1);
    EXPECT_TRUE(letters_.drop(id_).has_value() != retry_first);
  }
}

TEST_F(LetterTest, ADroppedOneStaysDropped) {
  ASSERT_TRUE(letters_.drop(id_).has_value());
  ASSERT_TRUE(letters_.drop(id_).has_value()) << "twice does no harm";
  EXPECT_EQ(letters_.show(id_)->status, "dropped");
  EXPECT_EQ(retry(track("a", "c1"))->verdict, Verdict::duplicate);
  EXPECT_EQ(rig_.event_count("c1"), 0u);
  EXPECT_TRUE(letters_.list({})->empty());
  EXPECT_EQ(letters_.list({"dropped", "bad_property", "", 10})->size(), 1u);
  EXPECT_EQ(letters_.list({"", "poison", "", 10})->size(), 0u);
}

TEST_F(LetterTest, AnEditThatIsNoEventIsRefused) {
  EXPECT_EQ(retry("{").error().reason, "malformed_json");
  EXPECT_EQ(retry("{}").error().reason, "not_an_event");
  EXPECT_EQ(letters_.show("9-9").error().code, ErrorCode::not_found);
  EXPECT_EQ(letters_.show("nine").error().code, ErrorCode::invalid);
  EXPECT_EQ(rig_.letters()[0].status, "open");
}

class BoardTest : public ::testing::Test {
 protected:
  void wait_for(std::vector<Place> places, Time deadline) {
    board_.when(std::move(places), deadline,
                [this](auto result) { results_.push_back(std::move(result)); });
  }
  void post(std::uint16_t shard, std::uint64_t first, std::vector<Verdict> verdicts) {
    std::vector<PostedVerdict> posted;
    for (const Verdict verdict : verdicts) posted.push_back({verdict, std::nullopt});
    board_.post(shard, first, posted);
  }
  const Time start_ = time_from_millis(1'000'000);
  VerdictBoard board_{2, 8};
  std::vector<Result<std::vector<PostedVerdict>>> results_;
};

TEST_F(BoardTest, AWaitEndsWithItsLastPlace) {
  wait_for({{0, 1}, {1, 0}}, start_);
  post(0, 0, {Verdict::applied, Verdict::duplicate});
  EXPECT_TRUE(results_.empty());
  post(1, 0, {Verdict::conflict});
  ASSERT_EQ(results_.size(), 1u);
  ASSERT_TRUE(results_[0].has_value());
  EXPECT_EQ((*results_[0])[0].verdict, Verdict::duplicate);
  EXPECT_EQ((*results_[0])[1].verdict, Verdict::conflict);
  wait_for({{0, 0}}, start_);
  ASSERT_EQ(results_.size(), 2u) << "already committed";
}

TEST_F(BoardTest, WaitsExpireAndClose) {
  wait_for({{0, 0}}, start_);
  wait_for({{0, 0}}, start_ + kSecond);
  board_.expire(start_ - kSecond);
  EXPECT_TRUE(results_.empty());
  board_.expire(start_);
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(results_[0].error().code, ErrorCode::timeout);
  board_.close();
  ASSERT_EQ(results_.size(), 2u);
  EXPECT_EQ(results_[1].error().code, ErrorCode::unavailable);
  wait_for({{0, 0}}, start_);
  ASSERT_EQ(results_.size(), 3u);
  EXPECT_EQ(results_[2].error().code, ErrorCode::unavailable);
}

TEST_F(BoardTest, WhatWasCommittedBeforeTheStartIsThere) {
  board_.begin_at(0, 100);
  wait_for({{0, 99}}, start_);
  EXPECT_EQ(results_.size(), 1u);
  wait_for({{0, 100}}, start_);
  EXPECT_EQ(results_.size(), 1u);
}

}  // namespace
}  // namespace tideline
