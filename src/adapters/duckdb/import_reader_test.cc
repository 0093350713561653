#include "adapters/duckdb/import_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "adapters/duckdb/duck_query.h"
#include "adapters/duckdb/parquet_writer.h"
#include "adapters/duckdb/test_files.h"
#include "adapters/duckdb/test_folder.h"

namespace tideline {
namespace {

Result<std::vector<ImportRow>> read_all(ImportRows& rows) {
  std::vector<ImportRow> all;
  std::vector<ImportRow> block;
  for (;;) {
    TRY_ASSIGN(const bool more, rows.next(block));
    if (!more) return all;
    EXPECT_LE(block.size(), 8'192U);
    all.insert(all.end(), block.begin(), block.end());
  }
}

class ImportReaderTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) {
    write_file(folder_.path(name), bytes);
    return folder_.path(name);
  }
  // Rows of these files; rejects in rejects_.
  std::vector<ImportRow> rows(ImportReaderOptions options) {
    options.temp_folder = folder_.path("tmp");
    auto reader = DuckImportRows::open(options);
    EXPECT_TRUE(reader) << reader.error().message;
    if (!reader) return {};
    rejects_ = (*reader)->rejects();
    total_ = (*reader)->total();
    auto all = read_all(**reader);
    EXPECT_TRUE(all) << all.error().message;
    return all ? *all : std::vector<ImportRow>{};
  }
  std::vector<ImportRow> rows(std::vector<std::string> files) {
    return rows(ImportReaderOptions{.files = std::move(files)});
  }
  Error error(ImportReaderOptions options) {
    options.temp_folder = folder_.path("tmp");
    auto reader = DuckImportRows::open(options);
    EXPECT_FALSE(reader);
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path("tmp")));
    return reader ? Error{} : reader.error();
  }
  Error error(std::vector<std::string> files) {
    return error(ImportReaderOptions{.files = std::move(files)});
  }
  static ImportRow row(std::string customer, std::string time, std::string event) {
    ImportRow row;
    row.customer = std::move(customer);
    row.time = parse_time(time);
    row.time_text = std::move(time);
    row.event = std::move(event);
    return row;
  }
  TestFolder folder_;
  std::vector<ImportReject> rejects_;
  std::uint64_t total_ = 0;
};

using ImportedRows = std::vector<ImportRow>;

TEST_F(ImportReaderTest, ReadsCsvOfEveryDelimiterPlainAndPacked) {
  const ImportedRows expected = {row("007", "2026-01-02T03:04:05Z", "Signed In"),
                                 row("b, c", "2026-01-03", "Order \"x\"\nCompleted")};
  for (const std::string delim : {",", ";", "\t", "|"}) {
    const std::string text = "\"event\"" + delim + "customer" + delim +
                             "time\r\n\"Order \"\"x\"\"\nCompleted\"" + delim + "\"b, c\"" +
                             delim + "2026-01-03\r\nSigned In" + delim + "007" + delim +
                             "2026-01-02T03:04:05Z\r\n";
    EXPECT_EQ(rows({file("a.csv", text)}), expected) << delim;
    EXPECT_EQ(rows({file("a.csv.gz", gzip(text))}), expected) << delim;
    EXPECT_EQ(rows({file("named wrongly.txt", zstd(text))}), expected) << delim;
    EXPECT_EQ(rows({file("bom.csv", "\xEF\xBB\xBF" + text)}), expected) << delim;
    EXPECT_EQ(total_, 2U);
    EXPECT_TRUE(rejects_.empty());
  }
}

TEST_F(ImportReaderTest, KeepsMissingCellsAndUnreadableTimes) {
  const ImportedRows all = rows({file("a.csv",
                                      "customer,time,event,type,id,received_at,properties\n"
                                      ",2026-01-01,e,track,i1,2026-01-02,\"{\"\"a\"\":1}\"\n"
                                      "c,when,e,,,soon,\n"
                                      "c,,\"\",identify,,,{}\n")});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].customer, std::nullopt);
  EXPECT_EQ(all[0].time, parse_time("2026-01-01"));
  EXPECT_EQ(all[0].type, "track");
  EXPECT_EQ(all[0].id, "i1");
  EXPECT_EQ(all[0].received_at, parse_time("2026-01-02"));
  EXPECT_EQ(all[0].properties, "{\"a\":1}");
  const ImportRow& unreadable = all[1].time_text.empty() ? all[2] : all[1];
  const ImportRow& missing = all[1].time_text.empty() ? all[1] : all[2];
  EXPECT_EQ(unreadable.time, std::nullopt);
  EXPECT_EQ(unreadable.time_text, "when");
  EXPECT_EQ(unreadable.received_at, std::nullopt);
  EXPECT_EQ(unreadable.received_at_text, "soon");
  EXPECT_EQ(unreadable.properties, std::nullopt);
  EXPECT_EQ(missing.time, std::nullopt);
  EXPECT_EQ(missing.event, std::nullopt) << "an empty cell is missing, quoted or not";
}

TEST_F(ImportReaderTest, EveryRecordIsARowOrAReject) {
  std::string text = "customer;time;event\n";
  for (int i = 0; i < 5'000; ++i) text += "c" + std::to_string(i) + ";2026-01-01;e\n";
  text += "short;2026-01-01\nlong;2026-01-01;e;x\nbytes;2026-01-01;\xff\n\"q\"x;2026-01-01;e\n";
  text += "last;2026-01-01;e";
  const std::string path = file("a.csv", text);
  const ImportedRows all = rows({path});
  EXPECT_EQ(all.size() + rejects_.size(), 5'005U);
  EXPECT_EQ(all.size(), total_);
  ASSERT_EQ(rejects_.size(), 4U);
  EXPECT_EQ(rejects_[0].record, 5'002U);
  EXPECT_EQ(rejects_[0].text, "short;2026-01-01");
  EXPECT_EQ(rejects_[0].file, path);
  EXPECT_NE(rejects_[0].reason.find("Expected Number of Columns: 3"), std::string::npos);
}

TEST_F(ImportReaderTest, ReadsParquetOfItsOwnTypes) {
  const std::string generated = folder_.path("events-000.parquet");
  {
    auto writer = GeneratedEventWriter::open({.path = generated});
    ASSERT_TRUE(writer);
    GeneratedEvent event;
    event.customer = "c1";
    event.time = time_from_millis(1'767'355'200'123);
    event.event = "Signed In";
    event.id = "m1";
    ASSERT_TRUE((*writer)->append(std::vector<GeneratedEvent>{event}));
    ASSERT_TRUE((*writer)->finish());
  }
  const std::string other = folder_.path("other.parquet");
  auto query = DuckQuery::open({});
  ASSERT_TRUE(query);
  ASSERT_TRUE(query_rows(**query,
                         "COPY (SELECT 42 AS customer, DATE '2026-01-01' AS time, "
                         "'x' AS event, {'n': 1.5, 's': 'q\"'} AS properties) TO '" +
                             other + "'"));
  const ImportedRows all = rows({generated, other});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].customer, "42");
  EXPECT_EQ(all[0].time, parse_time("2026-01-01"));
  EXPECT_EQ(all[0].properties, R"({"n":1.5,"s":"q\""})");
  EXPECT_EQ(all[1].customer, "c1");
  EXPECT_EQ(all[1].time, time_from_millis(1'767'355'200'123));
  EXPECT_EQ(all[1].time_text, "2026-01-02T12:00:00.123Z");
  EXPECT_EQ(all[1].id, "m1");
  EXPECT_EQ(all[1].received_at, std::nullopt);
  EXPECT_EQ(all[1].properties, "{}");
}

TEST_F(ImportReaderTest, SequenceDoesNotDependOnTheOrderOfFilesOrRows) {
  std::vector<std::string> lines;
  for (int i = 0; i < 20'000; ++i) {
    lines.push_back("c" + std::to_string(i % 50) + ",2026-01-" + std::to_string(10 + i % 7) +
                    "T00:00:00Z,e" + std::to_string(i % 3) + "\n");
  }
  const auto text = [&](std::size_t from, std::size_t to) {
    std::string all = "customer,time,event\n";
    for (std::size_t i = from; i < to; ++i) all += lines[i];
    return all;
  };
  const ImportedRows expected = rows({file("a.csv", text(0, 20'000))});
  ASSERT_EQ(expected.size(), 20'000U);
  EXPECT_TRUE(std::is_sorted(expected.begin(), expected.end(),
                             [](const auto& a, const auto& b) { return a.time < b.time; }));
  std::reverse(lines.begin(), lines.end());
  EXPECT_TRUE(rows({file("b.csv", text(9'000, 20'000)), file("a.csv", text(0, 9'000))}) ==
              expected);

  ImportReaderOptions rest{.files = {folder_.path("a.csv"), folder_.path("b.csv")},
                           .skip_rows = 12'345};
  EXPECT_TRUE(rows(rest) == ImportedRows(expected.begin() + 12'345, expected.end()));
  EXPECT_EQ(total_, 20'000U);
}

TEST_F(ImportReaderTest, CountsCopiesOfEqualRows) {
  const ImportedRows all = rows({file("a.csv",
                                      "customer,time,event\na,2026-01-01,e\nb,2026-01-01,e\n"
                                      "a,2026-01-01,e\na,2026-01-01,f\na,2026-01-01,e\n")});
  std::vector<std::uint64_t> copies;
  for (const ImportRow& one : all) copies.push_back(one.copy);
  EXPECT_EQ(copies, (std::vector<std::uint64_t>{0, 1, 2, 0, 0}));
}

TEST_F(ImportReaderTest, NamesWhatIsMissingOrUnknown) {
  const Error none = error({folder_.path("none.csv")});
  EXPECT_EQ(none.code, ErrorCode::not_found);
  EXPECT_NE(none.message.find("none.csv"), std::string::npos);
  EXPECT_NE(error({file("a.csv", "customer,when,event\n1,2,3\n")}).message.find("time"),
            std::string::npos);
  EXPECT_NE(error({file("b.csv", "customer,time,event,colour\n")}).message.find("colour"),
            std::string::npos);
  EXPECT_NE(error({file("c.csv", "")}).message.find("header"), std::string::npos);
  EXPECT_NE(error({file("d.json", "{\"userId\":1}\n")}).message.find("JSON lines"),
            std::string::npos);
  EXPECT_EQ(error({file("e.parquet", "PAR1 and then nothing")}).code, ErrorCode::invalid);
  EXPECT_EQ(error(std::vector<std::string>{}).code, ErrorCode::invalid);
  EXPECT_TRUE(rows({file("f.csv", "Customer,TIME,event\n")}).empty()) << "a header alone is fine";
}

FileTable csv_table(std::string name, std::vector<std::string> files) {
  FileTable table;
  table.name = std::move(name);
  table.files = std::move(files);
  return table;
}

TEST_F(ImportReaderTest, MapsTablesBySelect) {
  ImportReaderOptions options;
  options.tables = {
      csv_table("clicks", {file("clicks_1.csv.gz", gzip("student,day,clicks\n1,0,5\n1,2,\n")),
                           file("clicks_2.csv", "student,day,clicks\n2,1,7\n2,bad,7,7\n")}),
      csv_table("courses", {file("courses.csv", "code,start\nA,2013-10-01\n")}),
      csv_table("absent", {})};
  options.tables[2].columns = {{"n", "INTEGER"}};
  FileTable lines = csv_table("raw", {file("raw.txt", " head\r\n  17 x  \"y\r\n")});
  lines.format = TableFormat::lines;
  options.tables.push_back(lines);
  FileTable logs =
      csv_table("logs", {file("logs.json", "{\"u\":\"9\"}\n\n{broken\n{\"u\":\"8\"}")});
  logs.format = TableFormat::ndjson;
  logs.header = false;
  options.tables.push_back(logs);
  options.select = R"(
    -- clicks by day
    SELECT student AS customer,
           CAST(start AS TIMESTAMP) + to_days(CAST(day AS INTEGER)) + INTERVAL 12 HOUR AS time,
           'Learning Session' AS event,
           json_merge_patch('{}', json_object('clicks', TRY_CAST(clicks AS INTEGER))) AS properties
    FROM clicks, courses
    UNION ALL SELECT split_part(trim(line), ' ', 1), TIMESTAMP '2013-11-01', line, NULL FROM raw
    UNION ALL SELECT json->>'u', TIMESTAMP '2013-12-01', 'log', json FROM logs
    UNION ALL SELECT CAST(n AS VARCHAR), NULL, NULL, NULL FROM absent;  -- none)";
  const ImportedRows all = rows(options);
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all[0].time_text, "2013-10-01T12:00:00.000Z");
  EXPECT_EQ(all[0].properties, R"({"clicks":5})");
  EXPECT_EQ(all[1].customer, "2");
  EXPECT_EQ(all[2].properties, "{}");
  EXPECT_EQ(all[3].event, "  17 x  \"y");
  EXPECT_EQ(all[3].properties, std::nullopt);
  EXPECT_EQ(all[4].customer, "8");
  EXPECT_EQ(all[5].properties, "{\"u\":\"9\"}");
  ASSERT_EQ(rejects_.size(), 2U);
  EXPECT_EQ(rejects_[0].text, "2,bad,7,7");
  EXPECT_EQ(rejects_[1].text, "{broken");
  EXPECT_EQ(rejects_[1].record, 3U);
}

TEST_F(ImportReaderTest, MapsAreConfined) {
  ImportReaderOptions options;
  options.tables = {csv_table("t", {file("t.csv", "a,b\n1,2\n")})};
  const auto refused = [&](const std::string& select) {
    options.select = select;
    return error(options);
  };
  const std::string secret = file("secret.csv", "customer,time,event\n");
  EXPECT_EQ(refused("SELECT * FROM read_csv('" + secret + "')").code, ErrorCode::refused);
  EXPECT_EQ(refused("COPY t TO '" + folder_.path("out.csv") + "'").code, ErrorCode::invalid);
  EXPECT_EQ(refused("SELECT 1 AS customer; SELECT 2").code, ErrorCode::invalid);
  EXPECT_EQ(refused("SELECT a AS customer FROM nowhere").code, ErrorCode::invalid);
  EXPECT_NE(refused("SELECT a AS customer, b AS time FROM t").message.find("no column event"),
            std::string::npos);
  EXPECT_NE(refused("SELECT a AS customer, 5 AS time, b AS event FROM t").message.find("INTEGER"),
            std::string::npos);
  EXPECT_NE(refused("SELECT a AS customer, NULL AS time, b AS event, [1] AS properties FROM t")
                .message.find("properties"),
            std::string::npos);
}

TEST_F(ImportReaderTest, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  const Error stopped = error(ImportReaderOptions{
      .files = {file("a.csv", "customer,time,event\n")}, .stop = source.get_token()});
  EXPECT_EQ(stopped.code, ErrorCode::cancelled);

  std::string text = "customer,time,event\n";
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i) + ",2026-01-01,e\n";
  std::stop_source later;
  auto reader = DuckImportRows::open({.files = {file("b.csv", text)},
                                      .temp_folder = folder_.path("tmp"),
                                      .stop = later.get_token()});
  ASSERT_TRUE(reader);
  std::vector<ImportRow> block;
  ASSERT_TRUE((*reader)->next(block));
  later.request_stop();
  auto next = (*reader)->next(block);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace tideline
