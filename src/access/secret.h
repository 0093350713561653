// Secrets: how they are made, told apart and kept. Kept is only ever a digest.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tideline {

// Cryptography is passed in; app/crypto.cc takes it from libsodium. All of it is thread-safe.
struct AccessCrypto {
  std::function<std::string(std::string_view)> digest;   // cryptographic, of constant length
  std::function<std::string(std::size_t)> random_bytes;  // from a secure source
  // Argon2id with a salt of its own; takes tens of milliseconds and tens of megabytes.
  std::function<Result<std::string>(std::string_view password)> hash_password;
  std::function<bool(std::string_view hash, std::string_view password)> password_fits;
};

inline constexpr std::size_t kSecretCharacters = 43;  // 6 bits each: 258 random bits

// kSecretCharacters letters, digits, '-' and '_'.
[[nodiscard]] std::string make_secret(const AccessCrypto& crypto);

// Keys are "tl_", a secret, and six characters by which a typo, or a key in a text, is recognised
// without looking anything up.
[[nodiscard]] std::string make_key(const AccessCrypto& crypto);
enum class KeyShape {
  whole,     // a key, as far as its text tells
  mistyped,  // as long as one, but the last characters do not fit the others
  other,     // keys of older versions look so too
};
[[nodiscard]] KeyShape shape_of_key(std::string_view text);

// Takes the same time wherever the difference is.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

}  // namespace tideline
