#include "app/crypto.h"

#include <sodium.h>

#include "base/hash.h"

namespace tideline {

bool crypto_ready() { return sodium_init() >= 0; }

std::uint64_t random_number() {
  std::uint64_t number = 0;
  randombytes_buf(&number, sizeof number);
  return number;
}

std::string random_id() { return Hash128{random_number(), random_number()}.hex(); }

SourceKeys::Crypto key_crypto() {
  SourceKeys::Crypto crypto;
  crypto.digest = [](std::string_view text) {
    std::string digest(crypto_generichash_BYTES, '\0');
    crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr,
                       0);
    return digest;
  };
  crypto.random_bytes = [](std::size_t count) {
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
  };
  return crypto;
}

}  // namespace tideline
