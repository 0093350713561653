#include "api/writing.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <memory>

#include "api/status.h"
#include "api/write_gate.h"
#include "packs/spelling.h"
#include "pipeline/json_scan.h"

namespace tideline {
http::Handler writing(Services& services, Work work) {
  return [&services, work = std::move(work)](http::Request request, http::Responder responder) {
    auto allowed = may_write(services);
    if (!allowed) return responder(problem_of(allowed.error()));
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([&services, work, shared, request = std::move(request)] {
      auto answer = work(services, request);
      (*shared)(answer ? std::move(*answer) : problem_of(answer.error()));
    });
  };
}

Result<boost::json::object> object_of(const std::string& body,
                                      const std::vector<std::string>& allowed) {
  if (trimmed(body).empty()) return boost::json::object();
  boost::system::error_code error;
  boost::json::value parsed = boost::json::parse(body, error);
  if (error) return fail(ErrorCode::invalid, "the body is not JSON", "malformed_json");
  if (!parsed.is_object())
    return fail(ErrorCode::invalid, "the body is no JSON object", "bad_parameter");
  for (const auto& member : parsed.get_object()) {
    const std::string name(member.key());
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    return fail(ErrorCode::invalid,
                "unknown member \"" + name + "\" of the body" + did_you_mean(name, allowed) +
                    " (allowed: " + listed(allowed) + ")",
                "bad_parameter");
  }
  return std::move(parsed.get_object());
}

}  // namespace tideline
