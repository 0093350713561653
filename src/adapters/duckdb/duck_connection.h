// DuckDatabase, DuckConnection, DuckResult, DuckAppender: DuckDB's C API with owners and Results.
//
// A DuckDatabase is thread-safe. A DuckConnection and what comes from it belong to one thread at a
// time, but for interrupt(). Everything made from a connection must be gone before it; connections
// before the database. Included by this folder's .cc files only.
#pragma once

#include <duckdb.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/sql_words.h"
#include "base/time.h"

namespace tideline {

// Owner of one handle of the C API.
template <class Handle, void (*destroy)(Handle*)>
class DuckHandle {
 public:
  DuckHandle() = default;
  explicit DuckHandle(Handle handle) : handle_(handle) {}
  ~DuckHandle() { reset(); }
  DuckHandle(DuckHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  DuckHandle& operator=(DuckHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  [[nodiscard]] Handle get() const { return handle_; }
  [[nodiscard]] Handle* out() {
    reset();
    return &handle_;
  }
  void reset() {
    if (handle_ != nullptr) destroy(&handle_);
    handle_ = nullptr;
  }

 private:
  Handle handle_ = nullptr;
};
using DuckLogicalType = DuckHandle<duckdb_logical_type, duckdb_destroy_logical_type>;

// A block of at most duckdb_vector_size() rows.
class DuckChunk {
 public:
  DuckChunk() = default;
  explicit DuckChunk(duckdb_data_chunk chunk) : chunk_(chunk) {}
  [[nodiscard]] duckdb_data_chunk get() const { return chunk_.get(); }
  [[nodiscard]] std::size_t rows() const { return duckdb_data_chunk_get_size(get()); }
  [[nodiscard]] duckdb_vector vector(std::size_t column) const {
    return duckdb_data_chunk_get_vector(get(), column);
  }

 private:
  DuckHandle<duckdb_data_chunk, duckdb_destroy_data_chunk> chunk_;
};

// One column of a chunk for reading; valid as long as the chunk.
class DuckColumn {
 public:
  explicit DuckColumn(duckdb_vector vector)
      : values_(duckdb_vector_get_data(vector)), validity_(duckdb_vector_get_validity(vector)) {}
  [[nodiscard]] bool null(std::size_t row) const {
    return validity_ != nullptr && ((validity_[row / 64] >> (row % 64)) & 1) == 0;
  }
  template <class T>
  [[nodiscard]] const T& at(std::size_t row) const {
    return static_cast<const T*>(values_)[row];
  }
  [[nodiscard]] std::string_view text(std::size_t row) const {
    const auto& s = at<duckdb_string_t>(row);
    const std::uint32_t length = s.value.inlined.length;
    return {length <= 12 ? s.value.inlined.inlined : s.value.pointer.ptr, length};
  }
  // Of a TIMESTAMP: microseconds floored to our milliseconds.
  [[nodiscard]] Time time(std::size_t row) const;

 private:
  const void* values_;
  const std::uint64_t* validity_;
};

// An answer, fetched block by block; rows are computed as they are fetched where the query allows.
class DuckResult {
 public:
  DuckResult() : result_() {}
  explicit DuckResult(duckdb_result result) : result_(result), owned_(true) {}
  ~DuckResult() { reset(); }
  DuckResult(DuckResult&& other) noexcept
      : result_(other.result_), owned_(std::exchange(other.owned_, false)) {}
  DuckResult& operator=(DuckResult&& other) noexcept;

  [[nodiscard]] std::size_t columns() { return duckdb_column_count(&result_); }
  [[nodiscard]] std::string name(std::size_t column);
  [[nodiscard]] duckdb_type type(std::size_t column) {
    return duckdb_column_type(&result_, column);
  }
  [[nodiscard]] DuckLogicalType logical_type(std::size_t column) {
    return DuckLogicalType(duckdb_column_logical_type(&result_, column));
  }
  // nullopt at the end.
  [[nodiscard]] Result<std::optional<DuckChunk>> next();

 private:
  void reset();
  duckdb_result result_;
  bool owned_ = false;
};

using DuckPrepared = DuckHandle<duckdb_prepared_statement, duckdb_destroy_prepare>;

class DuckConnection {
 public:
  explicit DuckConnection(duckdb_connection connection) : connection_(connection) {}

  // Runs statements for their effect. Errors carry DuckDB's words.
  Status execute(const std::string& sql);
  // invalid unless the text is one statement that DuckDB can parse. (It would run several.)
  Status check_single(const std::string& sql);
  [[nodiscard]] Result<DuckPrepared> prepare(const std::string& sql);
  // Runs one statement and streams its answer.
  [[nodiscard]] Result<DuckResult> stream(const DuckPrepared& prepared);
  [[nodiscard]] Result<DuckResult> stream(const std::string& sql);
  // The first cell of a one-row answer, as text; nullopt for NULL or no row.
  [[nodiscard]] Result<std::optional<std::string>> value(const std::string& sql);
  // Ends the running statement with `cancelled`. Thread-safe.
  void interrupt() { duckdb_interrupt(connection_.get()); }
  [[nodiscard]] duckdb_connection get() const { return connection_.get(); }

 private:
  DuckHandle<duckdb_connection, duckdb_disconnect> connection_;
};

struct DuckOptions {
  std::string path;  // of the database; empty: in memory
  unsigned threads = 2;
  std::uint64_t memory_bytes = 512ULL << 20;
  std::string temp_folder;  // where it spills; empty: it never spills
  // Where files may be read and written, whole folders (ending in /) or single files; nullopt:
  // everywhere.
  struct Reach {
    std::vector<std::string> folders;
    std::vector<std::string> files;
  };
  std::optional<Reach> reach;
};

// Statements that close everything but these files and folders, and every setting, for good.
[[nodiscard]] std::string reach_settings(const DuckOptions::Reach& reach);

// UTC, no extension loaded or fetched beside those built in, no secrets, no settings changed later
// by SQL when the reach is limited.
class DuckDatabase {
 public:
  [[nodiscard]] static Result<std::unique_ptr<DuckDatabase>> open(const DuckOptions& options);
  explicit DuckDatabase(duckdb_database database) : database_(database) {}
  [[nodiscard]] Result<std::unique_ptr<DuckConnection>> connect();

 private:
  DuckHandle<duckdb_database, duckdb_close> database_;
};

// Rows on their way into a table, column by column into blocks.
class DuckAppender {
 public:
  [[nodiscard]] static Result<DuckAppender> open(DuckConnection& connection,
                                                 const std::string& table);
  DuckAppender(DuckAppender&&) = default;
  DuckAppender& operator=(DuckAppender&&) = default;

  // Values of the current row; each of its columns is set once. `text` is valid UTF-8.
  void set_text(std::size_t column, std::string_view text);
  void set_int64(std::size_t column, std::int64_t value) { slot<std::int64_t>(column) = value; }
  void set_int32(std::size_t column, std::int32_t value) { slot<std::int32_t>(column) = value; }
  void set_double(std::size_t column, double value) { slot<double>(column) = value; }
  void set_bool(std::size_t column, bool value) { slot<bool>(column) = value; }
  // Into a TIMESTAMP.
  void set_time(std::size_t column, Time value) { set_int64(column, millis(value) * 1'000); }
  void set_null(std::size_t column);
  // Ends the row; full blocks go to the table.
  Status end_row();
  [[nodiscard]] std::uint64_t bytes_per_row() const { return bytes_ / std::max(rows_, 1UL); }
  // Sends what is left. The appender is done.
  Status close();

 private:
  template <class T>
  T& slot(std::size_t column) {
    bytes_ += sizeof(T);
    return static_cast<T*>(values_[column])[row_];
  }
  explicit DuckAppender(duckdb_appender appender) : appender_(appender) {}
  static void destroy(duckdb_appender* appender) { duckdb_appender_destroy(appender); }
  Status start_chunk();
  Status send_chunk();

  DuckHandle<duckdb_appender, destroy> appender_;
  std::vector<DuckLogicalType> types_;
  DuckChunk chunk_;
  std::vector<void*> values_;
  std::size_t row_ = 0;  // in the chunk
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;
};

// ['a', 'b'] of paths, for read_parquet and read_csv: characters of patterns stand for themselves.
[[nodiscard]] std::string sql_files(std::span<const std::string> paths);

// An error of DuckDB as one of ours; without a type it is told by the first words of the message.
[[nodiscard]] Error duck_error(duckdb_error_type type, std::string_view message);
[[nodiscard]] Error duck_error(const char* message);

}  // namespace tideline
