// Tables of features, CSV or Parquet, as rows for a model.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "adapters/duckdb/duck_query.h"
#include "app/score_file.h"
#include "scoring/model.h"

namespace tideline {

// The files as something to select from, all CSV or all Parquet. CSV comes as text, so that a cell
// that is no number can be told with its row. not_found, bad_argument.
[[nodiscard]] Result<std::string> table_of(const std::vector<std::string>& files);
// One Parquet file with the further column file_row_number, from 0.
[[nodiscard]] std::string numbered_table_of(const std::string& file);
// ['a', 'b']
[[nodiscard]] std::string sql_list_of(const std::vector<std::string>& texts);
[[nodiscard]] bool is_csv_table(const std::string& table);

// `features` are the model's, in its order; NaN: missing. `days`: since the last qualifying event;
// NaN: the table has no such column, or not for this row. Return false to stop.
using TableRow =
    std::function<Result<bool>(ScoredRow row, std::span<const double> features, double days)>;
// Streams the rows of `table` (of table_of(), with what follows FROM, such as a WHERE). Columns
// customer_id, as_of, days_since_qualifying are used where they are there. missing_column: the
// table lacks one that the model takes; bad_row: of a CSV, with row and column.
Status read_table(DuckQuery& query, const std::string& table, const std::string& where,
                  const Model& model, const TableRow& take);

}  // namespace tideline
