#include "adapters/duckdb/parquet_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "adapters/duckdb/duck_query.h"
#include "adapters/duckdb/test_folder.h"

namespace tideline {
namespace {

std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

QueryRows read_back(const std::string& path, const std::string& select = "*") {
  auto query = DuckQuery::open({});
  EXPECT_TRUE(query);
  auto rows = query_rows(**query, "SELECT " + select + " FROM read_parquet('" + path + "')");
  EXPECT_TRUE(rows) << rows.error().message;
  return std::move(*rows);
}

TEST(ParquetWriter, WritesEveryTypeAndNulls) {
  const TestFolder folder;
  const std::string path = folder.path("a.parquet");
  const Rows rows{{{"t", ColumnType::text},
                   {"n", ColumnType::number},
                   {"i", ColumnType::integer},
                   {"at", ColumnType::time},
                   {"b", ColumnType::boolean}},
                  {{std::string("a\0b", 3), 0.1, std::int64_t{-1}, time_from_millis(1'500), true},
                   {Cell{}, std::numeric_limits<double>::infinity(), Cell{}, Cell{}, Cell{}},
                   {std::string(), std::int64_t{3}, Cell{}, Cell{}, false}}};
  ASSERT_TRUE(write_parquet(path, rows));
  std::vector<std::vector<Cell>> expected = rows.cells;
  expected[1][1] = Cell{};
  expected[2][1] = 3.0;
  EXPECT_EQ(read_back(path).cells, expected);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path("")), {}), 1)
      << "nothing is left beside the file";
}

TEST(ParquetWriter, RefusesWhatDoesNotFit) {
  const TestFolder folder;
  const std::string path = folder.path("a.parquet");
  const std::vector<Column> columns = {{"n", ColumnType::integer}};
  for (const Cell& cell : {Cell(std::string("7")), Cell(1.5), Cell(true)}) {
    auto written = write_parquet(path, Rows{columns, {{cell}}});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::invalid);
  }
  EXPECT_FALSE(write_parquet(folder.path("none/a.parquet"), Rows{columns, {}}));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("")));
}

TEST(GeneratedEventWriter, EqualEventsGiveEqualBytesAndKeepTheirOrder) {
  const TestFolder folder;
  for (const char* name : {"a.parquet", "b.parquet"}) {
    auto writer = GeneratedEventWriter::open({.path = folder.path(name), .row_group_rows = 4'096});
    ASSERT_TRUE(writer) << writer.error().message;
    std::vector<GeneratedEvent> block;
    for (int i = 0; i < 20'000; ++i) {
      GeneratedEvent event;
      event.customer = "c" + std::to_string(i * 31 % 997);
      event.time = time_from_millis(1'767'355'200'000 + i * 977);
      event.event = i % 3 == 0 ? "Session Booked" : "Signed In";
      event.id = "e" + std::to_string(i);
      if (i % 2 == 0) event.received_at = event.time + kSecond;
      event.properties = "{\"n\":" + std::to_string(i) + "}";
      block.push_back(std::move(event));
      if (block.size() == 777) {
        ASSERT_TRUE((*writer)->append(block));
        block.clear();
      }
    }
    ASSERT_TRUE((*writer)->append(block));
    EXPECT_EQ((*writer)->rows(), 20'000U);
    ASSERT_TRUE((*writer)->finish());
  }
  EXPECT_TRUE(read_bytes(folder.path("a.parquet")) == read_bytes(folder.path("b.parquet")));
  const QueryRows rows = read_back(folder.path("a.parquet"));
  ASSERT_EQ(rows.cells.size(), 20'000U);
  EXPECT_EQ(rows.columns[5].name, "received_at");
  for (std::size_t i = 0; i < rows.cells.size(); ++i) {
    ASSERT_EQ(rows.cells[i][4], Cell("e" + std::to_string(i)));
  }
  EXPECT_EQ(rows.cells[1][5], Cell{});
}

TEST(GeneratedEventWriter, LeavesNothingWithoutFinish) {
  const TestFolder folder;
  {
    auto writer = GeneratedEventWriter::open({.path = folder.path("a.parquet")});
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->append(std::vector<GeneratedEvent>(3)));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("")));
}

}  // namespace
}  // namespace tideline
