#include "api/write_gate.h"

namespace tideline {
namespace {

// A page of another origin may send a form here without asking; browsers then say where it is
// from.
bool is_cross_site(const http::Request& request) {
  const auto site = request.headers.get("Sec-Fetch-Site");
  if (site) return *site != "same-origin" && *site != "none";
  const auto origin = request.headers.get("Origin");
  const auto host = request.headers.get("Host");
  if (!origin) return false;
  return !host ||
         (*origin != "http://" + std::string(*host) && *origin != "https://" + std::string(*host));
}

}  // namespace

Status may_write(const Services& services, const http::Request& request) {
  if (is_cross_site(request)) {
    return fail(ErrorCode::refused, "writes from pages of other sites are refused", "cross_site");
  }
  if (!services.frozen_at) return {};
  return fail(ErrorCode::unavailable,
              "time stands still at " + format_time(*services.frozen_at) + "; nothing is written",
              "frozen");
}

}  // namespace tideline
