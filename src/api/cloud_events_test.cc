// CloudEvents: the three modes, what becomes of each part, what is refused.
#include "api/cloud_events.h"

#include <gmock/gmock.h>

#include "api/test_api.h"

namespace tideline {
namespace {

using testing::HasSubstr;

class CloudEventsTest : public ::testing::Test {
 protected:
  CloudEventsTest() {
    context_.source = SourceId("web");
    context_.received = kTestNow;
    context_.next_id = [] { return "made"; };
  }
  Result<std::vector<Entry>> decode(const http::Request& request) {
    return decode_cloud_events(decoder_, request, context_);
  }
  // Of a request that holds one event, taken.
  Event event(const http::Request& request) {
    const auto entries = decode(request);
    if (!entries || entries->size() != 1 || !entries->front().event()) {
      ADD_FAILURE() << (!entries                    ? entries.error().message
                        : entries->empty()          ? "none"
                        : entries->front().reject() ? entries->front().reject()->reason
                                                    : "several");
      return {};
    }
    return *entries->front().event();
  }
  static http::Request structured(const std::string& body) {
    http::Request request;
    request.headers.add("Content-Type", "application/cloudevents+json; charset=utf-8");
    request.body = body;
    return request;
  }
  static http::Request binary(std::vector<std::pair<std::string, std::string>> fields,
                              const std::string& body, const std::string& type = "") {
    http::Request request;
    for (auto& [name, value] : fields) request.headers.add(name, value);
    if (!type.empty()) request.headers.add("Content-Type", type);
    request.body = body;
    return request;
  }

  Decoder decoder_{DecodeLimits{}};
  DecodeContext context_;
};

TEST_F(CloudEventsTest, StructuredModeBecomesATrackEvent) {
  const Event found = event(structured(
      R"({"specversion":"1.0","id":"e1","source":"/shop","type":"Bought","subject":"c1",)"
      R"("time":"2026-01-30T10:00:00Z","datacontenttype":"application/json",)"
      R"("data":{"amount": 5},"extension":"x"})"));
  EXPECT_EQ(found.type, EventType::track);
  EXPECT_EQ(found.name, "Bought");
  EXPECT_EQ(found.message_id.str(), "e1");
  EXPECT_FALSE(found.server_id);
  EXPECT_EQ(found.customer.str(), "c1");
  EXPECT_EQ(found.event_time, *parse_time("2026-01-30T10:00:00Z"));
  EXPECT_EQ(found.properties, R"({"amount": 5})");
  EXPECT_EQ(found.source.str(), "web");
}

TEST_F(CloudEventsTest, BinaryModeBecomesATrackEvent) {
  const std::vector<std::pair<std::string, std::string>> head = {
      {"ce-specversion", "1.0"},  {"ce-id", "e1"},
      {"CE-Type", "Bought"},      {"ce-source", "/shop"},
      {"ce-subject", "c%C3%A91"}, {"ce-time", "2026-01-30T10:00:00Z"}};
  const Event found = event(binary(head, R"({"amount":5})", "application/json; charset=utf-8"));
  EXPECT_EQ(found.name, "Bought");
  EXPECT_EQ(found.message_id.str(), "e1");
  EXPECT_EQ(found.customer.str(),
            "c\xC3\xA9"
            "1")
      << "fields are percent-encoded";
  EXPECT_EQ(found.event_time, *parse_time("2026-01-30T10:00:00Z"));
  EXPECT_EQ(found.properties, R"({"amount":5})");
}

TEST_F(CloudEventsTest, AFieldMayBeAQuotedString) {
  const Event found =
      event(binary({{"ce-id", "e1"}, {"ce-type", R"("a \"b\" c")"}, {"ce-subject", "100%"}}, ""));
  EXPECT_EQ(found.name, R"(a "b" c)");
  EXPECT_EQ(found.customer.str(), "100%");
  EXPECT_EQ(found.properties, "{}");
}

TEST_F(CloudEventsTest, DataThatIsNoObjectIsKeptUnderItsName) {
  const std::vector<std::pair<std::string, std::string>> head = {
      {"ce-id", "e1"}, {"ce-type", "Bought"}, {"ce-subject", "c1"}};
  const auto properties = [&](const std::string& body, const std::string& type = "") {
    return event(binary(head, body, type)).properties;
  };
  EXPECT_EQ(properties("[1, 2]", "application/json"), R"({"data":[1, 2]})");
  EXPECT_EQ(properties("17"), R"({"data":17})");
  EXPECT_EQ(properties("17", "text/plain"), R"({"data":"17"})");
  EXPECT_EQ(properties("a \"b\"", "text/plain"), R"({"data":"a \"b\""})");
  EXPECT_EQ(properties(R"( {"a":1} )", "text/plain"), R"({"a":1})") << "sniffed";
  EXPECT_EQ(properties("\xff\x01", "application/octet-stream"), R"({"data_base64":"/wE="})");
  const std::string start = R"({"specversion":"1.0","id":"e","type":"Bought","subject":"c",)";
  const auto of = [&](const std::string& rest) {
    return event(structured(start + rest)).properties;
  };
  EXPECT_EQ(of(R"("data":"text"})"), R"({"data":"text"})");
  EXPECT_EQ(of(R"("data":null})"), "{}");
  EXPECT_EQ(of(R"("data_base64":"eyJhIjoxfQ=="})"), R"({"a":1})");
  EXPECT_EQ(of(R"("data_base64":"/wE=","datacontenttype":"image/png"})"),
            R"({"data_base64":"/wE="})");
  EXPECT_EQ(of(R"("data":"eyJhIjoxfQ==","datacontentencoding":"base64"})"), R"({"a":1})")
      << "as 0.3 has it";
}

TEST_F(CloudEventsTest, TheCustomerIsTheExtensionElseOfTheDataElseTheSubject) {
  const auto customer = [&](const std::string& rest) {
    return event(structured(R"({"specversion":"1.0","id":"e","type":"Bought",)" + rest + "}"))
        .customer.str();
  };
  const std::string data = R"("data":{"userId":"of_data","anonymousId":"a"})";
  EXPECT_EQ(customer(R"("userid":"extension","subject":"s",)" + data), "extension");
  EXPECT_EQ(customer(R"("subject":"s",)" + data), "of_data");
  EXPECT_EQ(customer(R"("subject":"s","data":{"anonymousId":"a"})"), "s");
  EXPECT_EQ(customer(R"("data":{"anonymousId":"a"})"), "a");
  EXPECT_EQ(customer(R"("anonymousid":"x","data":{"anonymousId":"a"})"), "x");
}

TEST_F(CloudEventsTest, DataThatIsAnEventOfOursIsTakenAsOne) {
  const Event whole = event(structured(
      R"({"specversion":"1.0","id":"e1","type":"org.example.sent","time":"2026-01-30T10:00:00Z",)"
      R"("data":{"type":"identify","userId":"c1","messageId":"m1","traits":{"plan":"pro"}}})"));
  EXPECT_EQ(whole.type, EventType::identify);
  EXPECT_EQ(whole.message_id.str(), "m1");
  EXPECT_EQ(whole.properties, R"({"plan":"pro"})");
  EXPECT_EQ(whole.event_time, *parse_time("2026-01-30T10:00:00Z"));

  const Event named =
      event(structured(R"({"specversion":"1.0","id":"e2","type":"track","subject":"c2",)"
                       R"("data":{"event":"Bought","properties":{"amount":5}}})"));
  EXPECT_EQ(named.type, EventType::track);
  EXPECT_EQ(named.name, "Bought");
  EXPECT_EQ(named.message_id.str(), "e2");
  EXPECT_EQ(named.customer.str(), "c2");

  const Event traits =
      event(structured(R"({"specversion":"1.0","id":"e3","type":"identify","subject":"c3",)"
                       R"("data":{"plan":"pro"}})"));
  EXPECT_EQ(traits.type, EventType::identify);
  EXPECT_EQ(traits.properties, R"({"plan":"pro"})");

  const Event shaped =
      event(structured(R"({"specversion":"1.0","id":"e5","type":"org.example.sent",)"
                       R"("data":{"userId":"c5","event":"Bought","properties":{"amount":5}}})"));
  EXPECT_EQ(shaped.name, "Bought");
  EXPECT_EQ(shaped.properties, R"({"amount":5})");

  const Event plain = event(structured(
      R"({"specversion":"1.0","id":"e4","type":"Bought","subject":"c4","data":{"type":"gift"}})"));
  EXPECT_EQ(plain.name, "Bought");
  EXPECT_EQ(plain.properties, R"({"type":"gift"})");
}

TEST_F(CloudEventsTest, TheSendersClockIsCorrectedWhereItSaysWhenItSent) {
  const Event found =
      event(structured(R"({"specversion":"1.0","id":"e1","type":"Bought","subject":"c1",)"
                       R"("time":"2026-02-01T11:59:00Z","sentat":"2026-02-01T12:00:00Z"})"));
  EXPECT_EQ(found.event_time, kTestNow - std::chrono::minutes(1));
}

TEST_F(CloudEventsTest, ABatchIsTakenOneByOne) {
  http::Request request =
      structured(R"([{"specversion":"1.0","id":"a","type":"Bought","subject":"c1"}, 17,)"
                 R"({"specversion":"1.0","id":"b","type":"Bought"},{"colour":"red"},)"
                 R"({"specversion":"1.0","id":"c","type":"Looked","subject":"c2"}])");
  const auto entries = decode(request);
  ASSERT_TRUE(entries.has_value()) << entries.error().message;
  ASSERT_EQ(entries->size(), 5U);
  const auto code = [&](int i) {
    const Reject* reject = (*entries)[i].reject();
    return reject ? std::string(name_of(reject->code)) : "event";
  };
  EXPECT_EQ(code(0), "event");
  EXPECT_EQ(code(1), "not_an_event");
  EXPECT_EQ(code(2), "missing_customer");
  EXPECT_EQ(code(3), "not_an_event");
  EXPECT_EQ(code(4), "event");
  EXPECT_TRUE(decode(structured("[]"))->empty());
}

TEST_F(CloudEventsTest, ContentTypeIsAHintOnly) {
  const std::string one = R"({"specversion":"1.0","id":"a","type":"Bought","subject":"c1"})";
  for (const char* type : {"", "text/plain", "application/json"}) {
    http::Request request;
    if (*type != '\0') request.headers.add("Content-Type", type);
    request.body = one;
    EXPECT_EQ(event(request).name, "Bought") << type;
    request.body = " [" + one + "," + one + "]";
    EXPECT_EQ(decode(request)->size(), 2U) << type;
  }
}

TEST_F(CloudEventsTest, WhatIsNoCloudEventIsRefusedWhole) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "malformed_json"},           {"{", "malformed_json"}, {"[1,]", "malformed_json"},
      {"17", "not_an_event"},           {"{}", "not_an_event"},  {"\"text\"", "not_an_event"},
      {R"({"id":"a"})", "not_an_event"}};
  for (const auto& [body, reason] : cases) {
    const auto entries = decode(structured(body));
    ASSERT_FALSE(entries.has_value()) << body;
    EXPECT_EQ(entries.error().reason, reason) << body;
  }
  const auto bad = decode(binary({{"ce-id", "a"}, {"ce-type", "b"}}, "{", "application/json"));
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().reason, "malformed_json");
  const auto large = decode(
      structured(R"({"specversion":"1.0","id":"a","type":"Bought","subject":"c1","data":")" +
                 std::string(40'000, 'x') + "\"}"));
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, ErrorCode::too_large);
}

TEST(CloudEventRoutesTest, TheRouteTakesAllModesWithTheKeyWhereASinkCanPutIt) {
  TestApi api;
  const std::string one = R"({"specversion":"1.0","id":"a","type":"Bought","subject":"c1"})";
  EXPECT_EQ(api.post("/v1/cloudevents", one).status, 401);
  EXPECT_EQ(api.post("/v1/cloudevents?writeKey=wrong", one).status, 401);
  EXPECT_EQ(api.log.end(), 0U);
  const auto by_query = api.post("/v1/cloudevents/?writeKey=" + api.key, one);
  EXPECT_EQ(by_query.status, 200) << by_query.body;
  EXPECT_EQ(by_query.body, R"({"success":true})");
  http::Headers head = api.bearer();
  head.add("ce-id", "b");
  head.add("ce-type", "Bought");
  head.add("ce-subject", "c1");
  EXPECT_EQ(api.post("/v1/cloudevents", "", head).status, 200) << "the head is enough";
  const auto answer = api.send("/v1/cloudevents?verdicts=1", "[" + one + "]");
  EXPECT_THAT(answer.body, HasSubstr(R"("verdict":"duplicate")"));
}

}  // namespace
}  // namespace tideline
