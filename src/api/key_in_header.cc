#include "api/key_in_header.h"

#include <string_view>

#include "api/base64.h"
#include "pipeline/json_scan.h"

namespace tideline {

std::optional<std::string> key_in_header(const http::Request& request) {
  const auto field = request.headers.get("Authorization");
  if (!field) return std::nullopt;
  return key_in_authorization(*field);
}

std::string key_in_authorization(std::string_view field) {
  const std::size_t blank = field.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view scheme = field.substr(0, blank);
  const std::string_view rest = trimmed(field.substr(blank));
  if (http::same_header_name(scheme, "Bearer")) return std::string(rest);
  if (!http::same_header_name(scheme, "Basic")) return {};
  const std::string pair = base64_decode(rest).value_or("");
  return pair.substr(0, pair.find(':'));
}

}  // namespace tideline
