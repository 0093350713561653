// Base64 as HTTP needs it: Basic credentials (RFC 4648, 4) and opaque cursors (5, without
// padding).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tideline {

// Both alphabets, with or without padding; nullopt for anything else.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);
// The usual alphabet, with padding.
[[nodiscard]] std::string base64_encode(std::string_view bytes);
// Letters, digits, '-' and '_'; no padding.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

}  // namespace tideline
