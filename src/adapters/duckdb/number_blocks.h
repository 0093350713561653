// number_blocks: an answer of texts and numbers as rows of doubles, block by block. For tables of
// many columns, where a cell by itself costs more than what is done with it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/duckdb/duck_query.h"

namespace tideline {

// Valid during the call that gets it.
struct NumberBlock {
  std::size_t rows = 0;  // at most duckdb_vector_size()
  std::size_t texts = 0;
  std::size_t numbers = 0;
  std::span<const std::string_view> text_cells;  // rows x texts, row after row; NULL: empty
  std::span<const double> values;                // rows x numbers; NaN: NULL, or not finite

  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const {
    return text_cells[row * texts + column];
  }
  [[nodiscard]] std::span<const double> row(std::size_t i) const {
    return values.subspan(i * numbers, numbers);
  }
};

// Runs one statement whose columns are `texts` of VARCHAR, then DOUBLE alone; invalid when they
// are not. `take` returns false to stop.
Status run_number_blocks(DuckQuery& query, const std::string& sql, std::size_t texts,
                         const std::function<Result<bool>(const NumberBlock&)>& take);

}  // namespace tideline
