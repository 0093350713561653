// AccessGate: who gets past it, with what, and as whom.
#include "api/access_gate.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "access/test_crypto.h"
#include "api/test_api.h"

namespace tideline {
namespace {

constexpr const char* kPassword = "correct horse";

struct AccessGateTest : ::testing::Test {
  AccessGateTest()
      : access(std::move(*Access::open({}, test_access_crypto(), store, clock, log))) {
    (void)access->create_user(kCommandCaller, "ada", Role::operator_, kPassword);
    Duration wait{};
    session = *access->log_in("ada", kPassword, "", wait);
    fields["Host"] = "127.0.0.1:3002";
  }
  // "user:ada", or the code of the refusal.
  std::string ask(Permission needed, http::Method method = http::Method::get) {
    http::RequestHead head;
    head.method = method;
    head.remote_address = remote;
    head.authorization = fields["Authorization"];
    head.control = control;
    head.field = [this](std::string_view name) {
      return std::string_view(fields[std::string(name)]);
    };
    const auto admission = AccessGate(*access, visitor).admit(needed, head);
    return admission.refusal ? admission.refusal->problem->code : admission.caller;
  }
  void sign_in() { fields["Cookie"] = "a=b; tideline_session=" + session.token; }

  ManualClock clock{*parse_time("2026-01-10T12:00:00Z")};
  MemoryStateStore store;
  std::ostringstream log_text;
  Logger log{clock, LogLevel::off, log_text};
  std::unique_ptr<Access> access;
  SignedIn session;
  std::map<std::string, std::string> fields;
  std::string remote = "127.0.0.1";
  std::optional<Role> visitor;
  bool control = false;
};

TEST_F(AccessGateTest, AStrangerIsRefused) {
  EXPECT_EQ(ask(Permission::read), "not_signed_in");
  EXPECT_EQ(ask(Permission::ingest), "") << "the key may be in the body";
  fields["Authorization"] = "Bearer tl_nobody";
  EXPECT_EQ(ask(Permission::read), "unknown_key");
  EXPECT_EQ(ask(Permission::ingest), "unknown_key");
}

TEST_F(AccessGateTest, LocalIsForThisMachine) {
  for (const char* here : {"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"}) {
    remote = here;
    EXPECT_EQ(ask(Permission::local), "") << here;
  }
  remote = "192.0.2.1";
  EXPECT_EQ(ask(Permission::local), "not_signed_in");
  sign_in();
  EXPECT_EQ(ask(Permission::local), "user:ada");
}

TEST_F(AccessGateTest, ASessionHasItsRole) {
  sign_in();
  EXPECT_EQ(ask(Permission::operate), "user:ada");
  EXPECT_EQ(ask(Permission::administer), "no_right");
  fields["Cookie"] = "tideline_session=" + std::string(43, 'x');
  EXPECT_EQ(ask(Permission::read), "not_signed_in");
}

TEST_F(AccessGateTest, ASessionChangesThingsOnlyFromItsOwnPage) {
  sign_in();
  EXPECT_EQ(ask(Permission::operate, http::Method::post), "csrf");
  fields["X-CSRF-Token"] = session.csrf_token;
  EXPECT_EQ(ask(Permission::operate, http::Method::post), "user:ada");
  EXPECT_EQ(ask(Permission::operate, http::Method::patch), "user:ada");
  fields["Origin"] = "http://127.0.0.1:3002";
  EXPECT_EQ(ask(Permission::operate, http::Method::post), "user:ada");
  fields["Origin"] = "http://127.0.0.1:4000";
  EXPECT_EQ(ask(Permission::operate, http::Method::post), "cross_site");
  EXPECT_EQ(ask(Permission::read), "user:ada") << "reading is no change";
  fields["Sec-Fetch-Site"] = "same-origin";
  EXPECT_EQ(ask(Permission::operate, http::Method::post), "user:ada") << "browsers know better";
  fields["Sec-Fetch-Site"] = "same-site";
  EXPECT_EQ(ask(Permission::operate, http::Method::post), "cross_site");
}

TEST_F(AccessGateTest, AKeyCountsBeforeASession) {
  sign_in();
  const auto key = access->create_key(kCommandCaller, {"reads", {Permission::read}, {}});
  fields["Authorization"] = "Bearer " + key->key;
  EXPECT_EQ(ask(Permission::read), "key:reads");
  EXPECT_EQ(ask(Permission::operate, http::Method::post), "no_right");
  EXPECT_EQ(ask(Permission::ingest, http::Method::post), "no_right");
  fields["Authorization"] = "AWS4-HMAC-SHA256 Credential=" + key->key +
                            "/20260110/x/sagemaker/aws4_request, Signature=0";
  EXPECT_EQ(ask(Permission::read), "key:reads") << "all that such a client can show";
  for (const char* other :
       {"Negotiate abc", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/2026, X=y"}) {
    fields["Authorization"] = other;
    EXPECT_EQ(ask(Permission::read), "user:ada") << other << " is none of ours";
  }
}

TEST_F(AccessGateTest, VisitorsAreOnThisMachineUnderItsOwnName) {
  visitor = Role::analyst;
  EXPECT_EQ(ask(Permission::act, http::Method::post), "visitor");
  EXPECT_EQ(ask(Permission::operate), "no_right");
  for (const char* host : {"localhost", "LOCALHOST:80", "[::1]:3002", "127.0.0.1"}) {
    fields["Host"] = host;
    EXPECT_EQ(ask(Permission::read), "visitor") << host;
  }
  for (const char* host : {"", "evil.example", "localhost.evil.example", "[::2]"}) {
    fields["Host"] = host;
    EXPECT_EQ(ask(Permission::read), "not_signed_in") << host;
  }
  fields["Host"] = "localhost";
  fields["Sec-Fetch-Site"] = "cross-site";
  EXPECT_EQ(ask(Permission::act, http::Method::post), "cross_site");
  remote = "192.0.2.1";
  EXPECT_EQ(ask(Permission::read), "not_signed_in");
}

TEST_F(AccessGateTest, TheControlSocketAsksForNothing) {
  control = true;
  remote = "";
  EXPECT_EQ(ask(Permission::administer, http::Method::post), "command");
}

TEST(CookieTest, OneOfSeveral) {
  EXPECT_EQ(cookie_of("a=1; b=2;c=3", "b"), "2");
  EXPECT_EQ(cookie_of("a=1; b=2;c=3", "c"), "3");
  EXPECT_EQ(cookie_of("xb=1; b=", "b"), "");
  EXPECT_EQ(cookie_of("xb=1", "b"), "");
  EXPECT_EQ(cookie_of("", "b"), "");
  EXPECT_EQ(cookie_of(";;=;b=2", "b"), "2");
}

TEST(SetupNeededTest, WithoutUsersAStrangerIsToldSo) {
  TestApi api({.visitor_role = std::nullopt});
  EXPECT_EQ(code_of(api.get("/api/v1/me")), "set_up_needed");
  EXPECT_EQ(api.get("/healthz").status, 200);
}

}  // namespace
}  // namespace tideline
