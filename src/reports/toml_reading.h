// Reading the TOML files of reports; mistakes as errors that name file and line.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "packs/pack_toml.h"

namespace tideline::reports {

class TomlReading {
 public:
  explicit TomlReading(std::string_view file) : file_(file) {}

  template <class T>
  [[nodiscard]] Result<T> told(Parsed<T> parsed) const {
    if (parsed) {
      if constexpr (std::is_void_v<T>) {
        return {};
      } else {
        return std::move(*parsed);
      }
    }
    return fail(ErrorCode::invalid,
                file_ + ":" + std::to_string(parsed.error().line) + ": " + parsed.error().message,
                "bad_report_file");
  }
  [[nodiscard]] Result<TomlNode> parse(std::string_view toml) const {
    return told(parse_toml(toml));
  }
  // Absent: empty.
  Status text(const TomlNode& table, std::string_view key, std::string& into) const;
  Status required(const TomlNode& table, std::string_view key, const std::string& where,
                  std::string& into) const;
  // Absent: unchanged.
  Status number(const TomlNode& table, std::string_view key, double& into) const;
  Status number(const TomlNode& table, std::string_view key, std::optional<double>& into) const;
  Status keys(const TomlNode& table, const std::string& where,
              const std::vector<std::string>& allowed) const;
  // Each table of an array of tables; none where the key is absent.
  Status each(const TomlNode& table, std::string_view key,
              const std::function<Status(const TomlNode&)>& visit) const;

 private:
  std::string file_;
};

}  // namespace tideline::reports
