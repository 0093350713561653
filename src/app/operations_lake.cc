// lake ddl and snapshot: the lake for other tools.
#include <algorithm>
#include <filesystem>
#include <map>

#include "adapters/duckdb/snapshot_file.h"
#include "app/operations.h"
#include "pipeline/lake_ddl.h"
#include "pipeline/manifest.h"

namespace tideline {
namespace {

constexpr const char* kTables[] = {"events",       "features", "predictions", "customers",
                                   "tier_changes", "actions",  "dead_letters"};
constexpr int kAttempts = 3;

// Files that the server merges meanwhile are looked up again.
bool files_went(const Error& error) {
  return error.code == ErrorCode::io_failed &&
         (error.message.find("No files found") != error.message.npos ||
          error.message.find("No such file") != error.message.npos);
}

}  // namespace

Result<Json> write_lake_ddl(const OperationContext& context,
                            const boost::json::object& arguments) {
  Engine& engine = context.engine;
  TRY_ASSIGN(const auto dialect, text_argument(arguments, "dialect"));
  TRY_ASSIGN(const auto location, text_argument(arguments, "location"));
  TRY_ASSIGN(const auto schema, text_argument(arguments, "schema"));
  TRY_ASSIGN(const auto catalog, text_argument(arguments, "catalog"));
  DdlOptions options;
  const auto named = parse_dialect(dialect.value_or("duckdb"));
  if (!named) {
    return fail(ErrorCode::invalid,
                "no dialect " + *dialect + "; there are athena, trino, spark and duckdb",
                "bad_argument");
  }
  options.dialect = *named;
  options.location = location.value_or(
      std::filesystem::absolute(engine.folder().lake()).lexically_normal().string());
  while (options.location.size() > 1 && options.location.ends_with('/'))
    options.location.pop_back();
  if (options.location.find('\'') != std::string::npos)
    return fail(ErrorCode::invalid, "a location holds no quotes", "bad_argument");
  options.schema = schema.value_or(options.schema);
  options.catalog = catalog.value_or(options.catalog);
  TRY(engine.flush_lake(true));
  TRY_ASSIGN(const auto files, manifest_files(engine.state(), ""));
  std::map<std::string, std::string> first;
  for (const ManifestFile& file : files) {
    std::string& date = first[file.table];
    if (date.empty() || file.date < date) date = file.date;
  }
  std::vector<LakeTableShape> tables;
  for (const char* name : kTables) {
    LakeTableShape& table = tables.emplace_back();
    table.name = name;
    table.columns = table.name == "events" ? events_columns() : engine.tables().columns(name);
    if (const auto found = first.find(name); found != first.end())
      table.first_date = found->second;
  }
  return Json(boost::json::object{{"dialect", dialect.value_or("duckdb")},
                                  {"ddl", lake_ddl(tables, options)}});
}

Result<Json> write_snapshot_file(const OperationContext& context,
                                 const boost::json::object& arguments) {
  Engine& engine = context.engine;
  TRY_ASSIGN(const auto path, text_argument(arguments, "path"));
  if (!path) return fail(ErrorCode::invalid, "--out names the file to write", "bad_argument");
  SnapshotOptions options;
  options.path = *path;
  options.temp_folder = engine.folder().scratch();
  std::error_code ignored;
  std::filesystem::create_directories(options.temp_folder, ignored);
  const auto progress = [&](const std::string& table) {
    return !context.progress || context.progress({"copying", -1, table});
  };
  for (int attempt = 1;; ++attempt) {
    TRY(engine.flush_lake(true));
    const Time as_of = engine.now().now();
    TRY_ASSIGN(const auto views, engine.views());
    const auto tables = write_snapshot(options, views, progress);
    if (!tables && files_went(tables.error()) && attempt < kAttempts) continue;
    if (!tables) return fail(tables.error());
    boost::json::object rows;
    for (const CopiedTable& table : *tables) rows[table.name] = table.rows;
    const auto bytes = std::filesystem::file_size(*path, ignored);
    return Json(boost::json::object{{"path", *path},
                                    {"bytes", bytes},
                                    {"as_of", format_time(as_of)},
                                    {"rows", std::move(rows)}});
  }
}

}  // namespace tideline
