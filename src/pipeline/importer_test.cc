// Importer: rows and lines, dead letters of bad ones, resuming, and a second time that changes
// nothing.
#include "pipeline/importer.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "pipeline/test_rig.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

class ImporterTest : public ::testing::Test {
 protected:
  // A rig of its own for each run that is compared.
  struct Site {
    Rig rig;
    std::unique_ptr<Archiver> archiver;
    std::unique_ptr<Importer> importer;
    Site() {
      rig.open_processor();
      rig.processor->start();
      archiver = std::make_unique<Archiver>(ArchiverOptions{Rig::kShards}, rig.log, rig.store,
                                            rig.lake, rig.clock);
      importer = std::make_unique<Importer>(DecodeLimits(), rig.ingest, *rig.processor, *archiver,
                                            rig.store, rig.clock);
    }
    ~Site() { rig.processor->stop(); }
    std::string customers() {
      ByteWriter all;
      EXPECT_TRUE(rig.store.scan(Family::customers, "", "",
                                 [&](std::string_view key, std::string_view value) {
                                   all.text(key);
                                   all.text(value);
                                   return true;
                                 }));
      return all.take();
    }
  };

  static ImportRow row(const std::string& customer, const std::string& time,
                       const std::string& event = "Bought",
                       const std::string& properties = R"({"amount":5})") {
    ImportRow row;
    row.customer = customer;
    row.time = parse_time(time);
    row.time_text = time;
    row.event = event;
    row.properties = properties;
    return row;
  }
  static std::vector<ImportRow> many(std::size_t count, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<ImportRow> rows;
    for (std::size_t i = 0; i < count; ++i) {
      rows.push_back(
          row("c" + std::to_string(rng.below(50)),
              format_time(*parse_time("2025-03-01T00:00:00Z") + kHour * static_cast<int>(i / 20)),
              "Bought", rng.chance(0.02) ? R"({"amount":-1})" : R"({"amount":5})"));
      std::uint64_t copy = 0;
      for (std::size_t j = i; j-- > 0 && rows[j].time == rows[i].time;) {
        ImportRow other = rows[j];
        other.copy = rows[i].copy;
        copy += other == rows[i];
      }
      rows.back().copy = copy;
    }
    return rows;
  }
  const ImportIdentity identity_{SourceId("file"), "file.csv", {1, 2}};
};

TEST_F(ImporterTest, RowsAndTheirDeadLetters) {
  Site site;
  std::vector<ImportRow> rows = {row("c1", "2025-03-01"), row("c1", "2025-03-01"),
                                 row("c2", "2025-03-02")};
  rows[1].copy = 1;                             // a true repeat, which counts
  rows.push_back(row("", "2025-03-02"));        // no customer
  rows.push_back(row("c3", "someday"));         // no time
  rows.push_back(row("c3", "2025-03-02", ""));  // no event
  rows.push_back(row("c3", "2025-03-02", "Bought", R"({"amount":"much"})"));
  rows.push_back(row("c3", "2025-03-02", "Bought", R"({"amount":)"));
  rows.push_back(row("c3", "2025-03-02", "Bought", "[1]"));
  rows.push_back(row(std::string(129, 'c'), "2025-03-02"));
  rows.push_back(row("c3", "2025-03-02"));
  rows.back().type = "guess";
  rows.push_back(row("c3", "2025-03-02"));
  rows.back().received_at_text = "later";
  MemoryImportRows source(rows, {{"file.csv", 7, "a,b,c", "too few cells"}});
  const auto counts = site.importer->import_rows(identity_, source, {});
  ASSERT_TRUE(counts.has_value()) << counts.error().message;
  EXPECT_FALSE(counts->already_done);
  EXPECT_TRUE(counts->totals.adds_up());
  EXPECT_EQ(counts->totals.received, rows.size() + 1);
  EXPECT_EQ(counts->totals.applied, 3u);
  const std::map<std::string, std::uint64_t> codes = {
      {"missing_customer", 1}, {"bad_time", 2},     {"missing_event", 1}, {"bad_property", 1},
      {"malformed_json", 1},   {"not_an_event", 2}, {"bad_id", 1},        {"unknown_type", 1}};
  EXPECT_EQ(codes_of(counts->totals), codes);
  EXPECT_EQ(site.rig.event_count("c1"), 2u);
  EXPECT_EQ(site.rig.archived().size(), 3u) << "applied and archived when it returns";
  EXPECT_EQ(site.rig.letters().size(), 10u);
}

TEST_F(ImporterTest, ASecondTimeChangesNothing) {
  Site site;
  const auto rows = many(3'000, test_seed());
  MemoryImportRows first(rows, {});
  ASSERT_TRUE(site.importer->import_rows(identity_, first, {}).has_value());
  const std::string state = site.customers();
  const auto letters = site.rig.letters().size();
  EXPECT_EQ(site.importer->rows_done(identity_).value(), std::nullopt);
  MemoryImportRows second(rows, {});
  const auto counts = site.importer->import_rows(identity_, second, {});
  ASSERT_TRUE(counts.has_value());
  EXPECT_TRUE(counts->already_done);
  EXPECT_EQ(counts->totals.duplicate, 3'000u);
  EXPECT_TRUE(counts->totals.adds_up());
  // Another map over the same rows, the same source: the ledger does not know it, the ids do.
  MemoryImportRows third(rows, {});
  const auto again = site.importer->import_rows({identity_.source, "again", {3, 4}}, third, {});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->totals.duplicate, 3'000u);
  EXPECT_EQ(site.customers(), state);
  EXPECT_EQ(site.rig.letters().size(), letters);
}

TEST_F(ImporterTest, StoppedAndRunAgainIsOneRun) {
  const auto rows = many(30'000, test_seed());
  Site whole;
  MemoryImportRows all(rows, {{"file.csv", 3, "x", "no row"}});
  const auto expected = whole.importer->import_rows(identity_, all, {});
  ASSERT_TRUE(expected.has_value());

  Site site;
  int runs = 0;
  Result<ImportCounts> counts = fail(ErrorCode::internal, "");
  for (; !counts && runs < 20; ++runs) {
    const auto done = site.importer->rows_done(identity_).value();
    ASSERT_TRUE(done.has_value());
    MemoryImportRows rest(
        std::vector<ImportRow>(rows.begin() + static_cast<std::ptrdiff_t>(*done), rows.end()),
        {{"file.csv", 3, "x", "no row"}}, 1'000);
    int blocks = 0;
    counts = site.importer->import_rows(identity_, rest,
                                        [&](const ImportProgress&) { return ++blocks < 9; });
    if (!counts) {
      ASSERT_EQ(counts.error().code, ErrorCode::cancelled);
    }
  }
  EXPECT_GT(runs, 2);
  ASSERT_TRUE(counts.has_value());
  EXPECT_TRUE(site.customers() == whole.customers());
  EXPECT_EQ(site.rig.letters().size(), whole.rig.letters().size());
  EXPECT_TRUE(counts->totals.adds_up());
  EXPECT_EQ(site.rig.archived().size(), expected->totals.applied);
}

TEST_F(ImporterTest, LinesInTheShapeOfClients) {
  Site site;
  const std::string plain =
      R"({"type":"track","userId":"c1","event":"Bought","timestamp":"2025-03-01T00:00:00Z"})";
  MemoryImportLines lines(
      {track("m1", "c1"), track("m1", "c1"), "", plain, plain, "  ", "{", "{", "[]"}, 4);
  const auto counts = site.importer->import_lines(identity_, lines, {});
  ASSERT_TRUE(counts.has_value());
  EXPECT_EQ(counts->totals.received, 7u) << "blank lines are skipped";
  EXPECT_EQ(counts->totals.applied, 3u) << "equal lines without an id are true repeats";
  EXPECT_EQ(counts->totals.duplicate, 1u);
  EXPECT_EQ(counts->totals.dead_lettered, 3u);
  EXPECT_TRUE(counts->totals.adds_up());
  EXPECT_EQ(site.rig.event_count("c1"), 3u);
  MemoryImportLines more({plain, plain, plain}, 4);
  const auto again = site.importer->import_lines({identity_.source, "more", {5, 6}}, more, {});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->totals.duplicate, 2u);
  EXPECT_EQ(again->totals.applied, 1u);
}

TEST_F(ImporterTest, LinesStoppedAndRunAgain) {
  std::vector<std::string> text;
  for (int i = 0; i < 25'000; ++i) {
    text.push_back(R"({"type":"track","userId":"c)" + std::to_string(i % 40) +
                   R"(","event":"Bought","timestamp":"2025-03-0)" + std::to_string(1 + i / 5'000) +
                   R"("})");
  }
  Site site;
  int runs = 0;
  for (; runs < 20; ++runs) {
    MemoryImportLines lines(text);
    const auto counts =
        site.importer->import_lines(identity_, lines, [](const ImportProgress&) { return false; });
    if (!counts) continue;
    EXPECT_TRUE(counts->totals.adds_up());
    break;
  }
  EXPECT_GT(runs, 1);
  EXPECT_LT(runs, 20) << "each run goes on where the last one ended";
  std::uint64_t counted = 0;
  for (int c = 0; c < 40; ++c) counted += site.rig.event_count("c" + std::to_string(c));
  EXPECT_EQ(counted, 25'000u);
}

}  // namespace
}  // namespace tideline
