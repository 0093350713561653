// The key that a request carries in its head.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace tideline {

// The user of Basic, the token of Bearer, or the credential's id of a signed request where that is
// a key; empty for anything else in Authorization; nullopt without Authorization.
[[nodiscard]] std::optional<std::string> key_in_header(const http::Request& request);
// Of the field's value.
[[nodiscard]] std::string key_in_authorization(std::string_view field);

}  // namespace tideline
