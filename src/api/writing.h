// writing(): what all writes through the API have in common.
#pragma once

#include <functional>
#include <string>

#include "api/services.h"
#include "http/router.h"

namespace tideline {

using Write = std::function<Result<http::Response>(Services&, const http::Request&)>;

// A write, off the server's threads; refused where time stands still. Who asked for it, and what
// came of it, goes into the audit log under `name`.
[[nodiscard]] http::Handler writing(Services& services, std::string name, Write write);

}  // namespace tideline
