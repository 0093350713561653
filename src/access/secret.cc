#include "access/secret.h"

#include "base/hash.h"

namespace tideline {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static_assert(kAlphabet.size() == 64);  // so that a random byte's remainder is uniform
constexpr std::string_view kKeyMark = "tl_";
constexpr std::size_t kChecksumCharacters = 6;  // 36 bits for the 32 of the CRC

std::string checksum_of(std::string_view text) {
  std::string out;
  std::uint64_t rest = crc32c(text);
  for (std::size_t i = 0; i < kChecksumCharacters; ++i, rest >>= 6) out += kAlphabet[rest & 63];
  return out;
}

}  // namespace

std::string make_secret(const AccessCrypto& crypto) {
  std::string secret;
  for (const char byte : crypto.random_bytes(kSecretCharacters)) {
    secret += kAlphabet[static_cast<unsigned char>(byte) % kAlphabet.size()];
  }
  return secret;
}

std::string make_key(const AccessCrypto& crypto) {
  std::string key(kKeyMark);
  key += make_secret(crypto);
  return key + checksum_of(key);
}

KeyShape shape_of_key(std::string_view text) {
  constexpr std::size_t kBody = kKeyMark.size() + kSecretCharacters;
  if (text.size() != kBody + kChecksumCharacters || !text.starts_with(kKeyMark)) {
    return KeyShape::other;
  }
  return checksum_of(text.substr(0, kBody)) == text.substr(kBody) ? KeyShape::whole
                                                                  : KeyShape::mistyped;
}

bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

}  // namespace tideline
