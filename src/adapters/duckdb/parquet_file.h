// One Parquet file: written from a SELECT under a temporary name, synced and renamed; checked
// again later. Used by DuckLake and ParquetWriter.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "adapters/duckdb/duck_connection.h"
#include "ports/lake.h"

namespace tideline {

struct ParquetCopy {
  std::string select;  // the rows, in the order in which they shall stand, unless
  std::string path;
  std::string order;                     // " ORDER BY ..." brings them into it
  std::size_t row_group_rows = 122'880;  // at most; fewer where rows are long
  std::uint64_t bytes_per_row = 0;       // about
};
// Also writes the number of rows and the sum of their hashes into the file. On an error the old
// file stays.
Status copy_to_parquet(DuckConnection& connection, const ParquetCopy& copy);

// Reads the whole file; the rows that it holds. corrupt when it cannot be read, or when rows or
// their hashes are not those that were written.
[[nodiscard]] Result<std::uint64_t> check_parquet(DuckConnection& connection,
                                                  const std::string& path);

struct ParquetSize {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // inflated, as encoded
  [[nodiscard]] std::uint64_t bytes_per_row() const { return rows > 0 ? bytes / rows : 0; }
};
// Of all files together, by what they say of themselves.
[[nodiscard]] Result<ParquetSize> size_of(DuckConnection& connection,
                                          std::span<const std::string> paths);

// of_all: columns of all files, united by name, for which each file's end is read once more;
// of_first: for who names columns that every file has.
enum class Schema { of_all, of_first };
// FROM read_parquet(...) of files of one table.
[[nodiscard]] std::string from_parquet(std::span<const std::string> paths,
                                       Schema schema = Schema::of_all);

// Makes the folder and its parents; each new one is synced into its parent.
Status make_folders(const std::string& folder);
// Waits until the file's bytes, or the folder's entries, are on disk.
Status sync_path(const std::string& path);

// DuckDB's type for a column of ours.
[[nodiscard]] std::string_view sql_type(ColumnType type);
// Makes the temporary table `name` for these columns.
Status make_table(DuckConnection& connection, const std::string& name,
                  std::span<const Column> columns);
// Sets a row's cells; invalid when a cell's type is not its column's. NaN and infinities become
// NULL, an integer in a number column its double, bytes that are not UTF-8 U+FFFD.
Status append_cells(DuckAppender& appender, std::span<const Column> columns,
                    std::span<const Cell> cells);

}  // namespace tideline
