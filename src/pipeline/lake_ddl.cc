#include "pipeline/lake_ddl.h"

namespace tideline {
namespace {

// By ColumnType: text, number, integer, time, boolean.
constexpr const char* kHive[] = {"string", "double", "bigint", "timestamp", "boolean"};
constexpr const char* kTrino[] = {"varchar", "double", "bigint", "timestamp(6)", "boolean"};
constexpr const char* kDuck[] = {"VARCHAR", "DOUBLE", "BIGINT", "TIMESTAMP", "BOOLEAN"};

// Before it nothing is looked for where a table has no files yet.
constexpr const char* kFirstDate = "2020-01-01";

// The one column that is narrower than its ColumnType in the files.
bool is_shard_of_events(const LakeTableShape& table, const Column& column) {
  return table.name == "events" && column.name == "shard";
}

std::string columns_of(const LakeTableShape& table, const char* const* types,
                       const char* narrow_integer, char quote) {
  std::string text;
  for (const Column& column : table.columns) {
    const char* type =
        is_shard_of_events(table, column) ? narrow_integer : types[static_cast<int>(column.type)];
    if (!text.empty()) text += ",\n";
    text += std::string("  ") + quote + column.name + quote + " " + type;
  }
  return text;
}

std::string athena(const LakeTableShape& table, const DdlOptions& options) {
  const std::string place = options.location + "/" + table.name + "/";
  return "CREATE EXTERNAL TABLE IF NOT EXISTS `" + options.schema + "`.`" + table.name + "` (\n" +
         columns_of(table, kHive, "int", '`') +
         "\n)\nPARTITIONED BY (`dt` string)\nSTORED AS PARQUET\nLOCATION '" + place +
         "'\nTBLPROPERTIES (\n"
         "  'projection.enabled' = 'true',\n"
         "  'projection.dt.type' = 'date',\n"
         "  'projection.dt.format' = 'yyyy-MM-dd',\n"
         "  'projection.dt.range' = '" +
         table.first_date.value_or(kFirstDate) +
         ",NOW+1DAYS',\n"
         "  'projection.dt.interval' = '1',\n"
         "  'projection.dt.interval.unit' = 'DAYS',\n"
         "  'storage.location.template' = '" +
         place + "dt=${dt}/'\n);\n";
}

std::string trino(const LakeTableShape& table, const DdlOptions& options) {
  const std::string name = options.catalog + "." + options.schema + "." + table.name;
  return "CREATE TABLE IF NOT EXISTS " + name + " (\n" +
         columns_of(table, kTrino, "integer", '"') +
         ",\n  \"dt\" varchar\n)\nWITH (\n  external_location = '" + options.location + "/" +
         table.name +
         "/',\n  format = 'PARQUET',\n  partitioned_by = ARRAY['dt']\n);\n"
         "CALL " +
         options.catalog + ".system.sync_partition_metadata('" + options.schema + "', '" +
         table.name + "', 'FULL');\n";
}

std::string spark(const LakeTableShape& table, const DdlOptions& options) {
  const std::string name = "`" + options.schema + "`.`" + table.name + "`";
  return "CREATE TABLE IF NOT EXISTS " + name + " (\n" + columns_of(table, kHive, "int", '`') +
         ",\n  `dt` string\n)\nUSING PARQUET\nPARTITIONED BY (`dt`)\nLOCATION '" +
         options.location + "/" + table.name + "/';\nMSCK REPAIR TABLE " + name + ";\n";
}

std::string duckdb(const LakeTableShape& table, const DdlOptions& options) {
  std::string select;
  for (const Column& column : table.columns) {
    const char* type =
        is_shard_of_events(table, column) ? "INTEGER" : kDuck[static_cast<int>(column.type)];
    const std::string from = table.first_date ? "\"" + column.name + "\"" : "NULL";
    select += "  CAST(" + from + " AS " + type + ") AS \"" + column.name + "\",\n";
  }
  const std::string head = "CREATE OR REPLACE VIEW \"" + table.name + "\" AS SELECT\n" + select;
  if (!table.first_date) return head + "  CAST(NULL AS DATE) AS \"dt\"\nWHERE false;\n";
  return head + "  \"dt\"\nFROM read_parquet('" + options.location + "/" + table.name +
         "/*/*.parquet',\n  hive_partitioning = true, hive_types = {'dt': DATE}, "
         "union_by_name = true);\n";
}

}  // namespace

std::optional<DdlDialect> parse_dialect(std::string_view name) {
  if (name == "athena") return DdlDialect::athena;
  if (name == "trino") return DdlDialect::trino;
  if (name == "spark") return DdlDialect::spark;
  if (name == "duckdb") return DdlDialect::duckdb;
  return std::nullopt;
}

std::vector<Column> events_columns() {
  using enum ColumnType;
  return {{"customer_id", text},   {"type", text},         {"event", text},
          {"event_time", time},    {"arrival_time", time}, {"stored_time", time},
          {"source", text},        {"message_id", text},   {"shard", integer},
          {"log_offset", integer}, {"properties", text},   {"anonymous_id", text},
          {"previous_id", text},   {"content_hash", text}, {"server_id", boolean},
          {"clamped", boolean}};
}

std::string lake_ddl(const std::vector<LakeTableShape>& tables, const DdlOptions& options) {
  std::string text;
  if (options.dialect != DdlDialect::duckdb) {
    const bool trinos = options.dialect == DdlDialect::trino;
    text = (trinos ? "CREATE SCHEMA IF NOT EXISTS " + options.catalog + "."
                   : std::string("CREATE DATABASE IF NOT EXISTS ")) +
           options.schema + ";\n";
  }
  for (const LakeTableShape& table : tables) {
    if (!text.empty()) text += '\n';
    switch (options.dialect) {
      case DdlDialect::athena: text += athena(table, options); break;
      case DdlDialect::trino: text += trino(table, options); break;
      case DdlDialect::spark: text += spark(table, options); break;
      case DdlDialect::duckdb: text += duckdb(table, options); break;
    }
  }
  return text;
}

}  // namespace tideline
