#include "telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <utility>

namespace tideline {
namespace {

constexpr std::array<std::pair<LogLevel, std::string_view>, 5> kLevels{{{LogLevel::debug, "debug"},
                                                                        {LogLevel::info, "info"},
                                                                        {LogLevel::warn, "warn"},
                                                                        {LogLevel::error, "error"},
                                                                        {LogLevel::off, "off"}}};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::off: return spdlog::level::off;
  }
  return spdlog::level::off;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void append_escaped(std::string& line, std::string_view text, bool quotes_too) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    if (is_control(c)) {
      const auto byte = static_cast<unsigned char>(c);
      line += "\\x";
      line += kHex[byte >> 4];
      line += kHex[byte & 15];
    } else {
      if (quotes_too && (c == '"' || c == '\\')) line += '\\';
      line += c;
    }
  }
}

void append_value(std::string& line, std::string_view value) {
  bool bare = !value.empty();
  for (const char c : value) {
    bare = bare && !is_control(c) && c != ' ' && c != '"' && c != '=' && c != '\\';
  }
  if (bare) {
    line += value;
    return;
  }
  line += '"';
  append_escaped(line, value, true);
  line += '"';
}

}  // namespace

std::string_view name_of(LogLevel level) {
  for (const auto& [known, name] : kLevels) {
    if (known == level) return name;
  }
  return "off";
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (const auto& [level, name] : kLevels) {
    if (name == text) return level;
  }
  return std::nullopt;
}

struct Logger::Impl {
  explicit Impl(spdlog::sink_ptr sink) : logger("tideline", std::move(sink)) {
    logger.set_pattern("%v");  // the line is complete: time and level come from us
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
  }
  spdlog::logger logger;
};

Logger::Logger(const Clock& clock, LogLevel level)
    : clock_(clock),
      level_(level),
      impl_(std::make_unique<Impl>(std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

Logger::Logger(const Clock& clock, LogLevel level, std::ostream& out)
    : clock_(clock),
      level_(level),
      impl_(std::make_unique<Impl>(std::make_shared<spdlog::sinks::ostream_sink_mt>(out))) {}

Logger::~Logger() = default;

void Logger::log(LogLevel level, std::string_view message, LogFields fields) {
  if (level < level_ || level_ == LogLevel::off) return;
  std::string line = format_time(clock_.now());
  line += ' ';
  const std::string_view name = name_of(level);
  line += name;
  line.append(name.size() < 5 ? 6 - name.size() : 1, ' ');
  append_escaped(line, message, false);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  impl_->logger.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

void Logger::error(std::string_view message, const Error& cause) {
  std::string text(message);
  text += ": ";
  text += cause.message;
  if (cause.reason.empty()) {
    error(text, {{"code", name_of(cause.code)}});
  } else {
    error(text, {{"code", name_of(cause.code)}, {"reason", cause.reason}});
  }
}

}  // namespace tideline
