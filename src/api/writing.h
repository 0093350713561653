// What writes of people have in common: where the work runs, and how their bodies are read.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/services.h"
#include "http/router.h"

namespace tideline {

using Write = std::function<Result<http::Response>(Services&, const http::Request&)>;

// A handler that does `write` off the server's threads; refused where time stands still.
[[nodiscard]] http::Handler writing(Services& services, Write write);
// The same; who asked for it, and what came of it, goes into the audit log under `name`.
[[nodiscard]] http::Handler writing(Services& services, std::string name, Write write);

// The body as an object whose members are all among `allowed`; an empty body is an empty object.
[[nodiscard]] Result<boost::json::object> object_of(std::string_view body,
                                                    const std::vector<std::string>& allowed);

}  // namespace tideline
