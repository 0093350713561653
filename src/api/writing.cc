#include "api/writing.h"

#include <algorithm>
#include <memory>

#include "api/status.h"

namespace tideline {

http::Handler writing(Services& services, std::string name, Write write) {
  return [&services, name = std::move(name), write = std::move(write)](http::Request request,
                                                                       http::Responder responder) {
    if (services.frozen_at) {
      return responder(problem_of(
          {ErrorCode::unavailable,
           "time stands still at " + format_time(*services.frozen_at) + "; nothing is written",
           "frozen"}));
    }
    auto shared = std::make_shared<std::pair<http::Request, http::Responder>>(
        std::move(request), std::move(responder));
    services.in_background([&services, name, write, shared] {
      const http::Request& asked = shared->first;
      auto answer = write(services, asked);
      const bool named = std::any_of(asked.params.begin(), asked.params.end(),
                                     [](const auto& param) { return param.first == "id"; });
      services.audit(asked.caller, name, named ? asked.param("id") : "",
                     answer ? Status() : Status(fail(answer.error())));
      shared->second(answer ? std::move(*answer) : problem_of(answer.error()));
    });
  };
}

}  // namespace tideline
