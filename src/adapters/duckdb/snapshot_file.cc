#include "adapters/duckdb/snapshot_file.h"

#include <filesystem>

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/parquet_file.h"
#include "adapters/duckdb/view_select.h"

namespace tideline {
namespace {

namespace fs = std::filesystem;

Result<std::vector<CopiedTable>> copy_tables(
    DuckConnection& connection, const std::vector<LakeView>& views,
    const std::function<bool(const std::string& table)>& progress) {
  std::vector<CopiedTable> tables;
  for (const LakeView& view : views) {
    if (progress && !progress(view.name))
      return fail(ErrorCode::cancelled, "the snapshot was interrupted; no file was written");
    Status made =
        connection.execute("CREATE TABLE " + sql_name(view.name) + " AS " + select_of_view(view));
    if (!made) return fail(made.error().in("table " + view.name));
    TRY_ASSIGN(const auto rows, connection.value("SELECT count(*) FROM " + sql_name(view.name)));
    tables.push_back({view.name, std::stoull(rows.value_or("0"))});
  }
  TRY(connection.execute("CHECKPOINT"));
  return tables;
}

}  // namespace

Result<std::vector<CopiedTable>> write_snapshot(
    const SnapshotOptions& options, const std::vector<LakeView>& views,
    const std::function<bool(const std::string& table)>& progress) {
  const std::string unfinished = options.path + ".unfinished";
  std::error_code error;
  const auto sweep = [&] {
    fs::remove(unfinished, error);
    fs::remove(unfinished + ".wal", error);
  };
  sweep();
  auto tables = [&]() -> Result<std::vector<CopiedTable>> {
    DuckOptions duck;
    duck.path = unfinished;
    duck.threads = options.threads;
    duck.memory_bytes = options.memory_bytes;
    duck.temp_folder = options.temp_folder;
    TRY_ASSIGN(const auto database, DuckDatabase::open(duck));
    TRY_ASSIGN(const auto connection, database->connect());
    return copy_tables(*connection, views, progress);
  }();
  auto finished = [&]() -> Status {
    if (!tables) return fail(tables.error());
    TRY(sync_path(unfinished));
    fs::rename(unfinished, options.path, error);
    if (error)
      return fail(ErrorCode::io_failed, "cannot write " + options.path + ": " + error.message());
    const fs::path folder = fs::path(options.path).parent_path();
    return sync_path(folder.empty() ? "." : folder.string());
  }();
  if (finished) return tables;
  sweep();
  return fail(finished.error());
}

}  // namespace tideline
