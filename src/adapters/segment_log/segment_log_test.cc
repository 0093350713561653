#include "adapters/segment_log/segment_log.h"

#include <atomic>
#include <filesystem>
#include <latch>
#include <set>
#include <thread>

#include "base/fault.h"
#include "base/faulty_file_system.h"
#include "base/memory_file_system.h"
#include "ports/event_log_contract.h"

namespace tideline {
namespace {

const Time kStart = time_from_millis(1'700'000'000'000);

SegmentLog::Options small_segments(FileSystem& files, const Clock& clock, std::string folder) {
  SegmentLog::Options options;
  options.folder = std::move(folder);
  options.files = &files;
  options.clock = &clock;
  options.segment_bytes = 512 << 10;
  options.frame_bytes = 16 << 10;
  options.salt = 0x5EED;
  options.reserve_bytes = 0;
  options.settle = Duration(0);
  return options;
}

std::unique_ptr<SegmentLog> open(const SegmentLog::Options& options) {
  auto log = SegmentLog::open(options);
  EXPECT_TRUE(log.has_value()) << log.error().message;
  return log ? *std::move(log) : nullptr;
}

std::vector<NewRecord> records(std::initializer_list<std::string> payloads) {
  std::vector<NewRecord> all;
  for (const auto& payload : payloads) all.push_back({1, RecordKind::event, payload});
  return all;
}

std::string random_payload(Rng& rng, std::uint64_t most) {
  std::string payload(rng.below(most), '\0');
  for (auto& byte : payload) byte = static_cast<char>(rng.below(256));
  return payload;
}

class InMemory {
 public:
  EventLog& log() { return *log_; }
  ManualClock& clock() { return clock_; }
  bool reopen() {
    log_.reset();
    log_ = open(options_);
    return true;
  }

 private:
  ManualClock clock_{kStart};
  MemoryFileSystem files_;
  SegmentLog::Options options_ = small_segments(files_, clock_, "/log");
  std::unique_ptr<SegmentLog> log_ = open(options_);
};

class OnDisk {
 public:
  OnDisk() {
    std::string path = testing::TempDir() + "tideline-log-XXXXXX";
    folder_ = ::mkdtemp(path.data());
    reopen();
  }
  ~OnDisk() {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }
  EventLog& log() { return *log_; }
  ManualClock& clock() { return clock_; }
  bool reopen() {
    log_.reset();
    auto options = small_segments(files_, clock_, folder_ + "/log");
    options.prepare_ahead = true;
    log_ = open(options);
    return true;
  }

 private:
  ManualClock clock_{kStart};
  PosixFileSystem files_;
  std::string folder_;
  std::unique_ptr<SegmentLog> log_;
};

// Whose appends wait, and so are committed by their callers.
class CallersCommit {
 public:
  EventLog& log() { return by_callers_; }
  ManualClock& clock() { return memory_.clock(); }
  bool reopen() { return memory_.reopen(); }

 private:
  class ByCallers final : public EventLog {
   public:
    explicit ByCallers(InMemory& memory) : memory_(memory) {}
    void append(RecordBatch records, Appended done) override {
      done(log().append_and_wait(std::move(records)));
    }
    Result<std::vector<LogRecord>> read(LogPosition from, std::size_t records_max,
                                        std::size_t bytes_max) override {
      return log().read(from, records_max, bytes_max);
    }
    bool wait_for(LogPosition position, Duration timeout) override {
      return log().wait_for(position, timeout);
    }
    LogPosition begin() const override { return memory_.log().begin(); }
    LogPosition end() const override { return memory_.log().end(); }
    Status trim(LogPosition before, Time stored_before) override {
      return log().trim(before, stored_before);
    }

   private:
    SegmentLog& log() { return static_cast<SegmentLog&>(memory_.log()); }
    InMemory& memory_;
  };
  InMemory memory_;
  ByCallers by_callers_{memory_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(SegmentLogInMemory, EventLogContract, InMemory);
INSTANTIATE_TYPED_TEST_SUITE_P(SegmentLogOnDisk, EventLogContract, OnDisk);
INSTANTIATE_TYPED_TEST_SUITE_P(SegmentLogCallersCommit, EventLogContract, CallersCommit);

class SegmentLogTest : public ::testing::Test {
 protected:
  ~SegmentLogTest() override { fault::clear(); }

  std::unique_ptr<SegmentLog> open_log() { return open(options_); }

  // Payloads from `begin` on.
  static std::vector<std::string> payloads(SegmentLog& log) {
    std::vector<std::string> all;
    for (LogPosition at = log.begin(); at < log.end();) {
      auto found = log.read(at, 1000, 1 << 20);
      EXPECT_TRUE(found.has_value()) << found.error().message;
      if (!found || found->empty()) break;
      for (auto& record : *found) {
        EXPECT_EQ(record.position, at++);
        all.push_back(std::move(record.payload));
      }
    }
    return all;
  }

  void expect_append_fails(SegmentLog& log, ErrorCode code, std::string_view reason) {
    const auto refused = append_and_wait(log, records({"refused"}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, code) << refused.error().message;
    EXPECT_EQ(refused.error().reason, reason);
  }

  ManualClock clock_{kStart};
  MemoryFileSystem disk_;
  FaultyFileSystem files_{disk_};
  SegmentLog::Options options_ = small_segments(files_, clock_, "/log");
};

TEST_F(SegmentLogTest, ACleanStopNeedsNoRepair) {
  {
    const auto log = open_log();
    ASSERT_TRUE(append_and_wait(*log, records({"a", "b"})).has_value());
  }
  const auto bytes = disk_.contents();
  const auto log = open_log();
  EXPECT_FALSE(log->recovery().cut.has_value());
  EXPECT_EQ(log->recovery().end, 2u);
  EXPECT_EQ(disk_.contents(), bytes);
  EXPECT_EQ(payloads(*log), (std::vector<std::string>{"a", "b"}));
}

TEST_F(SegmentLogTest, NoAcknowledgementAfterAFailedSync) {
  auto log = open_log();
  ASSERT_TRUE(append_and_wait(*log, records({"stored"})).has_value());
  files_.fail_call(FileCall::sync, 1, ErrorCode::io_failed);
  expect_append_fails(*log, ErrorCode::unavailable, "log_failed");
  const auto syncs = files_.calls(FileCall::sync);
  expect_append_fails(*log, ErrorCode::unavailable, "log_failed");
  EXPECT_EQ(files_.calls(FileCall::sync), syncs) << "no second try on that descriptor";
  EXPECT_TRUE(log->stats().failed);
  EXPECT_EQ(log->end(), 1u);
  EXPECT_EQ(payloads(*log), std::vector<std::string>{"stored"}) << "reads go on";
  log = nullptr;
  log = open_log();
  EXPECT_GE(log->end(), 1u);
  EXPECT_TRUE(append_and_wait(*log, records({"again"})).has_value());
}

TEST_F(SegmentLogTest, AFailedWriteEndsTheLogToo) {
  const auto log = open_log();
  files_.fail_call(FileCall::write, 1, ErrorCode::io_failed);
  expect_append_fails(*log, ErrorCode::unavailable, "log_failed");
  expect_append_fails(*log, ErrorCode::unavailable, "log_failed");
}

TEST_F(SegmentLogTest, SwallowedErrorsAreNoticed) {
#if !defined(TIDELINE_FAULTS) || !TIDELINE_FAULTS
  GTEST_SKIP() << "built without planted bugs";
#endif
  // The planted bug acknowledges what the power cut then takes: the other tests' checks would
  // fail.
  fault::plant("swallowed_eio");
  {
    const auto log = open_log();
    files_.fail_call(FileCall::sync, 1, ErrorCode::io_failed, true);
    EXPECT_TRUE(append_and_wait(*log, records({"lost"})).has_value());
  }
  files_.heal();
  Rng rng(1);
  bool lost = false;
  for (int i = 0; i < 20 && !lost; ++i) {
    disk_.cut_power(rng);
    lost = open_log()->end() == 0;
  }
  EXPECT_TRUE(lost);
}

TEST_F(SegmentLogTest, ShortWritesAreCompleted) {
  files_.limit_writes(7);
  {
    const auto log = open_log();
    ASSERT_TRUE(append_and_wait(*log, records({"a", std::string(5000, 'b')})).has_value());
  }
  EXPECT_EQ(payloads(*open_log()), (std::vector<std::string>{"a", std::string(5000, 'b')}));
}

TEST_F(SegmentLogTest, AFullDiskRefusesAndThenResumes) {
  const auto log = open_log();
  ASSERT_TRUE(append_and_wait(*log, records({"a"})).has_value());
  files_.fail_call(FileCall::write, 1, ErrorCode::disk_full);
  expect_append_fails(*log, ErrorCode::disk_full, "");
  ASSERT_TRUE(append_and_wait(*log, records({"b"})).has_value());
  EXPECT_EQ(payloads(*log), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(log->stats().failed);
}

// Offsets are given before a group's turn: what is refused must not leave a gap in them.
TEST_F(SegmentLogTest, WhatWaitsBehindAFullDiskIsRefusedToo) {
  const auto log = open_log();
  std::latch holding(1);
  std::latch tried(1);
  log->append(records({"first"}), [&](auto) {
    holding.count_down();
    tried.wait();
  });
  holding.wait();
  files_.fail_call(FileCall::write, 1, ErrorCode::disk_full);
  std::atomic<int> refused{0};
  std::latch answered(3);
  for (const std::size_t bytes : {10, 100'000, 10}) {
    log->append(records({std::string(bytes, 'x')}), [&](const auto& places) {
      if (!places) ++refused;
      answered.count_down();
    });
  }
  tried.count_down();
  answered.wait();
  EXPECT_EQ(refused, 3);
  const auto places = append_and_wait(*log, records({"second"}));
  ASSERT_TRUE(places.has_value());
  EXPECT_EQ(places->front().offset, 1U);
  EXPECT_EQ(payloads(*log), (std::vector<std::string>{"first", "second"}));
  EXPECT_TRUE(log->verify().has_value());
}

// Large appends are frames of their own, small ones share; both kinds in one group.
TEST_F(SegmentLogTest, LargeAndSmallAppendsKeepTheirOrder) {
  Rng rng(test_seed());
  const auto log = open_log();
  std::vector<std::string> sent;
  std::atomic<std::size_t> stored{0};
  for (int i = 0; i < 300; ++i) {
    sent.push_back(random_payload(rng, rng.chance(0.3) ? 60'000 : 500));
    log->append(records({sent.back()}), [&](const auto& places) { stored += places ? 1 : 0; });
  }
  ASSERT_TRUE(log->wait_for(sent.size() - 1, std::chrono::minutes(1)));
  EXPECT_EQ(payloads(*log), sent);
  EXPECT_TRUE(log->verify().has_value());
}

TEST_F(SegmentLogTest, TheReserveIsNeverUsed) {
  options_.reserve_bytes = 1 << 20;
  disk_.set_capacity(3 << 20);
  Rng rng(test_seed());
  std::vector<std::string> stored;
  bool refused = false;
  auto log = open_log();
  while (!refused) {
    const std::string payload = random_payload(rng, 100'000);
    auto places = append_and_wait(*log, records({payload}));
    if (places) {
      stored.push_back(payload);
    } else {
      EXPECT_EQ(places.error().code, ErrorCode::disk_full);
      EXPECT_EQ(places.error().reason, "disk_reserve");
      refused = true;
    }
    EXPECT_GE(disk_.free_bytes("/log").value(), options_.reserve_bytes);
  }
  EXPECT_GT(stored.size(), 20u);
  EXPECT_EQ(payloads(*log), stored);
  disk_.set_capacity(5 << 20);
  ASSERT_TRUE(append_and_wait(*log, records({std::string(90'000, 'x')})).has_value());
  EXPECT_EQ(log->end(), stored.size() + 1);
}

TEST_F(SegmentLogTest, AFullQueueAnswersOverloaded) {
  options_.queue_bytes_max = 10'000;
  const auto log = open_log();
  // The first acknowledgement holds the log's thread until everything else has been tried.
  std::latch holding(1);
  std::latch tried(1);
  log->append(records({"first"}), [&](auto) {
    holding.count_down();
    tried.wait();
  });
  holding.wait();
  std::atomic<int> acknowledged{0};
  int overloaded = 0;
  for (int i = 0; i < 100; ++i) {
    log->append(records({std::string(1000, 'x')}), [&](Result<std::vector<Place>> places) {
      if (places) {
        ++acknowledged;
      } else {
        EXPECT_EQ(places.error().code, ErrorCode::overloaded);
        ++overloaded;
      }
    });
  }
  tried.count_down();
  ASSERT_TRUE(append_and_wait(*log, {}).has_value());
  EXPECT_TRUE(log->wait_for(9, std::chrono::minutes(1)));
  EXPECT_EQ(overloaded, 91);  // 9 x 1,016 bytes fit
}

TEST_F(SegmentLogTest, AnAppendTooLargeForASegmentIsRefused) {
  const auto log = open_log();
  const std::size_t most = options_.segment_bytes - 4096 - 64 - 64 - 16;
  ASSERT_TRUE(append_and_wait(*log, records({std::string(most, 'x')})).has_value());
  const auto refused = append_and_wait(*log, records({std::string(most + 1, 'x')}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  ASSERT_TRUE(append_and_wait(*log, records({std::string(most, 'y')})).has_value());
  EXPECT_EQ(payloads(*log).size(), 2u);
}

TEST_F(SegmentLogTest, RefusesOtherShards) {
  open_log().reset();
  options_.shards = 17;
  const auto refused = SegmentLog::open(options_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  options_.shards = 5000;  // a head of several blocks
  options_.folder = "/other";
  auto log = open_log();
  ASSERT_TRUE(append_and_wait(*log, {{4999, RecordKind::event, "a"}}).has_value());
  log = nullptr;
  EXPECT_EQ(payloads(*open_log()), std::vector<std::string>{"a"});
}

TEST_F(SegmentLogTest, DroppedSegmentsAreUsedAgainAndNeverConfused) {
  Rng rng(test_seed());
  auto log = open_log();
  std::vector<std::string> stored;
  for (int i = 0; i < 400; ++i) {
    std::string payload = random_payload(rng, 40'000);
    ASSERT_TRUE(append_and_wait(*log, records({payload})).has_value());
    stored.push_back(std::move(payload));
    clock_.advance(kSecond);
    if (i % 10 == 0) {
      ASSERT_TRUE(log->trim(log->end(), clock_.now()).has_value());
    }
    if (i % 37 == 0) {
      log = nullptr;
      log = open_log();
      EXPECT_FALSE(log->recovery().cut.has_value());
    }
    EXPECT_EQ(log->end(), stored.size());
  }
  const auto kept = payloads(*log);
  EXPECT_EQ(kept, std::vector<std::string>(stored.end() - static_cast<std::ptrdiff_t>(kept.size()),
                                           stored.end()));
  EXPECT_LE(disk_.contents().size(), 6u) << "segments pile up";
  EXPECT_TRUE(log->verify().has_value());
}

// A segment's worth of records, one an append.
void fill_segment(SegmentLog& log, std::vector<std::string>& stored) {
  for (int i = 0; i < 6; ++i) {
    stored.emplace_back(90'000, static_cast<char>('a' + i));
    ASSERT_TRUE(append_and_wait(log, records({stored.back()})).has_value());
  }
}

TEST_F(SegmentLogTest, TheNextSegmentIsWrittenAhead) {
  options_.prepare_ahead = true;
  std::vector<std::string> stored;
  {
    const auto log = open_log();
    for (int segment = 0; segment < 3; ++segment) {
      while (!disk_.contents().contains("/log/next.free")) std::this_thread::yield();
      const auto allocated = files_.calls(FileCall::allocate);
      EXPECT_EQ(disk_.content("/log/next.free"), std::string(options_.segment_bytes, '\0'));
      fill_segment(*log, stored);
      EXPECT_LE(files_.calls(FileCall::allocate), allocated + 1) << "at most the next one ahead";
    }
    while (!disk_.contents().contains("/log/next.free")) std::this_thread::yield();
  }
  // What was ready, and what was being made, when the program ended.
  auto files = disk_.contents();
  files["/log/spare.tmp"] = "half";
  disk_.set_contents(files);
  const auto log = open_log();
  EXPECT_FALSE(disk_.contents().contains("/log/spare.tmp") &&
               disk_.content("/log/spare.tmp") == "half");
  fill_segment(*log, stored);
  EXPECT_EQ(payloads(*log), stored);
  EXPECT_TRUE(log->verify().has_value());
}

TEST_F(SegmentLogTest, AFailureToPrepareTakesNothingFromTheLog) {
  options_.prepare_ahead = true;
  files_.fail_call(FileCall::allocate, 2, ErrorCode::io_failed);  // the first is segment 1's
  const auto log = open_log();
  while (files_.calls(FileCall::allocate) < 2) std::this_thread::yield();
  std::vector<std::string> stored;
  for (int segment = 0; segment < 3; ++segment) fill_segment(*log, stored);
  EXPECT_EQ(payloads(*log), stored);
  EXPECT_FALSE(log->stats().failed);
}

TEST_F(SegmentLogTest, KeepsToItsSize) {
  options_.keep_bytes_max = 4 * options_.segment_bytes;
  Rng rng(test_seed());
  const auto log = open_log();
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(append_and_wait(*log, records({random_payload(rng, 40'000)})).has_value());
    ASSERT_TRUE(log->trim(150, kStart).has_value());  // nothing is that old
    EXPECT_LE(log->begin(), 150u);
  }
  EXPECT_GT(log->begin(), 0u);
  EXPECT_GE(log->stats().segment_bytes, 3 * options_.segment_bytes);
}

TEST_F(SegmentLogTest, CountsWhatItDoes) {
  const auto log = open_log();
  ASSERT_TRUE(append_and_wait(*log, records({"a", "b"})).has_value());
  ASSERT_TRUE(append_and_wait(*log, records({"c"})).has_value());
  const auto stats = log->stats();
  EXPECT_EQ(stats.appends, 2u);
  EXPECT_EQ(stats.records, 3u);
  EXPECT_EQ(stats.commits, 2u);
  EXPECT_EQ(stats.queued_bytes, 0u);
  EXPECT_EQ(stats.segments, 1u);
  // Heads of 64, records of 16 + 1 padded to 8, a mark of 64 after each.
  EXPECT_EQ(stats.bytes, (64u + 40 + 64) + (64u + 24 + 64));
  const auto verified = log->verify();
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->frames, 2u);
  EXPECT_EQ(verified->records, 3u);
}

TEST_F(SegmentLogTest, TheLastMarkIsSyncedWhenAppendsPause) {
  options_.settle = Duration(1);
  for (const bool by_caller : {false, true}) {
    SCOPED_TRACE(by_caller);
    auto log = open_log();
    const auto places =
        by_caller ? log->append_and_wait(records({"a"})) : append_and_wait(*log, records({"a"}));
    ASSERT_TRUE(places.has_value());
    const auto syncs = files_.calls(FileCall::sync);
    while (files_.calls(FileCall::sync) == syncs) std::this_thread::yield();
    log = nullptr;
    EXPECT_EQ(files_.calls(FileCall::sync), syncs + 1) << "the close has nothing left to sync";
    const auto before = disk_.contents();
    Rng rng(test_seed());
    disk_.cut_power(rng);
    EXPECT_EQ(disk_.contents(), before);
  }
}

TEST_F(SegmentLogTest, AFailedSyncOfACallerEndsTheLog) {
  const auto log = open_log();
  files_.fail_call(FileCall::sync, 1, ErrorCode::io_failed);
  for (int i = 0; i < 2; ++i) {
    const auto refused = log->append_and_wait(records({"a"}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().reason, "log_failed");
  }
  expect_append_fails(*log, ErrorCode::unavailable, "log_failed");
}

TEST_F(SegmentLogTest, CallersAndTheThreadTakeTurns) {
  constexpr int kThreads = 4;
  constexpr int kAppends = 200;
  std::atomic<int> stored = 0;
  {
    const auto log = open_log();
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kAppends; ++i) {
          const std::string payload = std::to_string(t * kAppends + i);
          if ((t + i) % 2 == 0) {
            stored += log->append_and_wait(records({payload})).has_value() ? 1 : 0;
          } else {
            log->append(records({payload}),
                        [&](const auto& places) { stored += places.has_value() ? 1 : 0; });
          }
        }
      });
    }
  }
  EXPECT_EQ(stored, kThreads * kAppends);
  const auto found = payloads(*open_log());
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(),
            static_cast<std::size_t>(kThreads * kAppends));
  EXPECT_EQ(found.size(), static_cast<std::size_t>(kThreads * kAppends));
}

}  // namespace
}  // namespace tideline
