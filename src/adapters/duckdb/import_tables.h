// ImportTables: an import's files as views, and the SELECT that yields its rows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/line_reader.h"
#include "base/file_table.h"
#include "ports/import_source.h"

namespace tideline {

class ImportTables {
 public:
  explicit ImportTables(DuckConnection& connection) : connection_(connection) {}

  // Both answer a SELECT of the columns customer, time_at, time_text, event, type, id,
  // received_at, received_text, properties. Of each time one of the two is NULL.
  [[nodiscard]] Result<std::string> unmapped(const std::vector<std::string>& files);
  [[nodiscard]] Result<std::string> mapped(const std::vector<FileTable>& tables,
                                           const std::string& select);
  // Lines that are no JSON; what is wrong with CSV records, DuckDB writes into its tables of
  // rejects.
  [[nodiscard]] const std::vector<ImportReject>& rejects() const { return rejects_; }

 private:
  using Columns = std::vector<TableColumn>;
  Status make_view(const std::string& name, const std::string& select);
  Status make_table_view(const FileTable& table);
  Status reject_broken_json(const FileTable& table);
  [[nodiscard]] Result<FileTable> generated_csv(const std::string& file, const std::string& name);
  [[nodiscard]] Result<Columns> columns_of(const std::string& view);
  // The rows of a view as staged columns; `origin` names it in errors.
  [[nodiscard]] Result<std::string> staged(const std::string& view, const std::string& origin);

  DuckConnection& connection_;
  std::vector<ImportReject> rejects_;
};

// Cells of a header line, quotes taken off.
[[nodiscard]] std::vector<std::string> header_cells(const std::string& line, char delim);

}  // namespace tideline
