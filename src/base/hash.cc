#include "base/hash.h"

#include <array>
#include <cstring>

#include <fmt/compile.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace tideline {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // Castagnoli, bits reversed

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? kPolynomial : 0);
    table[i] = crc;
  }
  return table;
}
constexpr auto kTable = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view bytes,
                                                             std::uint32_t crc) {
  std::uint64_t state = ~crc;
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    state = _mm_crc32_u64(state, word);
  }
  auto tail = static_cast<std::uint32_t>(state);
  for (; left > 0; ++p, --left) tail = _mm_crc32_u8(tail, static_cast<unsigned char>(*p));
  return ~tail;
}

// x^n modulo the polynomial, bits reversed.
constexpr std::uint32_t power_of_x(std::size_t n) {
  std::uint32_t power = 0x80000000;  // x^0
  for (std::size_t i = 0; i < n; ++i) power = (power >> 1) ^ ((power & 1) ? kPolynomial : 0);
  return power;
}

// The crc32 instruction takes a word a cycle, but each waits three for the one before. So three
// stripes of a block are summed side by side; the sums of the first two are then moved behind what
// follows them, as Gopal et al. describe ("Fast CRC Computation for iSCSI Polynomial Using CRC32
// Instruction", 2011): multiplied by x^(8 x bytes), without carries. The product of two reversed
// words is short of one x, and the reduction by crc32 adds 32 of them: hence 33 less.
constexpr std::size_t kStripeBytes = 1360;
constexpr std::size_t kBlockBytes = 3 * kStripeBytes;
constexpr std::uint32_t kPastTwoStripes = power_of_x(2 * 8 * kStripeBytes - 33);
constexpr std::uint32_t kPastOneStripe = power_of_x(8 * kStripeBytes - 33);

__attribute__((target("sse4.2,pclmul"))) std::uint64_t moved(std::uint64_t sum,
                                                             std::uint32_t power) {
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<std::int64_t>(sum)),
                                               _mm_cvtsi32_si128(static_cast<int>(power)), 0);
  return _mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_cvtsi128_si64(product)));
}

__attribute__((target("sse4.2,pclmul"))) std::uint32_t crc32c_striped(std::string_view bytes,
                                                                      std::uint32_t crc) {
  std::uint64_t first = ~crc;
  for (; bytes.size() >= kBlockBytes; bytes.remove_prefix(kBlockBytes)) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    const char* p = bytes.data();
    for (const char* end = p + kStripeBytes; p < end; p += 8) {
      std::uint64_t words[3];
      std::memcpy(&words[0], p, 8);
      std::memcpy(&words[1], p + kStripeBytes, 8);
      std::memcpy(&words[2], p + 2 * kStripeBytes, 8);
      first = _mm_crc32_u64(first, words[0]);
      second = _mm_crc32_u64(second, words[1]);
      third = _mm_crc32_u64(third, words[2]);
    }
    first = moved(first, kPastTwoStripes) ^ moved(second, kPastOneStripe) ^ third;
  }
  return crc32c_sse42(bytes, ~static_cast<std::uint32_t>(first));
}
const bool kHasSse42 = __builtin_cpu_supports("sse4.2");
const bool kHasPclmul = kHasSse42 && __builtin_cpu_supports("pclmul");
#endif

}  // namespace

std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed) {
  return XXH64(bytes.data(), bytes.size(), seed);
}

Hash128 xxh3_128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return Hash128{hash.high64, hash.low64};
}

struct Hasher128::State {
  XXH3_state_t xxh;
};

Hasher128::Hasher128() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh); }
Hasher128::~Hasher128() = default;

void Hasher128::add(std::string_view bytes) {
  XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size());
}

Hash128 Hasher128::finish() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh);
  return Hash128{hash.high64, hash.low64};
}

std::string Hash128::hex() const { return fmt::format(FMT_COMPILE("{:016x}{:016x}"), high, low); }

std::uint32_t crc32c_plain(std::string_view bytes, std::uint32_t crc) {
  crc = ~crc;
  for (const char c : bytes)
    crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) {
#if defined(__x86_64__)
  if (kHasPclmul) return crc32c_striped(bytes, crc);
  if (kHasSse42) return crc32c_sse42(bytes, crc);
#endif
  return crc32c_plain(bytes, crc);
}

}  // namespace tideline
