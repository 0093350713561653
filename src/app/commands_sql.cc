// sql: a query over the lake, trusted and local.
#include <cstdio>
#include <filesystem>

#include "adapters/duckdb/duck_query.h"
#include "adapters/duckdb/result_format.h"
#include "app/commands.h"
#include "app/interrupt_watch.h"

namespace tideline {
namespace {

std::vector<LakeView> views_of(const Json& result) {
  std::vector<LakeView> views;
  for (const Json& entry : result.as_object().at("views").as_array()) {
    LakeView view;
    view.name = std::string(entry.as_object().at("name").as_string());
    for (const Json& column : entry.as_object().at("columns").as_array()) {
      view.columns.push_back({std::string(column.as_object().at("name").as_string()),
                              std::string(column.as_object().at("type").as_string())});
    }
    for (const Json& file : entry.as_object().at("files").as_array())
      view.files.emplace_back(file.as_string());
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace

void add_sql(CommandLine& line) {
  struct Flags {
    FolderFlags folder;
    std::string query;
    bool csv = false;
    bool stale = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = line.app.add_subcommand(
      "sql", "Ask the lake: events, features, predictions, customers, tier_changes, dead_letters");
  command->add_option("query", flags->query, "One SELECT of DuckDB's SQL")->required();
  add_folder_flags(*command, flags->folder, false);
  command->add_flag("--csv", flags->csv, "Print CSV, byte for byte");
  add_json_flag(*command, line);
  command->add_flag("--stale", flags->stale, "Do not bring the lake up to date first");
  add_examples(*command,
               "  tideline sql \"select event, count(*) from events group by 1 order by 2 desc\" "
               "--data demo\n"
               "  tideline sql \"select * from dead_letters\" --data demo --csv");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      return with_session(
          flags->folder, "files", {{"stale", flags->stale}}, [&](const Json& result) {
            QueryOptions options;
            options.views = views_of(result);
            options.temp_folder = std::string(result.as_object().at("scratch").as_string());
            std::error_code error;
            std::filesystem::create_directories(options.temp_folder, error);
            auto query = DuckQuery::open(std::move(options));
            if (!query) return report(query.error());
            const TextOutput out = [](std::string_view text) -> Status {
              if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
              return fail(ErrorCode::io_failed, "cannot write the result");
            };
            const auto sink = line.json    ? json_format(out)
                              : flags->csv ? csv_format(out)
                                           : table_format(out);
            const InterruptWatch watch([&] { (*query)->interrupt(); });
            auto done = (*query)->run(flags->query, *sink);
            return done ? 0 : report(done.error());
          });
    };
  });
}

}  // namespace tideline
