#include "adapters/duckdb/table_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "adapters/duckdb/parquet_writer.h"
#include "adapters/duckdb/test_files.h"
#include "adapters/duckdb/test_folder.h"

namespace tideline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TableReaderTest : public ::testing::Test {
 protected:
  CustomerTable table(const std::string& bytes, const std::string& name = "table.csv") {
    write_file(folder_.path(name), bytes);
    auto table = read_customer_table({.file = folder_.path(name)});
    EXPECT_TRUE(table) << table.error().message;
    return table ? std::move(*table) : CustomerTable{};
  }
  std::string problem(const std::string& bytes) {
    write_file(folder_.path("table.csv"), bytes);
    const auto table = read_customer_table({.file = folder_.path("table.csv")});
    EXPECT_FALSE(table);
    return table ? std::string() : table.error().message;
  }
  TestFolder folder_;
};

TEST_F(TableReaderTest, EveryDelimiterIsFound) {
  for (const std::string delim : {",", ";", "\t", "|"}) {
    const auto found = table("id" + delim + "city" + delim + "sum\n7" + delim + "Ghent" + delim +
                             "1\n8" + delim + "Lille" + delim + "2\n");
    EXPECT_THAT(found.names(), ElementsAre("id", "city", "sum")) << delim;
    EXPECT_EQ(found.rows, 2U);
    EXPECT_EQ(found.columns[1].text_at(1), "Lille");
  }
  // Decimal commas outnumber nothing: every line has as many semicolons as the header.
  const auto found = table("a;b\n1,5;2,5\n3,5;4,5\n");
  EXPECT_THAT(found.names(), ElementsAre("a", "b"));
  EXPECT_EQ(found.columns[1].text_at(0), "2,5");
}

TEST_F(TableReaderTest, MarkQuotesAndBlanksAreUnderstood) {
  const auto found =
      table("\xEF\xBB\xBFname, \"note, long\" ,\r\n\"O\"\"Neil\",\"a,\nb\",1\r\nNg,,\r\n");
  EXPECT_THAT(found.names(), ElementsAre("name", "note, long", "column 3"));
  EXPECT_EQ(found.columns[0].text_at(0), "O\"Neil");
  EXPECT_EQ(found.columns[1].text_at(0), "a,\nb");
  EXPECT_EQ(found.columns[1].text_at(1), "");
  EXPECT_EQ(found.columns[2].text_at(0), "1");
}

TEST_F(TableReaderTest, CompressedTables) {
  const std::string text = "a,b\n1,x\n2,y\n";
  EXPECT_EQ(table(gzip(text), "t.csv.gz").columns[1].text_at(1), "y");
  EXPECT_EQ(table(zstd(text), "t.csv.zst").columns[1].text_at(1), "y");
}

TEST_F(TableReaderTest, RowsKeepTheirOrder) {
  std::string text = "n,word\n";
  for (int i = 0; i < 30'000; ++i) text += std::to_string(i) + ",w\n";
  const auto found = table(text);
  ASSERT_EQ(found.rows, 30'000U);
  for (std::size_t r = 0; r < found.rows; r += 997)
    EXPECT_EQ(found.columns[0].text_at(r), std::to_string(r));
}

TEST_F(TableReaderTest, RefusesWhatIsNoTable) {
  EXPECT_THAT(problem(""), HasSubstr("empty"));
  EXPECT_THAT(problem("a,b,A\n1,2,3\n"), HasSubstr("two columns are called \"a\""));
  EXPECT_THAT(problem("1,2,3\n4,5,6\n"), HasSubstr("must name the columns"));
  EXPECT_THAT(problem("a,b\n1,2\n1,2,3\n"), HasSubstr("line 3"));
  EXPECT_THAT(problem("a,b\n1,\xff\xfe\n"), HasSubstr("line 2"));
  EXPECT_THAT(problem("{\"a\":1}\n"), HasSubstr("JSON"));
  const auto absent = read_customer_table({.file = folder_.path("absent.csv")});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::not_found);
}

TEST_F(TableReaderTest, HeaderAloneIsATableWithoutRows) {
  const auto found = table("a,b\n");
  EXPECT_EQ(found.rows, 0U);
  EXPECT_THAT(found.names(), ElementsAre("a", "b"));
}

TEST_F(TableReaderTest, ParquetKeepsItsTypesAndIdsTheirDigits) {
  Rows rows;
  rows.columns = {{"id", ColumnType::integer},
                  {"sum", ColumnType::number},
                  {"vip", ColumnType::boolean},
                  {"seen", ColumnType::time},
                  {"city", ColumnType::text}};
  rows.cells = {
      {std::int64_t{9'007'199'254'740'993}, 1.5, true, Time(kDay * 3 / 2), std::string("Ghent")},
      {std::int64_t{2}, Cell(), Cell(), Cell(), Cell()}};
  const std::string file = folder_.path("t.parquet");
  ASSERT_TRUE(write_parquet(file, rows));
  const auto found = read_customer_table({.file = file, .as_text = {"id"}});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->find("id")->text_at(0), "9007199254740993");
  EXPECT_EQ(found->find("sum")->numbers[0], 1.5);
  EXPECT_TRUE(std::isnan(found->find("sum")->numbers[1]));
  EXPECT_EQ(found->find("vip")->text_at(0), "true");
  EXPECT_EQ(found->find("seen")->numbers[0], 1.5);
  EXPECT_EQ(found->find("seen")->text_at(0), "1970-01-02T12:00:00Z");
  EXPECT_EQ(found->find("city")->text_at(0), "Ghent");
  EXPECT_EQ(found->find("city")->text_at(1), "");
}

}  // namespace
}  // namespace tideline
