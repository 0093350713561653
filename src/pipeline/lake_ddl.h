// Statements with which other engines read the lake as it lies: Athena, Trino, Spark, DuckDB.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/lake.h"

namespace tideline {

enum class DdlDialect : std::uint8_t { athena, trino, spark, duckdb };
[[nodiscard]] std::optional<DdlDialect> parse_dialect(std::string_view name);

// A table as its files hold it.
struct LakeTableShape {
  std::string name;
  std::vector<Column> columns;
  std::optional<std::string> first_date;  // of its files; nullopt: it has none yet
};

struct DdlOptions {
  DdlDialect dialect = DdlDialect::duckdb;
  std::string location;             // of the lake, without a slash at the end
  std::string schema = "tideline";  // database of the tables; DuckDB: not used
  std::string catalog = "hive";     // Trino alone
};

// events as its files hold it; the columns of the other tables are LakeTables' own.
[[nodiscard]] std::vector<Column> events_columns();

// One statement a table, each behind the other. The date of a row's folder is the column dt.
[[nodiscard]] std::string lake_ddl(const std::vector<LakeTableShape>& tables,
                                   const DdlOptions& options);

}  // namespace tideline
