// Access: signing in and out, the set-up link, throttled guesses, the audit log.
#include "access/access.h"

#include <gtest/gtest.h>

#include <sstream>

#include "access/test_crypto.h"
#include "ports/memory_state_store.h"

namespace tideline {
namespace {

constexpr const char* kPassword = "correct horse";

class AccessTest : public ::testing::Test {
 protected:
  AccessTest() { open(); }
  void open() {
    Access::Options options;
    options.sessions = {7 * kDay, kDay};
    access_ = std::move(*Access::open(options, test_access_crypto(), store_, clock_, logger_));
  }
  User add(const std::string& name, Role role) {
    return *access_->create_user(kCommandCaller, name, role, kPassword);
  }
  Result<SignedIn> log_in(const std::string& name, const std::string& password = kPassword,
                          const std::string& address = "203.0.113.9") {
    return access_->log_in(name, password, address, wait_);
  }
  [[nodiscard]] std::vector<AuditEntry> audit() const {
    return access_->audit().list(std::nullopt, 100)->entries;
  }

  ManualClock clock_{*parse_time("2026-01-10T12:00:00Z")};
  MemoryStateStore store_;
  std::ostringstream log_text_;
  Logger logger_{clock_, LogLevel::error, log_text_};
  std::unique_ptr<Access> access_;
  Duration wait_{};
};

TEST_F(AccessTest, ASessionIsWhoeverSignedIn) {
  add("Ada", Role::operator_);
  const auto signed_in = log_in("ada");
  ASSERT_TRUE(signed_in.has_value());
  const auto caller = access_->caller_of_session(signed_in->token);
  ASSERT_TRUE(caller.has_value());
  EXPECT_EQ(caller->name(), "user:Ada");
  EXPECT_TRUE(caller->permissions.has(Permission::operate));
  EXPECT_FALSE(caller->permissions.has(Permission::administer));
  EXPECT_EQ(access_->caller_of_session("nobody"), std::nullopt);
  EXPECT_EQ(access_->users().find("ada")->last_login, clock_.now());
  ASSERT_TRUE(access_->log_out(signed_in->token).has_value());
  EXPECT_EQ(access_->caller_of_session(signed_in->token), std::nullopt);
}

TEST_F(AccessTest, SessionsSurviveARestartAndHoldNoToken) {
  add("ada", Role::admin);
  const auto signed_in = log_in("ada");
  const std::string csrf_token = signed_in->csrf_token;
  open();
  ASSERT_TRUE(access_->caller_of_session(signed_in->token).has_value());
  EXPECT_EQ(access_->sessions().csrf_token_of(signed_in->token), csrf_token);
  const auto visit = [&](std::string_view key, std::string_view value) {
    EXPECT_EQ(key.find(signed_in->token), std::string_view::npos);
    EXPECT_EQ(value.find(signed_in->token), std::string_view::npos);
    return true;
  };
  ASSERT_TRUE(store_.scan(Family::access, "", "", visit).has_value());
}

TEST_F(AccessTest, SessionsEndByTimeAndByIdleness) {
  add("ada", Role::admin);
  const std::string idle = log_in("ada")->token;
  clock_.advance(kDay - Duration(1));
  EXPECT_TRUE(access_->caller_of_session(idle).has_value());  // and begins to be idle anew
  clock_.advance(kDay);
  EXPECT_EQ(access_->caller_of_session(idle), std::nullopt);
  const std::string busy = log_in("ada")->token;
  for (int hour = 0; hour < 7 * 24 - 1; ++hour) {
    clock_.advance(kHour);
    EXPECT_TRUE(access_->caller_of_session(busy).has_value());
  }
  clock_.advance(kHour);
  EXPECT_EQ(access_->caller_of_session(busy), std::nullopt);
  access_->tend();
  std::size_t sessions = 0;
  ASSERT_TRUE(store_.scan(Family::access, "session/", "session0", [&](auto, auto) {
    ++sessions;
    return true;
  }));
  EXPECT_EQ(sessions, 0u);
}

TEST_F(AccessTest, AChangedRoleOrPasswordEndsEverySession) {
  add("root", Role::admin);
  add("ada", Role::admin);
  const auto changes = {Users::Change{Role::viewer, {}, {}}, Users::Change{{}, {}, "another one"},
                        Users::Change{{}, true, {}}};
  for (const auto& change : changes) {
    Users::Change back{Role::admin, false, kPassword};
    ASSERT_TRUE(access_->change_user("user:root", "ada", back).has_value());
    const std::string token = log_in("ada")->token;
    ASSERT_TRUE(access_->change_user("user:root", "ada", change).has_value());
    EXPECT_EQ(access_->caller_of_session(token), std::nullopt);
  }
  EXPECT_EQ(log_in("ada").error().reason, "wrong_login") << "she is disabled";
}

TEST_F(AccessTest, OnesOwnPasswordSparesThisSession) {
  add("ada", Role::viewer);
  const std::string here = log_in("ada")->token;
  const std::string there = log_in("ada")->token;
  EXPECT_EQ(access_->change_own_password("ada", "wrong", "better horse", here).error().reason,
            "wrong_login");
  ASSERT_TRUE(access_->change_own_password("ada", kPassword, "better horse", here).has_value());
  EXPECT_TRUE(access_->caller_of_session(here).has_value());
  EXPECT_EQ(access_->caller_of_session(there), std::nullopt);
  EXPECT_TRUE(log_in("ada", "better horse").has_value());
}

TEST_F(AccessTest, TheLastAdminStays) {
  add("ada", Role::admin);
  Users::Change demoted;
  demoted.role = Role::viewer;
  EXPECT_EQ(access_->change_user("user:ada", "ada", demoted).error().reason, "last_admin");
  Users::Change disabled;
  disabled.disabled = true;
  EXPECT_EQ(access_->change_user("user:ada", "ada", disabled).error().reason, "last_admin");
  add("bob", Role::admin);
  EXPECT_TRUE(access_->change_user("user:ada", "ada", demoted).has_value());
}

TEST_F(AccessTest, GuessingIsSlowedDownByNameAndByAddress) {
  add("ada", Role::admin);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(log_in("ada", "guess").error().reason, "wrong_login");
  EXPECT_EQ(log_in("ada", kPassword).error().reason, "too_many_logins") << "also the right one";
  EXPECT_EQ(wait_, kSecond);
  clock_.advance(kSecond);
  EXPECT_EQ(log_in("ada", "guess").error().reason, "wrong_login");
  EXPECT_EQ(log_in("ada", "guess").error().reason, "too_many_logins");
  EXPECT_EQ(wait_, 2 * kSecond);
  clock_.advance(2 * kSecond);
  EXPECT_TRUE(log_in("ada").has_value());
  EXPECT_EQ(log_in("ada", "guess").error().reason, "wrong_login") << "and all is forgotten";

  for (int i = 0; i < 20; ++i) (void)log_in("nobody" + std::to_string(i), "x", "198.51.100.1");
  EXPECT_EQ(log_in("somebody", "x", "198.51.100.1").error().reason, "too_many_logins");
  EXPECT_EQ(log_in("somebody", "x", "198.51.100.2").error().reason, "wrong_login");
  for (int i = 0; i < 30; ++i) (void)log_in("more" + std::to_string(i), "x", "127.0.0.1");
  EXPECT_EQ(log_in("others", "x", "127.0.0.1").error().reason, "wrong_login")
      << "a proxy on this machine is many people";
}

TEST_F(AccessTest, TheSetUpLinkWorksOnce) {
  const std::string first = *access_->make_setup_link();
  const std::string token = *access_->make_setup_link();
  EXPECT_EQ(access_->set_up(first, "ada", kPassword).error().reason, "void_setup_link");
  EXPECT_EQ(access_->set_up(token, "ada", "short").error().reason, "weak_password");
  const auto signed_in = access_->set_up(token, "ada", kPassword);
  ASSERT_TRUE(signed_in.has_value()) << "a refused password does not use it up";
  EXPECT_EQ(access_->caller_of_session(signed_in->token)->role, Role::admin);
  EXPECT_EQ(access_->set_up(token, "eve", kPassword).error().reason, "void_setup_link");
  EXPECT_EQ(access_->make_setup_link().error().reason, "users_exist");
}

TEST_F(AccessTest, TheSetUpLinkExpires) {
  const std::string token = *access_->make_setup_link();
  clock_.advance(kDay);
  EXPECT_EQ(access_->set_up(token, "ada", kPassword).error().reason, "void_setup_link");
}

TEST_F(AccessTest, NamesAndPasswordsThatCannotBe) {
  const auto reason = [&](const std::string& name, const std::string& password) {
    auto made = access_->create_user(kCommandCaller, name, Role::viewer, password);
    return made ? "" : made.error().reason;
  };
  EXPECT_EQ(reason("", kPassword), "bad_name");
  EXPECT_EQ(reason("a b", kPassword), "bad_name");
  EXPECT_EQ(reason(std::string(65, 'a'), kPassword), "bad_name");
  EXPECT_EQ(reason("ada", "123456789"), "weak_password");
  EXPECT_EQ(reason("ada", "äöüäöüäöü"), "weak_password") << "9 characters, 18 bytes";
  EXPECT_EQ(reason("adalovelace", "AdaLovelace"), "weak_password");
  EXPECT_EQ(reason("ada", std::string(1025, 'x')), "weak_password");
  EXPECT_EQ(reason("ada@example.org", "1234567890"), "");
  EXPECT_EQ(reason("ADA@example.org", "1234567890"), "user_exists");
}

TEST_F(AccessTest, EveryChangeIsNotedWithItsOutcome) {
  add("ada", Role::admin);
  (void)log_in("ada", "guess");
  (void)access_->create_key("user:ada", {"shop", {Permission::ingest, Permission::read}, {}});
  (void)access_->revoke_key("user:ada", "nothing");
  access_->note("key:shop", "promote_model", "shop-health-v2");
  const auto entries = audit();
  ASSERT_EQ(entries.size(), 5u);
  EXPECT_EQ(entries[0].who, "key:shop");
  EXPECT_EQ(entries[0].role, "ingest read");
  EXPECT_EQ(entries[0].target, "shop-health-v2");
  EXPECT_EQ(entries[1].outcome, "not_found");
  EXPECT_EQ(entries[2].role, "admin");
  EXPECT_EQ(entries[2].target, "shop for ingest read");
  EXPECT_EQ(entries[2].outcome, "done");
  EXPECT_EQ(entries[3].what, "login");
  EXPECT_EQ(entries[3].outcome, "wrong_login");
  EXPECT_EQ(entries[4].number, 1u);
  EXPECT_EQ(entries[4].who, "command");
  EXPECT_EQ(*access_->audit().verify(), 5u);
}

TEST_F(AccessTest, TheAuditLogGoesOnAfterARestart) {
  access_->note("command", "one", "");
  open();
  access_->note("command", "two", "");
  EXPECT_EQ(*access_->audit().verify(), 2u);
  const auto page = access_->audit().list(std::nullopt, 1);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(access_->audit().list(page->entries[0].number, 1)->entries[0].what, "one");
}

// Each kept byte, flipped, is found; so is each entry that is missing.
TEST_F(AccessTest, WhatIsChangedInTheAuditLogIsFound) {
  for (int i = 0; i < 3; ++i) access_->note("user:ada", "drop_dead_letter", std::to_string(i));
  std::vector<std::pair<std::string, std::string>> kept;
  ASSERT_TRUE(store_.scan(Family::audit, "", "", [&](auto key, auto value) {
    kept.emplace_back(key, value);
    return true;
  }));
  ASSERT_EQ(kept.size(), 3u);
  const auto put = [&](const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.put(Family::audit, key, value);
    ASSERT_TRUE(store_.write(batch, Durability::now).has_value());
  };
  for (const auto& [key, value] : kept) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      std::string flipped = value;
      flipped[i] = static_cast<char>(flipped[i] ^ 1);
      put(key, flipped);
      EXPECT_EQ(access_->audit().verify().error().reason, "audit_broken") << i;
    }
    WriteBatch missing;
    missing.remove(Family::audit, key);
    ASSERT_TRUE(store_.write(missing, Durability::now).has_value());
    EXPECT_EQ(access_->audit().verify().error().reason, "audit_broken");
    put(key, value);
  }
  EXPECT_EQ(*access_->audit().verify(), 3u);
}

TEST_F(AccessTest, AnAuditLogThatCannotBeWrittenIsTold) {
  store_.refuse_writes(Error{ErrorCode::disk_full, "full", {}});
  access_->note("user:ada", "drop_dead_letter", "1-1");
  EXPECT_NE(log_text_.str().find("the audit log cannot be written"), std::string::npos);
}

TEST(PermissionTest, EachRoleMayWhatTheOneBelowMay) {
  PermissionSet below;
  for (const Role role : kRoles) {
    const PermissionSet own = permissions_of(role);
    for (const Permission scope : kScopes) EXPECT_TRUE(!below.has(scope) || own.has(scope));
    EXPECT_NE(own, below);
    EXPECT_FALSE(own.has(Permission::ingest)) << "events come from programs";
    EXPECT_EQ(parse_role(name_of(role)), role);
    below = own;
  }
  EXPECT_EQ(parse_scope("open"), std::nullopt);
}

}  // namespace
}  // namespace tideline
