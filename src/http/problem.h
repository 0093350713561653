// Problem: the body of an answer to trouble, application/problem+json (RFC 9457).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tideline::http {

struct Problem {
  int status = 500;
  std::string code;                                 // stable snake_case: "malformed_json"
  std::string detail;                               // one sentence for the caller
  std::optional<int> retry_after_s = std::nullopt;  // also sent as Retry-After
};

inline constexpr std::string_view kProblemType = "application/problem+json";

// {"type":"about:blank","title":...,"status":...,"detail":...,"code":...,"request_id":...}
[[nodiscard]] std::string problem_json(const Problem& problem, std::string_view request_id);

// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace tideline::http
