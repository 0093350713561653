#include "http/inflate.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/rng.h"
#include "http/test_bytes.h"

namespace tideline::http {
namespace {

std::string reason(const Result<std::string>& result) {
  return result ? "none" : result.error().reason;
}

// What a length of 100,000 looks like in every encoding.
struct Case {
  const char* name;
  Encoding encoding;
  std::string (*pack)(std::string_view);
};
const Case kCases[] = {
    {"gzip", Encoding::gzip, gzip},
    {"zlib", Encoding::deflate, zlib_deflate},
    {"raw deflate", Encoding::deflate, raw_deflate},
    {"zstd", Encoding::zstd, zstd},
};

std::string noisy_text(std::size_t bytes) {
  Rng rng(7);
  std::string text;
  while (text.size() < bytes) text += static_cast<char>('a' + rng.below(9));
  return text;
}

TEST(Inflate, GivesBackWhatWasPacked) {
  for (const std::size_t bytes : {0, 1, 4095, 4096, 4097, 100000, 3000000}) {
    const std::string text = noisy_text(bytes);
    for (const Case& c : kCases) {
      const auto out = inflate_limited(c.pack(text), c.encoding, bytes + 1);
      ASSERT_TRUE(out) << c.name << bytes << out.error().message;
      EXPECT_EQ(*out, text) << c.name;
    }
  }
  EXPECT_EQ(inflate_limited("", Encoding::gzip, 10), "");
  EXPECT_EQ(inflate_limited("abc", Encoding::identity, 3), "abc");
  EXPECT_EQ(reason(inflate_limited("abcd", Encoding::identity, 3)), "inflated_too_large");
}

TEST(Inflate, HoldsTheCapToTheByte) {
  for (const std::size_t cap : {1, 100, 4096, 8192, 100000}) {
    for (const Case& c : kCases) {
      for (const std::size_t bytes : {cap - 1, cap, cap + 1}) {
        const auto out = inflate_limited(c.pack(noisy_text(bytes)), c.encoding, cap);
        if (bytes <= cap) {
          ASSERT_TRUE(out) << c.name << ' ' << bytes << '/' << cap << out.error().message;
          EXPECT_EQ(out->size(), bytes);
        } else {
          ASSERT_FALSE(out) << c.name << ' ' << bytes << '/' << cap;
          EXPECT_EQ(out.error().code, ErrorCode::too_large);
          EXPECT_EQ(out.error().reason, "inflated_too_large");
        }
      }
    }
  }
}

TEST(Inflate, EveryCutIsAnError) {
  const std::string text = noisy_text(600);
  for (const Case& c : kCases) {
    const std::string packed = c.pack(text);
    for (std::size_t bytes = 1; bytes < packed.size(); ++bytes) {
      const auto out =
          inflate_limited(std::string_view(packed).substr(0, bytes), c.encoding, 10000);
      EXPECT_EQ(reason(out), "bad_encoding") << c.name << " cut at " << bytes;
    }
  }
}

TEST(Inflate, EveryBitFlipIsAnErrorWhereThereIsAChecksum) {
  const std::string text = noisy_text(300);
  for (const Case& c : kCases) {
    if (c.pack == raw_deflate || c.pack == zlib_deflate) continue;
    const std::string packed = c.pack(text);
    for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
      std::string damaged = packed;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      const auto out = inflate_limited(damaged, c.encoding, 10000);
      // A flip in a name or time stamp of the head changes nothing of the content.
      if (out) {
        EXPECT_EQ(*out, text) << c.name << " bit " << bit;
      }
    }
  }
}

TEST(Inflate, MembersAndFramesAreJoinedAndGarbageIsNot) {
  EXPECT_EQ(inflate_limited(gzip("ab") + gzip("") + gzip("cd"), Encoding::gzip, 4), "abcd");
  EXPECT_EQ(inflate_limited(zstd("ab") + zstd("cd"), Encoding::zstd, 4), "abcd");
  EXPECT_EQ(reason(inflate_limited(gzip("ab") + gzip("cd"), Encoding::gzip, 3)),
            "inflated_too_large");
  for (const std::string tail : {"x", "\x1f", "\x1f\x8b", "garbage"}) {
    for (const Case& c : kCases) {
      EXPECT_EQ(reason(inflate_limited(c.pack("ab") + tail, c.encoding, 100)), "bad_encoding")
          << c.name << " + " << tail;
    }
  }
}

TEST(Inflate, PlainBytesAreNoStream) {
  for (const Case& c : kCases) {
    // Raw deflate has neither head nor checksum: these bytes begin a stream that runs over the
    // cap.
    const auto out = inflate_limited("{\"batch\":[]}", c.encoding, 100);
    const bool headless = c.encoding == Encoding::deflate;
    EXPECT_EQ(reason(out), headless ? "inflated_too_large" : "bad_encoding") << c.name;
  }
}

TEST(Inflate, ABombStopsAtTheCap) {
  const std::string zeros(64 << 20, '\0');
  for (const Case& c : kCases) {
    const std::string bomb = c.pack(zeros);
    EXPECT_LT(bomb.size(), 500u * 1024) << c.name;
    EXPECT_EQ(reason(inflate_limited(bomb, c.encoding, 1 << 20)), "inflated_too_large") << c.name;
  }
}

// A frame head may ask for gigabytes of window with a few bytes of content.
TEST(Inflate, AZstdWindowBeyondTheCapIsRefused) {
  const std::string frame("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", 9);  // window 2^31
  EXPECT_EQ(reason(inflate_limited(frame, Encoding::zstd, 20 << 20)), "bad_encoding");
}

TEST(Inflate, RandomBytesNeverBreakIt) {
  const std::uint64_t seed = 20260102;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Rng rng(seed);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(rng.below(200), '\0');
    for (char& c : bytes) c = static_cast<char>(rng.below(256));
    for (const Case& c : kCases) {
      const auto out = inflate_limited(bytes, c.encoding, 1000);
      if (out) {
        EXPECT_LE(out->size(), 1000u);
      }
    }
  }
}

TEST(Encoding, ParsesTheHeader) {
  EXPECT_EQ(parse_encoding(""), Encoding::identity);
  EXPECT_EQ(parse_encoding("GZip"), Encoding::gzip);
  EXPECT_EQ(parse_encoding("x-gzip"), Encoding::gzip);
  EXPECT_EQ(parse_encoding("identity, zstd ,"), Encoding::zstd);
  EXPECT_EQ(parse_encoding("deflate"), Encoding::deflate);
  for (const char* unknown : {"br", "gzip, gzip", "gzip, br", "gzip;q=1", "compress"}) {
    EXPECT_FALSE(parse_encoding(unknown)) << unknown;
  }
}

TEST(Encoding, MagicBytesWin) {
  EXPECT_EQ(sniff_encoding(gzip("x"), Encoding::identity), Encoding::gzip);
  EXPECT_EQ(sniff_encoding(gzip("x"), Encoding::zstd), Encoding::gzip);
  EXPECT_EQ(sniff_encoding(zstd("x"), Encoding::gzip), Encoding::zstd);
  EXPECT_EQ(sniff_encoding("{}", Encoding::gzip), Encoding::gzip);
  EXPECT_EQ(sniff_encoding("", Encoding::identity), Encoding::identity);
}

}  // namespace
}  // namespace tideline::http
