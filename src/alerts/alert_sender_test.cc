#include "alerts/alert_sender.h"

#include <gmock/gmock.h>

#include "alerts/signature.h"
#include "alerts/test_alerts.h"

namespace tideline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
constexpr const char* kTarget = "https://example.com/hook";

std::string header_of(const OutgoingRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(AlertSenderTest, SignsWhatItSends) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.route_and_send();
  ASSERT_EQ(rig.notifier.requests().size(), 1U);
  const OutgoingRequest sent = rig.notifier.requests()[0];
  const std::string id = header_of(sent, "webhook-id");
  EXPECT_EQ(id, rig.deliveries(receiver)[0].id);
  EXPECT_EQ(id.find('.'), std::string::npos);
  EXPECT_EQ(header_of(sent, "webhook-signature"),
            webhook_signature({receiver.secret}, id, rig.clock.now(), sent.body));
  EXPECT_EQ(header_of(sent, "content-type"), "application/json");
}

TEST(AlertSenderTest, TriesAgainUnderTheSameIdWithANewTime) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  rig.notifier.answer(kTarget, 503);
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.route_and_send();
  EXPECT_EQ(rig.send(), 0);  // not yet
  rig.restart();
  rig.clock.advance(seconds(7));
  rig.notifier.answer(kTarget, 200);
  EXPECT_EQ(rig.send(), 1);
  const auto requests = rig.notifier.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(header_of(requests[0], "webhook-id"), header_of(requests[1], "webhook-id"));
  EXPECT_NE(header_of(requests[0], "webhook-timestamp"),
            header_of(requests[1], "webhook-timestamp"));
  const Delivery delivery = rig.deliveries(receiver)[0];
  EXPECT_EQ(delivery.status, DeliveryStatus::delivered);
  ASSERT_EQ(delivery.attempts.size(), 2U);
  EXPECT_EQ(delivery.attempts[0].status, 503);
  EXPECT_EQ(delivery.attempts[1].status, 200);
}

TEST(AlertSenderTest, GivesUpAfterADayAndCanBeSentAgainByHand) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  rig.notifier.answer(kTarget, []() -> Result<RemoteAnswer> {
    return fail(ErrorCode::unavailable, "nobody there", "not_reached");
  });
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.route();
  const Time begun = rig.clock.now();
  while (rig.deliveries(receiver)[0].status == DeliveryStatus::waiting) {
    ASSERT_LE(rig.clock.now(), begun + hours(25));
    rig.send();
    rig.clock.advance(minutes(1));
  }
  Delivery delivery = rig.deliveries(receiver)[0];
  EXPECT_EQ(delivery.status, DeliveryStatus::given_up);
  EXPECT_EQ(delivery.attempts.back().error, "nobody there");
  EXPECT_GE(rig.clock.now(), begun + hours(24));
  rig.notifier.answer(kTarget, 200);
  ASSERT_TRUE(rig.alerts->sender().resend(receiver.id, delivery.id).has_value());
  EXPECT_EQ(rig.send(), 1);
  const Delivery again = rig.deliveries(receiver)[0];
  EXPECT_EQ(again.status, DeliveryStatus::delivered);
  EXPECT_EQ(again.id, delivery.id);
}

TEST(AlertSenderTest, GoneSwitchesTheReceiverOff) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  rig.notifier.answer(kTarget, 410);
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.add(rig.move("c2", "healthy", "at_risk"));
  rig.route_and_send();
  EXPECT_EQ(rig.notifier.requests().size(), 1U);
  const auto now = rig.alerts->receivers().show(receiver.id);
  EXPECT_FALSE(now->active);
  EXPECT_EQ(now->why_inactive, "it answered 410 Gone");
  std::vector<DeliveryStatus> statuses;
  for (const Delivery& delivery : rig.deliveries(receiver)) statuses.push_back(delivery.status);
  EXPECT_THAT(statuses, ::testing::UnorderedElementsAre(DeliveryStatus::given_up,
                                                        DeliveryStatus::cancelled));
}

TEST(AlertSenderTest, HonoursRetryAfter) {
  AlertRig rig;
  rig.add_receiver();
  rig.notifier.answer(kTarget, [] {
    return RemoteAnswer{429, "slow down", std::chrono::minutes(10), Duration(1)};
  });
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.route_and_send();
  rig.clock.advance(minutes(9));
  EXPECT_EQ(rig.send(), 0);
  rig.clock.advance(minutes(2));
  EXPECT_EQ(rig.send(), 1);
}

TEST(AlertSenderTest, BothSecretsSignUntilTheOldOneIsOver) {
  AlertRig rig;
  const Receiver before = rig.add_receiver();
  const auto after = rig.alerts->receivers().rotate_secret(before.id, hours(1));
  ASSERT_TRUE(after.has_value());
  EXPECT_NE(after->secret, before.secret);
  const auto signatures = [&](const std::string& customer) {
    rig.add(rig.move(customer, "healthy", "at_risk"));
    rig.route_and_send();
    const OutgoingRequest sent = rig.notifier.requests().back();
    const std::string id = header_of(sent, "webhook-id");
    const auto of = [&](const std::string& secret) {
      return webhook_signature({secret}, id, rig.clock.now(), sent.body);
    };
    const std::string given = header_of(sent, "webhook-signature");
    if (given == of(after->secret)) return "new";
    return given == of(after->secret) + " " + of(before.secret) ? "both" : "neither";
  };
  EXPECT_STREQ(signatures("c1"), "both");
  rig.clock.advance(hours(1));
  EXPECT_STREQ(signatures("c2"), "new");
}

TEST(AlertSenderTest, ATestIsSentAtOnceAndOnlyOnce) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  rig.notifier.answer(kTarget, 500);
  const auto sent = rig.alerts->sender().send_test(receiver.id);
  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->type, "test");
  EXPECT_EQ(sent->status, DeliveryStatus::given_up);
  rig.clock.advance(kDay);
  EXPECT_EQ(rig.send(), 0);
  EXPECT_EQ(rig.notifier.requests().size(), 1U);
}

TEST(AlertSenderTest, MailGoesToItsAddressesAndARefusalIsFinal) {
  AlertRig rig;
  Receiver receiver;
  receiver.kind = ReceiverKind::mail;
  receiver.target = "ann@example.com, bob@example.com";
  rig.add_receiver(receiver);
  const Receiver made = rig.alerts->receivers().list()->front();
  rig.notifier.answer("ann@example.com", 550);
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.route_and_send();
  ASSERT_EQ(rig.notifier.mails().size(), 1U);
  EXPECT_THAT(rig.notifier.mails()[0].to,
              ::testing::ElementsAre("ann@example.com", "bob@example.com"));
  EXPECT_EQ(rig.deliveries(made)[0].status, DeliveryStatus::given_up);
}

TEST(AlertSenderTest, OneReceiverThatFailsDoesNotHoldUpOthers) {
  AlertRig rig;
  Receiver bad;
  bad.target = "https://example.com/bad";
  rig.add_receiver(bad);
  const Receiver good = rig.add_receiver();
  rig.notifier.answer("https://example.com/bad", 500);
  for (int i = 0; i < 5; ++i) rig.add(rig.move("c" + std::to_string(i), "healthy", "at_risk"));
  rig.route_and_send();
  for (const Delivery& delivery : rig.deliveries(good))
    EXPECT_EQ(delivery.status, DeliveryStatus::delivered);
}

}  // namespace
}  // namespace tideline
