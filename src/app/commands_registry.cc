// model promote|rollback.
#include <cstdio>

#include "app/commands.h"

namespace tideline {
namespace {

struct RegistryFlags {
  FolderFlags folder;
  std::string version;
  bool shadow = false;
};

int print_roles(const Json& result, bool json) {
  if (json) {
    print_json(result);
    return 0;
  }
  const auto& roles = result.as_object();
  if (roles.at("active").is_string())
    std::printf("In production: %s\n", roles.at("active").get_string().c_str());
  if (roles.at("shadow").is_string())
    std::printf("In its shadow: %s\n", roles.at("shadow").get_string().c_str());
  return 0;
}

void set_action(CLI::App& command, CommandLine& line, const std::shared_ptr<RegistryFlags>& flags,
                const char* operation) {
  add_folder_flags(command, flags->folder, false);
  add_json_flag(command, line);
  command.callback([&line, flags, operation] {
    line.action = [&line, flags, operation] {
      boost::json::object arguments{{"shadow", flags->shadow}};
      if (!flags->version.empty()) arguments["version"] = flags->version;
      return with_session(flags->folder, operation, arguments,
                          [&line](const Json& result) { return print_roles(result, line.json); });
    };
  });
}

}  // namespace

void add_model_roles(CLI::App& model, CommandLine& line) {
  auto flags = std::make_shared<RegistryFlags>();
  CLI::App* promote = model.add_subcommand(
      "promote", "Put a version into production; a server scores with it within a second");
  promote->add_option("version", flags->version, "v3, or marketplace-health-v3")->required();
  promote->add_flag("--shadow", flags->shadow,
                    "Only beside the one in production: scored, compared, never shown");
  add_examples(*promote,
               "  tideline model promote v3 --data demo\n"
               "  tideline model promote v4 --shadow --data demo");
  set_action(*promote, line, flags, "promote");
  CLI::App* rollback = model.add_subcommand(
      "rollback", "Back to the version that was in production before this one");
  rollback->add_flag("--shadow", flags->shadow, "End the run of the model in the shadow instead");
  add_examples(*rollback,
               "  tideline model rollback --data demo\n"
               "  tideline model rollback --shadow --data demo");
  set_action(*rollback, line, flags, "rollback");
}

}  // namespace tideline
