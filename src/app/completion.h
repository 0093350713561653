// Completion of the command line for bash, zsh and fish, as a script that the shell reads.
#pragma once

#include <string>
#include <vector>

namespace tideline {

// What may stand behind an option, or as an argument of a command.
enum class WordKind : std::uint8_t { none, any, file, pack, choice };

struct CompletedOption {
  std::vector<std::string> names;  // "--data", "-h"
  std::string about;
  WordKind value = WordKind::none;  // none: it takes no value
  std::vector<std::string> choices;
};

struct CompletedCommand {
  std::string path;  // "model train"; empty: the program
  std::string about;
  std::vector<std::string> subcommands;
  std::vector<CompletedOption> options;
  WordKind argument = WordKind::none;
  std::vector<std::string> choices;  // of the argument
};

// Every command with what it takes, the program itself first.
using CompletedCommands = std::vector<CompletedCommand>;

[[nodiscard]] std::string bash_completion(const CompletedCommands& commands,
                                          const std::vector<std::string>& packs);
[[nodiscard]] std::string zsh_completion(const CompletedCommands& commands,
                                         const std::vector<std::string>& packs);
[[nodiscard]] std::string fish_completion(const CompletedCommands& commands,
                                          const std::vector<std::string>& packs);

}  // namespace tideline
