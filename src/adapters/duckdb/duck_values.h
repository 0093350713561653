// RowReader: DuckDB's answers of any type as cells.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/duck_query.h"

namespace tideline {

// Numbers, texts, times and booleans are read where they lie. Values of every other type (lists,
// structs, dates, ...) are cast to text by DuckDB itself, block by block, on a connection of their
// own.
class RowReader {
 public:
  [[nodiscard]] static Result<RowReader> open(DuckDatabase& database, DuckResult& result);

  [[nodiscard]] std::span<const ResultColumn> columns() const { return columns_; }
  // Looks at a block; it must live until the next start().
  Status start(const DuckChunk& chunk);
  // Row `i` of the block; reuses `cells`.
  void read(std::size_t i, std::vector<Cell>& cells) const;

 private:
  // How a column's bytes become a cell.
  struct Source {
    duckdb_type type = DUCKDB_TYPE_INVALID;
    duckdb_type stored = DUCKDB_TYPE_INVALID;  // of a DECIMAL: the integer that holds it
    std::uint8_t scale = 0;                    // of a DECIMAL
    std::size_t cast = 0;                      // number among the columns that are cast
    DuckLogicalType logical;
  };
  [[nodiscard]] Cell cell(std::size_t column, std::size_t row) const;
  Status open_casts(DuckDatabase& database);
  Status cast_block(const DuckChunk& chunk);

  std::vector<ResultColumn> columns_;
  std::vector<Source> sources_;
  std::vector<DuckColumn> vectors_;  // of the block, the cast ones from `texts_`
  std::vector<std::size_t> cast_columns_;
  std::unique_ptr<DuckConnection> casts_;
  DuckChunk texts_;
};

}  // namespace tideline
