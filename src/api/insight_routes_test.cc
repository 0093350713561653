// Pilots, money, retention and success over HTTP.
#include <gmock/gmock.h>

#include "api/test_api.h"

namespace tideline {
namespace {

using testing::HasSubstr;

constexpr const char* kPilot = R"({"name":"Tutor match","treatment":"a mail","baseline":0.45,)"
                               R"("change":0.1,"phases":[0.5,1]})";

double number_at(const boost::json::value& object, const char* key) {
  return object.at(key).to_number<double>();
}

// A figure of the calculator's answer.
double figure(const boost::json::value& money, const char* key) {
  for (const auto& one : money.at("figures").as_array()) {
    if (one.at("key") == key) return number_at(one, "value");
  }
  ADD_FAILURE() << "no figure " << key;
  return 0;
}

TEST(PilotRoutesTest, ALife) {
  TestApi api;
  for (int i = 0; i < 40; ++i) api.add_customer("c" + std::to_string(i), 4);
  api.settle();
  const auto made = json_of(api.post("/api/v1/pilots", kPilot));
  EXPECT_EQ(made.at("id"), "tutor-match");
  EXPECT_EQ(made.at("status"), "draft");
  EXPECT_EQ(made.at("planned").as_int64(), 784);
  EXPECT_EQ(code_of(api.post("/api/v1/pilots", kPilot)), "pilot_exists");
  EXPECT_EQ(code_of(api.post("/api/v1/pilots/tutor-match/widen", "{}")), "not_running");
  const auto started = json_of(api.post("/api/v1/pilots/tutor-match/start", "{}"));
  const auto came = started.at("report").at("customers").to_number<std::size_t>();
  EXPECT_GT(came, 5U);
  EXPECT_LT(came, 35U);
  EXPECT_EQ(started.at("report").at("interim"), true);
  const auto wide = json_of(api.post("/api/v1/pilots/tutor-match/widen", "{}"));
  EXPECT_EQ(wide.at("report").at("customers").as_int64(), 40);
  const auto log = json_of(api.get("/api/v1/pilots/tutor-match/exposures?limit=30"));
  ASSERT_EQ(log.at("data").as_array().size(), 30U);
  const std::string cursor(log.at("next_cursor").as_string());
  const auto rest =
      json_of(api.get("/api/v1/pilots/tutor-match/exposures?limit=30&cursor=" + cursor));
  EXPECT_EQ(rest.at("data").as_array().size(), 10U);
  EXPECT_TRUE(rest.at("next_cursor").is_null());
  const auto stopped = api.post("/api/v1/pilots/tutor-match/stop", R"({"reason":"enough"})");
  EXPECT_EQ(json_of(stopped).at("stop_reason"), "enough");
  EXPECT_EQ(json_of(api.get("/api/v1/pilots")).at("data").as_array().size(), 1U);
}

TEST(PilotRoutesTest, WhatCannotBeIsRefused) {
  TestApi api;
  EXPECT_EQ(code_of(api.post("/api/v1/pilots", "[]")), "malformed_json");
  EXPECT_EQ(code_of(api.post("/api/v1/pilots", R"({"name":"a","treatment":"b","joy":1})")),
            "bad_pilot");
  EXPECT_EQ(code_of(api.post("/api/v1/pilots",
                             R"({"name":"a","treatment":"b","change":0.1,"tiers":["none"]})")),
            "bad_pilot");
  EXPECT_EQ(code_of(api.post("/api/v1/pilots", R"({"name":"a","treatment":"b","change":0.1})")),
            "bad_baseline");
  EXPECT_EQ(code_of(api.get("/api/v1/pilots/nobody")), "unknown_pilot");
  EXPECT_EQ(code_of(api.get("/api/v1/pilots/nobody/exposures?cursor=*")), "bad_cursor");
  EXPECT_EQ(code_of(api.get("/api/v1/sample-size?change=0.1&baseline=x")), "bad_parameter");
  const auto size = json_of(api.get("/api/v1/sample-size?baseline=0.5&change=0.1"));
  EXPECT_EQ(size.at("control").as_int64(), 388);
  EXPECT_EQ(size.at("customers").as_int64(), 776);
}

TEST(MoneyRoutesTest, TheCalculator) {
  TestApi api;
  const auto known = json_of(api.get("/api/v1/money"));
  EXPECT_EQ(known.at("inputs").as_array().size(), money_fields().size());
  EXPECT_TRUE(known.at("measured").is_null());
  const auto money =
      json_of(api.post("/api/v1/money", R"({"ltv":600,"monthly_churn":0.08,"found":400,)"
                                        R"("share_saved":0.05,"cost_once":5000,)"
                                        R"("cost_month":2000,"months":12})"));
  EXPECT_NEAR(figure(money, "gain"), 144'000, 1e-6);
  EXPECT_NEAR(figure(money, "roi"), 115.0 / 29, 1e-9);
  EXPECT_EQ(code_of(api.post("/api/v1/money", R"({"share_saved":2})")), "bad_input");
  EXPECT_EQ(code_of(api.post("/api/v1/money", R"({"joy":2})")), "bad_parameter");
  api.services.customer_costs = [] { return std::vector<CustomerCost>{{1'000, 20, "USD"}}; };
  const auto costs = json_of(api.get("/api/v1/money")).at("by_customers");
  EXPECT_NEAR(number_at(costs.at(0), "customer_month"), 0.02, 1e-12);
}

TEST(MoneyRoutesTest, RetentionAndSuccess) {
  TestApi api;
  api.activity = ActivityCounter(start_of_day(100));
  api.activity.add(std::vector<std::int64_t>{10, 11, 80}, std::vector<double>{5, 0, 7});
  const auto told = json_of(api.get("/api/v1/retention?days=5"));
  EXPECT_EQ(told.at("customers").as_int64(), 1);
  const auto& points = told.at("curves").at(0).at("points").as_array();
  ASSERT_EQ(points.size(), 6U);
  EXPECT_EQ(number_at(points[1], "share"), 1);
  EXPECT_EQ(number_at(points[2], "share"), 0);
  EXPECT_THAT(std::string(told.at("queries").at("months").as_string()), HasSubstr("with days as"));
  EXPECT_EQ(code_of(api.get("/api/v1/retention?days=0")), "bad_parameter");
  EXPECT_TRUE(json_of(api.get("/api/v1/success")).at("data").as_array().empty());
  SuccessTarget target;
  target.name = "daily";
  target.measure = SuccessMeasure::daily_active;
  target.baseline = 0;
  target.target = 0.1;
  api.services.success = {target};
  const auto success = json_of(api.get("/api/v1/success")).at("data").at(0);
  EXPECT_NEAR(number_at(success, "actual"), 1.0 / 30, 1e-12);
  EXPECT_NEAR(number_at(success, "progress"), 1.0 / 3, 1e-12);
}

}  // namespace
}  // namespace tideline
