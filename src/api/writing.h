// What writes of people have in common: where the work runs, and how their bodies are read.
#pragma once

#include <boost/json/object.hpp>
#include <functional>

#include "api/services.h"
#include "http/router.h"

namespace tideline {

using Work = std::function<Result<http::Response>(Services&, const http::Request&)>;

// A handler that does `work` on another thread than the server's, once the caller may write.
[[nodiscard]] http::Handler writing(Services& services, Work work);

// The body as an object whose members are all among `allowed`; an empty body is an empty object.
[[nodiscard]] Result<boost::json::object> object_of(const std::string& body,
                                                    const std::vector<std::string>& allowed);

}  // namespace tideline
