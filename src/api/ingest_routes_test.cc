// Ingest over HTTP: answers, keys, limits, trouble.
#include <gmock/gmock.h>

#include "api/base64.h"
#include "api/test_api.h"
#include "http/test_bytes.h"

namespace tideline {
namespace {

using testing::HasSubstr;

const char* kTrack = R"({"type":"track","messageId":"m1","userId":"c1","event":"Bought"})";

std::string batch_of(const std::vector<std::string>& events) {
  std::string out;
  for (const std::string& event : events) out += (out.empty() ? "" : ",") + event;
  return R"({"batch":[)" + out + "]}";
}

std::string event_of_bytes(std::size_t bytes) {
  std::string event = R"({"type":"track","userId":"c1","event":"Looked","properties":{"x":""}})";
  event.insert(event.size() - 3, std::string(bytes - event.size(), 'x'));
  return event;
}

TEST(IngestRoutesTest, ABatchIsDurableWhenItIsAnswered) {
  TestApi api;
  const auto answer = api.send("/v1/batch", batch_of({kTrack, kTrack}));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"success":true})");
  EXPECT_EQ(api.log.end(), 2U);
  EXPECT_FALSE(answer.headers.get("X-Server-Ids").has_value());
}

TEST(IngestRoutesTest, EveryRouteTakesEventsWithAndWithoutSlash) {
  TestApi api;
  LogPosition expected = 0;
  for (const char* name : {"track", "identify", "page", "screen", "group", "alias"}) {
    for (const char* slash : {"", "/"}) {
      const auto answer = api.send("/v1/" + std::string(name) + slash,
                                   R"({"userId":"c1","event":"Looked","name":"x"})");
      EXPECT_EQ(answer.status, 200) << name << answer.body;
      EXPECT_EQ(answer.body, R"({"success":true})");
      EXPECT_EQ(answer.headers.get("X-Server-Ids").value_or(""), "1");
      EXPECT_EQ(api.log.end(), ++expected);
    }
  }
  for (const char* path : {"/v1/batch/", "/v1/import", "/v1/import/"}) {
    EXPECT_EQ(api.send(path, batch_of({kTrack})).status, 200) << path;
    EXPECT_EQ(api.log.end(), ++expected);
  }
  EXPECT_EQ(api.send("/v1/events/", kTrack).status, 200);
  EXPECT_EQ(api.log.end(), ++expected);
}

TEST(IngestRoutesTest, AKeyComesAsBasicUserBearerOrInTheBody) {
  TestApi api;
  const auto with = [&](const std::string& authorization, const std::string& body) {
    http::Headers headers;
    if (!authorization.empty()) headers.add("Authorization", authorization);
    return api.post("/v1/batch", body, headers);
  };
  const std::string batch = batch_of({kTrack});
  const std::string in_body = R"({"writeKey":")" + api.key + R"(","batch":[]})";
  EXPECT_EQ(with("Basic " + base64url_encode(api.key + ":"), batch).status, 200);
  EXPECT_EQ(with("basic " + base64url_encode(api.key), batch).status, 200);
  EXPECT_EQ(with("Bearer " + api.key, batch).status, 200);
  EXPECT_EQ(with("", in_body).status, 200);
  EXPECT_EQ(api.post("/v1/events", R"({"writeKey":")" + api.key + R"(","type":"x"})").status, 200);
  const LogPosition end = api.log.end();
  for (const std::string& wrong :
       {std::string("Bearer tl_wrong"), std::string("Basic !!!"), std::string("Bearer"),
        std::string("Digest x"), std::string("Basic " + base64url_encode("nobody:")),
        std::string()}) {
    const auto answer = with(wrong, batch);
    EXPECT_EQ(answer.status, 401) << wrong;
    EXPECT_EQ(code_of(answer), "unknown_key");
  }
  EXPECT_EQ(with("Bearer tl_wrong", in_body).status, 401);  // the header decides
  ASSERT_TRUE(api.access->keys().revoke("web").has_value());
  EXPECT_EQ(with("Bearer " + api.key, batch).status, 401);
  EXPECT_EQ(api.log.end(), end);
}

TEST(IngestRoutesTest, PreflightNeedsNoKey) {
  TestApi api;
  http::Headers headers;
  headers.add("Origin", "https://shop.example");
  headers.add("Access-Control-Request-Method", "POST");
  const auto answer = api.ask(http::Method::options, "/v1/batch", headers);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin").value_or(""), "*");
  EXPECT_THAT(std::string(*answer.headers.get("Access-Control-Allow-Methods")), HasSubstr("POST"));
  const auto refused = api.post("/v1/batch", "{}", headers);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.headers.get("Access-Control-Allow-Origin").value_or(""), "*");
}

TEST(IngestRoutesTest, BodiesThatAreNoEventsAreRefusedWhole) {
  TestApi api;
  for (const char* path : {"/v1/batch", "/v1/import", "/v1/track"}) {
    for (const char* body : {"", "{", "nul", "[1,]", "{\"a\":1e400}", "\xff"}) {
      const auto answer = api.send(path, body);
      EXPECT_EQ(answer.status, 400) << path << " " << body;
      EXPECT_EQ(code_of(answer), "malformed_json") << path << " " << body;
    }
    for (const char* body : {"[]", "null", "17", "{}", R"({"batch":{}})", R"("text")"}) {
      const auto answer = api.send(path, body);
      EXPECT_EQ(answer.status, 400) << path << " " << body;
      EXPECT_EQ(code_of(answer), "not_an_event") << path << " " << body;
    }
  }
  EXPECT_EQ(code_of(api.send("/v1/events", "")), "malformed_json");
  EXPECT_EQ(api.log.end(), 0U);
}

TEST(IngestRoutesTest, ASingleBadEventOfABatchBecomesADeadLetter) {
  TestApi api;
  const auto answer = api.send("/v1/batch", batch_of({kTrack, R"({"type":"track"})", "17"}));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"success":true})");
  api.settle();
  const auto totals = api.processor->status().totals;
  EXPECT_EQ(totals.applied, 1U);
  EXPECT_EQ(totals.dead_lettered, 2U);
}

TEST(IngestRoutesTest, VerdictsTellWhatBecameOfEachEvent) {
  TestApi api;
  const std::string other = R"({"type":"track","messageId":"m1","userId":"c1","event":"Looked"})";
  const std::string bad_property =
      R"({"type":"track","messageId":"m2","userId":"c1","event":"Bought",)"
      R"("properties":{"amount":-1}})";
  const std::string without_id = R"({"type":"track","userId":"c1","event":"Looked"})";
  const std::string no_customer = R"({"type":"track","messageId":"m3","event":"Looked"})";
  const auto answer =
      api.send("/v1/batch?verdicts=1",
               batch_of({kTrack, kTrack, other, bad_property, without_id, no_customer}));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto json = json_of(answer);
  const auto& results = json.at("results").as_array();
  ASSERT_EQ(results.size(), 6U);
  const char* verdicts[] = {"applied",       "duplicate", "conflict",
                            "dead_lettered", "applied",   "rejected"};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(results[i].at("verdict"), verdicts[i]) << i;
  EXPECT_EQ(results[0].at("id"), "m1");
  EXPECT_FALSE(results[0].as_object().contains("code"));
  EXPECT_FALSE(results[0].as_object().contains("server_id"));
  EXPECT_EQ(results[2].at("code"), "conflict");
  EXPECT_FALSE(results[2].at("reason").as_string().empty());
  EXPECT_EQ(results[3].at("code"), "bad_property");
  EXPECT_THAT(std::string(results[3].at("reason").as_string()), HasSubstr("amount"));
  EXPECT_EQ(results[4].at("server_id"), true);
  EXPECT_EQ(results[4].at("id"), "made-1");
  EXPECT_EQ(results[5].at("code"), "missing_customer");
  EXPECT_TRUE(results[0].at("shard").is_int64());
  EXPECT_EQ(results[1].at("offset").as_int64(), results[0].at("offset").as_int64() + 1);
}

TEST(IngestRoutesTest, VerdictsThatComeTooLateAnswer504) {
  TestApi api({.start_processor = false});
  std::thread waiting([&] {
    auto client = api.client();
    const auto answer = client.request(http::Method::post, "/v1/batch?verdicts=1", api.bearer(),
                                       batch_of({kTrack}));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 504);
  });
  ASSERT_TRUE(api.log.wait_for(0, std::chrono::seconds(20)));
  std::atomic<bool> answered = false;
  std::thread clock([&] {
    while (!answered) {
      api.clock.advance(std::chrono::seconds(31));
      api.expire_waits();
      std::this_thread::yield();
    }
  });
  waiting.join();
  answered = true;
  clock.join();
}

TEST(IngestRoutesTest, LinesAreAnsweredOneByOne) {
  TestApi api;
  const std::string body = std::string(kTrack) + "\r\n\n  \n{\n" +
                           R"({"type":"track","userId":"c2","event":"Looked"})" + "\n[]";
  const auto answer = api.send("/v1/events", body);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto json = json_of(answer);
  const auto& results = json.at("results").as_array();
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results[0].at("verdict"), "accepted");
  EXPECT_EQ(results[0].at("id"), "m1");
  EXPECT_EQ(results[1].at("verdict"), "rejected");
  EXPECT_EQ(results[1].at("code"), "malformed_json");
  EXPECT_TRUE(results[1].at("id").is_null());
  EXPECT_EQ(results[2].at("verdict"), "accepted");
  EXPECT_EQ(results[2].at("server_id"), true);
  EXPECT_EQ(results[3].at("code"), "not_an_event");
  EXPECT_EQ(api.log.end(), 4U);
  const auto applied = json_of(api.send("/v1/events?verdicts=1", kTrack));
  EXPECT_EQ(applied.at("results").as_array()[0].at("verdict"), "duplicate");
}

TEST(IngestRoutesTest, LimitsHoldToTheByteAndTheEvent) {
  TestApiOptions options;
  options.limits.batch_events_max = 3;
  options.limits.event_bytes_max = 200;
  options.wire_bytes_max = 1'000;
  options.inflated_bytes_max = 5'000;
  TestApi api(options);
  const auto batch = [&](std::size_t n) { return batch_of(std::vector<std::string>(n, kTrack)); };
  EXPECT_EQ(api.send("/v1/batch", batch(2)).status, 200);
  EXPECT_EQ(api.send("/v1/batch", batch(3)).status, 200);
  const LogPosition end = api.log.end();
  EXPECT_EQ(api.send("/v1/batch", batch(4)).status, 413);
  const auto lines = [&](std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += std::string(kTrack) + "\n\n";
    return out;
  };
  EXPECT_EQ(api.send("/v1/events", lines(4)).status, 413);
  EXPECT_EQ(api.log.end(), end);
  EXPECT_EQ(api.send("/v1/events", lines(3)).status, 200);

  const auto padded = [](std::size_t bytes) {
    std::string body = batch_of({kTrack});
    return body + std::string(bytes - body.size(), ' ');
  };
  EXPECT_EQ(api.send("/v1/batch", padded(999)).status, 200);
  EXPECT_EQ(api.send("/v1/batch", padded(1'000)).status, 200);
  const auto large = api.send("/v1/batch", padded(1'001));
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.headers.get("Content-Type").value_or(""), "application/problem+json");

  http::Headers packed = api.bearer();
  packed.add("Content-Encoding", "gzip");
  EXPECT_EQ(api.post("/v1/batch", http::gzip(padded(5'000)), packed).status, 200);
  EXPECT_EQ(api.post("/v1/batch", http::gzip(padded(5'001)), packed).status, 413);
}

TEST(IngestRoutesTest, AnEventOverItsLimitIsRejectedByItself) {
  TestApiOptions options;
  options.limits.event_bytes_max = 200;
  TestApi api(options);
  const auto answer = api.send(
      "/v1/events", event_of_bytes(199) + "\n" + event_of_bytes(200) + "\n" + event_of_bytes(201));
  const auto json = json_of(answer);
  EXPECT_EQ(json.at("results").as_array()[0].at("verdict"), "accepted");
  EXPECT_EQ(json.at("results").as_array()[1].at("verdict"), "accepted");
  EXPECT_EQ(json.at("results").as_array()[2].at("verdict"), "rejected");
  EXPECT_EQ(json.at("results").as_array()[2].at("code"), "too_large");
}

TEST(IngestRoutesTest, TroubleOfTheLogIsAnsweredAndNothingIsStored) {
  TestApi api;
  const std::pair<ErrorCode, int> cases[] = {{ErrorCode::overloaded, 429},
                                             {ErrorCode::unavailable, 503},
                                             {ErrorCode::io_failed, 503},
                                             {ErrorCode::disk_full, 507}};
  for (const auto& [code, status] : cases) {
    api.log.refuse_appends(Error{code, "planted", ""});
    const auto answer = api.send("/v1/batch", batch_of({kTrack}));
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(code_of(answer), name_of(code));
    const std::string retry(answer.headers.get("Retry-After").value_or(""));
    EXPECT_EQ(retry.empty(), status == 507);
    EXPECT_EQ(retry.find_first_not_of("0123456789"), std::string::npos);
  }
  EXPECT_EQ(api.log.end(), 0U);
}

TEST(IngestRoutesTest, WhileTimeStandsStillNothingIsTakenIn) {
  TestApi api({.start_processor = false, .frozen_at = kTestNow});
  for (const char* path : {"/v1/batch", "/v1/track", "/v1/events"}) {
    const auto answer = api.post(path, kTrack);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(code_of(answer), "frozen");
    EXPECT_TRUE(answer.headers.get("Retry-After").has_value());
  }
}

TEST(IngestRoutesTest, AnImportsEventsArriveAtTheirOwnTime) {
  TestApi api;
  const std::string old = TestApi::event_json("c1", "Bought", *parse_time("2024-05-01T00:00:00Z"));
  const auto live = json_of(api.send("/v1/batch?verdicts=1", batch_of({old})));
  EXPECT_EQ(live.at("results").as_array()[0].at("code"), "too_late");
  const auto past = json_of(api.send("/v1/import?verdicts=1", batch_of({old})));
  EXPECT_EQ(past.at("results").as_array()[0].at("verdict"), "applied");
}

}  // namespace
}  // namespace tideline
