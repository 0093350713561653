// Loading of settings: flags over environment over file over defaults, with the origin of each
// value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/settings.h"

namespace tideline {

struct SettingFlag {
  std::string flag;  // as the user typed it: "--listen"
  std::string key;   // "server.listen"
  std::string value;
};

struct SettingSources {
  std::vector<SettingFlag> flags;
  std::map<std::string, std::string>
      environment;                       // names without the prefix TIDELINE_ are ignored
  std::string file_name;                 // for messages; "tideline.toml"
  std::optional<std::string> file_text;  // nullopt: there is no file
};

// One value and where it came from.
struct SettingOrigin {
  std::string key;
  std::string value;
  // "default", "flag --listen", "environment TIDELINE_SERVER__LISTEN", "tideline.toml:12"
  std::string origin;
};

// What is wrong with one setting, and where: "tideline.toml:12: unknown setting ...".
struct SettingMistake {
  std::string where;  // as SettingOrigin::origin
  std::string message;
};

struct LoadedSettings {
  Settings settings;
  std::vector<SettingOrigin> origins;  // in the order of the table; hidden ones only when set
};

// All mistakes of all sources at once. TIDELINE_ names without "__" after the section are not
// settings (TIDELINE_HOME) and are ignored.
[[nodiscard]] tl::expected<LoadedSettings, std::vector<SettingMistake>> load_settings(
    const SettingSources& sources);

// One error of all the mistakes, a line each.
[[nodiscard]] Error to_error(const std::vector<SettingMistake>& mistakes);

// "127.0.0.1:3002" or "[::1]:3002" or "localhost:3002" in two.
struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;  // 0: any free port
};
[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);
[[nodiscard]] bool is_loopback(std::string_view address);

}  // namespace tideline
