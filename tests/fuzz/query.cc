// Query strings: the same pairs as a second, slower reading; encoded again they are themselves.
#include "http/query.h"

#include "base/check.h"
#include "harness.h"

namespace tideline::fuzz {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// By the letter: split at &, at the first =, then each part from left to right.
std::optional<std::string> plainly_decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '%') {
      const std::string digits = text.substr(i + 1, 2);
      const auto is_hex = [](char c) {
        return std::string_view("0123456789abcdefABCDEF").find(c) != std::string_view::npos;
      };
      if (digits.size() != 2 || !is_hex(digits[0]) || !is_hex(digits[1])) return std::nullopt;
      out += static_cast<char>(std::stoi(digits, nullptr, 16));
      i += 3;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
      i += 1;
    }
  }
  return out;
}

std::optional<Pairs> plainly_parsed(const std::string& text) {
  Pairs pairs;
  std::string part;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '&') {
      part += text[i];
      continue;
    }
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const auto key = plainly_decoded(part.substr(0, equals));
    const auto value = plainly_decoded(equals == part.npos ? "" : part.substr(equals + 1));
    if (!key || !value) return std::nullopt;
    pairs.emplace_back(*key, *value);
    part.clear();
  }
  return pairs;
}

}  // namespace

void query(std::string_view bytes) {
  const auto parsed = http::Query::parse(bytes);
  const auto expected = plainly_parsed(std::string(bytes));
  CHECK(parsed.has_value() == expected.has_value());
  if (!parsed) CHECK(parsed.error().reason == "bad_target");
  if (!parsed) return;
  CHECK(Pairs(parsed->begin(), parsed->end()) == *expected);
  std::string encoded;
  for (const auto& [key, value] : *parsed) {
    CHECK(parsed->get(key).has_value());
    encoded += http::percent_encode(key) + "=" + http::percent_encode(value) + "&";
    const auto split = http::split_bracket_key(key);
    CHECK(split.op.empty() ? key.starts_with(split.name)
                           : key == std::string(split.name) + "[" + std::string(split.op) + "]");
  }
  const auto again = http::Query::parse(encoded);
  CHECK(again && Pairs(again->begin(), again->end()) == *expected);
  for (const bool plus : {false, true}) {
    const auto decoded = http::percent_decode(bytes, plus);
    if (decoded) CHECK(http::percent_decode(http::percent_encode(*decoded), plus) == *decoded);
  }
}

}  // namespace tideline::fuzz
