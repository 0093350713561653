#include "alerts/message.h"

#include <gmock/gmock.h>
#include <sodium.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <sstream>

#include "alerts/alert_words.h"
#include "alerts/test_alerts.h"

namespace tideline {
namespace {

namespace json = boost::json;

const Time kNow = *parse_time("2026-03-01T12:00:00Z");
const MessageStyle kStyle{"https://tideline.example.com", "alerts@example.com"};

// The blocks of JSON in docs/alerts.md, in their order.
std::vector<json::value> documented() {
  std::ifstream in(std::string(TIDELINE_SOURCE_DIR) + "/docs/alerts.md");
  std::stringstream text;
  text << in.rdbuf();
  const std::string all = text.str();
  std::vector<json::value> blocks;
  const std::string open = "```json\n";
  for (std::size_t at = all.find(open); at != std::string::npos; at = all.find(open, at)) {
    at += open.size();
    blocks.push_back(json::parse(all.substr(at, all.find("```", at) - at)));
  }
  return blocks;
}

Alert as_documented(decltype(Alert::what) what) {
  return {"al_4b7d0f8e9a6c5d3e2f1a0b9c8d7e6f5a", kNow, std::move(what)};
}
Alert documented_move() {
  TierMove move{CustomerId("c-1042"), "healthy", "at_risk", "everything_else",
                "marketplace-health-v1"};
  move.figures = {{"churn_risk_14d", true, 0.43},
                  {"churn_risk_30d", true, 0.58},
                  {"health_score", false, 47.5},
                  {"session_velocity", false, 0.8},
                  {"first_session_success", true, std::nullopt}};
  move.drivers = {"sessions a week fell from 2.1 to 0.8"};
  return as_documented(std::move(move));
}
Alert documented_action() {
  Action action;
  action.id = "c-1042-call";
  action.customer = CustomerId("c-1042");
  action.play = "call_back";
  action.priority = "high";
  action.channel = "call";
  action.say = "Two cancelled sessions in 14 days: call";
  action.cost = 4.5;
  return as_documented(NewAction{std::move(action)});
}
Alert documented_letters() {
  return as_documented(SetAside{DeadLetterCode::bad_property, 12, "3-1024", "amount is no number",
                                SourceId("web")});
}
Alert documented_trouble() {
  return as_documented(Trouble{"lag", "events wait for 90 s to be processed",
                               *parse_time("2026-03-01T11:59:30Z"), false});
}

Alert documented_reports() {
  return as_documented(ReportsReady{*parse_time("2025-12-01"),
                                    kNow,
                                    "1 March 2026",
                                    "a4",
                                    {{"engagement", 7, 181'204}, {"cost", 7, 140'511}}});
}

std::string body_for(ReceiverKind kind, const std::vector<ToldAlert>& alerts) {
  Receiver receiver;
  receiver.kind = kind;
  receiver.target = "ann@example.com,bob@example.com";
  return message_of(receiver, alerts, kStyle, "msg_1", kNow).body;
}

TEST(MessageTest, IsWhatTheDocumentShows) {
  const ToldAlert letters{documented_letters(), AlertTopic::dead_letters};
  const ToldAlert trouble{documented_trouble(), AlertTopic::trouble};
  const std::vector<std::vector<ToldAlert>> shown = {
      {{documented_move(), AlertTopic::tier_entered}},
      {{documented_action(), AlertTopic::action}},
      {letters},
      {trouble},
      {{documented_reports(), AlertTopic::report}},
      {{as_documented(Trial{"crm"}), AlertTopic::trouble}},
      {letters, trouble},
  };
  const auto examples = documented();
  ASSERT_EQ(examples.size(), shown.size() + 1);
  for (std::size_t i = 0; i < shown.size(); ++i)
    EXPECT_EQ(json::parse(body_for(ReceiverKind::webhook, shown[i])), examples[i]) << i;
  EXPECT_EQ(json::parse(body_for(ReceiverKind::slack, {trouble})), examples.back());
}

// What Slack refuses: a header over 150 characters, a section over 3000, more than 10 fields.
TEST(MessageTest, SlackStaysWithinItsLimitsAndEscapesMarkup) {
  Alert alert = documented_move();
  auto& move = std::get<TierMove>(alert.what);
  move.customer = CustomerId(std::string(200, 'c') + "<!channel>&");
  move.reason = "<@everyone>";
  move.drivers.assign(100, std::string(100, 'd'));
  for (int i = 0; i < 20; ++i) move.figures.push_back({"figure", false, 1.0});
  const auto body =
      json::parse(body_for(ReceiverKind::slack, {{alert, AlertTopic::tier_entered}}));
  EXPECT_EQ(std::string(body.at("text").as_string()).find('<'), std::string::npos);
  for (const json::value& block : body.at("blocks").as_array()) {
    const json::object& b = block.as_object();
    if (b.at("type") == "header") {
      EXPECT_LE(b.at("text").at("text").as_string().size(), 153U);
    } else if (const auto* text = b.if_contains("text")) {
      const std::string said(text->at("text").as_string());
      EXPECT_LE(said.size(), 3'000U);
      EXPECT_EQ(said.find("<@"), std::string::npos);
    } else {
      EXPECT_LE(b.at("fields").as_array().size(), 10U);
    }
  }
}

// The parts of a mail between its boundaries, decoded.
std::vector<std::string> parts_of(const std::string& mail) {
  std::vector<std::string> parts;
  const std::string mark = "Content-Transfer-Encoding: base64\r\n\r\n";
  for (std::size_t at = mail.find(mark); at != std::string::npos; at = mail.find(mark, at)) {
    at += mark.size();
    const std::string text = mail.substr(at, mail.find("--=_", at) - at);
    std::string part(text.size(), '\0');
    std::size_t size = 0;
    EXPECT_EQ(
        sodium_base642bin(reinterpret_cast<unsigned char*>(part.data()), part.size(), text.data(),
                          text.size(), "\r\n", &size, nullptr, sodium_base64_VARIANT_ORIGINAL),
        0);
    parts.push_back(part.substr(0, size));
  }
  return parts;
}

TEST(MessageTest, MailHasPlainTextAndHtml) {
  const std::string mail =
      body_for(ReceiverKind::mail, {{documented_move(), AlertTopic::tier_entered}});
  EXPECT_THAT(mail, ::testing::HasSubstr("\r\nTo: ann@example.com,\r\n bob@example.com\r\n"));
  EXPECT_THAT(mail, ::testing::HasSubstr("\r\nSubject: c-1042 went from healthy to at risk\r\n"));
  EXPECT_THAT(mail, ::testing::HasSubstr("\r\nDate: Sun, 01 Mar 2026 12:00:00 +0000\r\n"));
  EXPECT_THAT(mail, ::testing::HasSubstr("\r\nMessage-ID: <msg_1@example.com>\r\n"));
  const auto parts = parts_of(mail);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_THAT(parts[0], ::testing::HasSubstr("churn risk 14d: 43 %"));
  EXPECT_THAT(parts[0], ::testing::HasSubstr("- sessions a week fell from 2.1 to 0.8"));
  EXPECT_THAT(parts[1], ::testing::HasSubstr("<h2"));
}

TEST(MessageTest, ReportsAreLinkedInSlackAndMailWhereThePageHasAnAddress) {
  const ToldAlert told{documented_reports(), AlertTopic::report};
  const auto slack = json::parse(body_for(ReceiverKind::slack, {told}));
  EXPECT_EQ(slack.at("text"), "Reports of 1 March 2026");
  const std::string said(slack.at("blocks").as_array().at(1).at("text").at("text").as_string());
  EXPECT_THAT(said, ::testing::HasSubstr(
                        "• engagement, 7 pages: https://tideline.example.com/api/v1/reports/"
                        "engagement?format=pdf&amp;paper=a4&amp;at=2026-03-01T12:00:00.000Z"));
  EXPECT_THAT(said, ::testing::HasSubstr("<https://tideline.example.com/reports|"));
  const auto parts = parts_of(body_for(ReceiverKind::mail, {told}));
  EXPECT_THAT(parts.at(0), ::testing::HasSubstr("- cost, 7 pages: https://"));
  const auto bare = content_of(told.alert, "");
  EXPECT_TRUE(bare.at("reports").as_array().at(0).at("link").is_null());
  EXPECT_EQ(words_of(told.alert, "").lines.at(0), "engagement, 7 pages");
}

TEST(MessageTest, NothingInAMailBeginsAHeaderOrATag) {
  Alert alert = documented_move();
  auto& move = std::get<TierMove>(alert.what);
  move.customer = CustomerId("x\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>\xC3\xA9");
  const std::string mail = body_for(ReceiverKind::mail, {{alert, AlertTopic::tier_entered}});
  EXPECT_EQ(mail.find("\r\nBcc"), std::string::npos);
  EXPECT_THAT(mail, ::testing::HasSubstr("Subject: =?UTF-8?B?"));
  EXPECT_EQ(parts_of(mail)[1].find("<script"), std::string::npos);
  for (std::size_t at = 0; at < mail.size();) {
    const std::size_t end = mail.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 998U);  // RFC 5322, 2.1.1
    at = end + 2;
  }
}

TEST(ReceiverTest, WhatIsRefused) {
  AlertRig rig;
  const auto reason_of = [&](auto spoil) {
    Receiver receiver;
    receiver.name = "crm";
    receiver.target = "https://example.com/hook";
    receiver.topics = {AlertTopic::trouble};
    spoil(receiver);
    const auto made = rig.alerts->receivers().create(receiver);
    return made ? "" : made.error().reason;
  };
  EXPECT_EQ(reason_of([](Receiver&) {}), "");
  for (const char* url :
       {"ftp://example.com/", "example.com", "https://", "https:///path",
        "https://a:b@example.com/", "https://example.com/a b", "javascript:alert(1)",
        "https://example.com\\@evil.example/", "HTTPS//example.com", "https://exam\nple.com/"}) {
    EXPECT_EQ(reason_of([&](Receiver& receiver) { receiver.target = url; }), "bad_url") << url;
  }
  const auto mail = [&](const char* to) {
    return reason_of([&](Receiver& receiver) {
      receiver.kind = ReceiverKind::mail;
      receiver.target = to;
    });
  };
  EXPECT_EQ(mail("ann@example.com, bob@example.com"), "");
  for (const char* to : {"", "ann", "@example.com", "ann@", "a@b@c", "a@b\r\nRCPT", "<a@b>"})
    EXPECT_EQ(mail(to), "bad_address") << to;
  EXPECT_EQ(reason_of([](Receiver& receiver) { receiver.topics.clear(); }), "bad_topics");
  EXPECT_EQ(reason_of([](Receiver& receiver) { receiver.min_priority = "urgent"; }),
            "bad_priority");
  EXPECT_EQ(reason_of([](Receiver& receiver) { receiver.digest = 2 * kDay; }), "bad_digest");
  EXPECT_EQ(reason_of([](Receiver& receiver) { receiver.secret = "whsec_short"; }), "bad_secret");
}

TEST(ReceiverTest, AWrongChangeKeepsWhatWas) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  EXPECT_FALSE(rig.alerts->receivers().change(
      receiver.id, [](Receiver& changed) { changed.target = "ftp://example.com"; }));
  EXPECT_EQ(rig.alerts->receivers().show(receiver.id)->target, receiver.target);
}

}  // namespace
}  // namespace tideline
