// Decoder: which texts are events, which are refused and why; the three times; limits at n-1, n,
// n+1.
#include "pipeline/decoder.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

const Time kNow = *parse_time("2026-01-10T12:00:00Z");

class DecoderTest : public ::testing::Test {
 protected:
  DecoderTest() {
    context_.source = SourceId("shop");
    context_.received = kNow;
    context_.next_id = [this] { return "made-" + std::to_string(++made_); };
  }

  Entry line(const std::string& text) { return decoder_.line(text, context_); }
  // The event of a line, which must be one.
  Event event(const std::string& text) {
    const Entry entry = line(text);
    EXPECT_NE(entry.event(), nullptr)
        << text << ": " << (entry.reject() ? entry.reject()->reason : "");
    return entry.event() ? *entry.event() : Event();
  }
  // The code that a line is refused with; "event" when it is none.
  std::string code(const std::string& text) {
    const Entry entry = line(text);
    return entry.reject() ? std::string(name_of(entry.reject()->code)) : "event";
  }

  DecodeLimits limits_;
  Decoder decoder_{limits_};
  DecodeContext context_;
  int made_ = 0;
};

std::string with(const std::string& members) {
  return R"({"type":"track","userId":"c1","event":"Bought",)" + members + "}";
}

TEST_F(DecoderTest, AWholeEvent) {
  const Entry entry = line(
      R"( {"type":"track","messageId":"m1","userId":"c1","anonymousId":"a1","event":"Bought",)"
      R"("properties":{"amount": 5.50, "a":"é"},)"
      R"("timestamp":"2026-01-09T10:00:00+02:00","context":{"x":[1]}} )");
  ASSERT_NE(entry.event(), nullptr);
  const Event& event = *entry.event();
  EXPECT_EQ(event.type, EventType::track);
  EXPECT_EQ(event.customer.str(), "c1");
  EXPECT_EQ(event.anonymous_id, "a1");
  EXPECT_EQ(event.name, "Bought");
  EXPECT_EQ(event.message_id.str(), "m1");
  EXPECT_EQ(event.source.str(), "shop");
  EXPECT_EQ(event.properties, R"({"amount": 5.50, "a":"é"})") << "as sent";
  EXPECT_EQ(event.event_time, *parse_time("2026-01-09T08:00:00Z"));
  EXPECT_EQ(event.arrival_time, kNow);
  EXPECT_FALSE(event.server_id);
  EXPECT_EQ(entry.rules.dedupe_key, dedupe_key_of(event.source, event.message_id));
}

TEST_F(DecoderTest, WhatIsNoEventIsRefusedWithItsReason) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "malformed_json"},
      {"{", "malformed_json"},
      {"nul", "malformed_json"},
      {R"({"type":"track"} x)", "malformed_json"},
      {with(R"("properties":{"a":1e999})"), "malformed_json"},
      {with(R"("properties":{"a":18446744073709551616})"), "malformed_json"},
      {with(R"("properties":{"a":"\ud800"})"), "malformed_json"},
      {with("\"properties\":{\"a\":\"\xff\"}"), "malformed_json"},
      {with(R"("context":{"unread":[1,}})"), "malformed_json"},
      {"[]", "not_an_event"},
      {"17", "not_an_event"},
      {"{}", "not_an_event"},
      {R"({"colour":"red"})", "not_an_event"},
      {with(R"("properties":[1])"), "not_an_event"},
      {with(R"("properties":"text")"), "not_an_event"},
      {R"({"userId":"c1","event":"Bought"})", "missing_type"},
      {R"({"type":null,"userId":"c1","event":"Bought"})", "missing_type"},
      {R"({"type":"tracked","userId":"c1","event":"Bought"})", "unknown_type"},
      {R"({"type":1,"userId":"c1","event":"Bought"})", "unknown_type"},
      {R"({"type":"track","event":"Bought"})", "missing_customer"},
      {R"({"type":"track","userId":"","anonymousId":null,"event":"Bought"})", "missing_customer"},
      {R"({"type":"track","userId":"c1"})", "missing_event"},
      {R"({"type":"track","userId":"c1","event":""})", "missing_event"},
      {R"({"type":"track","userId":"c1","event":{}})", "missing_event"},
      {with(R"("timestamp":"yesterday")"), "bad_time"},
      {with(R"("timestamp":1700000000)"), "bad_time"},
      {with(R"("timestamp":"2026-13-01T00:00:00Z")"), "bad_time"},
      {with(R"("sentAt":"soon")"), "bad_time"},
      {R"({"type":"track","userId":true,"event":"Bought"})", "bad_id"},
      {R"({"type":"track","userId":1.5,"event":"Bought"})", "bad_id"},
      {with(R"("messageId":["m"])"), "bad_id"},
      {R"({"type":"track","userId":7,"event":"Bought"})", "event"},
      {R"({"type":"page","anonymousId":"a1"})", "event"},
      {R"({"type":"identify","userId":"c1","traits":{"plan":"pro"}})", "event"},
      {R"({"type":"alias","userId":"c1","previousId":"a1"})", "event"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(code(text), expected) << text;
}

TEST_F(DecoderTest, AnIdentifysTraitsMayStandInItsContext) {
  const auto traits = [&](const std::string& members) {
    return event(R"({"type":"identify","userId":"c1",)" + members + "}").properties;
  };
  EXPECT_EQ(traits(R"("context":{"traits":{"plan":"pro"}})"), R"({"plan":"pro"})");
  EXPECT_EQ(traits(R"("traits":null,"context":{"traits":{"plan":"pro"}})"), R"({"plan":"pro"})");
  EXPECT_EQ(traits(R"("traits":{"a":1},"context":{"traits":{"plan":"pro"}})"), R"({"a":1})");
  EXPECT_EQ(traits(R"("context":{"traits":null})"), "{}");
  EXPECT_EQ(traits(R"("context":[{"traits":1}])"), "{}");
  EXPECT_EQ(code(R"({"type":"identify","userId":"c1","context":{"traits":[1]}})"), "not_an_event");
  EXPECT_EQ(event(with(R"("context":{"traits":{"plan":"pro"}})")).properties, "{}") << "a track";
}

TEST_F(DecoderTest, ARejectKeepsWhatARepairNeeds) {
  const std::string text = R"({"type":"track","messageId":"m9","userId":"c9"})";
  const Entry entry = line(text);
  ASSERT_NE(entry.reject(), nullptr);
  EXPECT_EQ(entry.reject()->payload, text);
  EXPECT_EQ(entry.reject()->payload_bytes, text.size());
  EXPECT_EQ(entry.reject()->payload_hash, xxh3_128(text));
  EXPECT_EQ(entry.reject()->customer_id, "c9");
  EXPECT_EQ(entry.reject()->message_id.str(), "m9");
  EXPECT_EQ(entry.rules.dedupe_key, Hash128{}) << "the mended event may come under the same id";
}

TEST_F(DecoderTest, TheSenderIsKnownByUserIdElseAnonymousId) {
  EXPECT_EQ(event(R"({"type":"page","userId":"u","anonymousId":"a"})").customer.str(), "u");
  EXPECT_EQ(event(R"({"type":"page","anonymousId":"a"})").customer.str(), "a");
  EXPECT_EQ(event(R"({"type":"page","userId":null,"anonymousId":"a"})").customer.str(), "a");
  EXPECT_EQ(event(R"({"type":"page","userId":-12})").customer.str(), "-12");
  EXPECT_EQ(event(R"({"type":"page","user\u0049d":"\u0061b"})").customer.str(), "ab")
      << "escapes, in keys too";
}

TEST_F(DecoderTest, ClocksOfClientsAreCorrected) {
  // Sent 10 minutes after it happened by the client's clock, which is an hour ahead.
  EXPECT_EQ(event(with(R"("timestamp":"2026-01-10T12:50:00Z","sentAt":"2026-01-10T13:00:00Z")"))
                .event_time,
            kNow - std::chrono::minutes(10));
  EXPECT_EQ(event(with(R"("originalTimestamp":"2026-01-10T11:00:00Z")")).event_time, kNow - kHour);
  EXPECT_EQ(event(with(R"("properties":{})")).event_time, kNow);
  const Event at_bound = event(with(R"("timestamp":"2026-01-10T12:05:00Z")"));
  EXPECT_EQ(at_bound.event_time, kNow + std::chrono::minutes(5));
  EXPECT_FALSE(at_bound.clamped);
  const Event beyond = event(with(R"("timestamp":"2026-01-10T12:05:00.001Z")"));
  EXPECT_EQ(beyond.event_time, kNow + std::chrono::minutes(5));
  EXPECT_TRUE(beyond.clamped);
}

TEST_F(DecoderTest, TheBatchsSentAtCountsWhereAnEventHasNone) {
  const auto decoded =
      decoder_.batch(R"({"sentAt":"2026-01-10T12:00:10Z","batch":[)"
                     R"({"type":"page","userId":"c","timestamp":"2026-01-10T12:00:00Z"},)"
                     R"({"type":"page","userId":"c","timestamp":"2026-01-10T12:00:00Z",)"
                     R"("sentAt":"2026-01-10T12:01:00Z"}]})",
                     context_);
  ASSERT_TRUE(decoded.has_value());
  ASSERT_EQ(decoded->entries.size(), 2u);
  EXPECT_EQ(decoded->entries[0].event()->event_time, kNow - std::chrono::seconds(10));
  EXPECT_EQ(decoded->entries[1].event()->event_time, kNow - std::chrono::minutes(1));
}

TEST_F(DecoderTest, ABackfillArrivesWhenItHappened) {
  context_.backfill = true;
  const Event own =
      event(with(R"("timestamp":"2020-02-03T04:05:06Z","sentAt":"2020-02-04T00:00:00Z")"));
  EXPECT_EQ(own.event_time, *parse_time("2020-02-03T04:05:06Z"));
  EXPECT_EQ(own.arrival_time, own.event_time);
  const Event named =
      event(with(R"("timestamp":"2020-02-03T04:05:06Z","receivedAt":"2020-02-05T00:00:00Z")"));
  EXPECT_EQ(named.arrival_time, *parse_time("2020-02-05T00:00:00Z"));
  EXPECT_EQ(code(with(R"("receivedAt":"never")")), "bad_time");
}

TEST_F(DecoderTest, EventsWithoutAnIdGetOneThatNoRetryMeets) {
  const Entry entry = line(with(R"("messageId":null)"));
  ASSERT_NE(entry.event(), nullptr);
  EXPECT_TRUE(entry.event()->server_id);
  EXPECT_EQ(entry.event()->message_id.str(), "made-1");
  EXPECT_EQ(entry.rules.dedupe_key, Hash128{});
}

TEST_F(DecoderTest, ContentIsWhatTheSenderMeansAndNotHowItTravels) {
  const auto content = [&](const std::string& members) { return event(with(members)).content; };
  const Hash128 first = content(R"("timestamp":"2026-01-10T10:00:00Z","properties":{"amount":1})");
  EXPECT_EQ(first, content(R"("properties":{"amount":1},"timestamp":"2026-01-10T10:00:00Z",)"
                           R"("sentAt":"2026-01-10T11:00:00Z")"));
  context_.received = kNow + kDay;
  EXPECT_EQ(
      first,
      content(
          R"("timestamp":"2026-01-10T10:00:00Z","context":{"ip":"1"},"properties":{"amount":1})"));
  EXPECT_NE(first, content(R"("timestamp":"2026-01-10T10:00:01Z","properties":{"amount":1})"));
  EXPECT_NE(first, content(R"("timestamp":"2026-01-10T10:00:00Z","properties":{"amount":2})"));
}

TEST_F(DecoderTest, Limits) {
  const auto sized = [&](std::size_t bytes) {
    const std::string frame = with(R"("properties":{"a":""})");
    return with(R"("properties":{"a":")" + std::string(bytes - frame.size(), 'x') + "\"}");
  };
  EXPECT_EQ(code(sized(32 * 1024 - 1)), "event");
  EXPECT_EQ(code(sized(32 * 1024)), "event");
  EXPECT_EQ(code(sized(32 * 1024 + 1)), "too_large");
  const Entry large = line(sized(40'000));
  ASSERT_NE(large.reject(), nullptr);
  EXPECT_EQ(large.reject()->payload, sized(40'000).substr(0, 32 * 1024));
  EXPECT_EQ(large.reject()->payload_bytes, 40'000u);
  EXPECT_EQ(large.reject()->payload_hash, xxh3_128(sized(40'000)));

  // The event is depth 1, its properties 2.
  const auto deep = [&](std::size_t levels) {
    return with(R"("properties":{"a":)" + std::string(levels - 2, '[') +
                std::string(levels - 2, ']') + "}");
  };
  EXPECT_EQ(code(deep(31)), "event");
  EXPECT_EQ(code(deep(32)), "event");
  EXPECT_EQ(code(deep(33)), "too_deep");

  for (const std::string key : {"userId", "anonymousId", "previousId", "messageId"}) {
    const auto id = [&](std::size_t bytes) {
      return R"({"type":"alias","userId":"c1",")" + key + "\":\"" + std::string(bytes, 'i') +
             "\"}";
    };
    const auto alone = [&](std::size_t bytes) {
      return R"({"type":"alias","userId":")" + std::string(bytes, 'i') + "\"}";
    };
    const bool user = key == "userId";
    EXPECT_EQ(code(user ? alone(127) : id(127)), "event") << key;
    EXPECT_EQ(code(user ? alone(128) : id(128)), "event") << key;
    EXPECT_EQ(code(user ? alone(129) : id(129)), "bad_id") << key;
  }
}

TEST_F(DecoderTest, ABatchHoldsSoManyEvents) {
  const auto batch = [&](std::size_t events) {
    std::string text = R"({"batch":[)";
    for (std::size_t i = 0; i < events; ++i)
      text += std::string(i > 0 ? "," : "") + R"({"type":"page","userId":"c"})";
    return decoder_.batch(text + "]}", context_);
  };
  EXPECT_EQ(batch(0)->entries.size(), 0u);
  EXPECT_EQ(batch(2'499)->entries.size(), 2'499u);
  EXPECT_EQ(batch(2'500)->entries.size(), 2'500u);
  const auto over = batch(2'501);
  ASSERT_FALSE(over.has_value());
  EXPECT_EQ(over.error().code, ErrorCode::too_large);
}

TEST_F(DecoderTest, ABodyThatIsNoBatch) {
  const auto reason = [&](const std::string& body) {
    const auto decoded = decoder_.batch(body, context_);
    return decoded ? "batch" : decoded.error().reason;
  };
  EXPECT_EQ(reason(""), "malformed_json");
  EXPECT_EQ(reason("{\"batch\":[}"), "malformed_json");
  EXPECT_EQ(reason(R"({"batch":[]} {})"), "malformed_json");
  EXPECT_EQ(reason(std::string(100'000, '[')), "malformed_json");
  EXPECT_EQ(reason("[]"), "not_an_event");
  EXPECT_EQ(reason(R"([{"batch":[]}])"), "not_an_event");
  EXPECT_EQ(reason("{}"), "not_an_event");
  EXPECT_EQ(reason(R"({"batch":{}})"), "not_an_event");
  EXPECT_EQ(reason("\"batch\""), "not_an_event");
  EXPECT_EQ(reason(" {\"\\u0062atch\" : [ ] } "), "batch");
}

TEST_F(DecoderTest, OneBadElementCostsNoOther) {
  const auto decoded = decoder_.batch(
      R"({"batch":[{"type":"page","userId":"a"},7,{"type":"page"},{"type":"page","userId":"b"}]})",
      context_);
  ASSERT_TRUE(decoded.has_value());
  ASSERT_EQ(decoded->entries.size(), 4u);
  EXPECT_NE(decoded->entries[0].event(), nullptr);
  EXPECT_EQ(decoded->entries[1].reject()->code, DeadLetterCode::not_an_event);
  EXPECT_EQ(decoded->entries[2].reject()->code, DeadLetterCode::missing_customer);
  EXPECT_NE(decoded->entries[3].event(), nullptr);
}

TEST_F(DecoderTest, Singles) {
  const auto good =
      decoder_.single(EventType::identify, R"({"userId":"c","traits":{"plan":"pro"}})", context_);
  ASSERT_TRUE(good.has_value());
  ASSERT_NE(good->entries[0].event(), nullptr);
  EXPECT_EQ(good->entries[0].event()->properties, R"({"plan":"pro"})");
  EXPECT_EQ(decoder_.single(EventType::track, "[1]", context_).error().reason, "not_an_event");
  EXPECT_EQ(decoder_.single(EventType::track, "[1", context_).error().reason, "malformed_json");
  const auto nameless = decoder_.single(EventType::track, R"({"userId":"c"})", context_);
  ASSERT_TRUE(nameless.has_value());
  EXPECT_EQ(nameless->entries[0].reject()->code, DeadLetterCode::missing_event);
}

TEST_F(DecoderTest, TheKeyInABody) {
  EXPECT_EQ(decoder_.write_key(R"({"a":{"writeKey":"no"},"writeKey":"yes"})"), "yes");
  EXPECT_EQ(decoder_.write_key(R"({"writeKey":7})"), std::nullopt);
  EXPECT_EQ(decoder_.write_key("[1]"), std::nullopt);
  EXPECT_EQ(decoder_.write_key("{"), std::nullopt);
}

TEST_F(DecoderTest, PropertiesOfARow) {
  EXPECT_TRUE(decoder_.check_object(R"( {"a":1} )").has_value());
  EXPECT_EQ(decoder_.check_object("[1]").error().reason, "not_an_event");
  EXPECT_EQ(decoder_.check_object("{").error().reason, "malformed_json");
  EXPECT_EQ(decoder_.check_object("").error().reason, "malformed_json");
  EXPECT_TRUE(decoder_.check_object("{\"a\":" + std::string(30, '[') + std::string(30, ']') + "}")
                  .has_value());
  EXPECT_EQ(decoder_.check_object("{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}")
                .error()
                .reason,
            "too_deep");
}

}  // namespace
}  // namespace tideline
