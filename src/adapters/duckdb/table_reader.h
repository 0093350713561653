// read_customer_table: a CSV or Parquet file as a table with a row a customer, in the file's
// order.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "domain/customer_table.h"

namespace tideline {

struct TableReaderOptions {
  // CSV, plain, .gz or .zst, with a header line, delimiter , ; tab or | by what fits the first
  // lines; or Parquet. Told apart by their bytes.
  std::string file;
  // Columns that are read as text whatever their type is: ids keep all their digits.
  std::vector<std::string> as_text;
  std::uint64_t memory_bytes = 1ULL << 30;
};

// not_found: no such file. invalid: no header, two columns of one name, a line with more or fewer
// cells than the header (naming it), bytes that are no UTF-8, a file that is no table. Numbers
// that a double cannot hold exactly and values of other types (lists, structs) come as text.
[[nodiscard]] Result<CustomerTable> read_customer_table(const TableReaderOptions& options);

}  // namespace tideline
