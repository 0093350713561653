#include "app/crypto.h"

#include <sodium.h>

#include <array>

#include "base/hash.h"

namespace tideline {

bool crypto_ready() { return sodium_init() >= 0; }

std::uint64_t random_number() {
  std::uint64_t number = 0;
  randombytes_buf(&number, sizeof number);
  return number;
}

std::string random_id() { return Hash128{random_number(), random_number()}.hex(); }

AccessCrypto access_crypto() {
  AccessCrypto crypto;
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
  crypto.hash_password = [](std::string_view password) -> Result<std::string> {
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str(hash.data(), password.data(), password.size(),
                          crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
      return fail(ErrorCode::overloaded, "there is no memory to hash a password");
    }
    return std::string(hash.data());
  };
  crypto.password_fits = [](std::string_view hash, std::string_view password) {
    const std::string text(hash);
    return text.size() < crypto_pwhash_STRBYTES &&
           crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
  };
  return crypto;
}

}  // namespace tideline
