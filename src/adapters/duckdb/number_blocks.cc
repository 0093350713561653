#include "adapters/duckdb/number_blocks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "adapters/duckdb/duck_connection.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
// Rows that are turned together: their values stay in the cache between columns.
constexpr std::size_t kTurned = 64;

Status check_columns(DuckResult& result, std::size_t texts) {
  if (result.columns() < texts) return fail(ErrorCode::invalid, "the answer has too few columns");
  for (std::size_t c = 0; c < result.columns(); ++c) {
    if (result.type(c) != (c < texts ? DUCKDB_TYPE_VARCHAR : DUCKDB_TYPE_DOUBLE))
      return fail(ErrorCode::invalid, "column " + result.name(c) + " has another type");
  }
  return {};
}

// The numbers of a chunk, column after column, as rows.
void turn(const DuckChunk& chunk, std::size_t first, std::size_t width,
          std::vector<double>& values) {
  const std::size_t rows = chunk.rows();
  values.resize(rows * width);
  std::vector<DuckColumn> columns;
  columns.reserve(width);
  for (std::size_t c = 0; c < width; ++c) columns.emplace_back(chunk.vector(first + c));
  for (std::size_t from = 0; from < rows; from += kTurned) {
    const std::size_t to = std::min(rows, from + kTurned);
    for (std::size_t c = 0; c < width; ++c) {
      for (std::size_t r = from; r < to; ++r) {
        const double value = columns[c].null(r) ? kMissing : columns[c].at<double>(r);
        values[r * width + c] = std::isfinite(value) ? value : kMissing;
      }
    }
  }
}

}  // namespace

Status run_number_blocks(DuckQuery& query, const std::string& sql, std::size_t texts,
                         const std::function<Result<bool>(const NumberBlock&)>& take) {
  TRY_ASSIGN(DuckResult result, query.connection().stream(sql));
  TRY(check_columns(result, texts));
  const std::size_t width = result.columns() - texts;
  std::vector<std::string_view> text_cells;
  std::vector<double> values;
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    if (!chunk) return {};
    const std::size_t rows = chunk->rows();
    text_cells.assign(rows * texts, {});
    for (std::size_t c = 0; c < texts; ++c) {
      const DuckColumn column(chunk->vector(c));
      for (std::size_t r = 0; r < rows; ++r) {
        if (!column.null(r)) text_cells[r * texts + c] = column.text(r);
      }
    }
    turn(*chunk, texts, width, values);
    TRY_ASSIGN(const bool more, take({rows, texts, width, text_cells, values}));
    if (!more) return {};
  }
}

}  // namespace tideline
