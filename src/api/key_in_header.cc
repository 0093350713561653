#include "api/key_in_header.h"

#include <string_view>

#include "api/base64.h"
#include "pipeline/json_scan.h"

namespace tideline {
namespace {

// Clients of model services sign their requests, and can show a key only as the id of their
// credentials: "Credential=KEY/20260123/…". The signature is not looked at. An id that is no key
// of ours is none that was meant for us.
std::string key_in_credential(std::string_view fields) {
  constexpr std::string_view kMember = "Credential=";
  const std::size_t at = fields.find(kMember);
  if (at == std::string_view::npos) return {};
  const std::string_view id = fields.substr(at + kMember.size());
  const std::string_view key = id.substr(0, id.find_first_of("/, "));
  return key.starts_with("tl_") ? std::string(key) : std::string();
}

}  // namespace

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
  if (http::same_header_name(scheme, "AWS4-HMAC-SHA256")) return key_in_credential(rest);
  if (!http::same_header_name(scheme, "Basic")) return {};
  const std::string pair = base64_decode(rest).value_or("");
  return pair.substr(0, pair.find(':'));
}

}  // namespace tideline
