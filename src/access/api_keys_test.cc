// ApiKeys: made, shown once, kept as a digest, revoked, expired.
#include "access/api_keys.h"

#include <gtest/gtest.h>

#include "access/test_crypto.h"
#include "base/bytes.h"
#include "ports/memory_state_store.h"

namespace tideline {
namespace {

class ApiKeysTest : public ::testing::Test {
 protected:
  Result<NewKey> create(const std::string& id, PermissionSet scopes = {Permission::ingest},
                        std::optional<Time> expires = {}) {
    return keys_.create({id, scopes, expires});
  }
  ManualClock clock_{*parse_time("2026-01-10T12:00:00Z")};
  MemoryStateStore store_;
  AccessCrypto crypto_ = test_access_crypto();
  ApiKeys keys_{crypto_, store_, clock_};
};

TEST_F(ApiKeysTest, AKeyOpensUntilItIsRevoked) {
  const auto made = create("shop");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->key.size(), 52u);
  EXPECT_TRUE(made->key.starts_with("tl_"));
  EXPECT_EQ(keys_.source_of(made->key), SourceId("shop"));
  EXPECT_EQ(keys_.source_of(made->key + "x"), std::nullopt);
  EXPECT_EQ(keys_.source_of(""), std::nullopt);
  ASSERT_TRUE(keys_.revoke("shop").has_value());
  EXPECT_EQ(keys_.source_of(made->key), std::nullopt);
  EXPECT_TRUE(keys_.list()->front().revoked);
  EXPECT_EQ(keys_.revoke("other").error().code, ErrorCode::not_found);
}

TEST_F(ApiKeysTest, OneKeyInForceAnId) {
  const auto first = create("shop");
  EXPECT_EQ(create("shop").error().code, ErrorCode::conflict);
  ASSERT_TRUE(keys_.revoke("shop").has_value());
  const auto second = create("shop");
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(second->key, first->key);
  EXPECT_EQ(keys_.source_of(second->key), SourceId("shop"));
  EXPECT_EQ(keys_.source_of(first->key), std::nullopt);
}

TEST_F(ApiKeysTest, TheKeyItselfIsNotKept) {
  const auto made = create("shop");
  ASSERT_TRUE(store_.scan(Family::keys, "", "", [&](std::string_view, std::string_view value) {
    EXPECT_EQ(value.find(made->key.substr(12)), std::string_view::npos);
    return true;
  }));
  EXPECT_EQ(keys_.list()->front().prefix, made->key.substr(0, 9));
  EXPECT_EQ(keys_.list()->front().created, clock_.now());
}

TEST_F(ApiKeysTest, KeysSurviveARestart) {
  const Time expires = clock_.now() + kHour;
  const auto made = create("", {Permission::read, Permission::ingest}, expires);
  EXPECT_EQ(made->id, "source-1");
  EXPECT_EQ(create("")->id, "source-2");
  ASSERT_TRUE(keys_.find(made->key).has_value());
  ASSERT_TRUE(keys_.keep_uses().has_value());
  ApiKeys restarted(crypto_, store_, clock_);
  EXPECT_EQ(restarted.source_of(made->key), std::nullopt) << "not loaded yet";
  ASSERT_TRUE(restarted.load().has_value());
  const ApiKey key = restarted.list()->front();
  EXPECT_EQ(key.scopes, (PermissionSet{Permission::read, Permission::ingest}));
  EXPECT_EQ(key.expires, expires);
  EXPECT_EQ(key.last_used, clock_.now());
  EXPECT_EQ(restarted.source_of(made->key), SourceId(made->id));
}

TEST_F(ApiKeysTest, ARefusedWriteMakesNoKey) {
  store_.refuse_writes(Error{ErrorCode::disk_full, "full", {}});
  EXPECT_EQ(create("shop").error().code, ErrorCode::disk_full);
  store_.refuse_writes(std::nullopt);
  EXPECT_TRUE(keys_.list()->empty());
}

TEST_F(ApiKeysTest, ARefusedWriteRevokesAllTheSame) {
  const auto made = create("shop");
  store_.refuse_writes(Error{ErrorCode::disk_full, "full", {}});
  EXPECT_EQ(keys_.revoke("shop").error().code, ErrorCode::disk_full);
  EXPECT_EQ(keys_.source_of(made->key), std::nullopt);
}

TEST_F(ApiKeysTest, AnExpiredKeyOpensNothing) {
  const auto made = create("shop", {Permission::read}, clock_.now() + kHour);
  EXPECT_TRUE(keys_.find(made->key).has_value());
  clock_.advance(kHour);
  EXPECT_EQ(keys_.find(made->key), std::nullopt);
  EXPECT_TRUE(create("shop").has_value()) << "its id is free again";
  EXPECT_EQ(create("late", {Permission::read}, clock_.now()).error().reason, "bad_expiry");
}

TEST_F(ApiKeysTest, ScopesIncludeWhatIsBelowThem) {
  const auto operates = keys_.find(create("o", {Permission::operate})->key);
  EXPECT_TRUE(operates->permissions.has(Permission::read));
  EXPECT_TRUE(operates->permissions.has(Permission::act));
  EXPECT_FALSE(operates->permissions.has(Permission::administer));
  EXPECT_FALSE(operates->permissions.has(Permission::ingest));
  const auto reads = create("r", {Permission::read});
  EXPECT_EQ(keys_.source_of(reads->key), std::nullopt) << "it sends no events";
  EXPECT_EQ(create("none", {}).error().reason, "bad_scope");
}

TEST_F(ApiKeysTest, ATypoIsKnownWithoutLookingUp) {
  const std::string key = create("shop")->key;
  EXPECT_EQ(shape_of_key(key), KeyShape::whole);
  for (std::size_t i = 3; i < key.size(); ++i) {
    std::string typo = key;
    typo[i] = typo[i] == 'x' ? 'y' : 'x';
    EXPECT_EQ(shape_of_key(typo), KeyShape::mistyped) << i;
  }
  EXPECT_EQ(shape_of_key("tl_short"), KeyShape::other);
}

// What earlier versions wrote: no scopes, no checksum.
TEST_F(ApiKeysTest, KeysOfEarlierVersionsSendEventsOnly) {
  const std::string old = "tl_" + std::string(43, 'o');
  ByteWriter out;
  for (const char* text : {"shop", "tl_oooooo"}) out.text(text);
  out.time(clock_.now());
  out.u8(0);
  out.text(crypto_.digest(old));
  WriteBatch batch;
  batch.put(Family::keys, "shop", out.take());
  ASSERT_TRUE(store_.write(batch, Durability::now).has_value());
  ASSERT_TRUE(keys_.load().has_value());
  EXPECT_EQ(keys_.source_of(old), SourceId("shop"));
  EXPECT_FALSE(keys_.find(old)->permissions.has(Permission::read));
}

}  // namespace
}  // namespace tideline
