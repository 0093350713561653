// Cryptography of the tests: quick, the same in every run, and no secret at all.
#pragma once

#include <memory>
#include <string>

#include "access/secret.h"
#include "base/hash.h"
#include "base/rng.h"

namespace tideline {

inline AccessCrypto test_access_crypto() {
  auto rng = std::make_shared<Rng>(7);
  AccessCrypto crypto;
  crypto.digest = [](std::string_view text) { return xxh3_128(text).hex(); };
  crypto.random_bytes = [rng](std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(rng->below(256));
    return bytes;
  };
  crypto.hash_password = [](std::string_view password) -> Result<std::string> {
    return "hash of " + std::string(password);
  };
  crypto.password_fits = [](std::string_view hash, std::string_view password) {
    return hash == "hash of " + std::string(password);
  };
  return crypto;
}

}  // namespace tideline
