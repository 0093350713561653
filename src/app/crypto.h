// Random bytes and digests from libsodium, and the ids made of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/source_keys.h"

namespace tideline {

// False when the system gives no secure random numbers.
[[nodiscard]] bool crypto_ready();
[[nodiscard]] std::uint64_t random_number();
// 32 hexadecimal digits, unique.
[[nodiscard]] std::string random_id();
[[nodiscard]] SourceKeys::Crypto key_crypto();

}  // namespace tideline
