#include "adapters/duckdb/duck_lake.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "adapters/duckdb/test_folder.h"
#include "ports/lake_contract.h"

namespace tideline {
namespace {

class DuckLakeMaker {
 public:
  std::unique_ptr<Lake> make() {
    // A name that is also a pattern, and quotes.
    auto lake = DuckLake::open(LakeOptions{folder_.path("la[ke]*? it's")});
    EXPECT_TRUE(lake) << lake.error().message;
    return std::move(*lake);
  }

 private:
  TestFolder folder_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(DuckLake, LakeContract, DuckLakeMaker);

std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

class DuckLakeTest : public ::testing::Test {
 protected:
  std::unique_ptr<DuckLake> open(LakeOptions options = {}) {
    options.folder = folder_.path("lake");
    auto lake = DuckLake::open(options);
    EXPECT_TRUE(lake) << lake.error().message;
    return std::move(*lake);
  }
  static std::vector<EventRow> many(std::size_t n) {
    std::vector<EventRow> rows;
    for (std::size_t i = 0; i < n; ++i) {
      rows.push_back(lake_event("c" + std::to_string(i * 7919 % 1'000),
                                static_cast<std::int64_t>(i), "m" + std::to_string(i)));
    }
    return rows;
  }
  TestFolder folder_;
};

TEST_F(DuckLakeTest, EqualRowsGiveEqualBytes) {
  const auto lake = open(LakeOptions{.row_group_rows = 2'048});
  const std::vector<EventRow> rows = many(10'000);
  ASSERT_TRUE(lake->write_events("events/dt=2026-01-02/a.parquet", rows));
  ASSERT_TRUE(lake->write_events("events/dt=2026-01-02/b.parquet", rows));
  const std::string a = read_bytes(folder_.path("lake/events/dt=2026-01-02/a.parquet"));
  EXPECT_FALSE(a.empty());
  EXPECT_TRUE(a == read_bytes(folder_.path("lake/events/dt=2026-01-02/b.parquet")));
}

TEST_F(DuckLakeTest, VerifyFindsFlippedBits) {
  const auto lake = open();
  const std::string file = "events/dt=2026-01-02/a.parquet";
  ASSERT_TRUE(lake->write_events(file, many(40)));
  const std::string path = folder_.path("lake/" + file);
  const std::string good = read_bytes(path);
  std::size_t unnoticed = 0;
  for (std::size_t i = 0; i < good.size(); i += 29) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    write_bytes(path, bad);
    auto verified = lake->verify(file);
    if (verified) {
      // Only bytes that say nothing of the rows may pass: statistics, names of encodings, the
      // writer.
      ++unnoticed;
      EXPECT_EQ(*verified, 40U) << "byte " << i;
    } else {
      EXPECT_EQ(verified.error().code, ErrorCode::corrupt) << verified.error().message;
    }
  }
  EXPECT_LT(unnoticed, good.size() / 29 / 2);
  write_bytes(path, good.substr(0, good.size() / 2));
  EXPECT_EQ(lake->verify(file).error().code, ErrorCode::corrupt);
  write_bytes(path, "");
  EXPECT_EQ(lake->verify(file).error().code, ErrorCode::corrupt);
  write_bytes(path, good);
  EXPECT_EQ(lake->verify(file).value(), 40U);
}

TEST_F(DuckLakeTest, MergeRefusesADamagedSource) {
  const auto lake = open();
  const std::string file = "events/dt=2026-01-02/a.parquet";
  ASSERT_TRUE(lake->write_events(file, many(1'000)));
  const std::string path = folder_.path("lake/" + file);
  write_bytes(path, read_bytes(path).substr(0, 3'000));
  auto merged = lake->merge(std::vector<std::string>{file}, "events/dt=2026-01-02/b.parquet");
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().code, ErrorCode::corrupt);
  EXPECT_EQ(lake->list().value(), std::vector<std::string>{file});
}

TEST_F(DuckLakeTest, ScansMoreThanItsMemory) {
  const auto lake = open(LakeOptions{.memory_bytes = 128ULL << 20});
  std::vector<std::string> files;
  std::uint64_t number = 0;
  for (int f = 0; f < 4; ++f) {
    std::vector<EventRow> rows = many(50'000);
    for (EventRow& row : rows) {
      row.event.message_id = MessageId(std::to_string(++number));
      row.event.properties = "{\"n\":" + std::to_string(number * 2654435761U) + ",\"pad\":\"" +
                             std::string(1'000, static_cast<char>('a' + number % 26)) + "\"}";
    }
    files.push_back("events/dt=2026-01-02/" + std::to_string(f) + ".parquet");
    auto written = lake->write_events(files.back(), rows);
    ASSERT_TRUE(written) << written.error().message;
  }
  std::uint64_t seen = 0;
  std::string last;
  auto scanned = lake->scan_events(files, std::nullopt, [&](std::span<const EventRow> rows) {
    seen += rows.size();
    for (const EventRow& row : rows) {
      EXPECT_LE(last, row.event.customer.str());
      last = row.event.customer.str();
    }
    return true;
  });
  ASSERT_TRUE(scanned) << scanned.error().message;
  EXPECT_EQ(seen, 200'000U);
  EXPECT_EQ(lake->list().value(), files) << "what is spilled is no file of the lake";
}

}  // namespace
}  // namespace tideline
