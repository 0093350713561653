#include "reports/toml_reading.h"

namespace tideline::reports {

Status TomlReading::text(const TomlNode& table, std::string_view key, std::string& into) const {
  TRY_ASSIGN(into, told(text_or(table, key, "")));
  return {};
}

Status TomlReading::required(const TomlNode& table, std::string_view key, const std::string& where,
                             std::string& into) const {
  TRY_ASSIGN(into, told(required_text(table, key, where)));
  return {};
}

Status TomlReading::number(const TomlNode& table, std::string_view key, double& into) const {
  const TomlNode* node = table.find(key);
  if (!node) return {};
  TRY_ASSIGN(into, told(number_of(*node, std::string(key))));
  return {};
}

Status TomlReading::number(const TomlNode& table, std::string_view key,
                           std::optional<double>& into) const {
  const TomlNode* node = table.find(key);
  if (!node) return {};
  TRY_ASSIGN(into, told(number_of(*node, std::string(key))));
  return {};
}

Status TomlReading::keys(const TomlNode& table, const std::string& where,
                         const std::vector<std::string>& allowed) const {
  return told(check_keys(table, where, allowed));
}

Status TomlReading::each(const TomlNode& table, std::string_view key,
                         const std::function<Status(const TomlNode&)>& visit) const {
  const TomlNode* node = table.find(key);
  if (!node) return {};
  if (node->kind != TomlNode::Kind::array) {
    return fail(ErrorCode::invalid,
                file_ + ":" + std::to_string(node->line) + ": " + std::string(key) +
                    " is written as [[" + std::string(key) + "]]",
                "bad_report_file");
  }
  for (const TomlNode& item : node->items) TRY(visit(item));
  return {};
}

}  // namespace tideline::reports
