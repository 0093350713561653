// Settings: every figure an administrator may choose, typed, with its default.
//
// The struct holds values only. The table in config/property.h names each field's key, bounds and
// sentence; config/load.h fills it from flags, environment and file.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace tideline {

struct ServerSettings {
  std::string listen = "127.0.0.1:3002";  // ADDRESS:PORT, [ADDRESS6]:PORT
  std::uint32_t threads = 2;
  std::uint32_t connections_max = 10'000;
  std::uint64_t header_bytes_max = 16 * 1024;
  std::uint64_t body_bytes_max = 1024 * 1024;  // of requests that are not ingest
  std::uint64_t bodies_in_flight_bytes_max = 256ull << 20;
  Duration header_timeout = std::chrono::seconds(10);
  Duration body_timeout = std::chrono::seconds(30);
  Duration idle_timeout = std::chrono::seconds(75);
  Duration write_timeout = std::chrono::seconds(30);
  Duration queue_wait_max = std::chrono::milliseconds(250);
  Duration drain_timeout = std::chrono::seconds(10);
  std::string tls_certificate;  // PEM file with the chain; empty: no TLS
  std::string tls_key;          // PEM file
};

struct AccessSettings {
  std::string visitor_role = "none";  // of whoever is on this machine, without signing in
  Duration session = std::chrono::hours(24 * 7);
  Duration session_idle = std::chrono::hours(24);
  double key_requests_per_s = 200;  // of one key, not ingest; 0: no limit
  double key_burst_s = 10;
};

struct IngestSettings {
  std::uint64_t batch_wire_bytes_max = 500 * 1024;
  std::uint64_t batch_inflated_bytes_max = 20ull << 20;
  std::uint32_t batch_events_max = 2500;
  std::uint32_t event_bytes_max = 32 * 1024;
  std::uint32_t json_depth_max = 32;
  std::uint32_t id_bytes_max = 128;
  Duration future_skew = std::chrono::minutes(5);
  std::uint64_t queue_bytes_max = 64ull << 20;
  Duration durable_wait_max = std::chrono::seconds(2);
  double source_requests_per_s = 0;  // 0: no limit
  double source_events_per_s = 0;
  double source_bytes_per_s = 0;
  double source_burst_s = 5;
};

struct LogSettings {
  std::uint64_t segment_bytes = 64ull << 20;
  Duration retention = std::chrono::hours(24);
  std::uint64_t retention_bytes_max = 0;  // 0: age alone decides
  bool sync = true;                       // false only for measurements; a crash then loses events
};

struct ProcessingSettings {
  std::uint32_t shards = 16;  // fixed when the data folder is made
  std::uint32_t workers = 0;  // 0: one a core
  std::uint32_t batch_events = 100;
  Duration batch_window = std::chrono::milliseconds(5);
  Duration watchdog = std::chrono::seconds(5);
  std::uint32_t queue_events_max = 8192;  // a shard
  Duration lateness = std::chrono::hours(72);
  Duration too_late = std::chrono::hours(24 * 90);
  Duration dedupe = std::chrono::hours(24 * 7);
};

struct StateSettings {
  std::uint64_t cache_bytes = 256ull << 20;
  std::uint32_t keep_days = 0;  // 0: for ever
};

struct LakeSettings {
  Duration flush = std::chrono::seconds(30);
  std::uint32_t files_per_date_max = 64;
  std::uint32_t files_settled_max = 8;
  std::uint32_t keep_events_days = 0;       // 0: for ever
  std::uint32_t keep_predictions_days = 0;  // also tier changes and actions
};

// Of SQL that comes through the API.
struct SqlSettings {
  Duration time_max = std::chrono::seconds(30);
  std::uint64_t memory_bytes = 512ull << 20;
  std::uint64_t rows_max = 1'000'000;
  std::uint64_t answer_bytes_max = 64ull << 20;
  std::uint32_t threads = 2;
  std::uint32_t queries_max = 2;
};

struct ScoreSettings {
  Duration interval = std::chrono::seconds(300);
  Duration rescore_within = std::chrono::seconds(1);
  std::uint32_t history_days = 400;
};

struct ModelSettings {
  Duration retrain_interval = std::chrono::hours(24 * 7);  // 0: never by itself
  Duration upkeep_interval = std::chrono::hours(1);
  Duration batch_interval = std::chrono::hours(24 * 7);  // 0: never by itself
};

struct DiskSettings {
  std::uint64_t reserve_bytes = 512ull << 20;
};

struct ActionsSettings {
  double holdout_share = 0.1;
};

// Messages to people outside (docs/alerts.md).
struct AlertSettings {
  std::string base_url;          // of links to the page; empty: no links
  std::string allowed_networks;  // "10.1.0.0/16 127.0.0.1"; empty: only public addresses
  Duration cooldown = std::chrono::hours(24);
  double messages_per_min = 30;  // of one receiver
  Duration lag = std::chrono::seconds(60);
  Duration trouble_begins = std::chrono::seconds(30);
  Duration trouble_ends = std::chrono::seconds(60);
  std::uint32_t keep_days = 30;
  std::string mail_server;  // HOST:PORT; empty: no mail
  std::string mail_security = "starttls";
  std::string mail_from = "tideline@localhost";
  std::string mail_user;
  std::string mail_password_file;
};

// A model that may word the assistant's answers.
struct AssistantSettings {
  std::string url;  // of an OpenAI-compatible API, "https://host/v1"; empty: none is asked
  std::string model;
  std::string key_file;  // its first line; empty: none is sent
  Duration timeout = std::chrono::seconds(10);
};

struct ReportSettings {
  std::string time_zone = "UTC";
  std::string paper = "a4";
  std::uint32_t every_days = 0;  // 0: only when asked for
  std::string weekday = "monday";
  std::string at = "07:00";  // by the clock of time_zone
  std::string mail_to;       // addresses with blanks between; empty: to nobody
};

// Named crash points and planted bugs; accepted only by builds with TIDELINE_FAULTS.
struct FaultsSettings {
  std::string crash_point;  // NAME or NAME:COUNT; empty: none
  std::string bug;          // name of the planted bug; empty: none
};

struct Settings {
  std::string log_level = "info";
  ServerSettings server;
  AccessSettings access;
  IngestSettings ingest;
  LogSettings log;
  ProcessingSettings processing;
  StateSettings state;
  LakeSettings lake;
  SqlSettings sql;
  ScoreSettings score;
  ModelSettings model;
  DiskSettings disk;
  ActionsSettings actions;
  AlertSettings alerts;
  AssistantSettings assistant;
  ReportSettings report;
  FaultsSettings faults;
};

}  // namespace tideline
