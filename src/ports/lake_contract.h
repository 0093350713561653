// What every Lake promises, as one suite run over each implementation:
//
//   struct DuckLakeMaker { std::unique_ptr<Lake> make(); ... };   // a fresh, empty lake each time
//   INSTANTIATE_TYPED_TEST_SUITE_P(DuckLake, LakeContract, DuckLakeMaker);
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/rng.h"
#include "ports/lake.h"

namespace tideline {

inline constexpr std::int64_t kLakeNoon = 1'767'355'200'000;  // 2026-01-02T12:00:00Z, ms

// An event of `customer`, `minute` minutes after noon.
inline EventRow lake_event(std::string customer, std::int64_t minute, std::string id) {
  EventRow row;
  row.event.customer = CustomerId(std::move(customer));
  row.event.name = "Session Completed";
  row.event.source = SourceId("web");
  row.event.message_id = MessageId(std::move(id));
  row.event.event_time = time_from_millis(kLakeNoon + minute * 60'000);
  row.event.arrival_time = row.event.event_time + kSecond;
  row.event.stored_time = row.event.event_time + 2 * kSecond;
  row.event.properties = R"({"duration_min":45})";
  row.event.content = Hash128{0x0123456789abcdefULL, static_cast<std::uint64_t>(minute)};
  row.place = Place{3, static_cast<std::uint64_t>(minute)};
  return row;
}

inline Result<std::vector<EventRow>> scan_all(Lake& lake, const std::vector<std::string>& files,
                                              std::optional<Time> arrived_by = std::nullopt) {
  std::vector<EventRow> all;
  TRY(lake.scan_events(files, arrived_by, [&](std::span<const EventRow> rows) -> Result<bool> {
    EXPECT_FALSE(rows.empty());
    EXPECT_LE(rows.size(), 65'536U);
    all.insert(all.end(), rows.begin(), rows.end());
    return true;
  }));
  return all;
}

// Texts that have broken stores before: NUL, quotes, separators, combining and astral characters.
inline std::vector<std::string> nasty_texts() {
  return {std::string("a\0b", 3),
          std::string("\0", 1),
          std::string("a\0", 2),
          "'; DROP TABLE events; --",
          "\"quoted\"",
          "a,b\r\nc\n",
          "\t \v",
          "NULL",
          "null",
          "nan",
          "\xEF\xBB\xBF"
          "bom",
          "e\xCC\x81",
          "\xF0\x9F\x98\x80",
          "\xEF\xBF\xBF",
          "\\N",
          "\\x00",
          "{\"a\":1}",
          "\xE2\x80\xAE"
          "rtl",
          std::string(20'000, 'x'),
          "short",
          "exactly12byt",
          "thirteenbytes"};
}

template <class Maker>
class LakeContract : public ::testing::Test {
 protected:
  void SetUp() override { lake_ = maker_.make(); }
  Maker maker_;
  std::unique_ptr<Lake> lake_;
};
TYPED_TEST_SUITE_P(LakeContract);

TYPED_TEST_P(LakeContract, GivesBackEveryFieldOfAnEvent) {
  EventRow row = lake_event("c1", 0, "m1");
  row.event.type = EventType::alias;
  row.event.name = "";
  row.event.anonymous_id = "anon";
  row.event.previous_id = "before";
  row.event.server_id = true;
  row.event.clamped = true;
  row.event.event_time = time_from_millis(1'767'355'200'123);
  row.event.properties = R"({ "b" : 1e5, "a":"\u0000" })";
  row.event.content = Hash128{~0ULL, 1};
  row.place = Place{65'535, (1ULL << 62) + 1};
  EventRow plain = lake_event("c2", 1, "m2");
  const std::vector<EventRow> rows = {row, plain};
  const std::string file = "events/dt=2026-01-02/a.parquet";
  ASSERT_TRUE(this->lake_->write_events(file, rows));
  auto back = scan_all(*this->lake_, {file});
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, rows);
}

TYPED_TEST_P(LakeContract, KeepsTextsByteForByte) {
  std::vector<EventRow> rows;
  for (const std::string& text : nasty_texts()) {
    EventRow row = lake_event(text, 0, text);
    row.event.name = row.event.anonymous_id = row.event.previous_id = text;
    row.event.source = SourceId(text);
    row.event.properties = text;
    rows.push_back(row);
  }
  const std::string file = "events/dt=2026-01-02/nasty.parquet";
  ASSERT_TRUE(this->lake_->write_events(file, rows));
  auto back = scan_all(*this->lake_, {file});
  ASSERT_TRUE(back) << back.error().message;
  std::sort(rows.begin(), rows.end(), [](const EventRow& a, const EventRow& b) {
    return a.event.customer < b.event.customer;  // by bytes
  });
  EXPECT_EQ(*back, rows);
}

TYPED_TEST_P(LakeContract, ScansInOrderOfCustomerTimeAndMessage) {
  constexpr std::uint64_t kSeed = 20260102;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  Rng rng(kSeed);
  std::vector<std::string> files;
  std::vector<EventRow> all;
  std::uint64_t number = 0;
  for (int f = 0; f < 3; ++f) {
    std::vector<EventRow> rows;
    for (int i = 0; i < 50'000; ++i) {
      const std::string id = "m" + std::to_string(++number);
      rows.push_back(lake_event("c" + std::to_string(rng.below(500)),
                                static_cast<std::int64_t>(rng.below(40)), id));
    }
    files.push_back("events/dt=2026-01-02/" + std::to_string(f) + ".parquet");
    ASSERT_TRUE(this->lake_->write_events(files.back(), rows));
    all.insert(all.end(), rows.begin(), rows.end());
  }
  std::sort(all.begin(), all.end(), [](const EventRow& a, const EventRow& b) {
    return std::tie(a.event.customer, a.event.event_time, a.event.message_id) <
           std::tie(b.event.customer, b.event.event_time, b.event.message_id);
  });
  auto back = scan_all(*this->lake_, files);
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_EQ(back->size(), all.size());
  EXPECT_TRUE(*back == all);
}

TYPED_TEST_P(LakeContract, GivesTheFactsOfTheSameRows) {
  std::vector<std::string> files;
  Time last{};
  for (int part = 0; part < 3; ++part) {
    std::vector<EventRow> rows;
    for (int i = 0; i < 3'000; ++i) {
      EventRow row =
          lake_event("customer-" + std::to_string(i % 7), i, std::to_string(part) + "m");
      row.event.properties = R"({"n":)" + std::to_string(i * 3 + part) + "}";
      if (i % 5 == 0) row.event.type = EventType::identify;
      last = std::max(last, row.event.arrival_time);
      rows.push_back(row);
    }
    files.push_back("events/dt=2026-01-02/" + std::to_string(part) + ".parquet");
    ASSERT_TRUE(this->lake_->write_events(files.back(), rows));
  }
  using Known =
      std::tuple<std::string, EventType, std::string, std::string, Time, Time, std::string>;
  const auto known = [](const EventFacts& f) {
    return Known(f.customer, f.type, f.name, f.message_id, f.event_time, f.arrival_time,
                 f.properties);
  };
  for (const std::optional<Time> by :
       {std::optional<Time>(), std::optional<Time>(last - std::chrono::minutes(500))}) {
    const auto rows = scan_all(*this->lake_, files, by);
    ASSERT_TRUE(rows);
    std::vector<Known> expected;
    for (const EventRow& row : *rows) expected.push_back(known(facts_of(row.event)));
    std::vector<Known> found;
    ASSERT_TRUE(
        this->lake_->scan_facts(files, by, [&](std::span<const EventFacts> facts) -> Result<bool> {
          for (const EventFacts& one : facts) found.push_back(known(one));
          return true;
        }));
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    EXPECT_GT(found.size(), 1'000u);
    EXPECT_TRUE(found == expected);
  }
  int visits = 0;
  EXPECT_TRUE(this->lake_->scan_facts(files, std::nullopt, [&](auto) {
    ++visits;
    return false;
  }));
  EXPECT_EQ(visits, 1);
}

TYPED_TEST_P(LakeContract, LeavesOutWhatArrivedLater) {
  EventRow early = lake_event("c1", 0, "m1");
  EventRow at = lake_event("c1", 5, "m2");
  EventRow late = lake_event("c1", 1, "m3");
  late.event.arrival_time = at.event.arrival_time + Duration(1);
  const std::string file = "events/dt=2026-01-02/a.parquet";
  ASSERT_TRUE(this->lake_->write_events(file, std::vector<EventRow>{early, at, late}));
  auto back = scan_all(*this->lake_, {file}, at.event.arrival_time);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, (std::vector<EventRow>{early, at}));
}

TYPED_TEST_P(LakeContract, StopsAScanWhenToldAndPassesItsErrorOn) {
  const std::string file = "events/dt=2026-01-02/a.parquet";
  ASSERT_TRUE(this->lake_->write_events(file, std::vector<EventRow>{lake_event("c", 0, "m")}));
  const std::vector<std::string> files = {file};
  EXPECT_TRUE(this->lake_->scan_events(files, std::nullopt, [](auto) { return false; }));
  auto failed = this->lake_->scan_events(files, std::nullopt, [](auto) -> Result<bool> {
    return fail(ErrorCode::cancelled, "enough");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::cancelled);
}

TYPED_TEST_P(LakeContract, FindsTheNewestEventsOfACustomer) {
  const std::string a = "events/dt=2026-01-02/a.parquet";
  const std::string b = "events/dt=2026-01-03/b.parquet";
  const std::string customer("it's\0me", 7);
  std::vector<EventRow> rows;
  for (int i = 0; i < 6; ++i) {
    rows.push_back(lake_event(customer, i, "m" + std::to_string(i)));
  }
  const EventRow other = lake_event("it's", 9, "x");
  ASSERT_TRUE(this->lake_->write_events(a, std::vector<EventRow>{rows[3], rows[0], other}));
  ASSERT_TRUE(
      this->lake_->write_events(b, std::vector<EventRow>{rows[5], rows[1], rows[4], rows[2]}));
  const std::vector<std::string> files = {a, b};
  auto newest = this->lake_->newest_events(files, CustomerId(customer), std::nullopt, 3);
  ASSERT_TRUE(newest) << newest.error().message;
  EXPECT_EQ(*newest, (std::vector<EventRow>{rows[5], rows[4], rows[3]}));
  auto older =
      this->lake_->newest_events(files, CustomerId(customer), rows[2].event.event_time, 9);
  ASSERT_TRUE(older) << older.error().message;
  EXPECT_EQ(*older, (std::vector<EventRow>{rows[1], rows[0]}));
  EXPECT_TRUE(
      this->lake_->newest_events(files, CustomerId("nobody"), std::nullopt, 3).value().empty());
  EXPECT_TRUE(
      this->lake_->newest_events({}, CustomerId(customer), std::nullopt, 3).value().empty());
}

TYPED_TEST_P(LakeContract, ScansNoFilesAndFilesWithoutRows) {
  auto none = scan_all(*this->lake_, {});
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_TRUE(none->empty());
  const std::string file = "events/dt=2026-01-02/empty.parquet";
  ASSERT_TRUE(this->lake_->write_events(file, {}));
  auto empty = scan_all(*this->lake_, {file});
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_TRUE(empty->empty());
  EXPECT_EQ(this->lake_->verify(file).value(), 0U);
}

TYPED_TEST_P(LakeContract, MergesFilesIntoOne) {
  const std::string a = "events/dt=2026-01-02/a.parquet";
  const std::string b = "events/dt=2026-01-02/b.parquet";
  const std::string into = "events/dt=2026-01-02/merged.parquet";
  const EventRow first = lake_event("c1", 0, "m1");
  const EventRow second = lake_event("c1", 1, "m2");
  const EventRow third = lake_event("c2", 0, "m3");
  ASSERT_TRUE(this->lake_->write_events(a, std::vector<EventRow>{third, first}));
  ASSERT_TRUE(this->lake_->write_events(b, std::vector<EventRow>{second}));
  auto merged = this->lake_->merge(std::vector<std::string>{a, b}, into);
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(scan_all(*this->lake_, {into}).value(), (std::vector<EventRow>{first, second, third}));
  EXPECT_EQ(this->lake_->verify(into).value(), 3U);
  EXPECT_EQ(this->lake_->list().value(), (std::vector<std::string>{a, b, into}));
  // The target may be one of the sources.
  ASSERT_TRUE(this->lake_->merge(std::vector<std::string>{into, a}, a));
  EXPECT_EQ(this->lake_->verify(a).value(), 5U);
  EXPECT_FALSE(this->lake_->merge(std::vector<std::string>{"events/dt=2026-01-02/x.parquet"}, b));
}

TYPED_TEST_P(LakeContract, WritesAndMergesRowsOfOtherTables) {
  Rows rows;
  rows.columns = {{"customer_id", ColumnType::text},
                  {"as_of", ColumnType::time},
                  {"coverage", ColumnType::number},
                  {"sessions", ColumnType::integer},
                  {"lapsed", ColumnType::boolean}};
  rows.cells = {
      {std::string("c1"), time_from_millis(kLakeNoon), 0.5, std::int64_t{-7}, true},
      {std::string("c2"), Cell{}, std::numeric_limits<double>::quiet_NaN(), Cell{}, Cell{}}};
  const std::string a = "features/dt=2026-01-02/a.parquet";
  const std::string into = "features/dt=2026-01-02/b.parquet";
  ASSERT_TRUE(this->lake_->write_rows(a, rows));
  EXPECT_EQ(this->lake_->verify(a).value(), 2U);
  ASSERT_TRUE(this->lake_->merge(std::vector<std::string>{a, a}, into));
  EXPECT_EQ(this->lake_->verify(into).value(), 4U);
  rows.cells[1].pop_back();
  auto narrow = this->lake_->write_rows(a, rows);
  ASSERT_FALSE(narrow);
  EXPECT_EQ(narrow.error().code, ErrorCode::invalid);
  EXPECT_EQ(this->lake_->verify(a).value(), 2U) << "the old file stays";
}

TYPED_TEST_P(LakeContract, TakesNoOtherBytesThanUtf8) {
  auto written = this->lake_->write_events("events/dt=2026-01-02/a.parquet",
                                           std::vector<EventRow>{lake_event("c\xff", 0, "m")});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::invalid);
  EXPECT_TRUE(this->lake_->list().value().empty());
  const Rows rows{{{"payload"}},
                  {{std::string("{\"cut\":\"\xE2\x82")}, {std::string("\xff\0", 2)}}};
  const std::string file = "dead_letters/dt=2026-01-02/a.parquet";
  ASSERT_TRUE(this->lake_->write_rows(file, rows));
  EXPECT_EQ(this->lake_->verify(file).value(), 2U);
}

TYPED_TEST_P(LakeContract, ReplacesListsAndRemovesFiles) {
  const std::string a = "events/dt=2026-01-02/a.parquet";
  const std::string b = "events/dt=2026-01-03/b.parquet";
  EXPECT_TRUE(this->lake_->list().value().empty());
  ASSERT_TRUE(this->lake_->write_events(b, std::vector<EventRow>{lake_event("c", 0, "m1")}));
  ASSERT_TRUE(this->lake_->write_events(a, std::vector<EventRow>{lake_event("c", 0, "m1")}));
  const std::vector<EventRow> newer = {lake_event("d", 0, "m2"), lake_event("d", 1, "m3")};
  ASSERT_TRUE(this->lake_->write_events(a, newer));
  EXPECT_EQ(scan_all(*this->lake_, {a}).value(), newer);
  EXPECT_EQ(this->lake_->list().value(), (std::vector<std::string>{a, b}));
  ASSERT_TRUE(
      this->lake_->remove(std::vector<std::string>{a, "events/dt=2026-01-02/none.parquet"}));
  EXPECT_EQ(this->lake_->list().value(), std::vector<std::string>{b});
}

TYPED_TEST_P(LakeContract, NamesAMissingFile) {
  const std::string file = "events/dt=2026-01-02/none.parquet";
  auto scanned = scan_all(*this->lake_, {file});
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().code, ErrorCode::not_found);
  EXPECT_NE(scanned.error().message.find(file), std::string::npos);
  auto verified = this->lake_->verify(file);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::not_found);
}

REGISTER_TYPED_TEST_SUITE_P(LakeContract, GivesTheFactsOfTheSameRows, GivesBackEveryFieldOfAnEvent,
                            KeepsTextsByteForByte, ScansInOrderOfCustomerTimeAndMessage,
                            LeavesOutWhatArrivedLater, StopsAScanWhenToldAndPassesItsErrorOn,
                            ScansNoFilesAndFilesWithoutRows, MergesFilesIntoOne,
                            WritesAndMergesRowsOfOtherTables, ReplacesListsAndRemovesFiles,
                            NamesAMissingFile, TakesNoOtherBytesThanUtf8,
                            FindsTheNewestEventsOfACustomer);

}  // namespace tideline
