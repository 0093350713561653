// The HTTP interface of the program (contract.md 3): every route but those of the control socket.
#pragma once

#include "api/ask_desk.h"
#include "api/services.h"
#include "http/router.h"

namespace tideline {

// `services`, and everything it refers to, must outlive the router and every request under way.
// `chat`: a model that may word the answers of the assistant.
[[nodiscard]] http::Router make_routes(Services& services, ChatOptions chat = {});

}  // namespace tideline
