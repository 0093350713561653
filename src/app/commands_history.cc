// import, features.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "app/commands.h"

namespace tideline {
namespace fs = std::filesystem;
namespace {

std::string absolute(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

boost::json::array absolute_all(const std::vector<std::string>& paths) {
  boost::json::array list;
  for (const auto& path : paths) list.emplace_back(absolute(path));
  return list;
}

int print_import(const Json& result, bool json) {
  const auto& counts = result.as_object();
  const auto number = [&](const char* key) { return counts.at(key).to_number<std::uint64_t>(); };
  if (json) {
    boost::json::object printed = counts;
    printed.erase("already_done");
    print_json(printed);
  } else {
    std::printf(
        "received %lu = applied %lu + late_applied %lu + duplicate %lu + dead_lettered %lu\n",
        number("received"), number("applied"), number("late_applied"), number("duplicate"),
        number("dead_lettered"));
    for (const auto& [code, count] : counts.at("codes").as_object()) {
      std::printf("  dead_lettered %s: %lu\n", std::string(code).c_str(),
                  count.to_number<std::uint64_t>());
    }
    if (counts.at("already_done").as_bool())
      std::printf("These files were imported before; nothing was done.\n");
  }
  return static_cast<int>(number("dead_lettered") > 0 ? ExitCode::partly_done : ExitCode::ok);
}

}  // namespace

void add_import(CommandLine& line) {
  struct Flags {
    FolderFlags folder;
    std::vector<std::string> files;
    std::string map;
    std::string source;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      line.app.add_subcommand("import", "Take events from files into a data folder");
  command->add_option("files", flags->files, "NDJSON, CSV or Parquet, plain, .gz or .zst")
      ->required()
      ->check(CLI::ExistingFile);
  add_folder_flags(*command, flags->folder, true);
  command
      ->add_option("--map", flags->map,
                   "Import map (TOML, docs/import-maps.md): how foreign files become events")
      ->check(CLI::ExistingFile);
  command->add_option("--source", flags->source,
                      "Source of the events (default: import, or what the map says)");
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline import events.ndjson.gz --data shop --pack commerce\n"
               "  tideline import history/events-*.parquet --data demo --pack marketplace\n"
               "  tideline import orders.csv --map orders.toml --data shop --pack commerce");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      boost::json::object arguments{{"files", absolute_all(flags->files)}};
      if (!flags->map.empty()) arguments["map"] = absolute(flags->map);
      if (!flags->source.empty()) arguments["source"] = flags->source;
      return with_session(flags->folder, "import", arguments,
                          [&line](const Json& result) { return print_import(result, line.json); });
    };
  });
}

void add_features(CommandLine& line) {
  struct Flags {
    FolderFlags folder;
    std::vector<std::string> at;
    std::vector<std::string> customers;
    std::string format = "csv";
    std::string out;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      line.app.add_subcommand("features", "Write the features of every customer as of a time");
  add_folder_flags(*command, flags->folder, false);
  command->add_option("--at", flags->at, "As of these times, as known then (default: now)");
  command->add_option("--customer", flags->customers, "Only these customers");
  command->add_option("--format", flags->format, "What to write")
      ->capture_default_str()
      ->check(CLI::IsMember({"csv", "json", "parquet"}));
  command->add_option("--out", flags->out, "File (default: standard output)");
  add_examples(*command,
               "  tideline features --data demo --customer c000123\n"
               "  tideline features --data demo --at 2025-12-01T00:00:00Z --format parquet --out "
               "features.parquet");
  command->callback([&line, flags] {
    line.action = [flags] {
      const bool to_stdout = flags->out.empty();
      if (to_stdout && flags->format == "parquet") {
        return report({ErrorCode::invalid, "--format parquet needs --out", "usage"});
      }
      const std::string path =
          absolute(to_stdout ? flags->folder.data + "/run/features-" + std::to_string(::getpid())
                             : flags->out);
      boost::json::object arguments{{"path", path}, {"format", flags->format}};
      arguments["at"] = boost::json::array(flags->at.begin(), flags->at.end());
      arguments["customers"] =
          boost::json::array(flags->customers.begin(), flags->customers.end());
      return with_session(flags->folder, "features", arguments, [&](const Json& result) {
        if (!to_stdout) {
          std::fprintf(stderr, "%lu rows in %s\n",
                       result.as_object().at("rows").to_number<std::uint64_t>(),
                       flags->out.c_str());
          return 0;
        }
        std::FILE* in = std::fopen(path.c_str(), "rb");
        char buffer[65536];
        std::size_t n = 0;
        while (in && (n = std::fread(buffer, 1, sizeof buffer, in)) > 0)
          std::fwrite(buffer, 1, n, stdout);
        if (in) std::fclose(in);
        std::remove(path.c_str());
        return 0;
      });
    };
  });
}

}  // namespace tideline
