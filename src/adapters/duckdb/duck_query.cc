#include "adapters/duckdb/duck_query.h"

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/duck_values.h"
#include "adapters/duckdb/parquet_file.h"

namespace tideline {
namespace {

std::string empty_select(const std::vector<TableColumn>& columns) {
  std::string sql = "SELECT ";
  for (const TableColumn& column : columns) {
    if (&column != columns.data()) sql += ", ";
    sql += "CAST(NULL AS " + column.type + ") AS " + sql_name(column.name);
  }
  return sql + " WHERE false";
}

// The view's own columns first, cast to their types; what a file lacks is NULL; what it has more
// follows.
std::string select_of(const LakeView& view) {
  if (!view.select.empty()) return view.select;
  if (view.files.empty()) return empty_select(view.columns);
  if (view.columns.empty()) return "SELECT * " + from_parquet(view.files);
  std::string casts;
  for (const TableColumn& column : view.columns) {
    if (!casts.empty()) casts += ", ";
    casts +=
        "CAST(" + sql_name(column.name) + " AS " + column.type + ") AS " + sql_name(column.name);
  }
  std::vector<TableColumn> untyped = view.columns;
  for (TableColumn& column : untyped) column.type = "\"NULL\"";
  return "SELECT * REPLACE (" + casts + ") FROM (" + empty_select(untyped) +
         " UNION ALL BY NAME SELECT * " + from_parquet(view.files) + ")";
}

Status make_views(DuckConnection& connection, const std::vector<LakeView>& views) {
  for (const LakeView& view : views) {
    Status made =
        connection.execute("CREATE VIEW " + sql_name(view.name) + " AS " + select_of(view));
    if (!made) return fail(made.error().in("view " + view.name));
  }
  return {};
}

class RowsSink final : public ResultSink {
 public:
  Status begin(std::span<const ResultColumn> columns) override {
    rows_.columns.assign(columns.begin(), columns.end());
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    rows_.cells.emplace_back(cells.begin(), cells.end());
    return true;
  }
  Status end() override { return {}; }
  QueryRows rows_;
};

}  // namespace

struct DuckQuery::Impl {
  std::unique_ptr<DuckDatabase> database;
  std::unique_ptr<DuckConnection> connection;
};

DuckQuery::DuckQuery(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DuckQuery::~DuckQuery() = default;

Result<std::unique_ptr<DuckQuery>> DuckQuery::open(QueryOptions options) {
  DuckOptions duck;
  duck.threads = options.threads;
  duck.memory_bytes = options.memory_bytes;
  duck.temp_folder = options.temp_folder;
  if (!options.other_files) {
    duck.reach.emplace();
    for (const LakeView& view : options.views) {
      duck.reach->files.insert(duck.reach->files.end(), view.files.begin(), view.files.end());
    }
  }
  auto impl = std::make_unique<Impl>();
  TRY_ASSIGN(impl->database, DuckDatabase::open(duck));
  TRY_ASSIGN(impl->connection, impl->database->connect());
  TRY(make_views(*impl->connection, options.views));
  return std::unique_ptr<DuckQuery>(new DuckQuery(std::move(impl)));
}

Status DuckQuery::run(const std::string& sql, ResultSink& sink) {
  TRY(impl_->connection->check_single(sql));
  TRY_ASSIGN(DuckResult result, impl_->connection->stream(sql));
  TRY_ASSIGN(RowReader reader, RowReader::open(*impl_->database, result));
  TRY(sink.begin(reader.columns()));
  std::vector<Cell> cells;
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    if (!chunk) return sink.end();
    TRY(reader.start(*chunk));
    for (std::size_t i = 0; i < chunk->rows(); ++i) {
      reader.read(i, cells);
      TRY_ASSIGN(const bool more, sink.row(cells));
      if (!more) return sink.end();
    }
  }
}

void DuckQuery::interrupt() { impl_->connection->interrupt(); }

Result<QueryRows> query_rows(DuckQuery& query, const std::string& sql) {
  RowsSink sink;
  TRY(query.run(sql, sink));
  return std::move(sink.rows_);
}

}  // namespace tideline
