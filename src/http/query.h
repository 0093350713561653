// Query: the decoded parameters of a target's part after '?'; brackets are plain key characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tideline::http {

class Query {
 public:
  // "churn_risk_14d[gte]=0.5&q=a+b"; %XX and + are decoded once, a key without '=' has value "".
  // A % without two hex digits is an error.
  [[nodiscard]] static Result<Query> parse(std::string_view text);

  // The first value of that key.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return get(key).has_value(); }
  // A key that was given more than once, for callers to whom that is a mistake.
  [[nodiscard]] std::optional<std::string_view> repeated_key() const;
  [[nodiscard]] auto begin() const { return pairs_.begin(); }
  [[nodiscard]] auto end() const { return pairs_.end(); }
  [[nodiscard]] bool empty() const { return pairs_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// A key like "churn_risk_14d[gte]" in two: name and operator ("" without brackets).
struct BracketKey {
  std::string_view name;
  std::string_view op;
};
[[nodiscard]] BracketKey split_bracket_key(std::string_view key);

// Decodes %XX once; plus_is_blank for query strings only.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text,
                                                 bool plus_is_blank = false);
// Encodes everything but letters, digits and "-._~"; fit for one path segment or a query value.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace tideline::http
