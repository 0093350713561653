// The contract suite of EventLog: what every implementation must do. A Subject type gives the log:
//
//   struct Subject {
//     EventLog& log();
//     ManualClock& clock();            // of the log's stored times
//     bool reopen();                   // closes and opens the log; false: it does not survive
//     that
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Name, EventLogContract, Subject);
//
// The log must have at least 4 shards and take appends of 64 KiB.
#pragma once

#include <atomic>
#include <latch>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/rng.h"
#include "ports/event_log.h"
#include "ports/test_seed.h"

namespace tideline {

template <class Subject>
class EventLogContract : public ::testing::Test {
 protected:
  EventLog& log() { return subject_.log(); }

  static NewRecord record(std::uint16_t shard, std::string payload) {
    return NewRecord{shard, RecordKind::event, std::move(payload)};
  }

  // Appends and remembers what a reader must find.
  void append(std::vector<NewRecord> records) {
    const auto expected = records;
    const auto places = append_and_wait(log(), std::move(records));
    ASSERT_TRUE(places.has_value()) << places.error().message;
    ASSERT_EQ(places->size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const Place place{expected[i].shard, next_[expected[i].shard]++};
      EXPECT_EQ((*places)[i], place);
      model_.push_back(
          {model_.size(), place, expected[i].kind, subject_.clock().now(), expected[i].payload});
    }
  }

  void expect_like_model(const LogRecord& found, LogPosition position) {
    ASSERT_LT(position, model_.size());
    const LogRecord& expected = model_[position];
    EXPECT_EQ(found.position, position);
    EXPECT_EQ(found.place, expected.place);
    EXPECT_EQ(found.kind, expected.kind);
    EXPECT_EQ(found.stored_time, expected.stored_time);
    EXPECT_EQ(found.payload, expected.payload);
  }

  // Reads from `from` to the end in pieces of random size.
  void expect_all_from(LogPosition from, Rng& rng) {
    while (from < model_.size()) {
      const auto found = log().read(from, 1 + rng.below(50), rng.below(20'000));
      ASSERT_TRUE(found.has_value()) << found.error().message;
      ASSERT_FALSE(found->empty());
      for (const auto& one : *found) expect_like_model(one, from++);
    }
    const auto nothing = log().read(from, 10, 1000);
    ASSERT_TRUE(nothing.has_value());
    EXPECT_TRUE(nothing->empty());
  }

  void append_randomly(int appends, Rng& rng) {
    for (int i = 0; i < appends; ++i) {
      std::vector<NewRecord> records;
      const auto count = 1 + rng.below(20);
      for (std::uint64_t k = 0; k < count; ++k) {
        std::string payload(rng.below(rng.chance(0.02) ? 20'000 : 400), '\0');
        for (auto& byte : payload) byte = static_cast<char>(rng.below(256));
        records.push_back({static_cast<std::uint16_t>(rng.below(4)),
                           rng.chance(0.1) ? RecordKind::reject : RecordKind::event,
                           std::move(payload)});
      }
      subject_.clock().advance(Duration(static_cast<std::int64_t>(rng.below(1000))));
      append(std::move(records));
    }
  }

  Subject subject_;
  std::vector<LogRecord> model_;
  std::map<std::uint16_t, std::uint64_t> next_;
};

TYPED_TEST_SUITE_P(EventLogContract);

TYPED_TEST_P(EventLogContract, IsEmptyAtFirst) {
  EXPECT_EQ(this->log().begin(), 0u);
  EXPECT_EQ(this->log().end(), 0u);
  const auto nothing = this->log().read(0, 10, 1000);
  ASSERT_TRUE(nothing.has_value());
  EXPECT_TRUE(nothing->empty());
  EXPECT_FALSE(this->log().wait_for(0, Duration(0)));
}

TYPED_TEST_P(EventLogContract, AnAppendOfNothingSucceeds) {
  const auto places = append_and_wait(this->log(), {});
  ASSERT_TRUE(places.has_value());
  EXPECT_TRUE(places->empty());
  EXPECT_EQ(this->log().end(), 0u);
}

TYPED_TEST_P(EventLogContract, NumbersEachShardOnItsOwn) {
  this->append({this->record(0, "a"), this->record(3, "b"), this->record(0, "")});
  this->append({this->record(3, "d"), this->record(1, "e")});
  EXPECT_EQ(this->log().end(), 5u);
  const auto found = this->log().read(0, 100, 1000);
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 5u);
  for (LogPosition i = 0; i < 5; ++i) this->expect_like_model((*found)[i], i);
  EXPECT_EQ((*found)[3].place, (Place{3, 1}));
}

TYPED_TEST_P(EventLogContract, ReadStopsAtItsLimits) {
  for (int i = 0; i < 10; ++i) this->append({this->record(0, std::string(100, 'x'))});
  const auto count = [this](LogPosition from, std::size_t records, std::size_t bytes) {
    const auto found = this->log().read(from, records, bytes);
    EXPECT_TRUE(found.has_value());
    return found ? found->size() : 0;
  };
  EXPECT_EQ(count(0, 3, 100'000), 3u);
  EXPECT_EQ(count(0, 100, 250), 2u);
  EXPECT_EQ(count(0, 100, 300), 3u);
  EXPECT_EQ(count(0, 100, 0), 1u) << "at least one record, whatever its size";
  EXPECT_EQ(count(8, 100, 100'000), 2u);
  EXPECT_EQ(count(10, 100, 100'000), 0u);
  EXPECT_EQ(count(99, 100, 100'000), 0u);
}

TYPED_TEST_P(EventLogContract, ReadsBackWhatWasAppended) {
  Rng rng(test_seed());
  this->append_randomly(150, rng);
  this->expect_all_from(0, rng);
  for (int i = 0; i < 50; ++i) this->expect_all_from(rng.below(this->model_.size()), rng);
}

TYPED_TEST_P(EventLogContract, SurvivesBeingReopened) {
  Rng rng(test_seed());
  for (int round = 0; round < 5; ++round) {
    this->append_randomly(30, rng);
    if (!this->subject_.reopen()) GTEST_SKIP() << "nothing of it survives";
    EXPECT_EQ(this->log().end(), this->model_.size());
    this->expect_all_from(0, rng);
  }
}

TYPED_TEST_P(EventLogContract, WaitsForARecord) {
  this->append({this->record(0, "a")});
  EXPECT_TRUE(this->log().wait_for(0, Duration(0)));
  EXPECT_FALSE(this->log().wait_for(1, Duration(0)));
  std::thread waiter([this] { EXPECT_TRUE(this->log().wait_for(1, std::chrono::minutes(1))); });
  this->append({this->record(0, "b")});
  waiter.join();
}

TYPED_TEST_P(EventLogContract, TrimNeverTakesTooMuch) {
  Rng rng(test_seed());
  for (int round = 0; round < 6; ++round) {
    this->append_randomly(60, rng);
    const LogPosition before = rng.below(this->model_.size() + 1);
    const LogPosition begin_was = this->log().begin();
    const Time stored_before =
        rng.chance(0.3) ? this->model_[before / 2].stored_time : this->subject_.clock().now();
    ASSERT_TRUE(this->log().trim(before, stored_before).has_value());
    const LogPosition begin = this->log().begin();
    EXPECT_GE(begin, begin_was);
    EXPECT_LE(begin, std::max(before, begin_was));
    for (LogPosition i = begin_was; i < begin; ++i) {
      EXPECT_LT(this->model_[i].stored_time, stored_before);
    }
    this->expect_all_from(begin, rng);
    if (begin > 0) {
      const auto gone = this->log().read(begin - 1, 1, 1);
      ASSERT_FALSE(gone.has_value());
      EXPECT_EQ(gone.error().code, ErrorCode::not_found);
    }
    this->subject_.reopen();
    EXPECT_EQ(this->log().end(), this->model_.size());
  }
}

TYPED_TEST_P(EventLogContract, ManyThreadsAppendAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kAppends = 200;
  struct Answer {
    std::atomic<int> calls{0};
    std::vector<Place> places;
  };
  std::vector<std::vector<Answer>> answers(kThreads);
  for (auto& of_thread : answers) of_thread = std::vector<Answer>(kAppends);
  std::latch answered(kThreads * kAppends);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Rng rng = Rng::stream(test_seed(), "append", static_cast<std::uint64_t>(t));
      for (int i = 0; i < kAppends; ++i) {
        std::vector<NewRecord> records;
        const auto count = 1 + rng.below(3);
        for (std::uint64_t k = 0; k < count; ++k) {
          records.push_back(this->record(static_cast<std::uint16_t>(rng.below(4)),
                                         std::to_string(t) + " " + std::to_string(i)));
        }
        this->log().append(std::move(records), [&, t, i](Result<std::vector<Place>> places) {
          Answer& answer = answers[t][i];
          ++answer.calls;
          if (places) answer.places = *std::move(places);
          answered.count_down();
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  answered.wait();

  // The log holds each shard's offsets in order, and every acknowledged place with its payload.
  std::map<Place, std::string> stored;
  std::map<std::uint16_t, std::uint64_t> next;
  for (LogPosition at = 0; at < this->log().end();) {
    const auto found = this->log().read(at, 1000, 1 << 20);
    ASSERT_TRUE(found.has_value());
    for (const auto& one : *found) {
      EXPECT_EQ(one.position, at++);
      EXPECT_EQ(one.place.offset, next[one.place.shard]++);
      stored[one.place] = one.payload;
    }
  }
  std::size_t acknowledged = 0;
  for (int t = 0; t < kThreads; ++t) {
    std::map<std::uint16_t, std::uint64_t> after;  // a thread's own appends keep their order
    for (int i = 0; i < kAppends; ++i) {
      EXPECT_EQ(answers[t][i].calls, 1);
      EXPECT_FALSE(answers[t][i].places.empty());
      for (const Place& place : answers[t][i].places) {
        EXPECT_EQ(stored[place], std::to_string(t) + " " + std::to_string(i));
        EXPECT_GE(place.offset, after[place.shard]);
        after[place.shard] = place.offset + 1;
        ++acknowledged;
      }
    }
  }
  EXPECT_EQ(acknowledged, this->log().end());
}

TYPED_TEST_P(EventLogContract, IsReadWhileItIsWritten) {
  constexpr int kAppends = 300;
  std::thread writer([this] {
    for (int i = 0; i < kAppends; ++i) {
      const auto places = append_and_wait(this->log(), {this->record(1, std::to_string(i))});
      ASSERT_TRUE(places.has_value());
    }
  });
  LogPosition at = 0;
  while (at < kAppends && this->log().wait_for(at, std::chrono::minutes(1))) {
    const auto found = this->log().read(at, 7, 1000);
    ASSERT_TRUE(found.has_value()) << found.error().message;
    for (const auto& one : *found) EXPECT_EQ(one.payload, std::to_string(at++));
  }
  writer.join();
  EXPECT_EQ(at, static_cast<LogPosition>(kAppends));
}

REGISTER_TYPED_TEST_SUITE_P(EventLogContract, IsEmptyAtFirst, AnAppendOfNothingSucceeds,
                            NumbersEachShardOnItsOwn, ReadStopsAtItsLimits,
                            ReadsBackWhatWasAppended, SurvivesBeingReopened, WaitsForARecord,
                            TrimNeverTakesTooMuch, ManyThreadsAppendAtOnce,
                            IsReadWhileItIsWritten);

}  // namespace tideline
