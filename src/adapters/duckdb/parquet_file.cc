#include "adapters/duckdb/parquet_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/fault.h"

namespace tideline {
namespace {

// Keys of the file's metadata. The hash is DuckDB's, so it is compared only under the same DuckDB.
constexpr std::string_view kRowsKey = "tideline_rows";
constexpr std::string_view kContentKey = "tideline_content";
// A reader holds a column of a row group whole, one a thread.
constexpr std::uint64_t kRowGroupBytes = 16ULL << 20;
constexpr std::uint64_t kRowGroupRowsMin = 2'048;

Error system_error(std::string_view doing, const std::string& path) {
  const int number = errno;
  return Error{number == ENOSPC ? ErrorCode::disk_full : ErrorCode::io_failed,
               std::string(doing) + " " + path + ": " + std::strerror(number),
               {}};
}

// Number of rows and sum of their hashes: the same for any order, and sums of parts add up.
struct Content {
  std::string rows;
  std::string sum;
  bool operator==(const Content&) const = default;
};

Result<Content> content_of(DuckConnection& connection, const std::string& from) {
  TRY_ASSIGN(DuckResult result,
             connection.stream("SELECT CAST(count(*) AS VARCHAR), version() || ' ' || "
                               "CAST(coalesce(sum(hash(*COLUMNS(*))), 0) AS VARCHAR) " +
                               from));
  TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
  if (!chunk) return fail(ErrorCode::internal, "DuckDB counts no rows");
  return Content{std::string(DuckColumn(chunk->vector(0)).text(0)),
                 std::string(DuckColumn(chunk->vector(1)).text(0))};
}

// What the file says of itself; empty texts where it says nothing.
Result<Content> stated_content(DuckConnection& connection, const std::string& path) {
  const std::vector<std::string> paths = {path};
  TRY_ASSIGN(DuckResult result,
             connection.stream("SELECT decode(key), decode(value) FROM parquet_kv_metadata(" +
                               sql_files(paths) + ")"));
  Content stated;
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    if (!chunk) return stated;
    const DuckColumn keys(chunk->vector(0));
    const DuckColumn values(chunk->vector(1));
    for (std::size_t i = 0; i < chunk->rows(); ++i) {
      if (keys.text(i) == kRowsKey) stated.rows = values.text(i);
      if (keys.text(i) == kContentKey) stated.sum = values.text(i);
    }
  }
}

std::string_view version_of(std::string_view sum) { return sum.substr(0, sum.find(' ')); }

Status replace_file(const std::string& temporary, const ParquetCopy& copy) {
  TRY(sync_path(temporary));
  fault::crash_point("archive.before_rename");
  if (std::rename(temporary.c_str(), copy.path.c_str()) != 0) {
    return fail(system_error("cannot rename to", copy.path));
  }
  fault::crash_point("archive.after_rename");
  const std::string folder = std::filesystem::path(copy.path).parent_path().string();
  return sync_path(folder.empty() ? "." : folder);
}

Status wrong_cell(const Column& column) {
  return fail(ErrorCode::invalid, "column " + column.name + ": a value is not of its type");
}

Status append_cell(DuckAppender& appender, std::size_t i, const Column& column, const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) {
    appender.set_null(i);
    return {};
  }
  switch (column.type) {
    case ColumnType::text: {
      const auto* text = std::get_if<std::string>(&cell);
      if (text == nullptr) return wrong_cell(column);
      if (!is_utf8(*text)) {
        appender.set_text(i, as_utf8(*text));
        return {};
      }
      appender.set_text(i, *text);
      return {};
    }
    case ColumnType::number: {
      const auto* number = std::get_if<double>(&cell);
      const auto* integer = std::get_if<std::int64_t>(&cell);
      if (number == nullptr && integer == nullptr) return wrong_cell(column);
      const double value = number != nullptr ? *number : static_cast<double>(*integer);
      if (std::isfinite(value)) {
        appender.set_double(i, value);
      } else {
        appender.set_null(i);
      }
      return {};
    }
    case ColumnType::integer: {
      const auto* integer = std::get_if<std::int64_t>(&cell);
      if (integer == nullptr) return wrong_cell(column);
      appender.set_int64(i, *integer);
      return {};
    }
    case ColumnType::time: {
      const auto* time = std::get_if<Time>(&cell);
      if (time == nullptr) return wrong_cell(column);
      appender.set_time(i, *time);
      return {};
    }
    case ColumnType::boolean: {
      const auto* boolean = std::get_if<bool>(&cell);
      if (boolean == nullptr) return wrong_cell(column);
      appender.set_bool(i, *boolean);
      return {};
    }
  }
  return wrong_cell(column);
}

}  // namespace

Status copy_to_parquet(DuckConnection& connection, const ParquetCopy& copy) {
  TRY_ASSIGN(const Content content, content_of(connection, "FROM (" + copy.select + ")"));
  const std::string temporary = copy.path + ".tmp";
  const std::uint64_t group_rows = std::min<std::uint64_t>(
      copy.row_group_rows,
      std::max(kRowGroupRowsMin, kRowGroupBytes / std::max<std::uint64_t>(1, copy.bytes_per_row)));
  const std::string sql =
      "COPY (" + copy.select + copy.order + ") TO " + sql_text(temporary) +
      " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, ROW_GROUP_SIZE " +
      std::to_string(group_rows) + ", KV_METADATA {" + std::string(kRowsKey) + ": " +
      sql_text(content.rows) + ", " + std::string(kContentKey) + ": " + sql_text(content.sum) +
      "})";
  Status written = connection.execute(sql);
  if (written) written = replace_file(temporary, copy);
  if (written) return {};
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  return fail(written.error().in(copy.path));
}

Result<std::uint64_t> check_parquet(DuckConnection& connection, const std::string& path) {
  const auto corrupt = [&](const std::string& why) {
    return fail(ErrorCode::corrupt, path + " is damaged: " + why);
  };
  const auto read_failure = [&](const Error& error) -> tl::unexpected<Error> {
    const bool of_content =
        error.code == ErrorCode::invalid || error.code == ErrorCode::internal ||
        error.code == ErrorCode::io_failed || error.code == ErrorCode::overloaded;
    if (of_content) return corrupt(error.message);
    return fail(error.in(path));
  };
  const Result<Content> stated = stated_content(connection, path);
  if (!stated) return read_failure(stated.error());
  const std::vector<std::string> paths = {path};
  const Result<Content> found = content_of(connection, from_parquet(paths));
  if (!found) return read_failure(found.error());
  if (!stated->rows.empty() && stated->rows != found->rows) {
    return corrupt("it holds " + found->rows + " rows of " + stated->rows);
  }
  if (version_of(stated->sum) == version_of(found->sum) && stated->sum != found->sum) {
    return corrupt("its rows are not those that were written");
  }
  std::uint64_t rows = 0;
  std::from_chars(found->rows.data(), found->rows.data() + found->rows.size(), rows);
  return rows;
}

Result<ParquetSize> size_of(DuckConnection& connection, std::span<const std::string> paths) {
  TRY_ASSIGN(DuckResult result,
             connection.stream(
                 "SELECT CAST(coalesce(sum(total_uncompressed_size), 0) AS BIGINT), "
                 "CAST(coalesce(sum(row_group_num_rows) FILTER (column_id = 0), 0) AS BIGINT) "
                 "FROM parquet_metadata(" +
                 sql_files(paths) + ")"));
  TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
  if (!chunk) return ParquetSize{};
  return ParquetSize{DuckColumn(chunk->vector(1)).at<std::uint64_t>(0),
                     DuckColumn(chunk->vector(0)).at<std::uint64_t>(0)};
}

std::string from_parquet(std::span<const std::string> paths, Schema schema) {
  // Folders are named dt=..., which DuckDB would otherwise make a column of.
  const bool unite = schema == Schema::of_all && paths.size() > 1;
  return "FROM read_parquet(" + sql_files(paths) +
         ", hive_partitioning = false, union_by_name = " + (unite ? "true" : "false") + ")";
}

Status make_folders(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return {};
  const fs::path parent = fs::path(folder).parent_path();
  TRY(make_folders(parent.string()));
  // Another thread may make it at the same moment.
  if (!fs::create_directory(folder, error) && error) {
    return fail(ErrorCode::io_failed, "cannot make folder " + folder + ": " + error.message());
  }
  return sync_path(parent.empty() ? "." : parent.string());
}

Status sync_path(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(system_error("cannot open", path));
  const int synced = ::fsync(fd);
  if (synced != 0) {
    Error error = system_error("cannot sync", path);
    ::close(fd);
    return fail(std::move(error));
  }
  ::close(fd);
  return {};
}

std::string_view sql_type(ColumnType type) {
  switch (type) {
    case ColumnType::text: return "VARCHAR";
    case ColumnType::number: return "DOUBLE";
    case ColumnType::integer: return "BIGINT";
    case ColumnType::time: return "TIMESTAMP";
    case ColumnType::boolean: return "BOOLEAN";
  }
  return "VARCHAR";
}

Status make_table(DuckConnection& connection, const std::string& name,
                  std::span<const Column> columns) {
  std::string sql = "CREATE TEMP TABLE " + sql_name(name) + " (";
  for (const Column& column : columns) {
    if (&column != columns.data()) sql += ", ";
    sql += sql_name(column.name) + " " + std::string(sql_type(column.type));
  }
  return connection.execute(sql + ")");
}

Status append_cells(DuckAppender& appender, std::span<const Column> columns,
                    std::span<const Cell> cells) {
  if (cells.size() != columns.size()) {
    return fail(ErrorCode::invalid, "a row has another width than the columns");
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    TRY(append_cell(appender, i, columns[i], cells[i]));
  }
  return appender.end_row();
}

}  // namespace tideline
