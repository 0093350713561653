// deadletters, replay, verify, config, doctor, version.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <thread>

#include "app/commands.h"
#include "app/pack_files.h"
#include "app/sql_service.h"

namespace tideline {
namespace {

std::string text_at(const Json& value, const char* key) {
  const Json* member = value.as_object().if_contains(key);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

struct DeadLetterFlags {
  FolderFlags folder;
  std::string id;
  std::string status = "open";
  std::string code;
  std::string payload_file;
  std::int64_t limit = 100;
};

// Escapes what would move the cursor of a terminal.
std::string printable(const std::string& text, std::size_t width) {
  std::string out;
  for (const char c : text.substr(0, width))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return out + (text.size() > width ? "…" : "");
}

int print_dead_letters(const Json& result, bool json) {
  if (json) {
    print_json(result);
    return 0;
  }
  const auto& letters = result.as_object().at("data").as_array();
  for (const Json& letter : letters) {
    std::printf("%-10s %-16s %-24s %s\n", text_at(letter, "id").c_str(),
                text_at(letter, "code").c_str(), text_at(letter, "last_time").c_str(),
                printable(text_at(letter, "reason"), 100).c_str());
  }
  std::fprintf(stderr, "%zu dead letters shown\n", letters.size());
  return 0;
}

void add_letter_command(CLI::App& parent, CommandLine& line,
                        const std::shared_ptr<DeadLetterFlags>& flags, const char* name,
                        const char* what, const char* operation) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->add_option("id", flags->id, "Its id as listed: SHARD-OFFSET")->required();
  add_folder_flags(*command, flags->folder, false);
  add_json_flag(*command, line);
  const bool retries = std::string(name) == "retry";
  if (retries) {
    command
        ->add_option("--payload", flags->payload_file,
                     "File with the mended event (JSON); without it, as it was")
        ->check(CLI::ExistingFile);
  }
  const std::string example = std::string("  tideline deadletters ") + name + " 3-1024";
  add_examples(*command,
               example + " --data demo" +
                   (retries ? "\n" + example + " --payload mended.json --data demo" : ""));
  command->callback([&line, flags, operation = std::string(operation), retries] {
    line.action = [flags, operation, retries] {
      boost::json::object arguments{{"id", flags->id}};
      if (!flags->payload_file.empty()) {
        auto payload = read_file(flags->payload_file);
        if (!payload) return report(payload.error());
        arguments["payload"] = *payload;
      }
      return with_session(flags->folder, operation, arguments, [&](const Json& result) {
        print_json(result);
        const bool dead = retries && !text_at(result, "code").empty();
        return static_cast<int>(dead ? ExitCode::partly_done : ExitCode::ok);
      });
    };
  });
}

int print_verified(const Json& result, bool json) {
  const auto& verified = result.as_object();
  if (json) {
    print_json(result);
  } else {
    const auto number = [&](const char* key) {
      return verified.at(key).to_number<std::uint64_t>();
    };
    for (const Json& problem : verified.at("problems").as_array()) {
      std::printf("PROBLEM %s: %s\n", text_at(problem, "part").c_str(),
                  text_at(problem, "message").c_str());
    }
    std::printf("log: %lu records; state: %lu files; lake: %lu files, %lu rows; models: %lu\n",
                number("log_records"), number("state_files"), number("lake_files"),
                number("lake_rows"), number("models"));
    std::printf(verified.at("ok").as_bool() ? "Everything is as it was written.\n"
                                            : "Not everything is as it was written.\n");
  }
  return verified.at("ok").as_bool() ? 0 : static_cast<int>(ExitCode::failure);
}

int check_pack(const std::string& name, bool json) {
  const auto pack = load_pack(name);
  if (!pack) {
    if (json) print_json(boost::json::object{{"ok", false}, {"message", pack.error().message}});
    return report(pack.error());
  }
  if (json) {
    print_json(boost::json::object{{"ok", true},
                                   {"pack", (*pack)->name()},
                                   {"events", (*pack)->events().size()},
                                   {"features", (*pack)->features().size()},
                                   {"tasks", (*pack)->tasks().size()},
                                   {"feature_hash", (*pack)->feature_hash().hex()}});
  } else {
    std::printf("pack %s: %zu events, %zu features, %zu tasks, %zu plays\n",
                (*pack)->name().c_str(), (*pack)->events().size(), (*pack)->features().size(),
                (*pack)->tasks().size(), (*pack)->plays().size());
  }
  return 0;
}

int print_settings(const FolderFlags& flags, bool with_origin, bool json) {
  const auto loaded = settings_of(flags);
  if (!loaded) return report(loaded.error());
  boost::json::object object;
  for (const SettingOrigin& setting : loaded->origins) {
    if (json) {
      object[setting.key] =
          boost::json::object{{"value", setting.value}, {"origin", setting.origin}};
    } else if (with_origin) {
      std::printf("(%s) %s = %s\n", setting.origin.c_str(), setting.key.c_str(),
                  setting.value.c_str());
    } else {
      std::printf("%s = %s\n", setting.key.c_str(), setting.value.c_str());
    }
  }
  if (json) print_json(object);
  return 0;
}

// What an administrator would look at first when something is wrong.
int examine(const FolderFlags& flags, bool json) {
  bool well = true;
  boost::json::array checks;
  const auto say = [&](bool good, const std::string& what) {
    if (json) {
      checks.push_back({{"ok", good}, {"what", what}});
    } else {
      std::printf("%s %s\n", good ? "ok     " : "problem", what.c_str());
    }
    well = well && good;
  };
  say(true, std::string("tideline ") + TIDELINE_VERSION);
  say(true, std::to_string(std::thread::hardware_concurrency()) + " cores");
  for (const char* name : {"marketplace", "commerce", "learning"}) {
    const auto pack = load_pack(name);
    say(pack.has_value(), pack ? std::string("pack ") + name : pack.error().message);
  }
  const auto version = OwnedFolder::peek(flags.data);
  if (!version) {
    say(false, version.error().message);
  } else if (!*version) {
    say(true, flags.data + " is not there yet; `tideline serve --pack NAME` makes it");
  } else {
    say(true, flags.data + ": pack " + (*version)->pack + ", " +
                  std::to_string((*version)->shards) + " shards");
    const auto confined = sql_confinement(
        std::filesystem::absolute(flags.data + "/lake").lexically_normal().string());
    say(confined.has_value(), confined ? "SQL of the API is confined: " + confined->confinement
                                       : confined.error().message);
    if (confined && !confined->missing.empty()) say(true, "but " + confined->missing);
    say(true, OwnedFolder::is_owned(flags.data) ? "a server owns the folder"
                                                : "no process owns the folder");
    std::error_code error;
    const auto space = std::filesystem::space(flags.data, error);
    const auto loaded = settings_of(flags);
    if (!loaded) say(false, loaded.error().message);
    if (loaded && !error) {
      say(space.available > loaded->settings.disk.reserve_bytes,
          std::to_string(space.available >> 20) + " MiB free; the reserve is " +
              std::to_string(loaded->settings.disk.reserve_bytes >> 20) + " MiB");
    }
  }
  if (json) print_json(boost::json::object{{"ok", well}, {"checks", std::move(checks)}});
  return well ? 0 : static_cast<int>(ExitCode::failure);
}

}  // namespace

void add_dead_letters(CommandLine& line) {
  CLI::App* letters = line.app.add_subcommand(
      "deadletters", "Events that could not be taken in: look, retry, drop");
  letters->require_subcommand(1);
  add_examples(*letters,
               "  tideline deadletters list --data demo\n"
               "  tideline deadletters show 3-1024 --data demo\n"
               "  tideline deadletters retry 3-1024 --payload mended.json --data demo");
  auto flags = std::make_shared<DeadLetterFlags>();
  CLI::App* list = letters->add_subcommand("list", "List them");
  add_folder_flags(*list, flags->folder, false);
  add_json_flag(*list, line);
  list->add_option("--status", flags->status, "Only those of this status")
      ->capture_default_str()
      ->check(CLI::IsMember({"open", "retried", "dropped", "any"}));
  list->add_option("--code", flags->code, "Only this reason code, e.g. missing_customer");
  list->add_option("--limit", flags->limit, "At most so many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_examples(*list, "  tideline deadletters list --data demo --code bad_property");
  list->callback([&line, flags] {
    line.action = [&line, flags] {
      boost::json::object arguments{{"status", flags->status}, {"limit", flags->limit}};
      if (!flags->code.empty()) arguments["code"] = flags->code;
      return with_session(flags->folder, "deadletters", arguments, [&](const Json& result) {
        return print_dead_letters(result, line.json);
      });
    };
  });
  add_letter_command(*letters, line, flags, "show", "Show one, with its payload", "deadletter");
  add_letter_command(*letters, line, flags, "retry",
                     "Send one on its way again; twice does no harm", "retry");
  add_letter_command(*letters, line, flags, "drop", "Set one aside for good", "drop");
}

void add_replay_and_verify(CommandLine& line) {
  auto flags = std::make_shared<FolderFlags>();
  CLI::App* replay = line.app.add_subcommand(
      "replay", "Build a new state from the lake and swap it in, e.g. after the pack changed");
  add_folder_flags(*replay, *flags, false);
  add_json_flag(*replay, line);
  add_examples(*replay, "  tideline replay --data demo");
  replay->callback([&line, flags] {
    line.action = [&line, flags] {
      flags->allow_changed_pack = true;
      return with_session(*flags, "replay", {}, [&](const Json& result) {
        if (line.json) {
          print_json(result);
        } else {
          std::printf("rebuilt %lu customers from %lu events\n",
                      result.as_object().at("customers").to_number<std::uint64_t>(),
                      result.as_object().at("events").to_number<std::uint64_t>());
        }
        return 0;
      });
    };
  });
  CLI::App* verify =
      line.app.add_subcommand("verify", "Read every file of a data folder and check it");
  add_folder_flags(*verify, *flags, false);
  add_json_flag(*verify, line);
  add_examples(*verify, "  tideline verify --data demo");
  verify->callback([&line, flags] {
    line.action = [&line, flags] {
      return with_session(*flags, "verify", {},
                          [&](const Json& result) { return print_verified(result, line.json); });
    };
  });
}

void add_config(CommandLine& line) {
  struct Flags {
    FolderFlags folder;
    std::string pack;
    bool origin = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* config = line.app.add_subcommand("config", "Settings and packs");
  config->require_subcommand(1);
  add_examples(*config,
               "  tideline config print --origin --data demo\n"
               "  tideline config check --pack ./my-pack");
  CLI::App* check = config->add_subcommand("check", "Check the settings, and a pack");
  add_folder_flags(*check, flags->folder, false);
  check->add_option("--pack", flags->pack, "Check this pack: a name or a folder");
  add_json_flag(*check, line);
  add_examples(
      *check,
      "  tideline config check --pack ./my-pack\n  tideline config check --config tideline.toml");
  check->callback([&line, flags] {
    line.action = [&line, flags] {
      const auto loaded = settings_of(flags->folder);
      if (!loaded) return report(loaded.error());
      if (!flags->pack.empty()) return check_pack(flags->pack, line.json);
      std::printf(line.json ? "{\"ok\":true}\n" : "The settings are in order.\n");
      return 0;
    };
  });
  CLI::App* print = config->add_subcommand("print", "Print every setting");
  add_folder_flags(*print, flags->folder, false);
  print->add_flag("--origin", flags->origin, "And where each value comes from");
  add_json_flag(*print, line);
  add_examples(*print, "  tideline config print --origin --data demo");
  print->callback([&line, flags] {
    line.action = [&line, flags] {
      return print_settings(flags->folder, flags->origin, line.json);
    };
  });
}

void add_doctor_and_version(CommandLine& line) {
  auto flags = std::make_shared<FolderFlags>();
  CLI::App* doctor =
      line.app.add_subcommand("doctor", "Look at the machine, the packs and a data folder");
  add_folder_flags(*doctor, *flags, false);
  add_json_flag(*doctor, line);
  add_examples(*doctor, "  tideline doctor --data demo");
  doctor->callback(
      [&line, flags] { line.action = [&line, flags] { return examine(*flags, line.json); }; });
  CLI::App* version = line.app.add_subcommand("version", "Print the program's version");
  add_json_flag(*version, line);
  add_examples(*version, "  tideline version\n  tideline version --json");
  version->callback([&line] {
    line.action = [&line] {
      std::printf(line.json ? "{\"version\":\"%s\"}\n" : "tideline %s\n", TIDELINE_VERSION);
      return 0;
    };
  });
}

}  // namespace tideline
