// Loading, origins and mistakes of settings, and the page made from their table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "config/load.h"
#include "config/property.h"

namespace tideline {
namespace {

#ifdef TIDELINE_FAULTS
constexpr bool kWithFaults = true;
#else
constexpr bool kWithFaults = false;
#endif

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string origin_of(const LoadedSettings& loaded, std::string_view key) {
  for (const SettingOrigin& entry : loaded.origins) {
    if (entry.key == key) return entry.value + " from " + entry.origin;
  }
  return "absent";
}

SettingSources from_file(std::string text) {
  SettingSources sources;
  sources.file_name = "tideline.toml";
  sources.file_text = std::move(text);
  return sources;
}

std::string mistakes_of(const SettingSources& sources) {
  const auto loaded = load_settings(sources);
  return loaded ? "none" : to_error(loaded.error()).message;
}

TEST(LoadSettings, DefaultsAreThoseOfTheDesign) {
  const auto loaded = load_settings({});
  ASSERT_TRUE(loaded);
  const Settings& s = loaded->settings;
  EXPECT_EQ(s.server.listen, "127.0.0.1:3002");
  EXPECT_EQ(s.ingest.batch_wire_bytes_max, 512000u);
  EXPECT_EQ(s.ingest.batch_inflated_bytes_max, 20u * 1024 * 1024);
  EXPECT_EQ(s.ingest.batch_events_max, 2500u);
  EXPECT_EQ(s.ingest.event_bytes_max, 32768u);
  EXPECT_EQ(s.processing.shards, 16u);
  EXPECT_EQ(s.processing.batch_window, std::chrono::milliseconds(5));
  EXPECT_EQ(s.processing.too_late, 90 * kDay);
  EXPECT_EQ(origin_of(*loaded, "ingest.batch_events_max"), "2500 from default");
  EXPECT_EQ(origin_of(*loaded, "processing.lateness_hours"), "72 from default");
  EXPECT_EQ(origin_of(*loaded, "actions.holdout_share"), "0.1 from default");
  EXPECT_EQ(origin_of(*loaded, "faults.bug"), "absent");
}

TEST(LoadSettings, FlagsWinOverEnvironmentOverFile) {
  SettingSources sources = from_file(
      "log_level = \"warn\"\n"
      "[server]\n"
      "listen = \"127.0.0.1:1\"\n"
      "threads = 3\n"
      "idle_timeout_s = 1.5\n"
      "[log]\n"
      "sync = false\n");
  sources.environment = {{"TIDELINE_SERVER__LISTEN", "127.0.0.1:2"},
                         {"TIDELINE_SERVER__THREADS", "4"},
                         {"TIDELINE_HOME", "/x"},
                         {"PATH", "/bin"}};
  sources.flags = {{"--listen", "server.listen", "[::1]:3"}};
  const auto loaded = load_settings(sources);
  ASSERT_TRUE(loaded) << to_error(loaded.error()).message;
  EXPECT_EQ(loaded->settings.server.listen, "[::1]:3");
  EXPECT_EQ(loaded->settings.server.threads, 4u);
  EXPECT_EQ(loaded->settings.server.idle_timeout, Duration(1500));
  EXPECT_FALSE(loaded->settings.log.sync);
  EXPECT_EQ(origin_of(*loaded, "server.listen"), "[::1]:3 from flag --listen");
  EXPECT_EQ(origin_of(*loaded, "server.threads"), "4 from environment TIDELINE_SERVER__THREADS");
  EXPECT_EQ(origin_of(*loaded, "server.idle_timeout_s"), "1.5 from tideline.toml:5");
  EXPECT_EQ(origin_of(*loaded, "log.sync"), "false from tideline.toml:7");
  EXPECT_EQ(origin_of(*loaded, "log_level"), "warn from tideline.toml:1");
}

TEST(LoadSettings, AllMistakesOfAllSourcesAreNamed) {
  SettingSources sources = from_file(
      "[ingest]\n"
      "batch_event_max = 10\n"
      "batch_events_max = 0\n"
      "json_depth_max = [1]\n"
      "[ingestion]\n"
      "x = 1\n"
      "[server.listen]\n"
      "address = 1\n");
  sources.environment = {{"TIDELINE_SERVER__THREAD", "4"}, {"TIDELINE_LOG__SYNC", "yes"}};
  sources.flags = {{"--listen", "server.listen", "3002"}, {"--set", "sever.listen", "x"}};
  const auto loaded = load_settings(sources);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(), SizeIs(9));
  const std::string text = to_error(loaded.error()).message;
  EXPECT_THAT(text,
              HasSubstr("tideline.toml:2: unknown setting ingest.batch_event_max; the nearest "
                        "one is ingest.batch_events_max"));
  EXPECT_THAT(text, HasSubstr("tideline.toml:3: ingest.batch_events_max cannot be '0'; allowed: "
                              "whole number, 1 to 1000000"));
  EXPECT_THAT(text, HasSubstr("tideline.toml:4: ingest.json_depth_max must be a single value"));
  EXPECT_THAT(text, HasSubstr("tideline.toml:5: unknown setting ingestion"));
  EXPECT_THAT(text, HasSubstr("tideline.toml:7: server.listen must be a single value"));
  EXPECT_THAT(text,
              HasSubstr("environment TIDELINE_SERVER__THREAD: unknown setting server.thread; "
                        "the nearest one is server.threads (TIDELINE_SERVER__THREADS)"));
  EXPECT_THAT(text, HasSubstr("environment TIDELINE_LOG__SYNC: log.sync cannot be 'yes'; allowed: "
                              "true, false"));
  EXPECT_THAT(text, HasSubstr("flag --listen: server.listen cannot be '3002'"));
  EXPECT_THAT(text, HasSubstr("flag --set: unknown setting sever.listen; the nearest one is "
                              "server.listen"));
}

TEST(LoadSettings, AMistakeThatIsOverriddenIsStillAMistake) {
  SettingSources sources = from_file("[server]\nthreads = 0\n");
  sources.flags = {{"--threads", "server.threads", "2"}};
  EXPECT_THAT(mistakes_of(sources), HasSubstr("tideline.toml:2: server.threads cannot be '0'"));
}

TEST(LoadSettings, AFileThatIsNotTomlNamesTheLine) {
  EXPECT_THAT(mistakes_of(from_file("[server]\nlisten = \n")),
              HasSubstr("tideline.toml:2: not TOML"));
  EXPECT_THAT(mistakes_of(from_file("[a]\n[a]\n")), HasSubstr("tideline.toml:2: not TOML"));
  EXPECT_EQ(mistakes_of(from_file("")), "none");
}

TEST(LoadSettings, ChecksWhatOnlySeveralSettingsShow) {
  EXPECT_THAT(mistakes_of(from_file("[processing]\ntoo_late_days = 1\n")),
              HasSubstr("default: processing.lateness_hours is longer"));
  EXPECT_THAT(mistakes_of(from_file("[ingest]\nbatch_inflated_bytes_max = 1000\n")),
              HasSubstr("ingest.event_bytes_max is over"));
  EXPECT_THAT(mistakes_of(from_file("[server]\nbodies_in_flight_bytes_max = 1048576\n")),
              HasSubstr("tideline.toml:2: server.bodies_in_flight_bytes_max is under"));
}

TEST(Assign, HoldsTheBoundsAtBothEnds) {
  const Property& batch = *find_property("processing.batch_events");
  const Property& window = *find_property("processing.batch_window_ms");
  const Property& share = *find_property("actions.holdout_share");
  Settings settings;
  for (const char* good : {"1", "10000"}) EXPECT_TRUE(assign(batch, good, settings)) << good;
  for (const char* bad :
       {"0", "10001", "-1", "1.0", "", " 1", "1 ", "0x10", "99999999999999999999"}) {
    EXPECT_FALSE(assign(batch, bad, settings)) << bad;
  }
  EXPECT_EQ(settings.processing.batch_events, 10000u);
  for (const char* good : {"0", "5000"}) EXPECT_TRUE(assign(window, good, settings)) << good;
  for (const char* bad : {"5001", "-1", "0.5", "nan", "inf"}) {
    EXPECT_FALSE(assign(window, bad, settings)) << bad;
  }
  for (const char* good : {"0", "0.5", "0.25"}) EXPECT_TRUE(assign(share, good, settings)) << good;
  for (const char* bad : {"0.51", "-0.1", "nan", "a"}) EXPECT_FALSE(assign(share, bad, settings));
}

TEST(Assign, KnowsAddressesZonesAndLevels) {
  Settings settings;
  const Property& zone = *find_property("report.time_zone");
  for (const char* good :
       {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3"}) {
    EXPECT_TRUE(assign(zone, good, settings)) << good;
  }
  for (const char* bad : {"", "/etc/passwd", "../x", "a b"}) {
    EXPECT_FALSE(assign(zone, bad, settings)) << bad;
  }
  const Property& at = *find_property("report.at");
  for (const char* good : {"00:00", "23:59"}) EXPECT_TRUE(assign(at, good, settings)) << good;
  for (const char* bad : {"", "7:00", "24:00", "07:60", "07-00", "+7:00", "07:0x", "07:000"}) {
    EXPECT_FALSE(assign(at, bad, settings)) << bad;
  }
  EXPECT_FALSE(assign(*find_property("report.weekday"), "Monday", settings));
  EXPECT_FALSE(assign(*find_property("log_level"), "INFO", settings));
}

TEST(PropertyTable, EveryRowIsWhole) {
  std::set<std::string_view> keys;
  const Settings defaults;
  for (const Property& property : property_table()) {
    EXPECT_TRUE(keys.insert(property.key).second) << property.key << " twice";
    EXPECT_TRUE(property.sentence.ends_with('.')) << property.key;
    EXPECT_LE(property.low, property.high) << property.key;
    Settings settings;
    const std::string value = value_text(property, defaults);
    const Status taken = assign(property, value, settings);
    EXPECT_EQ(taken.has_value(), kWithFaults || !property.hidden) << property.key;
    if (property.hidden) continue;
    EXPECT_TRUE(taken) << property.key << " refuses its default " << value;
    EXPECT_EQ(value_text(property, settings), value) << property.key;
  }
}

// Two rows that fill the same field would make one of them do nothing.
TEST(PropertyTable, EveryRowFillsAFieldOfItsOwn) {
  Settings settings;
  std::set<const void*> fields;
  for (const Property& property : property_table()) {
    std::visit(
        [&](auto field) { EXPECT_TRUE(fields.insert(&field(settings)).second) << property.key; },
        property.field);
  }
}

TEST(PropertyTable, NamesInTheEnvironment) {
  EXPECT_EQ(environment_name(*find_property("ingest.batch_events_max")),
            "TIDELINE_INGEST__BATCH_EVENTS_MAX");
  EXPECT_EQ(environment_name(*find_property("log_level")), "TIDELINE_LOG_LEVEL");
  SettingSources sources;
  std::size_t given = 0;
  for (const Property& property : property_table()) {
    if (property.hidden && !kWithFaults) continue;
    sources.environment[environment_name(property)] = value_text(property, Settings());
    ++given;
  }
  const auto loaded = load_settings(sources);
  ASSERT_TRUE(loaded) << to_error(loaded.error()).message;
  EXPECT_THAT(loaded->origins, SizeIs(given));
  for (const SettingOrigin& entry : loaded->origins) {
    EXPECT_THAT(entry.origin, HasSubstr("environment TIDELINE_"));
  }
}

TEST(ListenAddress, ParsesBothFamilies) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:0")->port, 0);
  EXPECT_EQ(parse_listen_address("localhost:80")->address, "127.0.0.1");
  EXPECT_EQ(parse_listen_address("[::]:65535")->address, "::");
  for (const char* bad : {"", ":", "3002", ":3002", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                          "127.0.0.1:-1", "::1:3002", "[::1]", "host:1", "[127.0.0.1]:1"}) {
    EXPECT_FALSE(parse_listen_address(bad)) << bad;
  }
  EXPECT_TRUE(is_loopback("127.8.0.1"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("0.0.0.0"));
  EXPECT_FALSE(is_loopback("::"));
}

TEST(SettingsPage, IsUpToDate) {
  const std::string path = TIDELINE_SOURCE_DIR "/docs/settings.md";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << settings_markdown();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), settings_markdown()) << "run this test with UPDATE_GOLDEN=1";
}

}  // namespace
}  // namespace tideline
