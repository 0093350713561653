#include "http/query.h"

#include <algorithm>

namespace tideline::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

Result<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return fail(ErrorCode::invalid, "a % in the address is not followed by two hex digits",
                    "bad_target");
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

Result<Query> Query::parse(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    TRY_ASSIGN(std::string key, percent_decode(pair.substr(0, equals), true));
    TRY_ASSIGN(std::string value,
               percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
    query.pairs_.emplace_back(std::move(key), std::move(value));
  }
  return query;
}

std::optional<std::string_view> Query::get(std::string_view key) const {
  for (const auto& [name, value] : pairs_) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Query::repeated_key() const {
  for (auto pair = pairs_.begin(); pair != pairs_.end(); ++pair) {
    const bool again = std::any_of(
        pairs_.begin(), pair, [&](const auto& earlier) { return earlier.first == pair->first; });
    if (again) return pair->first;
  }
  return std::nullopt;
}

BracketKey split_bracket_key(std::string_view key) {
  const std::size_t open = key.find('[');
  if (open == std::string_view::npos || open == 0 || key.back() != ']') return {key, {}};
  return {key.substr(0, open), key.substr(open + 1, key.size() - open - 2)};
}

}  // namespace tideline::http
