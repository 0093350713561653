// Answers of the shell: tables with drawn lines that fit the terminal, and one value a line.
#pragma once

#include <memory>

#include "adapters/duckdb/result_format.h"

namespace tideline {

struct BoxOptions {
  std::size_t columns_max = 0;  // of the terminal; 0: as wide as the rows are
  std::size_t rows_max = 1'000;
};

// Columns that do not fit are left out in the middle, texts end with "…", and the last line says
// how many rows and columns there are.
[[nodiscard]] std::unique_ptr<ResultSink> box_format(TextOutput output, BoxOptions options);
// "name = value", a blank line between rows.
[[nodiscard]] std::unique_ptr<ResultSink> line_format(TextOutput output);

}  // namespace tideline
