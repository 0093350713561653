// CSV (RFC 4180) out, to be opened in a spreadsheet, and rows of numbers in, as /invocations takes
// them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tideline {

// A text that a spreadsheet cannot take for a formula: one that begins like a formula (= + - @, a
// tab, a line's end) gets an apostrophe before it, unless it is a plain number. Quoted where it is
// empty or holds a separator, a quote, a line's end or blanks at its ends. A missing value is no
// cell's text at all, which is why an empty text is quoted. What the command line writes is byte
// for byte and does not come by here.
[[nodiscard]] std::string csv_text_cell(std::string_view text);

struct NumberRows {
  std::size_t rows = 0;
  std::vector<double> values;  // rows x width; NaN: an empty cell
};

// Rows of `width` cells without a header; cells may stand in quotes, and lines end in LF or CRLF.
// invalid names the first row, counted from 1, that is wrong.
[[nodiscard]] Result<NumberRows> parse_number_rows(std::string_view text, std::size_t width);

}  // namespace tideline
