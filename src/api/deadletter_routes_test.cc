// Dead letters over HTTP.
#include <gmock/gmock.h>

#include "api/test_api.h"

namespace tideline {
namespace {

using testing::HasSubstr;

const char* kBadAmount = R"({"type":"track","messageId":"m1","userId":"c1","event":"Bought",)"
                         R"("properties":{"amount":-1}})";

// Sends the text as a line and answers the id of its dead letter.
std::string dead_letter_of(TestApi& api, const std::string& line) {
  const auto answer = json_of(api.send("/v1/events?verdicts=1", line));
  const auto& result = answer.at("results").as_array()[0];
  EXPECT_TRUE(result.as_object().contains("code"));
  return std::to_string(result.at("shard").as_int64()) + "-" +
         std::to_string(result.at("offset").as_int64());
}

TEST(DeadLetterRoutesTest, ListedFilteredAndShown) {
  TestApi api;
  const std::string bad = dead_letter_of(api, kBadAmount);
  dead_letter_of(api, "{\"<b>\x01");
  dead_letter_of(api, R"({"type":"track","event":"Bought"})");
  const auto list = [&](const std::string& query) {
    return json_of(api.get("/api/v1/deadletters" + query));
  };
  EXPECT_EQ(list("").at("data").as_array().size(), 3U);
  EXPECT_EQ(list("?status=open").at("data").as_array().size(), 3U);
  EXPECT_EQ(list("?status=dropped").at("data").as_array().size(), 0U);
  const auto one = list("?code=bad_property");
  ASSERT_EQ(one.at("data").as_array().size(), 1U);
  EXPECT_EQ(one.at("data").as_array()[0].at("id"), boost::json::string(bad));
  const auto shown = json_of(api.get("/api/v1/deadletters/" + bad));
  EXPECT_EQ(shown.at("customer_id"), "c1");
  EXPECT_EQ(shown.at("status"), "open");
  EXPECT_EQ(shown.at("program_version"), "0.1.0");
  EXPECT_THAT(std::string(shown.at("payload").as_string()), HasSubstr("\"amount\":-1"));
  EXPECT_EQ(api.get("/api/v1/deadletters/0-999").status, 404);
  EXPECT_EQ(api.get("/api/v1/deadletters/x").status, 400);
  for (const char* query : {"?status=lost", "?code=odd", "?cursor=x", "?limit=0", "?tier=x"}) {
    EXPECT_EQ(api.get("/api/v1/deadletters" + std::string(query)).status, 400) << query;
  }
}

TEST(DeadLetterRoutesTest, PagesCoverTheListOnce) {
  TestApi api;
  for (int i = 0; i < 7; ++i) dead_letter_of(api, "{" + std::to_string(i));
  std::size_t seen = 0;
  std::string cursor;
  do {
    const auto page = json_of(api.get("/api/v1/deadletters?limit=3&cursor=" + cursor));
    seen += page.at("data").as_array().size();
    const auto& next = page.at("next_cursor");
    cursor = next.is_string() ? std::string(next.as_string()) : "";
  } while (!cursor.empty() && seen < 20);
  EXPECT_EQ(seen, 7U);
}

TEST(DeadLetterRoutesTest, AnEditedPayloadIsAppliedOnce) {
  TestApi api;
  const std::string id = dead_letter_of(api, kBadAmount);
  const std::string path = "/api/v1/deadletters/" + id + "/retry";
  const auto unchanged = json_of(api.post(path, ""));
  EXPECT_EQ(unchanged.at("verdict"), "dead_lettered");
  const std::string edited =
      R"({"payload":{"type":"track","messageId":"m1","userId":"c1","event":"Bought",)"
      R"("properties":{"amount":1}}})";
  const auto answer = json_of(api.post(path, edited));
  EXPECT_EQ(answer.at("verdict"), "applied");
  EXPECT_EQ(answer.at("id"), boost::json::string(id));
  EXPECT_EQ(json_of(api.post(path, edited)).at("verdict"), "duplicate");
  EXPECT_EQ(json_of(api.get("/api/v1/deadletters/" + id)).at("status"), "retried");
  EXPECT_EQ(api.post("/api/v1/deadletters/" + id + "/drop", "").status, 409);
  api.settle();
  EXPECT_EQ(json_of(api.get("/api/v1/customers/c1")).at("event_count").as_int64(), 1);
}

TEST(DeadLetterRoutesTest, APayloadMayAlsoBeSentAsText) {
  TestApi api;
  const std::string id = dead_letter_of(api, "{oops");
  const std::string body =
      R"({"payload":"{\"type\":\"track\",\"userId\":\"c1\",\"event\":\"Looked\"}"})";
  EXPECT_EQ(json_of(api.post("/api/v1/deadletters/" + id + "/retry", body)).at("verdict"),
            "applied");
}

TEST(DeadLetterRoutesTest, RetriesThatCannotWork) {
  TestApi api;
  const std::string id = dead_letter_of(api, "{oops");
  const std::string path = "/api/v1/deadletters/" + id + "/retry";
  EXPECT_EQ(code_of(api.post(path, "")), "malformed_json");
  EXPECT_EQ(code_of(api.post(path, "{")), "malformed_json");
  EXPECT_EQ(code_of(api.post(path, "[]")), "bad_parameter");
  EXPECT_EQ(code_of(api.post(path, R"({"edited":{}})")), "bad_parameter");
  EXPECT_EQ(code_of(api.post(path, R"({"payload":17})")), "not_an_event");
  EXPECT_EQ(api.post("/api/v1/deadletters/0-999/retry", "").status, 404);
  EXPECT_EQ(json_of(api.get("/api/v1/deadletters/" + id)).at("status"), "open");
}

TEST(DeadLetterRoutesTest, DroppedForGood) {
  TestApi api;
  const std::string id = dead_letter_of(api, kBadAmount);
  const std::string path = "/api/v1/deadletters/" + id;
  EXPECT_EQ(json_of(api.post(path + "/drop", "")).at("status"), "dropped");
  EXPECT_EQ(api.post(path + "/drop", "").status, 200);
  EXPECT_EQ(json_of(api.post(path + "/retry", "")).at("verdict"), "duplicate");
  EXPECT_EQ(api.post("/api/v1/deadletters/0-999/drop", "").status, 404);
  EXPECT_EQ(api.get(path + "/drop").status, 405);
}

TEST(DeadLetterRoutesTest, PagesOfOtherSitesCannotWrite) {
  TestApi api;
  const std::string path = "/api/v1/deadletters/" + dead_letter_of(api, kBadAmount) + "/drop";
  for (const auto& [name, value] :
       {std::pair{"Origin", "https://evil.example"}, std::pair{"Sec-Fetch-Site", "cross-site"},
        std::pair{"Origin", "null"}}) {
    http::Headers headers;
    headers.add(name, value);
    const auto answer = api.post(path, "", headers);
    EXPECT_EQ(answer.status, 403) << value;
    EXPECT_EQ(code_of(answer), "cross_site");
  }
  http::Headers own;
  own.add("Sec-Fetch-Site", "same-origin");
  EXPECT_EQ(api.post(path, "", own).status, 200);
}

TEST(DeadLetterRoutesTest, WhileTimeStandsStillNothingIsWritten) {
  TestApi api({.start_processor = false, .frozen_at = kTestNow});
  EXPECT_EQ(api.post("/api/v1/deadletters/0-1/drop", "").status, 503);
  EXPECT_EQ(api.post("/api/v1/deadletters/0-1/retry", "").status, 503);
}

}  // namespace
}  // namespace tideline
