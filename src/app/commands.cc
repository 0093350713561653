#include "app/commands.h"

#include <boost/json/serialize.hpp>
#include <cstdio>

namespace tideline {

void add_folder_flags(CLI::App& command, FolderFlags& flags, bool with_pack) {
  command.add_option("--data", flags.data, "Data folder")->capture_default_str();
  command.add_option("--config", flags.config,
                     "Settings file (TOML); else DATA/tideline.toml where there is one");
  if (with_pack) {
    command.add_option(
        "--pack", flags.pack,
        "Pack of a new folder: marketplace, commerce, learning, or a pack's folder (with a '/')");
  }
}

void add_json_flag(CLI::App& command, CommandLine& line) {
  command.add_flag("--json", line.json, "Print the result as JSON");
}

void add_examples(CLI::App& command, const std::string& examples) {
  command.footer("Examples:\n" + examples);
}

void print_json(const Json& value) { std::printf("%s\n", boost::json::serialize(value).c_str()); }

int with_session(const FolderFlags& flags, const std::string& operation,
                 const boost::json::object& arguments,
                 const std::function<int(const Json&)>& print) {
  auto session = FolderSession::open(flags);
  if (!session) return report(session.error());
  auto result = (*session)->run(operation, arguments);
  if (!result) return report(result.error());
  return print(*result);
}

}  // namespace tideline
