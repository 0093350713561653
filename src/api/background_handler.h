// Handlers that wait for the disk or compute long: they run on a background thread.
#pragma once

#include <functional>

#include "api/services.h"
#include "api/status.h"

namespace tideline {

// Answers what `answer` made of the request, or the problem of its error.
[[nodiscard]] inline http::Handler background_handler(
    Services& services, std::function<Result<http::Response>(const http::Request&)> answer) {
  return [&services, answer = std::move(answer)](http::Request request,
                                                 http::Responder responder) {
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([answer, shared, request = std::move(request)] {
      auto response = answer(request);
      (*shared)(response ? std::move(*response) : problem_of(response.error()));
    });
  };
}

}  // namespace tideline
