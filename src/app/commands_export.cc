// model export.
#include <cstdio>
#include <filesystem>

#include "app/commands.h"

namespace tideline {
namespace {

struct ExportFlags {
  FolderFlags folder;
  std::string version;
  std::string out;
};

int print_export(const Json& result, bool json) {
  if (json) {
    print_json(result);
    return 0;
  }
  const auto& told = result.as_object();
  std::printf("%s: the network of %s\n", told.at("file").get_string().c_str(),
              told.at("model_version").get_string().c_str());
  for (const Json& task : told.at("not_the_champion").as_array()) {
    const std::string name(task.get_string());
    std::printf(
        "  %s: the file holds the network's figure; the one that is served comes from %s\n",
        name.c_str(), told.at("champions").as_object().at(name).get_string().c_str());
  }
  return 0;
}

}  // namespace

void add_model_export(CLI::App& model, CommandLine& line) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = model.add_subcommand(
      "export", "Write a version's network as ONNX: features in, figures out, NaN for missing");
  command->add_option("version", flags->version,
                      "v3, or marketplace-health-v3 (default: the one in production)");
  command->add_option("--out", flags->out, "File to write, e.g. model.onnx")->required();
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  add_examples(*command,
               "  tideline model export --out model.onnx --data demo\n"
               "  tideline model export v2 --out model.onnx --data demo --json");
  command->callback([&line, flags] {
    line.action = [&line, flags] {
      boost::json::object arguments{{"out", std::filesystem::absolute(flags->out).string()}};
      if (!flags->version.empty()) arguments["version"] = flags->version;
      return with_session(flags->folder, "export", arguments,
                          [&line](const Json& result) { return print_export(result, line.json); });
    };
  });
}

}  // namespace tideline
