#include "app/completion.h"

#include <algorithm>

namespace tideline {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// In single quotes, for all three shells; fish knows \' inside, the others do not need it: no text
// of ours keeps its apostrophes.
std::string shell_quoted(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '`');
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\\', '/');
  return "'" + text + "'";
}

std::string name_of(const CompletedCommand& command) {
  return command.path.substr(command.path.rfind(' ') + 1);
}

const CompletedCommand* find(const CompletedCommands& commands, const std::string& path) {
  for (const CompletedCommand& command : commands) {
    if (command.path == path) return &command;
  }
  return nullptr;
}

std::string below(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + " " + name;
}

// "case" arms that lead from a path and the next word to the path of a command.
std::string path_arms(const CompletedCommands& commands, const std::string& variable) {
  std::string arms;
  for (const CompletedCommand& command : commands) {
    if (command.path.empty()) continue;
    const std::size_t cut = command.path.rfind(' ');
    const std::string parent = cut == std::string::npos ? "" : command.path.substr(0, cut);
    arms += "      " + shell_quoted(parent + ":" + name_of(command)) + ") " + variable + "=" +
            shell_quoted(command.path) + " ;;\n";
  }
  return arms;
}

std::vector<std::string> flags_of(const CompletedCommand& command) {
  std::vector<std::string> flags;
  for (const CompletedOption& option : command.options)
    flags.insert(flags.end(), option.names.begin(), option.names.end());
  return flags;
}

// What completes one kind of word, as a command of bash that fills COMPREPLY.
std::string bash_words(WordKind kind, const std::vector<std::string>& choices,
                       const std::vector<std::string>& packs) {
  switch (kind) {
    case WordKind::file: return "_tideline_files \"$cur\"";
    case WordKind::pack:
      return "_tideline_words \"" + joined(packs) +
             "\" \"$cur\"; "
             "_tideline_folders \"$cur\"";
    case WordKind::choice: return "_tideline_words \"" + joined(choices) + "\" \"$cur\"";
    case WordKind::any:
    case WordKind::none: break;
  }
  return ":";
}

// The same for zsh.
std::string zsh_words(WordKind kind, const std::vector<std::string>& choices,
                      const std::vector<std::string>& packs) {
  switch (kind) {
    case WordKind::file: return "_files";
    case WordKind::pack: return "compadd -- " + joined(packs) + "; _files -/";
    case WordKind::choice: return "compadd -- " + joined(choices);
    case WordKind::any:
    case WordKind::none: break;
  }
  return ":";
}

constexpr const char* kBashHead =
    R"(# Completion of tideline for bash: . <(tideline completion bash)
_tideline_words() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$1" -- "$2")
}
_tideline_files() {
  local word
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$1")
}
_tideline_folders() {
  local word
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$1")
}
_tideline() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' i
  COMPREPLY=()
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at:${COMP_WORDS[i]}" in
)";

constexpr const char* kZshHead = R"(#compdef tideline
# Completion of tideline for zsh: source <(tideline completion zsh)
_tideline() {
  local cur=${words[CURRENT]} prev=${words[CURRENT-1]} at='' i
  for ((i = 2; i < CURRENT; i++)); do
    case "$at:${words[i]}" in
)";

}  // namespace

std::string bash_completion(const CompletedCommands& commands,
                            const std::vector<std::string>& packs) {
  std::string text = kBashHead + path_arms(commands, "at") + "    esac\n  done\n";
  text += "  case \"$at:$prev\" in\n";
  for (const CompletedCommand& command : commands) {
    for (const CompletedOption& option : command.options) {
      if (option.value == WordKind::none) continue;
      std::string names;
      for (const std::string& name : option.names)
        names += (names.empty() ? "" : "|") + shell_quoted(command.path + ":" + name);
      text += "    " + names + ") " + bash_words(option.value, option.choices, packs) +
              "; return ;;\n";
    }
  }
  text += "  esac\n  case \"$at\" in\n";
  for (const CompletedCommand& command : commands) {
    text += "    " + shell_quoted(command.path) + ")\n      if [[ $cur == -* ]]; then\n";
    text += "        _tideline_words \"" + joined(flags_of(command)) + "\" \"$cur\"\n      else\n";
    if (!command.subcommands.empty())
      text += "        _tideline_words \"" + joined(command.subcommands) + "\" \"$cur\"\n";
    text += "        " + bash_words(command.argument, command.choices, packs) + "\n      fi ;;\n";
  }
  return text + "  esac\n}\ncomplete -F _tideline tideline\n";
}

std::string zsh_completion(const CompletedCommands& commands,
                           const std::vector<std::string>& packs) {
  std::string text = kZshHead + path_arms(commands, "at") + "    esac\n  done\n";
  text += "  case \"$at:$prev\" in\n";
  for (const CompletedCommand& command : commands) {
    for (const CompletedOption& option : command.options) {
      if (option.value == WordKind::none) continue;
      std::string names;
      for (const std::string& name : option.names)
        names += (names.empty() ? "" : "|") + shell_quoted(command.path + ":" + name);
      text +=
          "    " + names + ") " + zsh_words(option.value, option.choices, packs) + "; return ;;\n";
    }
  }
  text += "  esac\n  local -a known\n  case \"$at\" in\n";
  for (const CompletedCommand& command : commands) {
    text += "    " + shell_quoted(command.path) + ")\n      if [[ $cur == -* ]]; then\n";
    text += "        compadd -- " + joined(flags_of(command)) + "\n      else\n";
    if (!command.subcommands.empty()) {
      text += "        known=(";
      for (const std::string& name : command.subcommands) {
        const CompletedCommand* one = find(commands, below(command.path, name));
        text +=
            (text.back() == '(' ? "" : " ") + shell_quoted(name + ":" + (one ? one->about : ""));
      }
      text += ")\n        _describe command known\n";
    }
    text += "        " + zsh_words(command.argument, command.choices, packs) + "\n      fi ;;\n";
  }
  return text +
         "  esac\n}\nif [[ $funcstack[1] == _tideline ]]; then _tideline; else "
         "compdef _tideline tideline; fi\n";
}

std::string fish_completion(const CompletedCommands& commands,
                            const std::vector<std::string>& packs) {
  std::string text =
      "# Completion of tideline for fish: tideline completion fish | source\n"
      "function __tideline_at\n  set -l at ''\n  for word in (commandline -opc)[2..-1]\n"
      "    switch \"$at:$word\"\n";
  for (const CompletedCommand& command : commands) {
    if (command.path.empty()) continue;
    const std::size_t cut = command.path.rfind(' ');
    const std::string parent = cut == std::string::npos ? "" : command.path.substr(0, cut);
    text += "      case " + shell_quoted(parent + ":" + name_of(command)) + "\n        set at " +
            shell_quoted(command.path) + "\n";
  }
  text += "    end\n  end\n  test \"$at\" = \"$argv[1]\"\nend\ncomplete -c tideline -f\n";
  for (const CompletedCommand& command : commands) {
    const std::string here =
        "complete -c tideline -n \"__tideline_at " + shell_quoted(command.path) + "\"";
    for (const std::string& name : command.subcommands) {
      const CompletedCommand* one = find(commands, below(command.path, name));
      text +=
          here + " -a " + shell_quoted(name) + " -d " + shell_quoted(one ? one->about : "") + "\n";
    }
    for (const CompletedOption& option : command.options) {
      text += here;
      for (const std::string& name : option.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (option.value != WordKind::none) text += " -r";
      if (option.value == WordKind::file) text += " -F";
      if (option.value == WordKind::pack) text += " -a " + shell_quoted(joined(packs));
      if (option.value == WordKind::choice) text += " -a " + shell_quoted(joined(option.choices));
      text += " -d " + shell_quoted(option.about) + "\n";
    }
    if (command.argument == WordKind::file) text += here + " -F\n";
    if (command.argument == WordKind::choice)
      text += here + " -a " + shell_quoted(joined(command.choices)) + "\n";
  }
  return text;
}

}  // namespace tideline
