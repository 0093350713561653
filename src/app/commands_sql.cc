// sql: a query over the lake, trusted and local, or a shell; and the hidden process that runs what
// is not trusted.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "adapters/duckdb/duck_query.h"
#include "adapters/duckdb/result_format.h"
#include "adapters/sql_worker/sql_worker.h"
#include "app/commands.h"
#include "app/interrupt_watch.h"
#include "app/sql_shell.h"

namespace tideline {
namespace {

struct SqlFlags {
  FolderFlags folder;
  std::string query;
  bool csv = false;
  bool stale = false;
};

int run_query(const SqlFlags& flags, bool json) {
  return with_session(flags.folder, "files", {{"stale", flags.stale}}, [&](const Json& result) {
    QueryOptions options;
    options.views = views_in(result);
    options.temp_folder = std::string(result.as_object().at("scratch").as_string());
    std::error_code error;
    std::filesystem::create_directories(options.temp_folder, error);
    auto query = DuckQuery::open(std::move(options));
    if (!query) return report(query.error());
    const TextOutput out = [](std::string_view text) -> Status {
      if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
      return fail(ErrorCode::io_failed, "cannot write the result");
    };
    const auto sink = json ? json_format(out) : flags.csv ? csv_format(out) : table_format(out);
    const InterruptWatch watch([&] { (*query)->interrupt(); });
    auto done = (*query)->run(flags.query, *sink);
    return done ? 0 : report(done.error());
  });
}

int run_shell(const SqlFlags& flags, bool json) {
  ShellOptions options;
  options.mode = json ? ShellMode::json : flags.csv ? ShellMode::csv : ShellMode::table;
  options.stale = flags.stale;
  return run_sql_shell(flags.folder, options);
}

}  // namespace

void add_sql(CommandLine& line) {
  auto flags = std::make_shared<SqlFlags>();
  CLI::App* command = line.app.add_subcommand(
      "sql",
      "Ask the lake: events, features, predictions, customers, tier_changes, actions, "
      "dead_letters");
  command->add_option(
      "query", flags->query,
      "One statement of DuckDB's SQL; without it a shell, which also reads a pipe");
  add_folder_flags(*command, flags->folder, false);
  command->add_flag("--csv", flags->csv, "Print CSV, byte for byte");
  add_json_flag(*command, line);
  command->add_flag("--stale", flags->stale, "Do not bring the lake up to date first");
  add_examples(*command,
               "  tideline sql \"select event, count(*) from events group by 1 order by 2 desc\" "
               "--data demo\n"
               "  tideline sql \"select * from dead_letters\" --data demo --csv\n"
               "  tideline sql --data demo");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      return flags->query.empty() ? run_shell(*flags, line.json) : run_query(*flags, line.json);
    };
  });
}

void add_sql_worker(CommandLine& line) {
  auto options = std::make_shared<SqlWorkerOptions>();
  CLI::App* command = line.app.add_subcommand("sql-worker", "");
  command->group("");  // not for people
  command->add_option("--folder", options->folder)->required();
  command->add_option("--threads", options->threads);
  command->add_option("--memory-bytes", options->memory_bytes);
  command->add_option("--cpu-s", options->cpu_s);
#if defined(TIDELINE_FAULTS) && TIDELINE_FAULTS
  command->add_flag("--switches-open", options->switches_open);
#endif
  command->callback(
      [&line, options] { line.action = [options] { return run_sql_worker(*options); }; });
}

}  // namespace tideline
