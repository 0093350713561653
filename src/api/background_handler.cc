#include "api/background_handler.h"

#include <memory>

namespace tideline {
namespace {

constexpr std::size_t kBodyBytesMax = 16 * 1024;

}  // namespace

http::Handler background_handler(Services& services, Answer answer) {
  return [&services, answer](http::Request request, http::Responder responder) {
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([&services, answer, shared, request = std::move(request)] {
      auto response = answer(services, request);
      (*shared)(response ? std::move(*response) : problem_of(response.error()));
    });
  };
}

Endpoint access_endpoint(Services& services, http::Method method, Permission permission,
                         std::string path, std::string name, std::string about, Answer answer) {
  Endpoint endpoint;
  endpoint.method = method;
  endpoint.permission = permission;
  endpoint.path = std::move(path);
  endpoint.name = std::move(name);
  endpoint.tag = "access";
  endpoint.about = std::move(about);
  endpoint.options.wire_bytes_max = kBodyBytesMax;
  endpoint.handler = background_handler(services, answer);
  return endpoint;
}

}  // namespace tideline
