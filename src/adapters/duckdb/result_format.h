// Formats of a query's answer: CSV, JSON and a table for a terminal. Each is a ResultSink that
// writes text.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/duckdb/duck_query.h"

namespace tideline {

// Takes the next piece of text; an error ends the query.
using TextOutput = std::function<Status(std::string_view)>;

// RFC 4180 with LF: a header line; NULL is an empty cell, an empty text is "". Values byte for
// byte.
[[nodiscard]] std::unique_ptr<ResultSink> csv_format(TextOutput output);
// An array of objects, one a line; NULL is null. Names that occur twice get _2, _3, ...
[[nodiscard]] std::unique_ptr<ResultSink> json_format(TextOutput output);
// Aligned columns, numbers to the right, for reading. Keeps the first `rows_max` rows in memory,
// shows them, and says how many more there are. Control characters are shown as escapes.
[[nodiscard]] std::unique_ptr<ResultSink> table_format(TextOutput output,
                                                       std::size_t rows_max = 1'000);

// One value as CSV and as JSON write it; used wherever rows leave the program.
void append_csv_cell(std::string& out, const Cell& cell, ResultKind kind);
void append_json_cell(std::string& out, const Cell& cell, ResultKind kind);
// A JSON string with its quotes; control characters escaped, other bytes as they are.
void append_json_text(std::string& out, std::string_view text);
// Shortest digits that read back as the same number; `x` is finite.
void append_number(std::string& out, double x);

}  // namespace tideline
