// SourceKeys: made, shown once, kept as a digest, revoked.
#include "pipeline/source_keys.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "ports/memory_state_store.h"

namespace tideline {
namespace {

class SourceKeysTest : public ::testing::Test {
 protected:
  SourceKeys::Crypto crypto() {
    return {[](std::string_view text) { return xxh3_128(text).hex(); },
            [this](std::size_t count) {
              std::string bytes;
              for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(++random_ * 37);
              return bytes;
            }};
  }
  int random_ = 0;
  ManualClock clock_{*parse_time("2026-01-10T12:00:00Z")};
  MemoryStateStore store_;
  SourceKeys keys_{crypto(), store_, clock_};
};

TEST_F(SourceKeysTest, AKeyOpensUntilItIsRevoked) {
  const auto made = keys_.create("shop");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->key.size(), 46u);
  EXPECT_TRUE(made->key.starts_with("tl_"));
  EXPECT_EQ(keys_.source_of(made->key), SourceId("shop"));
  EXPECT_EQ(keys_.source_of(made->key + "x"), std::nullopt);
  EXPECT_EQ(keys_.source_of(""), std::nullopt);
  ASSERT_TRUE(keys_.revoke("shop").has_value());
  EXPECT_EQ(keys_.source_of(made->key), std::nullopt);
  EXPECT_TRUE(keys_.list()->front().revoked);
  EXPECT_EQ(keys_.revoke("other").error().code, ErrorCode::not_found);
}

TEST_F(SourceKeysTest, OneKeyInForceASource) {
  const auto first = keys_.create("shop");
  EXPECT_EQ(keys_.create("shop").error().code, ErrorCode::conflict);
  ASSERT_TRUE(keys_.revoke("shop").has_value());
  const auto second = keys_.create("shop");
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(second->key, first->key);
  EXPECT_EQ(keys_.source_of(second->key), SourceId("shop"));
  EXPECT_EQ(keys_.source_of(first->key), std::nullopt);
}

TEST_F(SourceKeysTest, TheKeyItselfIsNotKept) {
  const auto made = keys_.create("shop");
  ASSERT_TRUE(store_.scan(Family::keys, "", "", [&](std::string_view, std::string_view value) {
    EXPECT_EQ(value.find(made->key.substr(12)), std::string_view::npos);
    return true;
  }));
  EXPECT_EQ(keys_.list()->front().prefix, made->key.substr(0, 9));
  EXPECT_EQ(keys_.list()->front().created, clock_.now());
}

TEST_F(SourceKeysTest, KeysSurviveARestart) {
  const auto made = keys_.create("");
  EXPECT_EQ(made->source.str(), "source-1");
  EXPECT_EQ(keys_.create("")->source.str(), "source-2");
  SourceKeys restarted(crypto(), store_, clock_);
  EXPECT_EQ(restarted.source_of(made->key), std::nullopt) << "not loaded yet";
  ASSERT_TRUE(restarted.load().has_value());
  EXPECT_EQ(restarted.source_of(made->key), made->source);
}

TEST_F(SourceKeysTest, ARefusedWriteMakesNoKey) {
  store_.refuse_writes(Error{ErrorCode::disk_full, "full", {}});
  EXPECT_EQ(keys_.create("shop").error().code, ErrorCode::disk_full);
  store_.refuse_writes(std::nullopt);
  EXPECT_TRUE(keys_.list()->empty());
}

}  // namespace
}  // namespace tideline
