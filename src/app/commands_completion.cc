// completion: the command tree as a script that the shell reads.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <set>

#include "app/commands.h"
#include "app/completion.h"
#include "app/pack_files.h"

namespace tideline {
namespace {

// Options and arguments whose value is a file or a folder.
constexpr std::array kFiles = {"data",  "config", "out",  "map", "report", "table",  "payload",
                               "files", "file",   "FILE", "in",  "paths",  "scripts"};

bool is_file(std::string name) {
  name.erase(0, name.find_first_not_of('-'));
  return std::find(kFiles.begin(), kFiles.end(), name) != kFiles.end();
}

// The words of "TEXT:{csv,json,parquet}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{'), close = type.find('}');
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::string word;
  for (const char c : type.substr(open + 1, close - open - 1) + ",") {
    if (c != ',') {
      word += c;
      continue;
    }
    choices.push_back(word);
    word.clear();
  }
  return choices;
}

WordKind kind_of(const CLI::Option& option, const std::string& name,
                 const std::vector<std::string>& choices) {
  if (option.get_items_expected_max() == 0) return WordKind::none;
  if (!choices.empty()) return WordKind::choice;
  if (name == "--pack") return WordKind::pack;
  return is_file(name) ? WordKind::file : WordKind::any;
}

// Hidden ones are for the program itself.
bool is_for_people(const CLI::App* app) { return !app->get_group().empty(); }

CompletedCommand described(const CLI::App& app, const std::string& path) {
  CompletedCommand command;
  command.path = path;
  command.about = app.get_description();
  for (const CLI::App* sub : app.get_subcommands(is_for_people))
    command.subcommands.push_back(sub->get_name());
  for (const CLI::Option* option : app.get_options()) {
    const auto choices = choices_of(*option);
    if (option->get_positional()) {
      command.choices = choices;
      command.argument = choices.empty()
                             ? is_file(option->get_single_name()) ? WordKind::file : WordKind::any
                             : WordKind::choice;
      continue;
    }
    CompletedOption one;
    for (const std::string& name : option->get_lnames()) one.names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) one.names.push_back("-" + name);
    one.about = option->get_description();
    one.choices = choices;
    one.value = kind_of(*option, one.names.empty() ? "" : one.names.front(), choices);
    command.options.push_back(std::move(one));
  }
  return command;
}

void add_commands(const CLI::App& app, const std::string& path, CompletedCommands& commands) {
  commands.push_back(described(app, path));
  for (const CLI::App* sub : app.get_subcommands(is_for_people))
    add_commands(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), commands);
}

std::vector<std::string> pack_names() {
  std::set<std::string> names;
  std::error_code error;
  for (const std::string& folder : pack_folders()) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (std::filesystem::exists(entry.path() / "pack.toml", error))
        names.insert(entry.path().filename().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace

void add_completion(CommandLine& line) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command =
      line.app.add_subcommand("completion", "Print a script that completes commands in a shell");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  add_examples(*command,
               "  tideline completion bash > /etc/bash_completion.d/tideline\n"
               "  tideline completion zsh > ~/.zfunc/_tideline\n"
               "  tideline completion fish > ~/.config/fish/completions/tideline.fish");
  command->callback([&line, shell] {
    line.action = [&line, shell] {
      CompletedCommands commands;
      add_commands(line.app, "", commands);
      const auto script = *shell == "bash"  ? bash_completion(commands, pack_names())
                          : *shell == "zsh" ? zsh_completion(commands, pack_names())
                                            : fish_completion(commands, pack_names());
      std::fputs(script.c_str(), stdout);
      return static_cast<int>(ExitCode::ok);
    };
  });
}

}  // namespace tideline
