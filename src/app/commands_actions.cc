// actions: the inbox on the command line.
#include <cstdio>

#include "app/commands.h"

namespace tideline {
namespace {

struct ActionFlags {
  FolderFlags folder;
  std::string status = "open";
  std::string priority;
  std::optional<std::string> owner;
  std::string play;
  std::string customer;
  std::string cursor;
  std::int64_t limit = 100;
  std::vector<std::string> ids;
  std::string by;
  std::string text;  // a note, or a reason
  std::string outcome;
  std::string until;
  std::string span;  // of a snooze: 7d
  std::string to;
};

int print_actions(const Json& result, bool json) {
  if (json) {
    print_json(result);
    return 0;
  }
  const auto& actions = result.as_object().at("data").as_array();
  for (const Json& action : actions) {
    std::printf("%s  %-6s  %-9s  %-20s  %-16s  %s\n", text_at(action, "id").c_str(),
                text_at(action, "priority").c_str(), text_at(action, "status").c_str(),
                printable(text_at(action, "customer_id"), 20).c_str(),
                printable(text_at(action, "owner"), 16).c_str(),
                printable(text_at(action, "sentence"), 120).c_str());
  }
  std::fprintf(stderr, "%zu actions shown\n", actions.size());
  const std::string next = text_at(result, "next_cursor");
  if (!next.empty()) std::fprintf(stderr, "more with --cursor %s\n", next.c_str());
  return 0;
}

// 3 where some could be changed and some not; where none could, what the trouble asks for.
int print_changes(const Json& result, bool json) {
  if (json) print_json(result);
  std::size_t done = 0;
  std::string trouble;
  const auto& results = result.as_object().at("results").as_array();
  for (const Json& one : results) {
    const Json& action = one.as_object().at("action");
    const std::string id = text_at(one, "id");
    if (action.is_object()) {
      ++done;
      if (!json) std::printf("%s  %s\n", id.c_str(), text_at(action, "status").c_str());
      continue;
    }
    trouble = text_at(one, "code");
    std::fprintf(stderr, "tideline: %s: %s\n", id.c_str(), text_at(one, "detail").c_str());
  }
  if (done == results.size()) return 0;
  if (done > 0) return static_cast<int>(ExitCode::partly_done);
  const bool wrong = trouble.starts_with("bad_") || trouble.starts_with("missing_");
  return static_cast<int>(wrong ? ExitCode::usage : ExitCode::failure);
}

void add_list(CLI::App& parent, CommandLine& line, const std::shared_ptr<ActionFlags>& flags) {
  CLI::App* list = parent.add_subcommand("list", "List them, the most urgent first");
  add_folder_flags(*list, flags->folder, false);
  add_json_flag(*list, line);
  list->add_option("--status", flags->status, "Only those of this status")
      ->capture_default_str()
      ->check(CLI::IsMember({"open", "done", "snoozed", "dismissed", "withdrawn", "any"}));
  list->add_option("--priority", flags->priority, "Only these")
      ->check(CLI::IsMember({"high", "medium", "low"}));
  list->add_option("--owner", flags->owner, "Only this one's; an empty name: nobody's");
  list->add_option("--play", flags->play, "Only of this play");
  list->add_option("--customer", flags->customer, "Only where this is part of the customer's id");
  list->add_option("--limit", flags->limit, "At most so many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  list->add_option("--cursor", flags->cursor, "Goes on behind the page that gave it");
  add_examples(*list,
               "  tideline actions list --data demo\n"
               "  tideline actions list --priority high --owner '' --data demo");
  list->callback([&line, flags] {
    line.action = [&line, flags] {
      boost::json::object arguments{{"status", flags->status}, {"limit", flags->limit}};
      const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) arguments[name] = value;
      };
      add("priority", flags->priority);
      add("play", flags->play);
      add("customer", flags->customer);
      add("cursor", flags->cursor);
      if (flags->owner) arguments["owner"] = *flags->owner;
      return with_session(flags->folder, "actions", arguments,
                          [&](const Json& result) { return print_actions(result, line.json); });
    };
  });
}

int change(const ActionFlags& flags, const std::string& step, bool json) {
  boost::json::object arguments{{"change", step}};
  boost::json::array actions;
  for (const std::string& id : flags.ids) actions.push_back(boost::json::object{{"id", id}});
  arguments["actions"] = std::move(actions);
  if (!flags.by.empty()) arguments["by"] = flags.by;
  if (!flags.text.empty()) arguments[step == "dismiss" ? "reason" : "note"] = flags.text;
  if (!flags.outcome.empty()) arguments["outcome"] = flags.outcome;
  if (step == "assign") arguments["owner"] = flags.to;
  if (!flags.until.empty()) arguments["until"] = flags.until;
  if (!flags.span.empty()) arguments["for"] = flags.span;
  return with_session(flags.folder, "change_actions", arguments,
                      [&](const Json& result) { return print_changes(result, json); });
}

CLI::App* add_change(CLI::App& parent, CommandLine& line,
                     const std::shared_ptr<ActionFlags>& flags, const std::string& step,
                     const char* what, const std::string& example) {
  CLI::App* command = parent.add_subcommand(step, what);
  command->add_option("id", flags->ids, "Ids as listed")->required();
  command->add_option("--by", flags->by, "Who does it; unless given: command line");
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  add_examples(*command, "  tideline actions " + step + " 5f0c2a9e41d7b3806e2f9a1c4d8b7e60" +
                             example + " --data demo");
  command->callback([&line, flags, step] {
    line.action = [&line, flags, step] { return change(*flags, step, line.json); };
  });
  return command;
}

void add_outcome(CLI::App& command, ActionFlags& flags, bool needed) {
  CLI::Option* outcome = command.add_option("--outcome", flags.outcome, "What came of it")
                             ->check(CLI::IsMember({"worked", "did_not", "no_answer"}));
  if (needed) outcome->required();
  command.add_option("--note", flags.text, "In your own words");
}

}  // namespace

void add_actions(CommandLine& line) {
  CLI::App* actions = line.app.add_subcommand(
      "actions", "What the playbook recommends, and what people make of it");
  actions->require_subcommand(1);
  add_examples(*actions,
               "  tideline actions list --priority high --data demo\n"
               "  tideline actions done 5f0c2a9e41d7b3806e2f9a1c4d8b7e60 --outcome worked "
               "--data demo\n"
               "  tideline actions snooze 5f0c2a9e41d7b3806e2f9a1c4d8b7e60 --for 7d --data demo");
  auto flags = std::make_shared<ActionFlags>();
  add_list(*actions, line, flags);
  CLI::App* done =
      add_change(*actions, line, flags, "done", "They were done", " --outcome worked");
  add_outcome(*done, *flags, false);
  CLI::App* snooze =
      add_change(*actions, line, flags, "snooze", "Hide them until a time", " --for 7d");
  CLI::Option* until = snooze->add_option("--until", flags->until, "RFC 3339 time");
  CLI::Option* span = snooze->add_option("--for", flags->span, "From now, e.g. 7d, 36h");
  until->excludes(span);
  CLI::App* dismiss = add_change(*actions, line, flags, "dismiss", "They will not be done",
                                 " --reason 'left town'");
  dismiss->add_option("--reason", flags->text, "Why not")->required();
  CLI::App* assign =
      add_change(*actions, line, flags, "assign", "Give them to somebody", " --to ada");
  assign->add_option("--to", flags->to, "Whose they are; an empty name: nobody's")->required();
  CLI::App* outcome = add_change(*actions, line, flags, "outcome",
                                 "What came of ones that are done", " --outcome did_not");
  add_outcome(*outcome, *flags, true);
  add_change(*actions, line, flags, "reopen", "Open ones that are done, snoozed or dismissed", "");
}

}  // namespace tideline
