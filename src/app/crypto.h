// Random bytes and digests from libsodium, and the ids made of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "access/secret.h"

namespace tideline {

// False when the system gives no secure random numbers.
[[nodiscard]] bool crypto_ready();
[[nodiscard]] std::uint64_t random_number();
// 32 hexadecimal digits, unique.
[[nodiscard]] std::string random_id();
[[nodiscard]] AccessCrypto access_crypto();

}  // namespace tideline
