// Rescorer, what comes of its figures: actions and who never has one, what is expected to be lost,
// and the flow between tiers.
#include <gtest/gtest.h>

#include "pipeline/follow_up.h"
#include "pipeline/rescorer.h"
#include "pipeline/test_models.h"
#include "pipeline/test_rig.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

std::shared_ptr<const Pack> pack_with_a_play() {
  const auto pack = Pack::parse(std::string(kTestPack) + R"(
[[play]]
name = "call"
when = 'churn_risk_14d > 0.3'
priority = "high"
say = "Bought {bought_30d:.0} times"
cooldown = "14d"
)",
                                "test.toml");
  EXPECT_TRUE(pack.has_value()) << pack.error().message;
  return pack ? *pack : nullptr;
}

// A customer's risk is 1 / (1 + exp(0.5 x - 1)) with x purchases in 30 days.
class RescorerActionsTest : public ::testing::Test {
 protected:
  RescorerActionsTest() {
    for (const char* customer : {"slow", "hidden"}) buy(customer, 3, 20);
    buy("busy", 20, 20);
    settle();
    rescorer_.recommend_into(inbox_);
    rescorer_.use_model(std::make_shared<Model>(linear_model(*rig_.pack, "v1")), "");
  }
  InboxOptions options() {
    InboxOptions options;
    options.held_out = [](const CustomerId& customer) { return customer.str() == "hidden"; };
    return options;
  }
  // So many purchases of 5, an hour apart, the first so many days ago.
  void buy(const std::string& customer, int times, int days_ago) {
    for (int i = 0; i < times; ++i) {
      const Time at = rig_.clock.now() - days_ago * kDay + i * kHour;
      events_.push_back(track("m" + std::to_string(made_++), customer, "Bought", R"({"amount":5})",
                              R"(,"timestamp":")" + format_time(at) + "\""));
    }
  }
  void settle() {
    rig_.append(events_);
    events_.clear();
    rig_.process_all();
    rescorer_.note_changed(rig_.changed);
    rig_.changed.clear();
  }
  void score() { ASSERT_TRUE(rescorer_.score_all(true).has_value()); }
  std::vector<OwnedAction> actions(std::optional<ActionStatus> status = ActionStatus::open) {
    InboxQuery query;
    query.status = status;
    return inbox_.list(query)->actions;
  }

  int made_ = 0;
  std::vector<std::string> events_;
  Rig rig_;
  Rescorer rescorer_{{}, *(rig_.pack = pack_with_a_play()), rig_.store, rig_.clock};
  Inbox inbox_{options(), rig_.store};
};

TEST_F(RescorerActionsTest, ThoseWhoFitHaveAnActionTheHoldoutHasNone) {
  score();
  ASSERT_EQ(actions(std::nullopt).size(), 1U);
  EXPECT_EQ(actions()[0].action.customer.str(), "slow");
  EXPECT_EQ(actions()[0].action.say, "Bought 3 times");
  EXPECT_EQ(rescorer_.prediction_of(CustomerId("slow")).value()->plays.size(), 1U);
  EXPECT_TRUE(rescorer_.prediction_of(CustomerId("hidden")).value()->plays.empty());
  EXPECT_EQ(inbox_.withheld(CustomerId("hidden"))->size(), 1U);
  // scoring again recommends nothing again, of either
  rig_.clock.advance(kHour);
  score();
  EXPECT_EQ(actions(std::nullopt).size(), 1U);
  std::size_t due = 0;
  ASSERT_TRUE(inbox_
                  .visit_follow_ups([&](const FollowUp& one) {
                    due += one.before.risk && one.before.amount == 5.0 ? 1 : 0;
                    return true;
                  })
                  .has_value());
  EXPECT_EQ(due, 2U) << "three purchases of 5 in 90 days are 5 a 30 days";
}

TEST_F(RescorerActionsTest, WhoNoLongerFitsLosesWhatNobodyHas) {
  score();
  rig_.clock.advance(kDay);
  buy("slow", 20, 1);
  buy("hidden", 20, 1);
  settle();
  score();
  EXPECT_TRUE(actions().empty());
  EXPECT_EQ(actions(ActionStatus::withdrawn).size(), 1U);
  EXPECT_FALSE(inbox_.withheld(CustomerId("hidden")).value()[0].open);
}

TEST_F(RescorerActionsTest, ADoneOneComesBackAfterItsCooldown) {
  score();
  ActionRequest done;
  done.id = actions()[0].action.id;
  ASSERT_TRUE(inbox_.change(done, rig_.clock.now()).has_value());
  rig_.clock.advance(9 * kDay);
  score();
  EXPECT_TRUE(actions().empty());
  rig_.clock.advance(5 * kDay);
  buy("slow", 1, 1);
  settle();
  score();
  ASSERT_EQ(actions().size(), 1U);
  EXPECT_NE(actions()[0].action.id, done.id);
}

TEST_F(RescorerActionsTest, ExpectedLossIsTheSumOverThoseWithAFigure) {
  EXPECT_EQ(rescorer_.expected_loss().as_of, Time{});
  buy("gone", 5, 60);
  settle();
  score();
  double churn = 0, amount = 0;
  for (const auto& [customer, paid] :
       {std::pair{"slow", 15.0}, {"hidden", 15.0}, {"busy", 100.0}}) {
    const double risk =
        *rescorer_.prediction_of(CustomerId(customer)).value()->prediction.figures[1];
    churn += risk;
    amount += risk * paid / 3;
  }
  const ExpectedLoss loss = rescorer_.expected_loss();
  EXPECT_EQ(loss.customers, 3U) << "the lapsed one is not scored";
  EXPECT_NEAR(loss.churn, churn, 1e-12);
  ASSERT_TRUE(loss.amount.has_value());
  EXPECT_NEAR(*loss.amount, amount, 1e-12);
  EXPECT_EQ(loss.as_of, rig_.clock.now());
}

TEST_F(RescorerActionsTest, TheFlowCountsWhoStandsWhereAndWhoMoved) {
  score();
  const auto tier = [&](const char* customer) {
    return rescorer_.prediction_of(CustomerId(customer)).value()->prediction.tier;
  };
  const std::string before = tier("slow");
  const Time first = rig_.clock.now();
  rig_.clock.advance(2 * kDay);
  buy("slow", 20, 1);
  settle();
  score();
  ASSERT_NE(tier("slow"), before);
  const auto days = rescorer_.flow().days(first, rig_.clock.now() + kHour);
  ASSERT_TRUE(days.has_value());
  ASSERT_EQ(days->size(), 3U);
  EXPECT_EQ((*days)[0].standing.at(before), 2U);
  EXPECT_EQ((*days)[0].moves.at({kStandsNew, before}), 2U);
  EXPECT_TRUE((*days)[1].moves.empty()) << "nothing was counted on that day";
  EXPECT_EQ((*days)[1].standing, (*days)[0].standing);
  EXPECT_EQ((*days)[2].moves.at({before, tier("slow")}), 1U);
  EXPECT_EQ((*days)[2].standing.at(before), 1U);
  const auto hours = rescorer_.flow().hours(first - kHour, rig_.clock.now() + kHour);
  EXPECT_EQ(hours->size(), 2U);
  ASSERT_TRUE(rescorer_.sweep_flow(rig_.clock.now() - kDay).has_value());
  EXPECT_EQ(rescorer_.flow().hours(first - kHour, rig_.clock.now() + kHour)->size(), 1U);
}

TEST_F(RescorerActionsTest, WhoCameBackIsToldByStateAndByTheLake) {
  const Time due = rig_.clock.now() - 10 * kDay;
  buy("late", 2, 30);
  buy("late", 1, 1);
  buy("both", 1, 30);
  buy("both", 1, 5);
  buy("both", 1, 1);
  settle();
  ASSERT_TRUE(rig_.archiver().flush().has_value());
  score();
  const FollowUpSources sources{*rig_.pack, rig_.store, rig_.lake, rescorer_.task_of_leaving()};
  const auto retained = [&](const char* customer) {
    const auto told =
        standing_since(sources, CustomerId(customer), due, due + 7 * kDay, rig_.clock.now());
    EXPECT_TRUE(told.has_value() && told->has_value());
    return told && *told && (*told)->retained;
  };
  EXPECT_FALSE(retained("slow")) << "its last purchase lies before";
  EXPECT_FALSE(retained("late")) << "it came back only later";
  EXPECT_TRUE(retained("both"));
  const auto nobody =
      standing_since(sources, CustomerId("nobody"), due, due + kDay, rig_.clock.now());
  EXPECT_TRUE(nobody.has_value() && !nobody->has_value());
}

}  // namespace
}  // namespace tideline
