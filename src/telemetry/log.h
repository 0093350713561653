// Logger: one line a happening, `time level message key=value ...`, for an administrator.
//
// Made by `app` and passed by reference; the core modules do not log. Thread-safe.
#pragma once

#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/clock.h"
#include "base/result.h"

namespace tideline {

enum class LogLevel { debug, info, warn, error, off };
[[nodiscard]] std::string_view name_of(LogLevel level);
[[nodiscard]] std::optional<LogLevel> parse_log_level(std::string_view text);

// A key and its value. Values with blanks, quotes or control characters are quoted and escaped, so
// that no value can start a line of its own.
struct LogField {
  std::string_view key;
  std::string value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  template <class Number>
  requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
      LogField(std::string_view k, Number v)
      : key(k), value(std::to_string(v)) {}
};
using LogFields = std::initializer_list<LogField>;

class Logger {
 public:
  // To stderr. `clock` stamps the lines and must outlive the logger.
  Logger(const Clock& clock, LogLevel level);
  // To a stream of the caller, which must outlive the logger; for tests.
  Logger(const Clock& clock, LogLevel level, std::ostream& out);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void debug(std::string_view message, LogFields fields = {}) {
    log(LogLevel::debug, message, fields);
  }
  void info(std::string_view message, LogFields fields = {}) {
    log(LogLevel::info, message, fields);
  }
  void warn(std::string_view message, LogFields fields = {}) {
    log(LogLevel::warn, message, fields);
  }
  void error(std::string_view message, LogFields fields = {}) {
    log(LogLevel::error, message, fields);
  }
  // "message: the error's words" with its code, and reason where it has one.
  void error(std::string_view message, const Error& cause);

  void log(LogLevel level, std::string_view message, LogFields fields);

 private:
  struct Impl;
  const Clock& clock_;
  LogLevel level_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tideline
