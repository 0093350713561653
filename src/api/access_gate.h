// AccessGate: the one place where it is decided whether a request may reach its handler.
//
// It is asked when the head of a request is there, before its body is read. A key in the head
// counts before a session; a session counts only with the marks that a page of another site cannot
// give (CSRF). An ingest request without a key in its head passes: its key may stand in the body,
// where the handler finds it (ingest_routes.cc).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/access.h"
#include "http/message.h"

namespace tideline {

inline constexpr std::string_view kSessionCookie = "tideline_session";
inline constexpr std::string_view kCsrfHeader = "X-CSRF-Token";

// Value of a cookie in the field of that name; empty when it is not there.
[[nodiscard]] std::string_view cookie_of(std::string_view field, std::string_view name);
// A page of another site caused this request, as far as browsers tell.
[[nodiscard]] bool is_cross_site(const http::FieldOf& field);
// The same once the request is whole.
[[nodiscard]] bool is_cross_site(const http::Request& request);

// The source of an ingest request whose key was in its head (Request::caller).
[[nodiscard]] std::optional<SourceId> source_of_caller(std::string_view caller);

// Thread-safe.
class AccessGate {
 public:
  // `visitor`: the role of whoever is on this machine, without any login; nullopt: none.
  AccessGate(const Access& access, std::optional<Role> visitor)
      : access_(access), visitor_(visitor) {}

  // Who it is, when they may.
  [[nodiscard]] http::Admission admit(Permission needed, const http::RequestHead& head) const;

 private:
  // The caller's name; empty where nobody needs to be known.
  [[nodiscard]] Result<std::string> check(Permission needed, const http::RequestHead& head) const;
  [[nodiscard]] Result<std::string> check_key(Permission needed, std::string_view key) const;

  const Access& access_;
  const std::optional<Role> visitor_;
};

}  // namespace tideline
