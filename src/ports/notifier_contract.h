// The contract suite of Notifier: what every implementation must do. A Subject type gives the
// notifier and the other side:
//
//   struct Subject {
//     Notifier& notifier();
//     std::string url();                      // of somebody who answers
//     void answer(int status, std::string body, std::optional<int> retry_after_s);
//     std::vector<OutgoingRequest> received();  // header names in lower case
//     std::string dead_url();                 // where nobody answers
//     std::string mail_address();
//     std::vector<OutgoingMail> mails();
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Name, NotifierContract, Subject);
#pragma once

#include <gtest/gtest.h>

#include "ports/notifier.h"

namespace tideline {

template <class Subject>
class NotifierContract : public ::testing::Test {
 protected:
  Result<RemoteAnswer> post(const std::string& body = "{}") {
    return subject_.notifier().post(
        {subject_.url(), {{"content-type", "application/json"}, {"webhook-id", "msg_1"}}, body});
  }
  static std::string header_of(const OutgoingRequest& request, const std::string& name) {
    for (const auto& [key, value] : request.headers) {
      if (key == name) return value;
    }
    return "";
  }
  Subject subject_;
};
TYPED_TEST_SUITE_P(NotifierContract);

TYPED_TEST_P(NotifierContract, BringsHeadersAndBody) {
  const std::string body = R"({"text":"äöü \" \\ )" + std::string(100'000, 'x') + "\"}";
  const auto answer = this->post(body);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  const auto received = this->subject_.received();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].body, body);
  EXPECT_EQ(this->header_of(received[0], "content-type"), "application/json");
  EXPECT_EQ(this->header_of(received[0], "webhook-id"), "msg_1");
}

TYPED_TEST_P(NotifierContract, GivesBackWhatWasAnswered) {
  for (const int status : {200, 204, 302, 404, 410, 500}) {
    this->subject_.answer(status, status == 204 ? "" : "words", std::nullopt);
    const auto answer = this->post();
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->body, status == 204 ? "" : "words");
    EXPECT_FALSE(answer->retry_after.has_value());
  }
}

TYPED_TEST_P(NotifierContract, KeepsTheFirstKilobyteOfAnAnswer) {
  this->subject_.answer(500, std::string(kAnswerBytesKept, 'a') + "rest", std::nullopt);
  const auto answer = this->post();
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, std::string(kAnswerBytesKept, 'a'));
}

TYPED_TEST_P(NotifierContract, SaysWhenToComeAgain) {
  this->subject_.answer(429, "", 120);
  const auto answer = this->post();
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->retry_after, std::chrono::seconds(120));
}

TYPED_TEST_P(NotifierContract, TellsWhatIsNoUrlFromNobodyThere) {
  const auto none = this->subject_.notifier().post({"ftp://example.com/", {}, ""});
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::invalid);
  const auto dead = this->subject_.notifier().post({this->subject_.dead_url(), {}, ""});
  ASSERT_FALSE(dead.has_value());
  EXPECT_EQ(dead.error().code, ErrorCode::unavailable);
}

TYPED_TEST_P(NotifierContract, BringsMail) {
  const std::string text = "Subject: hello\r\n\r\nline\r\n.dot\r\n";
  const std::string to = this->subject_.mail_address();
  const auto answer =
      this->subject_.notifier().mail({"tideline@example.com", {to, "bob@example.com"}, text});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status / 100, 2);
  const auto mails = this->subject_.mails();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].from, "tideline@example.com");
  EXPECT_EQ(mails[0].to, (std::vector<std::string>{to, "bob@example.com"}));
  EXPECT_EQ(mails[0].text, text);
  const auto nobody = this->subject_.notifier().mail({"tideline@example.com", {}, text});
  ASSERT_FALSE(nobody.has_value());
  EXPECT_EQ(nobody.error().code, ErrorCode::invalid);
}

REGISTER_TYPED_TEST_SUITE_P(NotifierContract, BringsHeadersAndBody, GivesBackWhatWasAnswered,
                            KeepsTheFirstKilobyteOfAnAnswer, SaysWhenToComeAgain,
                            TellsWhatIsNoUrlFromNobodyThere, BringsMail);

}  // namespace tideline
