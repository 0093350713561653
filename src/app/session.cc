#include "app/session.h"

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "app/faults.h"
#include "app/pack_files.h"
#include "app/table_models.h"
#include "http/client.h"

extern char** environ;

namespace tideline {
namespace {

constexpr std::uint32_t kCommandBatchEvents = 4'000;

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text(*entry);
    const auto equals = text.find('=');
    if (text.starts_with("TIDELINE_") && equals != std::string::npos) {
      result[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  return result;
}

}  // namespace

Result<LoadedSettings> settings_of(const FolderFlags& flags) {
  SettingSources sources;
  sources.flags = flags.settings;
  sources.environment = environment();
  sources.file_name = flags.config.value_or(flags.data + "/tideline.toml");
  auto text = read_file(sources.file_name);
  if (text) sources.file_text = std::move(*text);
  if (!text && flags.config) return fail(text.error());
  auto loaded = load_settings(sources);
  if (!loaded) {
    Error error = to_error(loaded.error());
    error.reason = "usage";
    return fail(std::move(error));
  }
  TRY(arm_faults(loaded->settings.faults));
  return std::move(*loaded);
}

Result<std::unique_ptr<FolderSession>> FolderSession::open(const FolderFlags& flags) {
  std::unique_ptr<FolderSession> session(new FolderSession(flags));
  if (OwnedFolder::is_owned(flags.data)) {
    TRY_ASSIGN(const auto version, OwnedFolder::peek(flags.data));
    if (version && flags.pack && *flags.pack != version->pack &&
        flags.pack->find('/') == std::string::npos) {
      return fail(ErrorCode::refused,
                  flags.data + " belongs to the pack " + version->pack + ", not " + *flags.pack,
                  "other_pack");
    }
    return session;
  }
  TRY_ASSIGN(const auto found, OwnedFolder::peek(flags.data));
  if (flags.tables_alone && !flags.pack && !found) {
    TRY(session->open_without_pack());
    return session;
  }
  TRY_ASSIGN(LoadedSettings loaded, settings_of(flags));
  const auto level = parse_log_level(loaded.settings.log_level).value_or(LogLevel::info);
  session->logger_ = std::make_unique<Logger>(session->clock_, std::max(level, LogLevel::warn));
  // Commands work through backlogs, where large batches pay; nobody waits for a single event.
  ProcessingSettings& processing = loaded.settings.processing;
  processing.batch_events = std::max(processing.batch_events, kCommandBatchEvents);
  EngineOptions options;
  options.folder = flags.data;
  options.pack = flags.pack;
  options.settings = loaded.settings;
  options.allow_changed_pack = flags.allow_changed_pack;
  TRY_ASSIGN(session->engine_,
             Engine::open(std::move(options), session->clock_, *session->logger_));
  return session;
}

Status FolderSession::open_without_pack() {
  TRY_ASSIGN(bare_folder_, OwnedFolder::open_without_pack(flags_.data));
  TRY_ASSIGN(table_models_, ModelFilesStore::open({bare_folder_->models(), &files_}));
  return {};
}

Result<Json> FolderSession::run(const std::string& operation,
                                const boost::json::object& arguments) {
  ProgressLine line;
  if (table_models_) {
    return run_table_operation(
        operation,
        {*table_models_, [&](const OperationProgress& progress) { return line.show(progress); }},
        arguments);
  }
  if (!engine_) return run_remote(operation, arguments);
  return run_operation(
      operation,
      {*engine_, [&](const OperationProgress& progress) { return line.show(progress); }},
      arguments);
}

Result<Json> FolderSession::run_remote(const std::string& operation,
                                       const boost::json::object& arguments) {
  http::ClientOptions options;
  options.request_timeout = Duration{0};
  auto client = http::Client::unix_socket(OwnedFolder::control_socket(flags_.data), options);
  TRY_ASSIGN(const auto answer,
             client.post("/control/" + operation, boost::json::serialize(arguments)));
  boost::system::error_code error;
  Json value = boost::json::parse(answer.body, error);
  if (error || !value.is_object())
    return fail(ErrorCode::unavailable, "the server that owns the folder gave no answer");
  if (answer.status < 300) return value;
  const auto text = [&](const char* key) {
    const Json* member = value.get_object().if_contains(key);
    return member && member->is_string() ? std::string(member->get_string()) : std::string();
  };
  Error failure{error_code_of(text("error")), text("message"), text("reason")};
  return fail(std::move(failure));
}

}  // namespace tideline
