// The HTTP interface of the program (contract.md 3): every route but those of the control socket.
#pragma once

#include "api/services.h"
#include "http/router.h"

namespace tideline {

// `services`, and everything it refers to, must outlive the router and every request under way.
[[nodiscard]] http::Router make_routes(Services& services);

}  // namespace tideline
