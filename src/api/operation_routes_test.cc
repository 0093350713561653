// Overview, pipeline, health, metrics, HEAD.
#include <gmock/gmock.h>

#include "api/test_api.h"

namespace tideline {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(OperationRoutesTest, ThePipelineAddsUp) {
  TestApi api;
  api.add_customer("c", 4);
  api.send("/v1/events", "{\n[]\n");
  api.settle();
  const auto json = json_of(api.get("/api/v1/pipeline"));
  EXPECT_EQ(json.at("adds_up"), true);
  EXPECT_EQ(json.at("totals").at("received").as_int64(), 7);
  EXPECT_EQ(json.at("totals").at("applied").as_int64(), 5);
  EXPECT_EQ(json.at("totals").at("dead_lettered").as_int64(), 2);
  EXPECT_EQ(json.at("totals").at("codes").at("malformed_json").as_int64(), 1);
  EXPECT_EQ(json.at("lag").as_int64(), 0);
  EXPECT_EQ(json.at("shards").as_array().size(), 4U);
  EXPECT_GE(json.at("events_per_commit").to_number<double>(), 1);
  EXPECT_TRUE(json.at("failure").is_null());
}

TEST(OperationRoutesTest, TheOverviewOfAnEmptyFolder) {
  TestApi api({.with_model = false});
  const auto json = json_of(api.get("/api/v1/overview"));
  EXPECT_EQ(json.at("pack"), "shop");
  EXPECT_EQ(json.at("customers").as_int64(), 0);
  EXPECT_EQ(json.at("tiers").as_object().size(), 4U);
  EXPECT_TRUE(json.at("mean_health").is_null());
  EXPECT_TRUE(json.at("model_version").is_null());
  EXPECT_EQ(json.at("degraded"), true);
  EXPECT_FALSE(json.as_object().contains("as_of"));
  EXPECT_TRUE(json_of(api.get("/api/v1/pipeline")).at("events_per_commit").is_null());
}

TEST(OperationRoutesTest, TheOverviewCounts) {
  TestApi api;
  api.add_customer("c", 4);
  api.add_customer("d", 6);
  api.settle();
  const auto json = json_of(api.get("/api/v1/overview"));
  EXPECT_EQ(json.at("customers").as_int64(), 2);
  EXPECT_EQ(json.at("tiers").at("healthy").as_int64(), 1);
  EXPECT_EQ(json.at("mean_health").to_number<double>(), 85);
  EXPECT_EQ(json.at("model_version"), "shop-health-v1");
}

TEST(OperationRoutesTest, ReadyWhenEveryPartIs) {
  TestApi api;
  EXPECT_EQ(api.get("/readyz").body, R"({"ready":true})");
  api.readiness[0] = {"log", false, "a write failed"};
  EXPECT_EQ(api.get("/readyz").status, 503);
  const auto verbose = api.get("/readyz?verbose");
  EXPECT_EQ(verbose.status, 503);
  EXPECT_TRUE(verbose.headers.get("Retry-After").has_value());
  EXPECT_EQ(json_of(verbose).at("parts").as_array()[0].at("detail"), "a write failed");
  EXPECT_EQ(json_of(verbose).at("parts").as_array()[1].at("ready"), true);
  EXPECT_EQ(api.get("/healthz").status, 200);
}

TEST(OperationRoutesTest, MetricsAreCountersThatNeverFall) {
  TestApi api;
  api.add_customer("c", 4);
  api.settle();
  const auto first = api.get("/metrics");
  EXPECT_THAT(std::string(*first.headers.get("Content-Type")), HasSubstr("version=0.0.4"));
  EXPECT_THAT(first.body, HasSubstr("tideline_events_total{outcome=\"applied\"} 5"));
  EXPECT_THAT(first.body, HasSubstr("# TYPE tideline_events_total counter"));
  EXPECT_THAT(first.body, HasSubstr("tideline_tier_customers{tier=\"healthy\"} 1"));
  EXPECT_THAT(first.body, HasSubstr("tideline_ready{part=\"log\"} 1"));
  EXPECT_THAT(api.get("/metrics").body, HasSubstr("tideline_events_total{outcome=\"applied\"} 5"));
  api.add_customer("d", 4);
  api.settle();
  EXPECT_THAT(api.get("/metrics").body,
              HasSubstr("tideline_events_total{outcome=\"applied\"} 10"));
}

TEST(OperationRoutesTest, HeadAnswersWhereverGetDoes) {
  TestApi api;
  api.add_customer("c", 4);
  api.settle();
  for (const char* path : {"/",
                           "/customers",
                           "/customers/c",
                           "/pipeline",
                           "/models",
                           "/healthz",
                           "/readyz",
                           "/metrics",
                           "/ping",
                           "/health/predictions",
                           "/health?customer_id=c",
                           "/api/v1/customers",
                           "/api/v1/customers/c",
                           "/api/v1/tiers",
                           "/api/v1/customers/c/features",
                           "/api/v1/customers/c/predictions",
                           "/api/v1/customers/c/events",
                           "/api/v1/predictions",
                           "/api/v1/overview",
                           "/api/v1/pipeline",
                           "/api/v1/deadletters",
                           "/api/v1/models",
                           "/api/v1/pack",
                           "/api/v1/openapi.json"}) {
    const auto got = api.get(path);
    EXPECT_EQ(got.status, 200) << path << got.body;
    const auto head = api.ask(http::Method::head, path);
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_TRUE(head.body.empty()) << path;
    EXPECT_NE(head.headers.get("Content-Length").value_or("0"), "0") << path;
    EXPECT_THAT(std::string(got.headers.get("Content-Security-Policy").value_or("")),
                HasSubstr("default-src 'self'"))
        << path;
  }
}

}  // namespace
}  // namespace tideline
