// Alerts and their receivers over HTTP.
#include <gmock/gmock.h>

#include "api/test_api.h"

namespace tideline {
namespace {

using testing::HasSubstr;

constexpr const char* kReceivers = "/api/v1/webhooks";

boost::json::value made(TestApi& api, const std::string& body) {
  const auto answer = api.post(kReceivers, body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  return json_of(answer);
}
std::string path_of(const boost::json::value& receiver) {
  return kReceivers + ("/" + std::string(receiver.at("id").as_string()));
}

void happen(TestApi& api, const std::string& customer) {
  WriteBatch writes;
  api.alert_queue.add({"", api.clock.now(),
                       TierMove{CustomerId(customer), "healthy", "at_risk", "why", "v1", {}, {}}},
                      writes);
  ASSERT_TRUE(api.state.write(writes, Durability::later).has_value());
  ASSERT_TRUE(api.alerts.router().route().has_value());
}

TEST(AlertRoutesTest, AReceiverFromBeginningToEnd) {
  TestApi api;
  const auto one = made(api, R"({"url":"https://example.com/hook","topics":["tier_entered"]})");
  EXPECT_EQ(one.at("name"), "example.com");
  EXPECT_EQ(one.at("kind"), "webhook");
  EXPECT_THAT(std::string(one.at("secret").as_string()), HasSubstr("whsec_"));
  const std::string path = path_of(one);
  EXPECT_FALSE(json_of(api.get(path)).as_object().contains("secret"));
  const auto changed =
      json_of(api.ask(http::Method::patch, path, {}, R"({"digest_s":60,"active":false})"));
  EXPECT_EQ(changed.at("digest_s"), 60);
  EXPECT_EQ(changed.at("active"), false);
  EXPECT_EQ(changed.at("name"), "example.com");
  const auto rotated = json_of(api.post(path + "/rotate", ""));
  EXPECT_NE(rotated.at("old_secret_until"), nullptr);
  EXPECT_EQ(json_of(api.get(kReceivers)).at("data").as_array().size(), 1U);
  EXPECT_EQ(api.ask(http::Method::delete_, path).status, 200);
  EXPECT_EQ(api.get(path).status, 404);
  EXPECT_EQ(api.ask(http::Method::delete_, path).status, 404);
}

TEST(AlertRoutesTest, WhatIsRefusedChangesNothing) {
  TestApi api;
  for (const char* body :
       {"", "[]", "{", R"({"url":1})", R"({"url":"ftp://example.com"})",
        R"({"url":"https://u:p@example.com"})", R"({"url":"https://example.com","colour":"red"})",
        R"({"url":"https://example.com","topics":["all"]})",
        R"({"url":"https://example.com","topics":[]})",
        R"({"url":"https://example.com","tiers":["rich"]})",
        R"({"url":"https://example.com","digest_s":-1})",
        R"({"url":"https://example.com","min_priority":"urgent"})",
        R"({"url":"https://example.com","secret":"whsec_x"})",
        R"({"kind":"pigeon","url":"https://example.com"})", R"({"kind":"mail","target":"ann"})"}) {
    EXPECT_EQ(api.post(kReceivers, body).status, 400) << body;
  }
  EXPECT_TRUE(json_of(api.get(kReceivers)).at("data").as_array().empty());
  const std::string path = path_of(made(api, R"({"url":"https://example.com"})"));
  const auto answer =
      api.ask(http::Method::patch, path, {}, R"({"name":"new","digest_s":"soon"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(json_of(api.get(path)).at("name"), "example.com");
}

TEST(AlertRoutesTest, DeliveriesAreShownTriedAndSentAgain) {
  TestApi api;
  const std::string path = path_of(made(api, R"({"url":"https://example.com/hook"})"));
  happen(api, "c1");
  happen(api, "c2");
  api.notifier.answer("https://example.com/hook", 500);
  while (*api.alerts.sender().send_one()) {}
  const auto first = json_of(api.get(path + "/deliveries?limit=1"));
  ASSERT_EQ(first.at("data").as_array().size(), 1U);
  const std::string cursor(first.at("next_cursor").as_string());
  const auto second = json_of(api.get(path + "/deliveries?limit=1&cursor=" + cursor));
  EXPECT_EQ(second.at("next_cursor"), nullptr);
  const auto& delivery = second.at("data").as_array()[0];
  EXPECT_EQ(delivery.at("status"), "waiting");
  EXPECT_EQ(delivery.at("attempts").as_array()[0].at("status"), 500);
  EXPECT_THAT(std::string(delivery.at("body").as_string()), HasSubstr("tier.entered"));
  api.notifier.answer("https://example.com/hook", 200);
  const std::string id(delivery.at("id").as_string());
  EXPECT_EQ(api.post(path + "/deliveries/" + id + "/resend", "").status, 200);
  EXPECT_TRUE(*api.alerts.sender().send_one());
  EXPECT_EQ(api.post(path + "/deliveries/msg_none/resend", "").status, 404);
  const auto test = json_of(api.post(path + "/test", ""));
  EXPECT_EQ(test.at("status"), "delivered");
  EXPECT_EQ(test.at("type"), "test");
}

TEST(AlertRoutesTest, AlertsNewestFirstByPages) {
  TestApi api;
  for (int i = 0; i < 7; ++i) {
    happen(api, "c" + std::to_string(i));
    api.clock.advance(kSecond);
  }
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const auto page = json_of(api.get("/api/v1/alerts?limit=3&cursor=" + cursor));
    EXPECT_TRUE(page.at("open").as_array().empty());
    for (const auto& alert : page.at("data").as_array()) {
      EXPECT_EQ(alert.at("type"), "tier.entered");
      seen.emplace_back(alert.at("customer_id").as_string());
    }
    cursor = page.at("next_cursor").is_string() ? page.at("next_cursor").as_string().c_str() : "";
  } while (!cursor.empty() && seen.size() < 20);
  EXPECT_EQ(seen, (std::vector<std::string>{"c6", "c5", "c4", "c3", "c2", "c1", "c0"}));
  EXPECT_EQ(api.get("/api/v1/alerts?cursor=xyz").status, 400);
}

TEST(AlertRoutesTest, WhereTimeStandsStillNothingIsWritten) {
  TestApiOptions options;
  options.frozen_at = kTestNow;
  TestApi api(options);
  EXPECT_EQ(api.post(kReceivers, R"({"url":"https://example.com"})").status, 503);
  EXPECT_EQ(api.get(kReceivers).status, 200);
}

}  // namespace
}  // namespace tideline
