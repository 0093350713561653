#include "alerts/signature.h"

#include <sodium.h>

namespace tideline {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kKeyBytesMin = 24;
constexpr std::size_t kKeyBytesMax = 64;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  crypto_auth_hmacsha256_state state;
  std::string code(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text), text.size());
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(code.data()));
  return code;
}

}  // namespace

std::string in_base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the final zero
  return text;
}

std::optional<std::string> key_of_secret(std::string_view secret) {
  if (!secret.starts_with(kPrefix)) return std::nullopt;
  secret.remove_prefix(kPrefix.size());
  std::string key(secret.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int decoded =
      sodium_base642bin(reinterpret_cast<unsigned char*>(key.data()), key.size(), secret.data(),
                        secret.size(), nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL);
  const bool whole = decoded == 0 && end == secret.data() + secret.size();
  if (!whole || size < kKeyBytesMin || size > kKeyBytesMax) return std::nullopt;
  key.resize(size);
  return key;
}

std::string secret_of_key(std::string_view random) {
  return std::string(kPrefix) + in_base64(random);
}

std::string webhook_timestamp(Time sent) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(sent).time_since_epoch().count());
}

std::string webhook_signature(const std::vector<std::string>& secrets, std::string_view id,
                              Time sent, std::string_view body) {
  std::string content(id);
  content.append(".").append(webhook_timestamp(sent)).append(".").append(body);
  std::string signatures;
  for (const std::string& secret : secrets) {
    const auto key = key_of_secret(secret);
    if (!key) continue;
    signatures += (signatures.empty() ? "v1," : " v1,") + in_base64(hmac_sha256(*key, content));
  }
  return signatures;
}

}  // namespace tideline
