// FileTable: files that are read as one table, and how. An import map names them (config), the
// DuckDB adapter reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tideline {

enum class TableFormat : std::uint8_t {
  csv,      // a header or `columns` names the columns
  lines,    // one text column `line`: the whole line without its end
  ndjson,   // one column `json`, a JSON value a line
  parquet,  // the file's own columns
};

struct TableColumn {
  std::string name;
  std::string type = "VARCHAR";  // as SQL writes it
  bool operator==(const TableColumn&) const = default;
};

struct FileTable {
  std::string name;
  TableFormat format = TableFormat::csv;
  std::vector<std::string> files;    // may be empty; then `columns` names what the empty table has
  std::string delim = ",";           // csv: one character
  std::string quote = "\"";          // csv: one character, also the escape; empty: no quoting
  bool header = true;                // csv and lines: the first line of each file is not a row
  std::vector<TableColumn> columns;  // csv: empty: from the header, all text
};

}  // namespace tideline
