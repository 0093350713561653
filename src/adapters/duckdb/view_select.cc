#include "adapters/duckdb/view_select.h"

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/parquet_file.h"

namespace tideline {
namespace {

std::string empty_select(const std::vector<TableColumn>& columns) {
  std::string sql = "SELECT ";
  for (const TableColumn& column : columns) {
    if (&column != columns.data()) sql += ", ";
    sql += "CAST(NULL AS " + column.type + ") AS " + sql_name(column.name);
  }
  return sql + " WHERE false";
}

}  // namespace

std::string select_of_view(const LakeView& view) {
  if (!view.select.empty()) return view.select;
  if (view.files.empty()) return empty_select(view.columns);
  if (view.columns.empty()) return "SELECT * " + from_parquet(view.files);
  std::string casts;
  for (const TableColumn& column : view.columns) {
    if (!casts.empty()) casts += ", ";
    casts +=
        "CAST(" + sql_name(column.name) + " AS " + column.type + ") AS " + sql_name(column.name);
  }
  std::vector<TableColumn> untyped = view.columns;
  for (TableColumn& column : untyped) column.type = "\"NULL\"";
  return "SELECT * REPLACE (" + casts + ") FROM (" + empty_select(untyped) +
         " UNION ALL BY NAME SELECT * " + from_parquet(view.files) + ")";
}

}  // namespace tideline
