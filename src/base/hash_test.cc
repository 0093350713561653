// Check sums: known answers, and the fast paths against the plain one.
#include "base/hash.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace tideline {
namespace {

TEST(Crc32cTest, KnownAnswers) {
  // RFC 3720, B.4.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32cTest, EveryPathGivesTheSame) {
  Rng rng(7);
  std::string bytes(20'000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(rng.below(256));
  std::vector<std::size_t> lengths;
  // Around the sizes of words, stripes and blocks.
  for (const std::size_t edge : {0U, 8U, 1360U, 4080U, 8160U, 12240U, 19'990U}) {
    for (std::size_t length = edge > 9 ? edge - 9 : 0; length < edge + 10; ++length) {
      lengths.push_back(length);
    }
  }
  for (const std::size_t length : lengths) {
    const auto part = std::string_view(bytes).substr(rng.below(9), length);
    const auto seed = static_cast<std::uint32_t>(rng.below(1ULL << 32));
    EXPECT_EQ(crc32c(part, seed), crc32c_plain(part, seed)) << length;
    const std::size_t cut = rng.below(part.size() + 1);
    EXPECT_EQ(crc32c(part.substr(cut), crc32c(part.substr(0, cut))), crc32c(part)) << length;
  }
}

}  // namespace
}  // namespace tideline
