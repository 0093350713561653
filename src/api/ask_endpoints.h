// The endpoints of the assistant: /api/v1/ask and /mcp. Internal to src/api.
#pragma once

#include <memory>

#include "api/ask_desk.h"

namespace tideline {

// After all reads: the desk keeps the handlers of some.
void add_ask_endpoints(Endpoints& endpoints, Services& services, ChatOptions chat);
void add_mcp_endpoints(Endpoints& endpoints, Services& services,
                       std::shared_ptr<const AskDesk> desk);

}  // namespace tideline
