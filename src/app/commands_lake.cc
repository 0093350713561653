// lake ddl, snapshot.
#include <cstdio>
#include <filesystem>

#include "app/commands.h"

namespace tideline {
namespace {

void add_ddl(CLI::App& lake, CommandLine& line) {
  struct Flags {
    FolderFlags folder;
    std::string dialect = "duckdb";
    std::string location;
    std::string schema = "tideline";
    std::string catalog = "hive";
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      lake.add_subcommand("ddl", "Print the statements with which another engine reads the lake");
  command->add_option("--dialect", flags->dialect, "athena, trino, spark or duckdb")
      ->check(CLI::IsMember({"athena", "trino", "spark", "duckdb"}))
      ->capture_default_str();
  command->add_option("--location", flags->location,
                      "Where that engine finds the lake, e.g. s3://bucket/lake (default: here)");
  command->add_option("--schema", flags->schema, "Database of the tables")->capture_default_str();
  command->add_option("--catalog", flags->catalog, "Trino's catalog")->capture_default_str();
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline lake ddl --dialect athena --location s3://bucket/lake --data demo\n"
               "  tideline lake ddl --dialect duckdb --data demo | duckdb");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      boost::json::object arguments{
          {"dialect", flags->dialect}, {"schema", flags->schema}, {"catalog", flags->catalog}};
      if (!flags->location.empty()) arguments["location"] = flags->location;
      return with_session(flags->folder, "lake_ddl", arguments, [&](const Json& result) {
        if (line.json) {
          print_json(result);
        } else {
          std::fputs(result.as_object().at("ddl").as_string().c_str(), stdout);
        }
        return 0;
      });
    };
  });
}

void add_snapshot(CommandLine& line) {
  struct Flags {
    FolderFlags folder;
    std::string out;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = line.app.add_subcommand(
      "snapshot", "Copy the lake's views as tables into one DuckDB file, for other tools");
  command->add_option("--out", flags->out, "File to write, e.g. shop.duckdb")->required();
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  add_examples(*command, "  tideline snapshot --out shop.duckdb --data demo");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      return with_session(
          flags->folder, "snapshot",
          {{"path", std::filesystem::absolute(flags->out).lexically_normal().string()}},
          [&](const Json& result) {
            if (line.json) {
              print_json(result);
              return 0;
            }
            const auto& told = result.as_object();
            for (const auto& [table, rows] : told.at("rows").as_object()) {
              std::printf("%-14s %12lu rows\n", std::string(table).c_str(),
                          rows.to_number<std::uint64_t>());
            }
            std::printf("%s: as of %s, %.1f MiB\n", told.at("path").as_string().c_str(),
                        told.at("as_of").as_string().c_str(),
                        told.at("bytes").to_number<double>() / (1 << 20));
            return 0;
          });
    };
  });
}

}  // namespace

void add_lake_and_snapshot(CommandLine& line) {
  CLI::App* lake = line.app.add_subcommand("lake", "The Parquet files of a folder");
  lake->require_subcommand(1);
  add_examples(*lake, "  tideline lake ddl --dialect trino --data demo");
  add_ddl(*lake, line);
  add_snapshot(line);
}

}  // namespace tideline
