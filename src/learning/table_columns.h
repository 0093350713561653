// What the columns of a table are: which is the target, which say something, and how each becomes
// features. Decided by the values alone, and every decision that drops something is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/customer_table.h"
#include "learning/evaluation.h"
#include "scoring/table_encoding.h"

namespace tideline {

struct TableRequest {
  std::string target;             // column
  std::string id;                 // column; empty: rows go by their number, from 0
  std::string time;               // column that says as of when a row is; empty: none
  std::vector<std::string> drop;  // columns that are not looked at
};

struct TablePlan {
  TableEncoding encoding;
  TaskSpec task;               // probability or number, by the target's values
  std::vector<double> labels;  // one a row; NaN: the target is missing
  // code: dropped_ids, dropped_constants, high_cardinality, unclear_dates, unreadable_cells,
  // missing_target, target_values
  std::vector<Warning> warnings;
};

// invalid: a column that was named is not there, the table has no rows, the target is missing,
// constant or neither two values nor numbers, the times are no dates, nothing is left to learn
// from.
[[nodiscard]] Result<TablePlan> plan_table(const CustomerTable& table,
                                           const TableRequest& request);

}  // namespace tideline
