// Signature: webhooks signed as the Standard Webhooks specification 1.0.0 says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace tideline {

// The bytes behind "whsec_" in base64; nullopt where it is not that, or not 24 to 64 bytes.
[[nodiscard]] std::optional<std::string> key_of_secret(std::string_view secret);
// `random`: 32 bytes of a secure source.
[[nodiscard]] std::string secret_of_key(std::string_view random);

// The value of webhook-signature: one "v1,…" a secret, blanks between. Secrets that are none are
// left out.
[[nodiscard]] std::string webhook_signature(const std::vector<std::string>& secrets,
                                            std::string_view id, Time sent, std::string_view body);
// The value of webhook-timestamp: whole seconds.
[[nodiscard]] std::string webhook_timestamp(Time sent);

// Base64 of the usual alphabet, with padding.
[[nodiscard]] std::string in_base64(std::string_view bytes);

}  // namespace tideline
