// TomlNode: a parsed TOML value with its line. Keeps toml++ out of everything but pack_toml.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "packs/syntax.h"

namespace tideline {

struct TomlNode {
  enum class Kind : std::uint8_t { table, array, text, number, boolean, other };
  struct Member;

  Kind kind = Kind::other;
  int line = 0;
  std::string text;
  double number = 0;            // boolean as 0 or 1
  std::vector<Member> members;  // table, in the order of the text
  std::vector<TomlNode> items;  // array

  // nullptr: no such key.
  [[nodiscard]] const TomlNode* find(std::string_view key) const;
  // "a text", "a table", ...
  [[nodiscard]] std::string kind_name() const;
};
struct TomlNode::Member {
  std::string key;
  int line = 0;
  int column = 0;
  TomlNode value;
};

[[nodiscard]] Parsed<TomlNode> parse_toml(std::string_view text);

// Typed access with messages that name the key, its line and what is allowed.
[[nodiscard]] Parsed<void> check_keys(const TomlNode& table, const std::string& where,
                                      const std::vector<std::string>& allowed);
[[nodiscard]] Parsed<std::string> text_of(const TomlNode& node, const std::string& what);
[[nodiscard]] Parsed<double> number_of(const TomlNode& node, const std::string& what);
[[nodiscard]] Parsed<bool> boolean_of(const TomlNode& node, const std::string& what);
[[nodiscard]] Parsed<std::vector<std::string>> texts_of(const TomlNode& node,
                                                        const std::string& what);
// The text under a key; absent: `otherwise`.
[[nodiscard]] Parsed<std::string> text_or(const TomlNode& table, std::string_view key,
                                          std::string otherwise);
[[nodiscard]] Parsed<std::string> required_text(const TomlNode& table, std::string_view key,
                                                const std::string& where);
// Letters, digits and _, not beginning with a digit.
[[nodiscard]] Parsed<void> check_name(const std::string& name, const std::string& what, int line);

}  // namespace tideline
