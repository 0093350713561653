#include "config/load.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/toml_switches.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

#include "config/property.h"

namespace tideline {
namespace {

constexpr std::string_view kPrefix = "TIDELINE_";

// A value with its rank: a later source overrides an earlier one.
struct Found {
  std::string value;
  std::string origin;
};
using FoundByKey = std::map<std::string, Found, std::less<>>;
using Mistakes = std::vector<SettingMistake>;

std::string unknown(std::string_view key) {
  return fmt::format("unknown setting {}; the nearest one is {}", key, nearest_key(key));
}

std::string origin_of(const SettingSources& sources, const toml::source_region& region) {
  return fmt::format("{}:{}", sources.file_name, region.begin.line);
}

// The text of a TOML value as `assign` takes it; nullopt for arrays, dates and tables.
std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

void read_table(const SettingSources& sources, const toml::table& table, const std::string& prefix,
                FoundByKey& found, Mistakes& mistakes) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const std::string where = origin_of(sources, name.source());
    const bool is_section =
        std::any_of(property_table().begin(), property_table().end(),
                    [&](const Property& property) { return property.key.starts_with(key + "."); });
    if (const auto* section = node.as_table(); section != nullptr && is_section) {
      read_table(sources, *section, key + ".", found, mistakes);
      continue;
    }
    if (find_property(key) == nullptr) {
      mistakes.push_back({where, unknown(key)});
      continue;
    }
    if (auto text = scalar_text(node)) {
      found[key] = {*std::move(text), where};
    } else {
      mistakes.push_back({where, key + " must be a single value"});
    }
  }
}

void read_file(const SettingSources& sources, FoundByKey& found, Mistakes& mistakes) {
  if (!sources.file_text) return;
  const toml::parse_result parsed = toml::parse(*sources.file_text, sources.file_name);
  if (!parsed) {
    mistakes.push_back({origin_of(sources, parsed.error().source()),
                        "not TOML: " + std::string(parsed.error().description())});
    return;
  }
  read_table(sources, parsed.table(), "", found, mistakes);
}

// INGEST__BATCH_EVENTS_MAX to ingest.batch_events_max.
std::string key_of_environment(std::string_view name) {
  std::string key;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i).starts_with("__")) {
      key += '.';
      ++i;
    } else {
      key += name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
    }
  }
  return key;
}

void read_environment(const SettingSources& sources, FoundByKey& found, Mistakes& mistakes) {
  for (const auto& [name, value] : sources.environment) {
    if (!name.starts_with(kPrefix)) continue;
    const std::string key = key_of_environment(std::string_view(name).substr(kPrefix.size()));
    const bool known = find_property(key) != nullptr;
    if (!known && key.find('.') == std::string::npos) continue;
    const std::string where = "environment " + name;
    if (known) {
      found[key] = {value, where};
    } else {
      const std::string nearest(nearest_key(key));
      mistakes.push_back({where, fmt::format("unknown setting {}; the nearest one is {} ({})", key,
                                             nearest, environment_name(*find_property(nearest)))});
    }
  }
}

void read_flags(const SettingSources& sources, FoundByKey& found, Mistakes& mistakes) {
  for (const SettingFlag& flag : sources.flags) {
    const std::string where = "flag " + flag.flag;
    if (find_property(flag.key) == nullptr) {
      mistakes.push_back({where, unknown(flag.key)});
    } else {
      found[flag.key] = {flag.value, where};
    }
  }
}

// What no single row can check.
void check_together(const LoadedSettings& loaded, Mistakes& mistakes) {
  const auto origin = [&](std::string_view key) {
    const auto entry = std::find_if(loaded.origins.begin(), loaded.origins.end(),
                                    [&](const SettingOrigin& o) { return o.key == key; });
    return entry == loaded.origins.end() ? std::string("default") : entry->origin;
  };
  const Settings& s = loaded.settings;
  if (s.ingest.event_bytes_max > s.ingest.batch_inflated_bytes_max) {
    mistakes.push_back({origin("ingest.event_bytes_max"),
                        "ingest.event_bytes_max is over ingest.batch_inflated_bytes_max"});
  }
  if (s.processing.lateness > s.processing.too_late) {
    mistakes.push_back({origin("processing.lateness_hours"),
                        "processing.lateness_hours is longer than processing.too_late_days"});
  }
  if (s.server.bodies_in_flight_bytes_max < s.ingest.batch_inflated_bytes_max) {
    mistakes.push_back({origin("server.bodies_in_flight_bytes_max"),
                        "server.bodies_in_flight_bytes_max is under "
                        "ingest.batch_inflated_bytes_max, so a full batch would never be taken"});
  }
}

}  // namespace

tl::expected<LoadedSettings, std::vector<SettingMistake>> load_settings(
    const SettingSources& sources) {
  FoundByKey found;
  Mistakes mistakes;
  // A value that is overridden must still be a good one, so each source is checked as it is read.
  for (const auto read : {read_file, read_environment, read_flags}) {
    FoundByKey of_source;
    read(sources, of_source, mistakes);
    for (auto& [key, value] : of_source) {
      Settings scratch;
      if (const Status taken = assign(*find_property(key), value.value, scratch); !taken) {
        mistakes.push_back({value.origin, taken.error().message});
      } else {
        found[key] = std::move(value);
      }
    }
  }
  LoadedSettings loaded;
  for (const Property& property : property_table()) {
    const auto entry = found.find(property.key);
    if (entry != found.end()) {
      if (const Status taken = assign(property, entry->second.value, loaded.settings); !taken) {
        mistakes.push_back({entry->second.origin, taken.error().message});
      }
    } else if (property.hidden) {
      continue;
    }
    loaded.origins.push_back({std::string(property.key), value_text(property, loaded.settings),
                              entry != found.end() ? entry->second.origin : "default"});
  }
  if (mistakes.empty()) check_together(loaded, mistakes);
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return loaded;
}

Error to_error(const std::vector<SettingMistake>& mistakes) {
  std::string text;
  for (const SettingMistake& mistake : mistakes) {
    if (!text.empty()) text += '\n';
    text += mistake.where + ": " + mistake.message;
  }
  return {ErrorCode::invalid, std::move(text), "bad_setting"};
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::invalid,
                fmt::format("'{}' is no ADDRESS:PORT, such as 127.0.0.1:3002 or [::1]:3002", text),
                "bad_address");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string address(text.substr(0, colon));
  const std::string_view port_text = text.substr(colon + 1);
  std::uint16_t port = 0;
  const char* const port_end = port_text.data() + port_text.size();
  const auto [end, ec] = std::from_chars(port_text.data(), port_end, port);
  if (ec != std::errc() || end != port_end) return bad();
  in6_addr raw{};
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
    if (::inet_pton(AF_INET6, address.c_str(), &raw) != 1) return bad();
  } else if (address == "localhost") {
    address = "127.0.0.1";
  } else if (::inet_pton(AF_INET, address.c_str(), &raw) != 1) {
    return bad();
  }
  return ListenAddress{std::move(address), port};
}

bool is_loopback(std::string_view address) {
  in_addr raw4{};
  in6_addr raw6{};
  const std::string text(address);
  if (::inet_pton(AF_INET, text.c_str(), &raw4) == 1) return (ntohl(raw4.s_addr) >> 24) == 127;
  if (::inet_pton(AF_INET6, text.c_str(), &raw6) == 1) return IN6_IS_ADDR_LOOPBACK(&raw6);
  return address == "localhost";
}

}  // namespace tideline
