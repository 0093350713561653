// DuckQuery: SQL over the lake's files as views, answers streamed to a sink. What `tideline sql`
// runs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file_table.h"
#include "ports/lake.h"

namespace tideline {

class DuckConnection;

// A view over Parquet files, or over other views.
struct LakeView {
  std::string name;
  // Columns that the view has whatever the files hold, first and in this order: one that a file
  // lacks is NULL there, its values are cast to the type given (SQL's name, "JSON" too). Further
  // columns of the files follow in the files' order.
  std::vector<TableColumn> columns;
  std::vector<std::string> files;  // paths; none: the view is empty
  std::string select;              // instead of files: SQL over the views before it in the list
};

// How a column's values reach the sink.
enum class ResultKind : std::uint8_t {
  text,     // std::string
  number,   // double, finite
  integer,  // std::int64_t
  exact,    // std::string with a decimal number: what fits neither (HUGEINT, DECIMAL, ...)
  time,     // Time; a time finer than a millisecond or outside 0000 to 9999 comes as std::string
  boolean,  // bool
};

struct ResultColumn {
  std::string name;
  ResultKind kind = ResultKind::text;
  std::string type = "VARCHAR";  // SQL's name
};

// Receives an answer. An error that it returns ends the query with that error.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual Status begin(std::span<const ResultColumn> columns) = 0;
  // NULL, NaN and infinities are std::monostate. `cells` is valid during the call. Return false to
  // stop.
  virtual Result<bool> row(std::span<const Cell> cells) = 0;
  virtual Status end() = 0;
};

struct QueryOptions {
  std::vector<LakeView> views;
  unsigned threads = 2;
  std::uint64_t memory_bytes = 1ULL << 30;
  std::string temp_folder;  // for sorting beyond memory; empty: none, such a query fails
  bool other_files = true;  // false: a query can read nothing but the views' files
};

struct QueryRunOptions {
  std::span<const Cell> parameters = {};  // of ?, or $1, $2, ...
  // Refused (select_only) unless it is a SELECT, or EXPLAIN, DESCRIBE, SHOW or SUMMARIZE of one.
  bool select_only = false;
};

// Not thread-safe, but for interrupt().
class DuckQuery {
 public:
  [[nodiscard]] static Result<std::unique_ptr<DuckQuery>> open(QueryOptions options);
  ~DuckQuery();
  DuckQuery(const DuckQuery&) = delete;
  DuckQuery& operator=(const DuckQuery&) = delete;

  // Runs one statement. invalid carries DuckDB's own words; cancelled after interrupt(). Temporary
  // tables and views made by one run are there in the next.
  Status run(const std::string& sql, ResultSink& sink, const QueryRunOptions& options = {});
  // The names of tables and views that a statement reads; nothing of it is run. Fails where it
  // cannot be parsed.
  [[nodiscard]] Result<std::vector<std::string>> tables_of(const std::string& sql);
  // More views; one of the same name takes the place of the old one.
  Status add_views(const std::vector<LakeView>& views);
  // From now on queries read these files alone, and no setting can be changed.
  Status close_reach(const std::vector<std::string>& files);
  // Ends the running query. Thread-safe.
  void interrupt();
  // For this folder alone.
  [[nodiscard]] DuckConnection& connection();

 private:
  struct Impl;
  explicit DuckQuery(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// An answer as rows in memory, for tests and small queries. Times finer than a millisecond are
// floored.
struct QueryRows {
  std::vector<ResultColumn> columns;
  std::vector<std::vector<Cell>> cells;  // [row][column]
};
[[nodiscard]] Result<QueryRows> query_rows(DuckQuery& query, const std::string& sql);

}  // namespace tideline
