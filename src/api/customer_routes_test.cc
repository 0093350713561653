// The reads of customers: keys, filters, cursors, CSV, features, history, events, wait_for.
#include <gmock/gmock.h>

#include <set>

#include "api/test_api.h"

namespace tideline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> ids_of(const http::ClientResponse& response) {
  std::vector<std::string> ids;
  const auto body = json_of(response);
  if (!body.is_object() || !body.as_object().contains("data")) return ids;
  for (const auto& row : body.at("data").as_array()) {
    ids.emplace_back(row.at("customer_id").as_string());
  }
  return ids;
}

// a 1, b 2, c 4, d 6, e 3 purchases; a has too few to be scored.
void add_customers(TestApi& api) {
  api.add_customer("a", 1);
  api.add_customer("b", 2);
  api.add_customer("c", 4);
  api.add_customer("d", 6);
  api.add_customer("E<b>", 3);
  api.settle();
}

TEST(CustomerRoutesTest, APredictionHasTheKeysOfTheContract) {
  TestApi api;
  add_customers(api);
  const auto answer = api.get("/health?customer_id=c");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto json = json_of(answer);
  std::vector<std::string> keys;
  for (const auto& member : json.as_object()) keys.emplace_back(member.key());
  EXPECT_THAT(keys, ElementsAre("customer_id", "timestamp", "churn_risk_14d", "churn_risk_30d",
                                "health_score", "velocity", "tier", "segment", "status", "reason",
                                "model_version", "model_endpoint", "inference_time_ms",
                                "features_as_of", "coverage", "lapsed", "definition", "override"));
  EXPECT_EQ(json.at("customer_id"), "c");
  EXPECT_EQ(json.at("timestamp"), "2026-01-31T12:00:00.000Z");
  EXPECT_EQ(json.at("health_score").to_number<double>(), 70.0);
  EXPECT_EQ(json.at("tier"), "healthy");
  EXPECT_EQ(json.at("segment"), "healthy");
  EXPECT_EQ(json.at("status"), "scored");
  EXPECT_EQ(json.at("model_version"), "shop-health-v1");
  EXPECT_EQ(json.at("model_endpoint"), "shop-health-endpoint");
  EXPECT_EQ(json.at("lapsed"), false);
  EXPECT_EQ(json.at("definition").at("velocity"), "Purchases a week.");
  EXPECT_EQ(json.at("definition").as_object().size(), 4U);
}

TEST(CustomerRoutesTest, WhatIsMissingIsNull) {
  TestApi api;
  add_customers(api);
  const auto json = json_of(api.get("/health?customer_id=a"));
  EXPECT_EQ(json.at("status"), "unscored");
  EXPECT_EQ(json.at("reason"), "not_enough_data");
  for (const char* key : {"churn_risk_14d", "health_score", "tier", "segment", "model_version",
                          "model_endpoint", "inference_time_ms"}) {
    EXPECT_TRUE(json.at(key).is_null()) << key;
  }
  EXPECT_EQ(api.get("/health?customer_id=nobody").status, 404);
  EXPECT_EQ(api.get("/health").status, 400);
}

TEST(CustomerRoutesTest, TheListIsFilteredAndSorted) {
  TestApi api;
  add_customers(api);
  const auto list = [&](const std::string& query) {
    return ids_of(api.get("/api/v1/customers" + query));
  };
  EXPECT_THAT(list(""), ElementsAre("E<b>", "a", "b", "c", "d"));
  EXPECT_THAT(list("?sort=customer_id"), ElementsAre("E<b>", "a", "b", "c", "d"));
  EXPECT_THAT(list("?sort=-customer_id"), ElementsAre("d", "c", "b", "a", "E<b>"));
  EXPECT_THAT(list("?sort=health_score"), ElementsAre("b", "E<b>", "c", "d", "a"));
  EXPECT_THAT(list("?sort=-health_score"), ElementsAre("d", "c", "E<b>", "b", "a"));
  EXPECT_THAT(list("?health_score[gte]=70"), ElementsAre("c", "d"));
  EXPECT_THAT(list("?health_score[gt]=70"), ElementsAre("d"));
  EXPECT_THAT(list("?health_score%5Blt%5D=55"), ElementsAre("b"));
  EXPECT_THAT(list("?health_score[lte]=55&health_score[gte]=41"), ElementsAre("E<b>"));
  EXPECT_THAT(list("?q=e%3C"), ElementsAre("E<b>"));
  EXPECT_THAT(list("?tier=thriving"), ElementsAre("d"));
  EXPECT_THAT(list("?tier=thriving&q=c"), ElementsAre());
}

TEST(CustomerRoutesTest, CursorsLeadThroughTheWholeListOnce) {
  TestApi api;
  add_customers(api);
  for (const char* sort : {"customer_id", "-customer_id", "health_score", "-health_score"}) {
    const auto whole = ids_of(api.get("/api/v1/customers?sort=" + std::string(sort)));
    for (std::size_t limit = 1; limit <= 6; ++limit) {
      std::vector<std::string> walked;
      std::string cursor;
      std::size_t pages = 0;
      do {
        const auto answer = api.get("/api/v1/customers?sort=" + std::string(sort) +
                                    "&limit=" + std::to_string(limit) + "&cursor=" + cursor);
        ASSERT_EQ(answer.status, 200) << answer.body;
        for (auto& id : ids_of(answer)) walked.push_back(std::move(id));
        const auto next = json_of(answer).at("next_cursor");
        cursor = next.is_string() ? std::string(next.as_string()) : "";
      } while (!cursor.empty() && ++pages < 10);
      EXPECT_EQ(walked, whole) << sort << " by " << limit;
    }
  }
}

TEST(CustomerRoutesTest, ACursorStaysGoodWhenCustomersComeInBetween) {
  TestApi api;
  add_customers(api);
  const auto first = api.get("/api/v1/customers?limit=3");
  EXPECT_THAT(ids_of(first), ElementsAre("E<b>", "a", "b"));
  api.add_customer("aa", 3);
  api.add_customer("bb", 3);
  api.settle();
  const std::string cursor(json_of(first).at("next_cursor").as_string());
  EXPECT_THAT(ids_of(api.get("/api/v1/customers?cursor=" + cursor)), ElementsAre("bb", "c", "d"));
}

TEST(CustomerRoutesTest, WhatIsNotAllowedIsNamed) {
  TestApi api;
  add_customers(api);
  const std::string cursor(
      json_of(api.get("/api/v1/customers?limit=1")).at("next_cursor").as_string());
  const std::pair<std::string, std::string> cases[] = {
      {"color=red", "color"},
      {"tier=gold", "thriving"},
      {"sort=age", "health_score"},
      {"limit=0", "1 to 1000"},
      {"limit=1001", "1 to 1000"},
      {"limit=x", "1 to 1000"},
      {"health_score[gte]=high", "health_score[gte]"},
      {"health_score[gte]=nan", "health_score[gte]"},
      {"health_score[is]=1", "health_score[gte]"},
      {"cursor=abc", "cursor"},
      {"sort=health_score&cursor=" + cursor, "cursor"},
      {"limit=1&limit=2", "limit"},
      {"q=%zz", ""}};
  for (const auto& [query, part] : cases) {
    const auto answer = api.get("/api/v1/customers?" + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_FALSE(code_of(answer).empty());
    EXPECT_THAT(answer.body, HasSubstr(part)) << query;
  }
  EXPECT_EQ(api.get("/api/v1/customers?limit=1000").status, 200);
}

TEST(CustomerRoutesTest, CsvHasEmptyCellsForWhatIsMissing) {
  TestApi api;
  api.add_customer("a,\"b\"\n", 4);
  api.add_customer("z", 1);
  api.settle();
  http::Headers headers;
  headers.add("Accept", "text/csv");
  const auto answer = api.get("/api/v1/customers", headers);
  EXPECT_EQ(answer.headers.get("Content-Type").value_or(""), "text/csv; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("customer_id,timestamp,churn_risk_14d,churn_risk_30d,"
                                     "health_score,velocity,tier,status,"));
  EXPECT_THAT(answer.body, HasSubstr("\r\n\"a,\"\"b\"\"\n\",2026-01-31T12:00:00.000Z,"));
  EXPECT_THAT(answer.body, HasSubstr(",70,1.1,healthy,scored,"));
  EXPECT_THAT(answer.body, HasSubstr("\r\nz,2026-01-31T12:00:00.000Z,,,,,,unscored,"
                                     "not_enough_data,,2026-01-31T12:00:00.000Z,"));
  const auto page = api.get("/api/v1/customers?limit=1&sort=-health_score", headers);
  const std::string link(page.headers.get("Link").value_or(""));
  ASSERT_TRUE(link.starts_with("</api/v1/customers?limit=1&sort=-health_score&cursor=")) << link;
  const auto next = api.get(link.substr(1, link.find('>') - 1), headers);
  EXPECT_THAT(next.body, HasSubstr("\r\nz,"));
}

TEST(CustomerRoutesTest, OneCustomerWithCountersTraitsAndLinks) {
  TestApi api;
  api.add_customer("c", 3);
  const std::string identify =
      R"({"batch":[{"type":"alias","userId":"c","previousId":"old-c","messageId":"x"}]})";
  ASSERT_EQ(api.send("/v1/batch", identify).status, 200);
  api.settle();
  const auto json = json_of(api.get("/api/v1/customers/c"));
  EXPECT_EQ(json.at("customer_id"), "c");
  EXPECT_EQ(json.at("event_count").as_int64(), 4);
  EXPECT_EQ(json.at("qualifying_count").as_int64(), 3);
  EXPECT_EQ(json.at("first_event"), boost::json::string(format_time(kTestNow - 25 * kDay)));
  EXPECT_EQ(json.at("events").as_array().size(), 2U);
  EXPECT_EQ(json.at("links").as_array()[0].at("previous_id"), "old-c");
  EXPECT_TRUE(json.at("links").as_array()[0].at("anonymous_id").is_null());
  EXPECT_EQ(json.at("prediction").at("status"), "scored");
  const auto unknown = api.get("/api/v1/customers/nobody");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(code_of(unknown), "unknown_customer");
}

TEST(CustomerRoutesTest, FeaturesAreComputedNow) {
  TestApi api;
  api.add_customer("c", 3);
  api.settle();
  const auto json = json_of(api.get("/api/v1/customers/c/features"));
  EXPECT_EQ(json.at("features").at("bought_30d").to_number<double>(), 3);
  EXPECT_EQ(json.at("features").at("mean_amount").to_number<double>(), 5);
  EXPECT_EQ(json.at("as_of"), boost::json::string(format_time(kTestNow)));
  EXPECT_EQ(json.at("coverage").to_number<double>(), 1);
  api.clock.advance(200 * kDay);
  const auto later = json_of(api.get("/api/v1/customers/c/features"));
  EXPECT_EQ(later.at("features").at("bought_30d").to_number<double>(), 0);
  EXPECT_TRUE(later.at("features").at("mean_amount").is_null());
  EXPECT_EQ(later.at("coverage").to_number<double>(), 0);
  EXPECT_EQ(api.get("/api/v1/customers/nobody/features").status, 404);
}

TEST(CustomerRoutesTest, HistoryIsPagedNewestFirst) {
  TestApi api;
  api.add_customer("c", 3);
  api.settle();
  for (int day = 0; day < 4; ++day) {
    api.clock.advance(kDay);
    ASSERT_TRUE(api.rescorer.score_all(true).has_value());
  }
  const std::string path = "/api/v1/customers/c/predictions";
  const auto whole = json_of(api.get(path));
  ASSERT_EQ(whole.at("data").as_array().size(), 5U);
  EXPECT_EQ(whole.at("data").as_array()[0].at("timestamp"),
            boost::json::string(format_time(kTestNow + 4 * kDay)));
  EXPECT_EQ(whole.at("data").as_array()[0].at("superseded"), false);
  EXPECT_TRUE(whole.at("next_cursor").is_null());
  const auto first = json_of(api.get(path + "?limit=3"));
  EXPECT_EQ(first.at("data").as_array().size(), 3U);
  const std::string cursor(first.at("next_cursor").as_string());
  const auto second = json_of(api.get(path + "?limit=3&cursor=" + cursor));
  ASSERT_EQ(second.at("data").as_array().size(), 2U);
  EXPECT_EQ(second.at("data").as_array()[1].at("timestamp"),
            boost::json::string(format_time(kTestNow)));
  EXPECT_EQ(api.get(path + "?cursor=!!").status, 400);
  EXPECT_EQ(api.get("/api/v1/customers/nobody/predictions").status, 404);
}

TEST(CustomerRoutesTest, EventsOfOneMomentAreNeverPartedByAPage) {
  TestApi api;
  api.add_customer("c", 2);
  api.settle();
  const int seconds[] = {9, 8, 8, 8, 8, 8, 3, 3, 1};
  for (std::size_t i = 0; i < std::size(seconds); ++i) {
    EventRow row;
    row.event.customer = CustomerId("c");
    row.event.name = "Bought";
    row.event.message_id = MessageId("m" + std::to_string(i));
    row.event.event_time = kTestNow + seconds[i] * kSecond;
    row.event.properties = R"({"amount": 1.50})";
    api.lake_rows.push_back(row);
  }
  const auto whole = api.get("/api/v1/customers/c/events");
  EXPECT_THAT(whole.body, HasSubstr(R"("properties":{"amount": 1.50})"));
  EXPECT_EQ(json_of(whole).at("data").as_array().size(), 9U);
  for (const char* limit : {"1", "2", "3", "7"}) {
    std::multiset<std::string> seen;
    std::string cursor;
    for (int pages = 0; pages < 10; ++pages) {
      const auto page = json_of(
          api.get("/api/v1/customers/c/events?limit=" + std::string(limit) + "&cursor=" + cursor));
      for (const auto& row : page.at("data").as_array()) {
        seen.emplace(row.at("message_id").as_string());
      }
      if (page.at("next_cursor").is_null()) break;
      cursor = std::string(page.at("next_cursor").as_string());
    }
    EXPECT_EQ(seen.size(), 9U) << limit;
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 9U) << limit;
  }
}

TEST(CustomerRoutesTest, HostileIdsComeBackAsTheyWere) {
  TestApi api;
  const std::string ids[] = {"<script>alert(1)</script>",
                             "a/b?c#d",
                             "\x01\x1f\x7f",
                             "é\u202e\U0001F600",
                             std::string(128, 'x'),
                             "..",
                             "%2F",
                             "=1+1",
                             "\"\\"};
  for (const std::string& id : ids) api.add_customer(id, 3);
  api.settle();
  for (const std::string& id : ids) {
    const auto answer = api.get("/api/v1/customers/" + http::percent_encode(id));
    ASSERT_EQ(answer.status, 200) << id << answer.body;
    EXPECT_EQ(json_of(answer).at("customer_id"), boost::json::string(id));
    EXPECT_THAT(ids_of(api.get("/api/v1/customers?q=" + http::percent_encode(id))),
                testing::Contains(id));
  }
  EXPECT_EQ(api.get("/api/v1/customers/%00").status, 404);
}

TEST(CustomerRoutesTest, ManyCustomersArePagedByAFigure) {
  TestApi api;
  WriteBatch batch;
  for (int i = 0; i < 20'000; ++i) {
    KeptPrediction kept;
    kept.prediction.customer = CustomerId("c" + std::to_string(i));
    kept.prediction.figures = {std::nullopt, std::nullopt, (i * 7919) % 20'000 / 200.0, 1.0};
    batch.put(Family::predictions, kept.prediction.customer.str(), encode(kept));
  }
  ASSERT_TRUE(api.state.write(batch, Durability::later).has_value());
  std::set<std::string> seen;
  std::string cursor;
  double last = -1;
  do {
    const auto page =
        json_of(api.get("/api/v1/customers?sort=health_score&limit=1000&cursor=" + cursor));
    for (const auto& row : page.at("data").as_array()) {
      const double health = row.at("health_score").to_number<double>();
      EXPECT_LE(last, health);
      last = health;
      seen.emplace(row.at("customer_id").as_string());
    }
    const auto& next = page.at("next_cursor");
    cursor = next.is_string() ? std::string(next.as_string()) : "";
  } while (!cursor.empty() && seen.size() <= 20'000);
  EXPECT_EQ(seen.size(), 20'000U);
}

TEST(CustomerRoutesTest, WaitForShowsTheEventInTheScore) {
  TestApi api;
  api.add_customer("c", 2);
  api.settle();
  EXPECT_EQ(json_of(api.get("/health?customer_id=c")).at("health_score").to_number<double>(), 40);
  for (int i = 0; i < 20; ++i) {
    const auto sent =
        json_of(api.send("/v1/events", TestApi::event_json("c", "Bought", kTestNow - kHour)));
    const auto& place = sent.at("results").as_array()[0];
    const std::string wait = std::to_string(place.at("shard").as_int64()) + ":" +
                             std::to_string(place.at("offset").as_int64());
    const auto answer = api.get("/health?customer_id=c&wait_for=" + wait);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const double expected = std::min(100.0, 10 + 15.0 * (3 + i));
    ASSERT_EQ(json_of(answer).at("health_score").to_number<double>(), expected) << i;
  }
  for (const char* wrong : {"x", "1", "1:", "1:x", "9:1", "-1:1", "1:-1", "1:1:1", ""}) {
    EXPECT_EQ(api.get("/api/v1/overview?wait_for=" + std::string(wrong)).status, 400) << wrong;
  }
}

TEST(CustomerRoutesTest, EventsThatAreWaitedForAreTakenIntoTheLakeFirst) {
  TestApi api;
  const auto sent =
      json_of(api.send("/v1/events", TestApi::event_json("c", "Bought", kTestNow - kHour)));
  const auto& place = sent.at("results").as_array()[0];
  const std::string wait = std::to_string(place.at("shard").as_int64()) + ":" +
                           std::to_string(place.at("offset").as_int64());
  EXPECT_EQ(api.get("/api/v1/customers/c/events?wait_for=" + wait).status, 200);
  EXPECT_EQ(api.archived, 1);
  EXPECT_EQ(api.get("/api/v1/customers/c/events").status, 200);
  EXPECT_EQ(api.archived, 1) << "not for every read";
}

TEST(CustomerRoutesTest, WaitForSomethingThatDoesNotComeAnswers504) {
  TestApi api;
  std::atomic<bool> answered = false;
  std::thread clock([&] {
    while (!answered) {
      api.clock.advance(kSecond);
      api.expire_waits();
      std::this_thread::yield();
    }
  });
  const auto answer = api.get("/api/v1/customers?wait_for=1:1000000");
  answered = true;
  clock.join();
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(code_of(answer), "wait_for_timeout");
}

}  // namespace
}  // namespace tideline
