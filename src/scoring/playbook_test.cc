#include "scoring/playbook.h"

#include <gtest/gtest.h>

#include <cmath>

#include "scoring/test_pack.h"

namespace tideline {
namespace {

const double kNan = std::nan("");

std::shared_ptr<const Pack> pack_with(const std::string& plays) {
  const auto pack = Pack::parse(std::string(kTestPack) + plays, "test.toml");
  EXPECT_TRUE(pack.has_value()) << pack.error().message;
  return pack ? *pack : nullptr;
}

constexpr const char* kPlays = R"(
[[play]]
name = "upsell"
when = 'tier.thriving and bought_30d >= 3'
priority = "low"
say = "Buys well: {bought_30d:.0} times"

[[play]]
name = "slower"
when = 'a_week < 0.5 * before'
priority = "high"
say = "Purchases a week fell from {before:.1} to {a_week:.1}, risk {churn_risk_14d}"
channel = "call"
cost = 4.5
cooldown = "10d"
a_week = 'bought_30d / 4'
before = 'looked_30d / 4'

[[play]]
name = "worse"
when = 'not tier.thriving and churn_risk_14d > past.churn_risk_14d + 0.2'
say = "Risk rose from {past.churn_risk_14d:%} to {churn_risk_14d:%}"

[[play]]
name = "driven"
when = 'tier.churned and driver.days_since > 0.5'
say = "Pushed by {driver.days_since:.1}"
)";

struct Case {
  std::vector<std::optional<double>> figures{0.41, 0.5, 50, 1};
  std::vector<double> features{2, 8, kNan, 12};
  std::string tier = "at_risk";
  int past_asked = 0;
  int drivers_asked = 0;

  std::vector<Recommendation> of(const Pack& pack) {
    PlayInputs inputs{figures, features, tier, {}, {}};
    inputs.past_figures = [&] {
      ++past_asked;
      return std::vector<double>{0.1, 0.2, 60, 1};
    };
    inputs.drivers = [&] {
      ++drivers_asked;
      return std::vector<double>{0, 0, 0, 0.75};
    };
    return recommendations_of(pack, inputs);
  }
};

TEST(PlaybookTest, PlaysSpeakWithTheCustomersNumbers) {
  const auto pack = pack_with(kPlays);
  Case at_risk;
  const auto holding = at_risk.of(*pack);
  ASSERT_EQ(holding.size(), 2U);
  EXPECT_EQ(holding[0].say, "Purchases a week fell from 2.0 to 0.5, risk 41 %");
  EXPECT_EQ(holding[1].say, "Risk rose from 10 % to 41 %");
  EXPECT_EQ(at_risk.past_asked, 1);
  EXPECT_EQ(at_risk.drivers_asked, 0);  // not churned: that decides

  Case thriving;
  thriving.tier = "thriving";
  thriving.features = {4, 4, 10, 2};
  const auto upsell = thriving.of(*pack);
  ASSERT_EQ(upsell.size(), 1U);
  EXPECT_EQ(upsell[0].say, "Buys well: 4 times");
  EXPECT_EQ(thriving.past_asked, 0);

  Case churned;
  churned.tier = "churned";
  churned.features = {kNan, kNan, kNan, kNan};
  churned.figures = {std::nullopt, std::nullopt, std::nullopt, std::nullopt};
  const auto driven = churned.of(*pack);
  ASSERT_EQ(driven.size(), 1U);  // what cannot be decided does not hold
  EXPECT_EQ(driven[0].say, "Pushed by 0.8");
}

TEST(PlaybookTest, AnOpenPlayStaysAndAClosedOneRestsForItsCooldown) {
  const auto pack = pack_with(kPlays);
  const Time start = time_from_millis(1'700'000'000'000);
  const std::vector<Recommendation> slower{{1, "slow"}};
  PlayStep step = next_plays(*pack, {}, slower, start);
  ASSERT_EQ(step.newcomers.size(), 1U);
  EXPECT_EQ(step.marks, (std::vector<PlayMark>{{"slower", start, true, "slow"}}));
  const std::vector<Recommendation> again{{1, "slower still"}};
  step = next_plays(*pack, step.marks, again, start + 20 * kDay);
  EXPECT_TRUE(step.newcomers.empty());
  EXPECT_EQ(step.marks, (std::vector<PlayMark>{{"slower", start, true, "slower still"}}));
  // closed within the cooldown: rests
  step = next_plays(*pack, {}, slower, start);
  step = next_plays(*pack, step.marks, {}, start + 2 * kDay);
  EXPECT_EQ(step.marks, (std::vector<PlayMark>{{"slower", start, false, ""}}));
  step = next_plays(*pack, step.marks, slower, start + 9 * kDay);
  EXPECT_TRUE(step.newcomers.empty());
  EXPECT_EQ(step.marks, (std::vector<PlayMark>{{"slower", start, false, ""}}));
  step = next_plays(*pack, step.marks, slower, start + 10 * kDay);
  ASSERT_EQ(step.newcomers.size(), 1U);
  EXPECT_EQ(step.marks[0].since, start + 10 * kDay);
  // forgotten when it is over, or when the pack no longer has the play
  step = next_plays(*pack, std::vector<PlayMark>{{"slower", start, false, ""}, {"old", start}}, {},
                    start + 10 * kDay);
  EXPECT_TRUE(step.marks.empty());
}

TEST(PlaybookTest, AnActionCarriesWhatThePackSays) {
  const auto pack = pack_with(kPlays);
  const CustomerId customer("c1");
  const Time start = time_from_millis(1'700'000'000'000);
  const auto action = action_of(*pack, customer, {"slower", start, true, "slow"});
  ASSERT_TRUE(action.has_value());
  EXPECT_EQ(action->channel, "call");
  EXPECT_EQ(action->cost, 4.5);
  EXPECT_EQ(action->priority, "high");
  EXPECT_NE(action->id, action_of(*pack, customer, {"slower", start + kDay, true, ""})->id);
  EXPECT_FALSE(action_of(*pack, customer, {"old", start, true, ""}).has_value());
}

}  // namespace
}  // namespace tideline
