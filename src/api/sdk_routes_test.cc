// What the client libraries ask for beside ingest, and the habits of theirs that ingest must bear.
#include <gmock/gmock.h>

#include "api/base64.h"
#include "api/test_api.h"
#include "http/test_bytes.h"

namespace tideline {
namespace {

using testing::HasSubstr;

http::Headers with(std::string name, std::string value) {
  http::Headers headers;
  headers.add(std::move(name), std::move(value));
  return headers;
}

TEST(SdkRoutesTest, SegmentsSettingsPointBackHereAndAtNobodyElse) {
  TestApi api;
  for (const char* slash : {"", "/"}) {
    const auto answer = api.get("/v1/projects/" + api.key + "/settings" + slash,
                                with("Origin", "https://shop.example"));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin").value_or(""), "*");
    const auto json = json_of(answer);
    const auto& integrations = json.at("integrations").as_object();
    ASSERT_EQ(integrations.size(), 1U) << "another one would load its bundle";
    const auto& segment = integrations.at("Segment.io");
    EXPECT_EQ(segment.at("apiKey").as_string(), api.key);
    EXPECT_EQ(segment.at("protocol"), "http");
    EXPECT_EQ(segment.at("apiHost"), "localhost/v1") << "the Host of the request";
    EXPECT_EQ(json.at("metrics").at("sampleRate"), 0);
  }
  const auto unknown = api.get("/v1/projects/tl_unknown/settings");
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(code_of(unknown), "unknown_key");
}

TEST(SdkRoutesTest, BehindAProxyTheSettingsNameTheProxy) {
  TestApi api;
  http::Headers headers = with("X-Forwarded-Proto", "https");
  headers.add("X-Forwarded-Host", "events.shop.example");
  const auto path = "/v1/projects/" + api.key + "/settings";
  const auto json = json_of(api.get(path, headers));
  const auto& segment = json.at("integrations").at("Segment.io");
  EXPECT_EQ(segment.at("apiHost"), "events.shop.example/v1");
  EXPECT_EQ(segment.at("protocol"), "https");
  const auto odd = json_of(api.get(path, with("X-Forwarded-Host", "a\"b/c")));
  EXPECT_FALSE(odd.at("integrations").at("Segment.io").as_object().contains("apiHost"));
}

TEST(SdkRoutesTest, RudderStacksSourceConfigIsAnEnabledSourceWithoutDestinations) {
  TestApi api;
  const auto check = [&](const http::ClientResponse& answer) {
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto json = json_of(answer);
    const auto& source = json.at("source");
    EXPECT_EQ(source.at("id"), "web");
    EXPECT_EQ(source.at("writeKey").as_string(), api.key);
    EXPECT_EQ(source.at("enabled"), true);
    EXPECT_TRUE(source.at("destinations").as_array().empty());
    EXPECT_EQ(source.at("config").at("statsCollection").at("errors").at("enabled"), false);
    EXPECT_EQ(source.at("config").at("statsCollection").at("metrics").at("enabled"), false);
    EXPECT_TRUE(parse_time(std::string(source.at("updatedAt").as_string())).has_value());
  };
  check(api.get("/sourceConfig/?p=npm&v=3&build=modern&writeKey=" + api.key));
  check(api.get("/sourceConfig?writeKey=" + api.key));
  check(api.get("/sourceConfig/?p=android",
                with("Authorization", "Basic " + base64_encode(api.key + ":"))));
  EXPECT_EQ(api.get("/sourceConfig/?writeKey=wrong").status, 401);
  EXPECT_EQ(api.get("/sourceConfig").status, 401);
}

TEST(SdkRoutesTest, FiguresOfALibraryAreTakenAndNotKept) {
  TestApi api;
  for (const char* path : {"/v1/m", "/v1/m/"}) {
    const auto answer = api.post(path, R"({"series":[]})", with("Content-Type", "text/plain"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"success":true})");
  }
  EXPECT_EQ(api.post("/v1/m", std::string(64 * 1024, ' ')).status, 200);
  EXPECT_EQ(api.post("/v1/m", std::string(64 * 1024 + 1, ' ')).status, 413);
  EXPECT_EQ(api.log.end(), 0U);
}

TEST(SdkRoutesTest, ShortFormsAreTheLongOnes) {
  TestApi api;
  const std::pair<const char*, const char*> forms[] = {{"t", "track"}, {"i", "identify"},
                                                       {"p", "page"},  {"s", "screen"},
                                                       {"g", "group"}, {"a", "alias"}};
  LogPosition expected = 0;
  for (const auto& [initial, name] : forms) {
    for (const char* slash : {"", "/"}) {
      const auto answer = api.post(
          "/v1/" + std::string(initial) + slash + "?verdicts=1",
          R"({"writeKey":")" + api.key + R"(","userId":"c1","event":"Looked","groupId":"g"})",
          with("Content-Type", "text/plain"));
      EXPECT_EQ(answer.status, 200) << initial << answer.body;
      EXPECT_THAT(answer.body, HasSubstr(R"("verdict":"applied")")) << initial;
      EXPECT_EQ(api.log.end(), ++expected);
    }
    const std::string bytes(api.log.read(expected - 1, 1, 1 << 20)->front().payload);
    const auto entry = decode_entry(bytes, kTestNow);
    ASSERT_TRUE(entry.has_value() && entry->event());
    EXPECT_EQ(name_of(entry->event()->type), name);
  }
  EXPECT_EQ(api.send("/v1/b", R"({"batch":[{"type":"page","userId":"c1"}]})").status, 200);
  EXPECT_EQ(api.send("/v1/b/", R"({"batch":[{"type":"page","userId":"c1"}]})").status, 200);
  EXPECT_EQ(api.log.end(), expected + 2);
}

TEST(SdkRoutesTest, ABeaconsKeyStandsInTheQueryAndItsAnswerIsOk) {
  TestApi api;
  const std::string body = R"({"batch":[{"type":"page","anonymousId":"a1"}]})";
  for (const char* path : {"/beacon/v1/batch?writeKey=", "/beacon/v1/batch/?writeKey="}) {
    const auto answer = api.post(path + api.key, body, with("Content-Type", "text/plain"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.body, "OK");
    EXPECT_THAT(std::string(answer.headers.get("Content-Type").value_or("")),
                HasSubstr("text/plain"));
  }
  const LogPosition end = api.log.end();
  EXPECT_EQ(end, 2U);
  EXPECT_EQ(api.post("/beacon/v1/batch?writeKey=wrong", body).status, 401);
  EXPECT_EQ(api.post("/beacon/v1/batch", body).status, 401);
  EXPECT_EQ(api.post("/v1/batch?writeKey=" + api.key, body).status, 401) << "a beacon's alone";
  EXPECT_EQ(api.log.end(), end);
}

TEST(SdkRoutesTest, RudderStacksLibrariesReadOk) {
  TestApi api;
  http::Headers headers = api.bearer();
  headers.add("AnonymousId", "YTE=");
  EXPECT_EQ(api.post("/v1/page", R"({"anonymousId":"a1"})", headers).body, "OK");
  const auto verdicts = api.post("/v1/page?verdicts=1", R"({"anonymousId":"a1"})", headers);
  EXPECT_THAT(verdicts.body, HasSubstr("results"));
}

TEST(SdkRoutesTest, GzipIsReadWhateverItsLabel) {
  TestApi api;
  const std::string packed = http::gzip(R"({"batch":[{"type":"page","userId":"c1"}]})");
  http::Headers form = api.bearer();  // as RudderStack's server library labels it
  form.add("Content-Type", "application/x-www-form-urlencoded");
  form.add("Content-Encoding", "gzip");
  EXPECT_EQ(api.post("/v1/batch", packed, form).status, 200);
  EXPECT_EQ(api.send("/v1/batch", packed).status, 200) << "without any label";
  http::Headers wrong = api.bearer();
  wrong.add("Content-Encoding", "gzip");
  EXPECT_EQ(api.post("/v1/page", R"({"userId":"c1"})", wrong).status, 400);
  EXPECT_EQ(api.log.end(), 2U);
}

TEST(SdkRoutesTest, ARepeatedRequestPassesThePreflight) {
  TestApi api;
  http::Headers headers = with("Origin", "https://shop.example");
  headers.add("Access-Control-Request-Method", "POST");
  headers.add("Access-Control-Request-Headers", "authorization,x-retry-count");
  for (const char* path : {"/v1/t", "/v1/b/", "/v1/m", "/beacon/v1/batch", "/v1/cloudevents"}) {
    const auto answer = api.ask(http::Method::options, path, headers);
    EXPECT_EQ(answer.status, 204) << path;
    const std::string allowed(answer.headers.get("Access-Control-Allow-Headers").value_or(""));
    for (const char* name : {"*", "Authorization", "X-Retry-Count", "AnonymousId", "SentAt"}) {
      EXPECT_THAT(allowed, HasSubstr(name)) << path;
    }
  }
}

}  // namespace
}  // namespace tideline
