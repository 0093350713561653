#include "packs/pack_toml.h"

#include <algorithm>
#include <sstream>

#include "base/toml_switches.h"

#include <toml++/toml.h>

#include "packs/spelling.h"

namespace tideline {
namespace {

int line_of(const toml::source_region& source) { return static_cast<int>(source.begin.line); }

TomlNode convert(const toml::node& node) {
  TomlNode result;
  result.line = line_of(node.source());
  if (const toml::table* table = node.as_table()) {
    result.kind = TomlNode::Kind::table;
    for (const auto& [key, value] : *table) {
      result.members.push_back({std::string(key.str()), line_of(key.source()),
                                static_cast<int>(key.source().begin.column), convert(value)});
    }
    // toml++ sorts by key; the text's own order is what people see and features count on.
    const auto place = [](const TomlNode::Member& member) {
      return std::pair(member.line, member.column);
    };
    std::stable_sort(result.members.begin(), result.members.end(),
                     [&](const auto& a, const auto& b) { return place(a) < place(b); });
  } else if (const toml::array* array = node.as_array()) {
    result.kind = TomlNode::Kind::array;
    for (const toml::node& item : *array) result.items.push_back(convert(item));
  } else if (const auto* text = node.as_string()) {
    result.kind = TomlNode::Kind::text;
    result.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    result.kind = TomlNode::Kind::number;
    result.number = static_cast<double>(integer->get());
  } else if (const auto* real = node.as_floating_point()) {
    result.kind = TomlNode::Kind::number;
    result.number = real->get();
  } else if (const auto* boolean = node.as_boolean()) {
    result.kind = TomlNode::Kind::boolean;
    result.number = boolean->get() ? 1 : 0;
  }
  return result;
}

}  // namespace

const TomlNode* TomlNode::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::string TomlNode::kind_name() const {
  switch (kind) {
    case Kind::table: return "a table";
    case Kind::array: return "a list";
    case Kind::text: return "a text";
    case Kind::number: return "a number";
    case Kind::boolean: return "true or false";
    case Kind::other: break;
  }
  return "a date or time";
}

Parsed<TomlNode> parse_toml(std::string_view text) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return mistake(line_of(parsed.error().source()),
                   "this is not TOML: " + std::string(parsed.error().description()));
  }
  return convert(parsed.table());
}

Parsed<void> check_keys(const TomlNode& table, const std::string& where,
                        const std::vector<std::string>& allowed) {
  if (table.kind != TomlNode::Kind::table) {
    return mistake(table.line, where + " is a table, not " + table.kind_name());
  }
  for (const TomlNode::Member& member : table.members) {
    if (std::find(allowed.begin(), allowed.end(), member.key) != allowed.end()) continue;
    return mistake(member.line, "unknown key " + in_quotes(member.key) + " in " + where +
                                    did_you_mean(member.key, allowed) +
                                    " (allowed: " + listed(allowed) + ")");
  }
  return {};
}

Parsed<std::string> text_of(const TomlNode& node, const std::string& what) {
  if (node.kind == TomlNode::Kind::text) return node.text;
  return mistake(node.line, what + " is a text in quotes, not " + node.kind_name());
}

Parsed<double> number_of(const TomlNode& node, const std::string& what) {
  if (node.kind == TomlNode::Kind::number) return node.number;
  return mistake(node.line, what + " is a number, not " + node.kind_name());
}

Parsed<bool> boolean_of(const TomlNode& node, const std::string& what) {
  if (node.kind == TomlNode::Kind::boolean) return node.number != 0;
  return mistake(node.line, what + " is true or false, not " + node.kind_name());
}

Parsed<std::vector<std::string>> texts_of(const TomlNode& node, const std::string& what) {
  if (node.kind != TomlNode::Kind::array) {
    return mistake(node.line, what + " is a list such as [\"A\", \"B\"], not " + node.kind_name());
  }
  std::vector<std::string> texts;
  for (const TomlNode& item : node.items) {
    TRY_ASSIGN(std::string text, text_of(item, "every item of " + what));
    if (std::find(texts.begin(), texts.end(), text) != texts.end()) {
      return mistake(item.line, in_quotes(text) + " stands twice in " + what);
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

Parsed<std::string> text_or(const TomlNode& table, std::string_view key, std::string otherwise) {
  const TomlNode* node = table.find(key);
  if (node == nullptr) return otherwise;
  return text_of(*node, std::string(key));
}

Parsed<std::string> required_text(const TomlNode& table, std::string_view key,
                                  const std::string& where) {
  const TomlNode* node = table.find(key);
  if (node == nullptr)
    return mistake(table.line, where + " needs " + std::string(key) + " = \"...\"");
  TRY_ASSIGN(std::string text, text_of(*node, std::string(key)));
  if (text.empty()) return mistake(node->line, std::string(key) + " of " + where + " is empty");
  return text;
}

Parsed<void> check_name(const std::string& name, const std::string& what, int line) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool fits =
      !name.empty() && letter(name[0]) &&
      std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
  if (fits) return {};
  return mistake(line, what + " " + in_quotes(name) + " is no name: letters, digits and _ only, " +
                           "not beginning with a digit");
}

}  // namespace tideline
