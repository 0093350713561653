// Hashes: xxh64 and xxh3-128 for identity and sharding, CRC32C for bytes on disk.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tideline {

// xxHash's XXH64. The same on every machine; used for shards, folds, holdouts and distinct counts.
[[nodiscard]] std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed = 0);

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
  [[nodiscard]] std::string hex() const;  // 32 lower-case digits
};
// xxHash's XXH3, 128 bits. Used where two different contents must not be taken for one.
[[nodiscard]] Hash128 xxh3_128(std::string_view bytes);

// The same, of bytes that come in pieces: files too large to hold.
class Hasher128 {
 public:
  Hasher128();
  ~Hasher128();
  Hasher128(const Hasher128&) = delete;
  Hasher128& operator=(const Hasher128&) = delete;
  void add(std::string_view bytes);
  [[nodiscard]] Hash128 finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// CRC-32C (Castagnoli, RFC 3720 B.4): of `bytes` continued from `crc`, the CRC of what came
// before. Hardware instruction where the processor has it; same value either way.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);
// The table-driven path, for machines without SSE 4.2 and for the test that compares both.
[[nodiscard]] std::uint32_t crc32c_plain(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace tideline
