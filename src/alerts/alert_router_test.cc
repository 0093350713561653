#include "alerts/alert_router.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include "alerts/test_alerts.h"

namespace tideline {
namespace {

using std::chrono::minutes;

boost::json::object body_of(const OutgoingRequest& request) {
  return boost::json::parse(request.body).as_object();
}
std::string type_of(const OutgoingRequest& request) {
  return std::string(body_of(request).at("type").as_string());
}

TEST(AlertRouterTest, GoesToThoseWhoWantIt) {
  AlertRig rig;
  Receiver risky;
  risky.target = "https://example.com/risky";
  risky.topics = {AlertTopic::tier_entered};
  risky.tiers = {"at_risk"};
  rig.add_receiver(risky);
  Receiver left;
  left.target = "https://example.com/left";
  left.topics = {AlertTopic::tier_left};
  left.tiers = {"at_risk"};
  rig.add_receiver(left);
  Receiver off;
  off.active = false;
  rig.add_receiver(off);
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.add(rig.move("c2", "at_risk", "healthy"));
  rig.add(rig.move("c3", "thriving", "healthy"));
  rig.route_and_send();
  std::vector<std::string> got;
  for (const OutgoingRequest& request : rig.notifier.requests()) {
    got.push_back(request.url.substr(20) + " " + type_of(request) + " " +
                  std::string(body_of(request).at("data").at("customer_id").as_string()));
  }
  EXPECT_THAT(got, ::testing::UnorderedElementsAre("risky tier.entered c1", "left tier.left c2"));
  EXPECT_EQ(rig.kept().size(), 3U);
}

TEST(AlertRouterTest, ActionsFromAPriorityOn) {
  AlertRig rig;
  Receiver receiver;
  receiver.min_priority = "medium";
  rig.add_receiver(receiver);
  for (const char* priority : {"low", "medium", "high"})
    rig.add(rig.action(std::string("c-") + priority, priority));
  rig.route_and_send();
  EXPECT_EQ(rig.notifier.requests().size(), 2U);
}

TEST(AlertRouterTest, ReportsAreToldEveryTimeAndSurviveARestart) {
  AlertRig rig;
  Receiver board;
  board.topics = {AlertTopic::report};
  const Receiver receiver = rig.add_receiver(board);
  rig.add(rig.letters(1, "1-1"));
  for (int week = 0; week < 2; ++week) {
    rig.add(
        {"", rig.clock.now(),
         ReportsReady{
             rig.clock.now() - 90 * kDay, rig.clock.now(), "a day", "a4", {{"cost", 7, 100}}}});
    rig.restart();
    rig.route_and_send();
    rig.clock.advance(std::chrono::hours(1));
  }
  ASSERT_EQ(rig.notifier.requests().size(), 2U);
  EXPECT_EQ(type_of(rig.notifier.requests()[0]), "report.ready");
  EXPECT_EQ(rig.deliveries(receiver).size(), 2U);
}

TEST(AlertRouterTest, AnAlertIsHandedOutOnceAlsoOverARestart) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.restart();
  rig.route();
  rig.route();
  rig.restart();
  rig.route();
  ASSERT_EQ(rig.deliveries(receiver).size(), 1U);
  EXPECT_EQ(rig.send(), 1);
  EXPECT_EQ(rig.send(), 0);
}

TEST(AlertRouterTest, TheSameMoveOfACustomerIsToldOnceADay) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  const auto flap = [&] {
    rig.add(rig.move("c1", "healthy", "at_risk"));
    rig.route();
    rig.clock.advance(minutes(10));
    rig.add(rig.move("c1", "at_risk", "healthy"));
    rig.route();
    rig.clock.advance(minutes(10));
  };
  flap();
  flap();
  rig.restart();
  flap();
  EXPECT_EQ(rig.deliveries(receiver).size(), 2U);
  EXPECT_EQ(rig.kept().size(), 6U);
  EXPECT_EQ(rig.kept().front().held_back, "cooldown");
  rig.add(rig.move("c2", "healthy", "at_risk"));  // another customer
  rig.add(rig.move("c1", "healthy", "churned"));  // another move
  rig.route();
  EXPECT_EQ(rig.deliveries(receiver).size(), 4U);
  rig.clock.advance(kDay);
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.route();
  EXPECT_EQ(rig.deliveries(receiver).size(), 5U);
}

TEST(AlertRouterTest, DeadLettersOfOneReasonAreOneAlertWithTheirCount) {
  AlertRig rig;
  rig.add_receiver();
  for (int i = 0; i < 5; ++i) rig.add(rig.letters(100, "0-" + std::to_string(i)));
  rig.route_and_send();
  ASSERT_EQ(rig.notifier.requests().size(), 1U);
  EXPECT_EQ(body_of(rig.notifier.requests()[0]).at("data").at("count"), 500);
  rig.clock.advance(minutes(10));
  rig.add(rig.letters(70, "1-0"));  // too soon to be told
  rig.route_and_send();
  EXPECT_EQ(rig.notifier.requests().size(), 1U);
  rig.clock.advance(kHour);
  rig.add(rig.letters(3, "2-0"));
  rig.route_and_send();
  ASSERT_EQ(rig.notifier.requests().size(), 2U);
  EXPECT_EQ(body_of(rig.notifier.requests()[1]).at("data").at("count"), 73);
}

TEST(AlertRouterTest, ADigestIsOneMessageWithCountsAndTheFirstTen) {
  AlertRig rig;
  Receiver receiver;
  receiver.digest = minutes(15);
  rig.add_receiver(receiver);
  for (int i = 0; i < 12; ++i) {
    rig.add(rig.move("c" + std::to_string(i), "healthy", "at_risk"));
    rig.clock.advance(kSecond);
  }
  rig.add(rig.action("c1", "high"));
  rig.route_and_send();
  EXPECT_TRUE(rig.notifier.requests().empty());
  rig.clock.advance(minutes(14));
  rig.restart();  // what waits is not forgotten
  rig.route_and_send();
  EXPECT_TRUE(rig.notifier.requests().empty());
  rig.clock.advance(minutes(1));
  rig.route_and_send();
  ASSERT_EQ(rig.notifier.requests().size(), 1U);
  const auto body = body_of(rig.notifier.requests()[0]);
  EXPECT_EQ(body.at("type"), "digest");
  EXPECT_EQ(body.at("data").at("count"), 13);
  EXPECT_EQ(body.at("data").at("counts").at("tier.entered"), 12);
  EXPECT_EQ(body.at("data").at("counts").at("action.created"), 1);
  EXPECT_EQ(body.at("data").at("first").as_array().size(), kDigestShown);
  rig.clock.advance(kHour);
  rig.route_and_send();
  EXPECT_EQ(rig.notifier.requests().size(), 1U);
}

TEST(AlertRouterTest, ADigestOfOneIsAnOrdinaryMessage) {
  AlertRig rig;
  Receiver receiver;
  receiver.digest = minutes(15);
  rig.add_receiver(receiver);
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.route();
  rig.clock.advance(minutes(15));
  rig.route_and_send();
  ASSERT_EQ(rig.notifier.requests().size(), 1U);
  EXPECT_EQ(type_of(rig.notifier.requests()[0]), "tier.entered");
}

TEST(AlertRouterTest, AStormBecomesADigest) {
  AlertRig rig;
  rig.options.routing.messages_per_min = 30;
  rig.restart();
  const Receiver receiver = rig.add_receiver();
  for (int i = 0; i < 500; ++i) rig.add(rig.move("c" + std::to_string(i), "healthy", "at_risk"));
  rig.route();
  EXPECT_EQ(rig.deliveries(receiver).size(), 30U);
  rig.clock.advance(minutes(1));
  rig.route();
  const auto deliveries = rig.deliveries(receiver);
  ASSERT_EQ(deliveries.size(), 31U);
  EXPECT_EQ(deliveries.front().type, "digest");
  EXPECT_EQ(deliveries.front().alerts.size(), 470U);
}

TEST(AlertRouterTest, OldThingsLeaveAndWaitingOnesStay) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.route_and_send();
  rig.add(rig.move("c2", "healthy", "at_risk"));
  rig.route();  // not sent
  rig.clock.advance(31 * kDay);
  rig.add(rig.move("c3", "healthy", "at_risk"));
  rig.route();
  ASSERT_TRUE(rig.alerts->router().remove_old().has_value());
  EXPECT_EQ(rig.kept().size(), 1U);
  EXPECT_EQ(rig.deliveries(receiver).size(), 2U);
}

TEST(AlertRouterTest, ARemovedReceiverLeavesNothingBehind) {
  AlertRig rig;
  const Receiver receiver = rig.add_receiver();
  rig.add(rig.move("c1", "healthy", "at_risk"));
  rig.route();
  ASSERT_TRUE(rig.alerts->receivers().remove(receiver.id).has_value());
  EXPECT_EQ(rig.send(), 0);
  std::vector<std::string> left;
  ASSERT_TRUE(rig.store.scan(Family::alerts, "", "", [&](std::string_view key, std::string_view) {
    left.emplace_back(key.substr(0, key.find('\0')));
    return true;
  }));
  EXPECT_THAT(left, ::testing::UnorderedElementsAre("kept", "cooldown"));
}

}  // namespace
}  // namespace tideline
