#include "adapters/duckdb/duck_query.h"

#include <gtest/gtest.h>

#include "adapters/duckdb/duck_lake.h"
#include "adapters/duckdb/parquet_writer.h"
#include "adapters/duckdb/result_format.h"
#include "adapters/duckdb/test_folder.h"
#include "ports/lake_contract.h"

namespace tideline {
namespace {

std::unique_ptr<DuckQuery> open(QueryOptions options = {}) {
  auto query = DuckQuery::open(std::move(options));
  EXPECT_TRUE(query) << query.error().message;
  return std::move(*query);
}

using Format = std::unique_ptr<ResultSink> (*)(TextOutput);

std::string run(DuckQuery& query, const std::string& sql, Format format) {
  std::string text;
  const auto sink = format([&](std::string_view piece) -> Status {
    text += piece;
    return {};
  });
  auto ran = query.run(sql, *sink);
  EXPECT_TRUE(ran) << ran.error().message;
  return text;
}

std::unique_ptr<ResultSink> table(TextOutput output) { return table_format(std::move(output)); }

TEST(DuckQuery, WritesCsvOfEveryType) {
  const auto query = open();
  EXPECT_EQ(run(*query,
                "SELECT true AS b, -7::TINYINT AS i, 9223372036854775807 AS big, "
                "sum(9223372036854775807) OVER () * 4 AS huge, 1.50::DECIMAL(9, 2) AS d, "
                "-0.05::DECIMAL(3, 2) AS small, 0.1::FLOAT AS f, 1e300 AS x, "
                "18446744073709551615::UBIGINT AS u, DATE '2026-01-02' AS day, "
                "[1, NULL, 3] AS list, {'a': 'x', 'b': 2} AS struct, "
                "INTERVAL 90 MINUTE AS span, 'ab'::BLOB AS bytes",
                csv_format),
            "b,i,big,huge,d,small,f,x,u,day,list,struct,span,bytes\n"
            "true,-7,9223372036854775807,36893488147419103228,1.50,-0.05,0.1,1e+300,"
            "18446744073709551615,2026-01-02,\"[1, NULL, 3]\",\"{'a': x, 'b': 2}\",01:30:00,ab\n");
}

TEST(DuckQuery, WritesTimesInUtcWithMilliseconds) {
  const auto query = open();
  EXPECT_EQ(run(*query,
                "SELECT TIMESTAMP '2026-01-02 03:04:05.006' AS ms, "
                "TIMESTAMP '2026-01-02 03:04:05.000007' AS us, "
                "TIMESTAMPTZ '2026-01-02 03:04:05+02:00' AS tz, "
                "TIMESTAMP '1969-12-31 23:59:59.999' AS old, "
                "TIMESTAMP_S '2026-01-02 03:04:05' AS s, TIMESTAMP 'infinity' AS never",
                csv_format),
            "ms,us,tz,old,s,never\n2026-01-02T03:04:05.006Z,2026-01-02T03:04:05.000007Z,"
            "2026-01-02T01:04:05.000Z,1969-12-31T23:59:59.999Z,2026-01-02T03:04:05.000Z,"
            "infinity\n");
}

TEST(DuckQuery, TellsNullFromEmptyAndHasNoNaN) {
  const auto query = open();
  const std::string sql =
      "SELECT NULL AS n, '' AS e, 'nan'::DOUBLE AS nan, '-inf'::DOUBLE AS inf, "
      "'a,\"b\"' || chr(10) AS q, chr(0) || 'x' AS z";
  EXPECT_EQ(run(*query, sql, csv_format),
            std::string("n,e,nan,inf,q,z\n,\"\",,,\"a,\"\"b\"\"\n\",\0x\n", 36));
  EXPECT_EQ(run(*query, sql, json_format),
            "[\n{\"n\":null,\"e\":\"\",\"nan\":null,\"inf\":null,\"q\":\"a,\\\"b\\\"\\n\","
            "\"z\":\"\\u0000x\"}\n]\n");
}

TEST(DuckQuery, WritesJsonNumbersAndNamesThatDiffer) {
  const auto query = open();
  EXPECT_EQ(run(*query,
                "SELECT 1 AS a, 2.5 AS a, sum(i) AS a_2, '{\"k\": 1}'::JSON AS j, "
                "true AS t, TIMESTAMP '2026-01-02' AS at FROM range(3) r(i)",
                json_format),
            "[\n{\"a\":1,\"a_2\":2.5,\"a_2_2\":3,\"j\":\"{\\\"k\\\": 1}\",\"t\":true,"
            "\"at\":\"2026-01-02T00:00:00.000Z\"}\n]\n");
  EXPECT_EQ(run(*query, "SELECT 1 AS a WHERE false", json_format), "[]\n");
}

TEST(DuckQuery, AlignsATableForReading) {
  const auto query = open();
  EXPECT_EQ(
      run(*query, "SELECT 'a' || chr(27) AS name, 12 AS n UNION ALL SELECT 'é', NULL", table),
      "name      n\n-----  ----\na\\x1b    12\né      NULL\n2 rows\n");
}

TEST(DuckQuery, StreamsMillionsOfRowsAndCastsThemBlockByBlock) {
  const auto query = open(QueryOptions{.memory_bytes = 64ULL << 20});
  class Sink final : public ResultSink {
   public:
    Status begin(std::span<const ResultColumn> columns) override {
      EXPECT_EQ(columns.size(), 2U);
      return {};
    }
    Result<bool> row(std::span<const Cell> cells) override {
      const std::int64_t n = std::get<std::int64_t>(cells[0]);
      ok = ok && n == static_cast<std::int64_t>(rows) &&
           std::get<std::string>(cells[1]) == "[" + std::to_string(n) + "]";
      ++rows;
      return rows < 300'000;
    }
    Status end() override { return {}; }
    std::uint64_t rows = 0;
    bool ok = true;
  } sink;
  auto ran = query->run("SELECT range AS n, [range] AS l FROM range(100000000)", sink);
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_EQ(sink.rows, 300'000U);
  EXPECT_TRUE(sink.ok);
  EXPECT_EQ(run(*query, "SELECT 1 AS a", csv_format), "a\n1\n") << "the connection goes on";
}

TEST(DuckQuery, EndsWhenInterrupted) {
  const auto query = open();
  class Sink final : public ResultSink {
   public:
    explicit Sink(DuckQuery& query) : query_(query) {}
    Status begin(std::span<const ResultColumn>) override { return {}; }
    Result<bool> row(std::span<const Cell>) override {
      query_.interrupt();
      return true;
    }
    Status end() override { return {}; }

   private:
    DuckQuery& query_;
  } sink(*query);
  auto ran = query->run("SELECT * FROM range(10000000000)", sink);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, ErrorCode::cancelled) << ran.error().message;
}

TEST(DuckQuery, SaysWhatIsWrong) {
  const auto query = open();
  for (const std::string sql :
       {"SELEC 1", "SELECT * FROM nowhere", "", "  -- nothing", "SELECT 1; SELECT 2"}) {
    auto ran = query_rows(*query, sql);
    ASSERT_FALSE(ran) << sql;
    EXPECT_EQ(ran.error().code, ErrorCode::invalid);
    EXPECT_FALSE(ran.error().message.empty());
  }
  EXPECT_TRUE(query_rows(*query, "-- front\nSELECT 1; -- back"));
}

class DuckQueryViews : public ::testing::Test {
 protected:
  static LakeView events_view(std::vector<std::string> files) {
    LakeView view;
    view.name = "events";
    view.columns = {{"customer_id"},
                    {"type"},
                    {"event"},
                    {"event_time", "TIMESTAMP"},
                    {"properties", "JSON"},
                    {"shard", "INTEGER"},
                    {"of_later", "DOUBLE"}};
    view.files = std::move(files);
    return view;
  }
  TestFolder folder_;
};

TEST_F(DuckQueryViews, ShowEventsOfTheLakeByteForByte) {
  auto lake = DuckLake::open(LakeOptions{folder_.path("lake [x]")});
  ASSERT_TRUE(lake);
  std::vector<EventRow> rows;
  for (const std::string& text : nasty_texts()) {
    rows.push_back(lake_event(text, static_cast<std::int64_t>(rows.size()), "m"));
    rows.back().event.name = text;
    rows.back().event.properties = R"({ "b":  1.50, "b":"\u0000" })";
  }
  const std::string file = "events/dt=2026-01-02/a.parquet";
  ASSERT_TRUE((*lake)->write_events(file, rows));
  QueryOptions options;
  options.views = {
      events_view({folder_.path("lake [x]/" + file)}),
      LakeView{.name = "customers", .select = "SELECT DISTINCT customer_id FROM events"}};
  options.other_files = false;
  const auto query = open(options);
  auto answer = query_rows(*query, "SELECT * FROM events ORDER BY event_time");
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->cells.size(), rows.size());
  EXPECT_EQ(answer->columns[6].name, "of_later");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(std::get<std::string>(answer->cells[i][0]), rows[i].event.customer.str());
    EXPECT_EQ(std::get<std::string>(answer->cells[i][2]), rows[i].event.name);
    EXPECT_EQ(std::get<Time>(answer->cells[i][3]), rows[i].event.event_time);
    EXPECT_EQ(std::get<std::string>(answer->cells[i][4]), rows[i].event.properties);
    EXPECT_EQ(answer->cells[i][6], Cell{});
  }
  auto count = query_rows(*query, "SELECT count(*) FROM customers");
  ASSERT_TRUE(count);
  EXPECT_EQ(std::get<std::int64_t>(count->cells[0][0]), std::ssize(rows));
  auto value = query_rows(*query, "SELECT properties->>'b' AS b FROM events LIMIT 1");
  ASSERT_TRUE(value) << value.error().message;
  auto outside = query_rows(*query, "SELECT * FROM read_csv('/etc/passwd')");
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().code, ErrorCode::refused) << outside.error().message;
  EXPECT_FALSE(query_rows(*query, "SET enable_external_access = true"));
}

TEST_F(DuckQueryViews, AreEmptyWithoutFilesAndUniteFilesOfSeveralShapes) {
  QueryOptions options;
  options.views = {events_view({})};
  EXPECT_EQ(run(*open(options), "SELECT * FROM events", csv_format),
            "customer_id,type,event,event_time,properties,shard,of_later\n");

  Rows old{{{"customer_id"}, {"sessions", ColumnType::integer}},
           {{std::string("a"), std::int64_t{1}}}};
  Rows now{{{"customer_id"}, {"rating", ColumnType::number}, {"sessions", ColumnType::number}},
           {{std::string("b"), 4.5, 2.0}}};
  ASSERT_TRUE(write_parquet(folder_.path("old.parquet"), old));
  ASSERT_TRUE(write_parquet(folder_.path("now.parquet"), now));
  options.views = {LakeView{.name = "features",
                            .columns = {{"customer_id"}, {"sessions", "DOUBLE"}},
                            .files = {folder_.path("old.parquet"), folder_.path("now.parquet")}}};
  EXPECT_EQ(run(*open(options), "SELECT * FROM features ORDER BY 1", csv_format),
            "customer_id,sessions,rating\na,1,\nb,2,4.5\n");
}

}  // namespace
}  // namespace tideline
