// The newest predictions, tiers, ETags.
#include <gmock/gmock.h>

#include "api/test_api.h"

namespace tideline {
namespace {

using testing::HasSubstr;

TEST(PredictionRoutesTest, TheNewestStandFirst) {
  TestApi api;
  api.add_customer("old", 3);
  api.settle();
  api.clock.advance(kSecond);
  api.add_customer("new", 3);
  api.settle();
  for (const char* path : {"/api/v1/predictions", "/health/predictions"}) {
    const auto json = json_of(api.get(std::string(path) + "?limit=100"));
    ASSERT_EQ(json.at("data").as_array().size(), 2U);
    EXPECT_EQ(json.at("data").as_array()[0].at("customer_id"), "new");
    EXPECT_TRUE(json.at("next_cursor").is_null());
    EXPECT_EQ(json_of(api.get(std::string(path) + "?limit=1")).at("data").as_array().size(), 1U);
    EXPECT_EQ(api.get(std::string(path) + "?limit=0").status, 400);
    EXPECT_EQ(api.get(std::string(path) + "?since=1").status, 400);
  }
}

TEST(PredictionRoutesTest, TiersHaveRulesAndCountsThatSumToCustomers) {
  TestApi api;
  api.add_customer("a", 1);
  api.add_customer("c", 4);
  api.add_customer("d", 6);
  api.settle();
  const auto json = json_of(api.get("/api/v1/tiers"));
  const auto& tiers = json.at("data").as_array();
  ASSERT_EQ(tiers.size(), 4U);
  EXPECT_EQ(tiers[0].at("tier"), "churned");
  EXPECT_THAT(std::string(tiers[0].at("rule").as_string()), HasSubstr("health_score"));
  EXPECT_EQ(tiers[1].at("customers").as_int64(), 1);
  EXPECT_EQ(tiers[2].at("customers").as_int64(), 1);
  EXPECT_EQ(json.at("unscored").at("not_enough_data").as_int64(), 1);
  EXPECT_EQ(json.at("lapsed").as_int64(), 0);
  EXPECT_EQ(json.at("customers").as_int64(), 3);
  api.clock.advance(60 * kDay);
  ASSERT_TRUE(api.rescorer.score_all(true).has_value());
  const auto later = json_of(api.get("/api/v1/tiers"));
  EXPECT_EQ(later.at("lapsed").as_int64(), 3);
  EXPECT_TRUE(later.at("unscored").as_object().empty());
}

TEST(PredictionRoutesTest, AnUnchangedReadIsNotSentAgain) {
  TestApi api;
  api.add_customer("c", 4);
  api.settle();
  const auto first = api.get("/api/v1/predictions");
  const auto etag = first.headers.get("ETag");
  ASSERT_TRUE(etag.has_value());
  http::Headers headers;
  headers.add("If-None-Match", std::string(*etag));
  const auto second = api.get("/api/v1/predictions", headers);
  EXPECT_EQ(second.status, 304);
  EXPECT_TRUE(second.body.empty());
  api.add_customer("d", 4);
  api.settle();
  EXPECT_EQ(api.get("/api/v1/predictions", headers).status, 200);
}

TEST(PredictionRoutesTest, WhereTimeStandsStillListsSaySo) {
  TestApi api({.frozen_at = kTestNow});
  for (const char* path : {"/api/v1/predictions", "/api/v1/tiers", "/api/v1/overview",
                           "/api/v1/pipeline", "/api/v1/customers", "/healthz"}) {
    EXPECT_EQ(json_of(api.get(path)).at("as_of"), boost::json::string(format_time(kTestNow)))
        << path;
  }
}

}  // namespace
}  // namespace tideline
