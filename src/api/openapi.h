// The OpenAPI 3.1 document of a list of endpoints.
#pragma once

#include <string>

#include "api/endpoint.h"

namespace tideline {

// Indented text, the same for the same endpoints and pack; the schemas of predictions and features
// follow the pack.
[[nodiscard]] std::string openapi_document(const Endpoints& endpoints, const Pack& pack,
                                           const std::string& program_version);

}  // namespace tideline
