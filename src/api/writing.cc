#include "api/writing.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <memory>

#include "api/status.h"
#include "api/write_gate.h"
#include "packs/spelling.h"
#include "pipeline/json_scan.h"

namespace tideline {

http::Handler writing(Services& services, Write write) {
  return [&services, write = std::move(write)](http::Request request, http::Responder responder) {
    auto allowed = may_write(services);
    if (!allowed) return responder(problem_of(allowed.error()));
    auto shared = std::make_shared<std::pair<http::Request, http::Responder>>(
        std::move(request), std::move(responder));
    services.in_background([&services, write, shared] {
      auto answer = write(services, shared->first);
      shared->second(answer ? std::move(*answer) : problem_of(answer.error()));
    });
  };
}

http::Handler writing(Services& services, std::string name, Write write) {
  return writing(services, [name = std::move(name), write = std::move(write)](
                               Services& served, const http::Request& asked) {
    auto answer = write(served, asked);
    const bool named = std::any_of(asked.params.begin(), asked.params.end(),
                                   [](const auto& param) { return param.first == "id"; });
    served.audit(asked.caller, name, named ? asked.param("id") : "",
                 answer ? Status() : Status(fail(answer.error())));
    return answer;
  });
}

Result<boost::json::object> object_of(std::string_view body,
                                      const std::vector<std::string>& allowed) {
  if (trimmed(body).empty()) return boost::json::object();
  boost::system::error_code error;
  boost::json::value parsed = boost::json::parse({body.data(), body.size()}, error);
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
