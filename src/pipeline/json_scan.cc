#include "pipeline/json_scan.h"

#include <simdjson.h>

#include <algorithm>

namespace tideline {
namespace {

// Plain loops: the standard searches for one of several characters cost a call a character.
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// One past the closing quote of a string that begins at 0.
std::size_t string_end(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

// One past the value that begins at 0.
std::size_t value_end(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == '"') return string_end(text);
  if (text[0] != '{' && text[0] != '[') {
    std::size_t end = 0;
    const auto ends = [](char c) { return c == ',' || c == ']' || c == '}' || is_blank(c); };
    while (end < text.size() && !ends(text[end])) ++end;
    return end;
  }
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      i += string_end(text.substr(i)) - 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  skip_blanks(text);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::string_view> take_line(std::string_view& text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!trimmed(line).empty()) return line;
  }
  return std::nullopt;
}

JsonCursor::JsonCursor(std::string_view text) : rest_(trimmed(text)) {
  if (rest_.empty() || (rest_[0] != '{' && rest_[0] != '[')) {
    rest_ = {};
    return;
  }
  is_object_ = rest_[0] == '{';
  rest_.remove_prefix(1);
}

bool JsonCursor::next() {
  while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == ',')) {
    rest_.remove_prefix(1);
  }
  if (rest_.empty() || rest_[0] == '}' || rest_[0] == ']') return false;
  if (is_object_) {
    const std::size_t end = string_end(rest_);
    key_ = rest_.substr(0, end);
    rest_.remove_prefix(end);
    skip_blanks(rest_);
    if (!rest_.empty()) rest_.remove_prefix(1);  // the colon
    skip_blanks(rest_);
  }
  const std::size_t end = value_end(rest_);
  value_ = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return true;
}

std::optional<std::string> unquoted(std::string_view raw) {
  if (raw.size() < 2 || raw.front() != '"') return std::nullopt;
  const std::string_view inner = raw.substr(1, raw.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return std::string(inner);
  const simdjson::padded_string padded(raw);
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(padded).get_string().get(text)) return std::nullopt;
  return std::string(text);
}

bool key_is(std::string_view raw_key, std::string_view name) {
  const std::string_view inner = raw_key.substr(1, raw_key.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return inner == name;
  return unquoted(raw_key) == name;
}

std::size_t depth_of(std::string_view json) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      i += string_end(json.substr(i)) - 1;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace tideline
