#include "api/access_gate.h"

#include <algorithm>

#include "api/key_in_header.h"
#include "api/status.h"

namespace tideline {
namespace {

// The Host field names this machine itself. A name that an attacker points here does not, so that
// a page of theirs is no visitor (DNS rebinding).
bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[')) return host.starts_with("[::1]");
  host = host.substr(0, host.find(':'));
  return http::same_header_name(host, "localhost") || host.starts_with("127.");
}

bool is_safe(http::Method method) {
  return method == http::Method::get || method == http::Method::head ||
         method == http::Method::options;
}

Error lacks(std::string_view who, Permission needed) {
  return {
      ErrorCode::refused,
      std::string(who) + " may not do this; it needs the right to " + std::string(name_of(needed)),
      "no_right"};
}

Status check_site(const http::RequestHead& head) {
  if (!is_cross_site(head.field)) return {};
  return fail(ErrorCode::refused, "writes from pages of other sites are refused", "cross_site");
}

}  // namespace

std::string_view cookie_of(std::string_view field, std::string_view name) {
  while (!field.empty()) {
    const std::size_t end = std::min(field.find(';'), field.size());
    std::string_view pair = field.substr(0, end);
    field.remove_prefix(std::min(end + 1, field.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() <= name.size() || !pair.starts_with(name) || pair[name.size()] != '=')
      continue;
    return pair.substr(name.size() + 1);
  }
  return {};
}

bool is_cross_site(const http::FieldOf& field) {
  const std::string_view site = field("Sec-Fetch-Site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const std::string_view origin = field("Origin");
  if (origin.empty()) return false;
  const std::string host(field("Host"));
  return host.empty() || (origin != "http://" + host && origin != "https://" + host);
}

bool is_cross_site(const http::Request& request) {
  return is_cross_site([&](std::string_view name) {
    return request.headers.get(name).value_or(std::string_view());
  });
}

std::optional<SourceId> source_of_caller(std::string_view caller) {
  constexpr std::string_view kMark = "key:";
  if (!caller.starts_with(kMark)) return std::nullopt;
  return SourceId(std::string(caller.substr(kMark.size())));
}

Result<std::string> AccessGate::check_key(Permission needed, std::string_view key) const {
  const auto caller = access_.caller_of_key(key);
  if (!caller) {
    const bool mistyped = shape_of_key(key) == KeyShape::mistyped;
    return fail(ErrorCode::unauthorized,
                mistyped ? "the key is mistyped: its last characters do not fit the others"
                         : "the key is unknown, revoked or expired",
                "unknown_key");
  }
  if (!caller->permissions.has(needed)) return fail(lacks("this key", needed));
  return caller->name();
}

Result<std::string> AccessGate::check(Permission needed, const http::RequestHead& head) const {
  if (head.control) return std::string(kCommandCaller);
  const bool here = is_loopback_address(head.remote_address);
  if (needed == Permission::local) {
    if (here) return std::string();
    needed = Permission::read;
  }
  const std::string key = key_in_authorization(head.authorization);
  if (!key.empty()) return check_key(needed, key);
  if (needed == Permission::ingest) return std::string();

  const std::string_view token = cookie_of(head.field("Cookie"), kSessionCookie);
  std::optional<Caller> caller;
  if (!token.empty()) caller = access_.caller_of_session(token);
  if (caller && !is_safe(head.method)) {
    TRY(check_site(head));
    const std::string expected = access_.sessions().csrf_token_of(token);
    if (!same_secret(head.field(kCsrfHeader), expected)) {
      return fail(ErrorCode::refused,
                  "a session changes things only with the token of /api/v1/me in the field " +
                      std::string(kCsrfHeader),
                  "csrf");
    }
  }
  if (!caller && visitor_ && here && is_loopback_host(head.field("Host"))) {
    caller = Caller{Caller::Kind::visitor, {}, permissions_of(*visitor_), visitor_};
    if (!is_safe(head.method)) TRY(check_site(head));
  }
  if (!caller) {
    return fail(ErrorCode::unauthorized,
                access_.users().none() ? "nobody can sign in yet; open the set-up link that the "
                                         "program prints, or show a key"
                                       : "sign in, or show a key",
                access_.users().none() ? "set_up_needed" : "not_signed_in");
  }
  if (caller->permissions.has(needed)) return caller->name();
  return fail(lacks(caller->kind == Caller::Kind::user ? caller->id : "a visitor", needed));
}

http::Admission AccessGate::admit(Permission needed, const http::RequestHead& head) const {
  http::Admission admission;
  auto caller = check(needed, head);
  if (caller) {
    admission.caller = std::move(*caller);
  } else {
    admission.refusal = problem_of(caller.error());
  }
  return admission;
}

}  // namespace tideline
