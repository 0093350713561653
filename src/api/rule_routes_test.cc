// Tiers and playbook over HTTP: preview, save, versions, restore, conflicts; and that scoring
// follows.
#include <gmock/gmock.h>

#include "api/caller_limits.h"
#include "api/test_api.h"

namespace tideline {
namespace {

using testing::HasSubstr;

class RuleRoutesTest : public ::testing::Test {
 protected:
  RuleRoutesTest()
      : versions_(*api_.pack, api_.state, api_.clock, api_.clock),
        preview_({}, *api_.pack, api_.state, api_.clock, api_.clock, nullptr, nullptr) {
    EXPECT_TRUE(versions_.load().has_value());
    api_.rescorer.use_rules(versions_.in_force().pack, "rules 0");
    api_.services.rules = &versions_;
    api_.services.rule_preview = &preview_;
    api_.services.rules_changed = [this] {
      api_.rescorer.use_rules(versions_.in_force().pack, "rules");
    };
  }
  boost::json::value book() { return json_of(api_.get("/api/v1/rules")).at("book"); }
  // The book with another rule of the first tier: below `health`.
  std::string draft(const std::string& health) {
    boost::json::value changed = book();
    changed.at("tiers").at(0).at("rule") = "health_score < " + health + " or churn_risk_14d > 0.7";
    return boost::json::serialize(changed);
  }
  http::ClientResponse save(const std::string& book, int based_on,
                            const std::string& note = "a note") {
    return api_.post("/api/v1/rules", R"({"book":)" + book + R"(,"note":")" + note +
                                          R"(","based_on":)" + std::to_string(based_on) + "}");
  }

  TestApi api_;
  RuleVersions versions_;
  RulePreview preview_;
};

TEST_F(RuleRoutesTest, APreviewSaysWhoWouldMove) {
  api_.add_customer("buyer", 2);  // health 35
  api_.settle();
  const auto same = api_.post("/api/v1/rules/preview", R"({"book":)" + draft("30") + "}");
  ASSERT_EQ(same.status, 200) << same.body;
  EXPECT_EQ(json_of(same).at("tiers").at("moved"), 0);
  const auto tier = json_of(api_.get("/health?customer_id=buyer")).at("tier");
  const auto answer = json_of(
      api_.post("/api/v1/rules/preview", R"({"of":["tiers"],"book":)" + draft("99") + "}"));
  EXPECT_EQ(answer.at("tiers").at("moved"), 1) << answer;
  EXPECT_EQ(answer.at("tiers").at("examples").at(0).at("from"), tier);
  EXPECT_EQ(answer.at("tiers").at("examples").at(0).at("to"), "churned");
  EXPECT_TRUE(answer.at("plays").is_null());
  EXPECT_EQ(json_of(api_.get("/api/v1/rules")).at("version"), 0) << "nothing was saved";
  const auto wrong =
      json_of(api_.post("/api/v1/rules/preview", R"({"book":)" + draft("130") + "}"));
  EXPECT_EQ(wrong.at("mistakes").at(0).at("place"), "tiers[0].rule");
  EXPECT_TRUE(wrong.at("tiers").is_null());
}

TEST_F(RuleRoutesTest, ASavedVersionIsInForceAndScoresFollow) {
  api_.add_customer("buyer", 2);
  api_.settle();
  const auto saved = save(draft("99"), 0);
  ASSERT_EQ(saved.status, 200) << saved.body;
  EXPECT_EQ(json_of(saved).at("version"), 1);
  EXPECT_EQ(json_of(saved).at("note"), "a note");
  EXPECT_EQ(json_of(saved).at("in_force"), true);
  ASSERT_TRUE(api_.rescorer.score_all(false).has_value());
  EXPECT_EQ(json_of(api_.get("/health?customer_id=buyer")).at("tier"), "churned");
  const auto rule = json_of(api_.get("/api/v1/tiers")).at("data").at(0).at("rule");
  EXPECT_THAT(std::string(rule.as_string()), HasSubstr("< 99"));
  const auto shown = json_of(api_.get("/api/v1/rules"));
  EXPECT_EQ(shown.at("version"), 1);
  EXPECT_EQ(shown.at("newest"), 1);
}

TEST_F(RuleRoutesTest, VersionsAreListedShownAndRestored) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(save(draft(std::to_string(31 + i)), i).status, 200);
  std::vector<std::int64_t> numbers;
  std::string cursor;
  do {
    const auto page = json_of(api_.get("/api/v1/rules/versions?limit=2&cursor=" + cursor));
    for (const auto& row : page.at("data").as_array())
      numbers.push_back(row.at("version").to_number<std::int64_t>());
    const auto& next = page.at("next_cursor");
    cursor = next.is_string() ? std::string(next.as_string()) : "";
  } while (!cursor.empty());
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{3, 2, 1, 0}));
  const auto one = json_of(api_.get("/api/v1/rules/versions/1"));
  EXPECT_EQ(one.at("in_force"), false);
  const auto back = api_.post("/api/v1/rules/versions/1/restore", R"({"based_on":3})");
  ASSERT_EQ(back.status, 200) << back.body;
  EXPECT_EQ(json_of(back).at("version"), 4);
  EXPECT_EQ(json_of(back).at("restored_from"), 1);
  EXPECT_EQ(json_of(back).at("book"), one.at("book"));
  EXPECT_EQ(api_.get("/api/v1/rules/versions/9").status, 404);
  EXPECT_EQ(api_.get("/api/v1/rules/versions/x").status, 404);
  EXPECT_EQ(api_.post("/api/v1/rules/versions/9/restore", R"({"based_on":4})").status, 404);
}

TEST_F(RuleRoutesTest, TwoWhoEditAreTold) {
  ASSERT_EQ(save(draft("31"), 0).status, 200);
  const auto late = save(draft("32"), 0);
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(code_of(late), "version_conflict");
  EXPECT_EQ(api_.post("/api/v1/rules/versions/0/restore", R"({"based_on":0})").status, 409);
}

TEST_F(RuleRoutesTest, BadBodiesAreNamed) {
  const std::string good = draft("31");
  const std::tuple<std::string, const char*, const char*> cases[] = {
      {"{", "malformed_json", "not JSON"},
      {"[]", "bad_parameter", "no JSON object"},
      {R"({"bok":{},"based_on":0})", "bad_parameter", "did you mean"},
      {R"({"based_on":0})", "bad_parameter", "is missing"},
      {R"({"book":)" + good + "}", "bad_parameter", "based_on"},
      {R"({"book":)" + good + R"(,"based_on":-1})", "bad_parameter", "based_on"},
      {R"({"book":)" + good + R"(,"based_on":0,"note":5})", "bad_parameter", "note"},
      {R"({"book":{"tiers":[{"tier":"churned"}]},"based_on":0})", "bad_rules", "tiers[0]"},
      {R"({"book":{"tiers":{}},"based_on":0})", "bad_rules", "tiers"},
      {R"({"book":{"tiers":[]},"based_on":0})", "bad_rules", "every tier"},
      {R"({"book":)" + draft("300") + R"(,"based_on":0})", "bad_rules", "compared with 300"},
  };
  for (const auto& [body, code, words] : cases) {
    const auto answer = api_.post("/api/v1/rules", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(code_of(answer), code) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(words)) << body;
  }
  EXPECT_EQ(versions_.newest(), 0U);
  http::Headers other;
  other.add("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(api_.post("/api/v1/rules", "{}", other).status, 403);
}

// ---- Idempotency-Key, on these writes as on all.

TEST_F(RuleRoutesTest, TheSameKeyIsDoneOnce) {
  http::Headers key;
  key.add("Idempotency-Key", "k-1");
  const std::string body = R"({"book":)" + draft("31") + R"(,"based_on":0})";
  const auto first = api_.post("/api/v1/rules", body, key);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_FALSE(first.headers.get("Idempotency-Replayed").has_value());
  const auto again = api_.post("/api/v1/rules", body, key);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.get("Content-Type").value_or(""), "application/json");
  EXPECT_EQ(again.headers.get("Idempotency-Replayed").value_or(""), "true");
  EXPECT_EQ(versions_.newest(), 1U);

  const auto other =
      api_.post("/api/v1/rules", R"({"book":)" + draft("32") + R"(,"based_on":1})", key);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(code_of(other), "idempotency_key_reused");
  // A refusal is an answer too.
  http::Headers second;
  second.add("Idempotency-Key", "k-2");
  for (int i = 0; i < 2; ++i) {
    const auto refused = api_.post("/api/v1/rules", "{", second);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(code_of(refused), "malformed_json");
  }
  api_.clock.advance(25 * kHour);
  http::Headers third;  // whose keeping lets the old ones go
  third.add("Idempotency-Key", "k-3");
  EXPECT_EQ(api_.post("/api/v1/rules", "{", third).status, 400);
  EXPECT_EQ(api_.post("/api/v1/rules", body, key).status, 409) << "forgotten by then: done anew";
}

TEST_F(RuleRoutesTest, AKeyIsShortAndVisible) {
  for (const std::string& text : {std::string(256, 'a'), std::string("a b")}) {
    http::Headers key;
    key.add("Idempotency-Key", text);
    const auto answer = api_.post("/api/v1/rules", "{}", key);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(code_of(answer), "bad_idempotency_key");
  }
}

// ---- Rates of keys

TEST(CallerLimitsTest, AKeyIsToldItsRateAndRefusedBeyondIt) {
  ManualClock clock(kTestNow);
  CallerLimits limits({2, 3}, clock);  // 6 at once, then 2 a second
  int handled = 0;
  const http::Handler limited = limits.limit([&](http::Request, http::Responder responder) {
    ++handled;
    responder(http::json_response("{}"));
  });
  const auto ask = [&](const std::string& caller) {
    http::Request request;
    request.caller = caller;
    http::Response answer;
    limited(std::move(request),
            http::Responder([&](http::Response response) { answer = std::move(response); }));
    return answer;
  };
  for (int left = 5; left >= 0; --left) {
    const http::Response answer = ask("key:shop");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.get("RateLimit-Policy").value_or(""), "\"requests\";q=6;w=3");
    const std::string wanted =
        "\"requests\";r=" + std::to_string(left) + ";t=" + std::to_string((6 - left + 1) / 2);
    EXPECT_EQ(answer.headers.get("RateLimit").value_or(""), wanted);
  }
  const http::Response refused = ask("key:shop");
  EXPECT_EQ(refused.status, 429);
  ASSERT_TRUE(refused.problem.has_value());
  EXPECT_EQ(refused.problem->code, "rate_limited");
  EXPECT_EQ(refused.problem->retry_after_s, 1);
  EXPECT_EQ(ask("key:other").status, 200);
  EXPECT_FALSE(ask("user:ann").headers.get("RateLimit").has_value());
  EXPECT_EQ(handled, 8);
  clock.advance(kSecond);
  EXPECT_EQ(ask("key:shop").status, 200);
  EXPECT_EQ(ask("key:shop").status, 200);
  EXPECT_EQ(ask("key:shop").status, 429);
}

// ---- Cursors

TEST_F(RuleRoutesTest, ATamperedCursorIsRefusedByEveryList) {
  for (int i = 0; i < 3; ++i) api_.add_customer("c" + std::to_string(i), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(api_.send("/v1/events?verdicts=1", "{").status, 200);
  api_.settle();
  ASSERT_EQ(save(draft("31"), 0).status, 200);
  ASSERT_EQ(save(draft("32"), 1).status, 200);
  std::vector<std::string> cursors;
  const std::string lists[] = {"/api/v1/customers", "/api/v1/predictions", "/api/v1/deadletters",
                               "/api/v1/rules/versions"};
  for (const std::string& list : lists) {
    const auto page = json_of(api_.get(list + "?limit=1"));
    ASSERT_TRUE(page.at("next_cursor").is_string()) << list << page;
    cursors.emplace_back(page.at("next_cursor").as_string());
    EXPECT_EQ(api_.get(list + "?limit=1&cursor=" + cursors.back()).status, 200) << list;
  }
  for (std::size_t l = 0; l < 4; ++l) {
    for (std::size_t at = 0; at < cursors[l].size(); ++at) {
      std::string changed = cursors[l];
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      const auto answer = api_.get(lists[l] + "?cursor=" + changed);
      EXPECT_EQ(answer.status, 400) << lists[l] << " " << at;
      EXPECT_EQ(code_of(answer), "bad_cursor");
    }
    EXPECT_EQ(api_.get(lists[l] + "?cursor=" + cursors[(l + 1) % 4]).status, 400) << lists[l];
    EXPECT_EQ(api_.get(lists[l] + "?cursor=" + cursors[l].substr(1)).status, 400);
    EXPECT_EQ(api_.get(lists[l] + "?cursor=" + cursors[l] + "A").status, 400);
  }
}

TEST_F(RuleRoutesTest, NewestPagesAreKeptUntilSomethingIsWritten) {
  for (int i = 0; i < 5; ++i) api_.add_customer("c" + std::to_string(i), 3);
  api_.settle();
  const auto first = api_.get("/api/v1/predictions?limit=3");
  const auto again = api_.get("/api/v1/predictions?limit=3");
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(first.headers.get("ETag"), again.headers.get("ETag"));
  http::Headers known;
  known.add("If-None-Match", std::string(*again.headers.get("ETag")));
  EXPECT_EQ(api_.get("/api/v1/predictions?limit=3", known).status, 304);
  EXPECT_EQ(api_.ask(http::Method::head, "/api/v1/predictions?limit=3").status, 200);
  api_.clock.advance(kHour);
  api_.add_customer("fresh", 1);
  api_.settle();
  const auto later = json_of(api_.get("/api/v1/predictions?limit=3", known));
  EXPECT_EQ(later.at("data").at(0).at("customer_id"), "fresh");
  std::vector<std::string> all;
  std::string cursor;
  do {
    const auto page = json_of(api_.get("/api/v1/predictions?limit=2&cursor=" + cursor));
    for (const auto& row : page.at("data").as_array())
      all.emplace_back(row.at("customer_id").as_string());
    const auto& next = page.at("next_cursor");
    cursor = next.is_string() ? std::string(next.as_string()) : "";
  } while (!cursor.empty());
  EXPECT_EQ(all, (std::vector<std::string>{"fresh", "c0", "c1", "c2", "c3", "c4"}));
}

}  // namespace
}  // namespace tideline
