// Endpoints that wait for the disk or compute long: their handlers run on a background thread.
#pragma once

#include <functional>
#include <string>

#include "api/endpoint.h"

namespace tideline {

// Answers what `answer` made of the request, or the problem of its error.
using Answer = Result<http::Response> (*)(Services& services, const http::Request& request);
[[nodiscard]] http::Handler background_handler(Services& services, Answer answer);

// An endpoint of the tag "access", whose body is small.
[[nodiscard]] Endpoint access_endpoint(Services& services, http::Method method,
                                       Permission permission, std::string path, std::string name,
                                       std::string about, Answer answer);

}  // namespace tideline
