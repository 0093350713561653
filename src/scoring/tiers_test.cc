#include "scoring/tiers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scoring/test_pack.h"

namespace tideline {
namespace {

using Figures = std::vector<std::optional<double>>;

// churn_risk_14d, churn_risk_30d, health_score, velocity
Figures figures(std::optional<double> health, std::optional<double> churn) {
  return {churn, churn, health, 1.0};
}

class TiersTest : public testing::Test {
 protected:
  std::string tier(std::optional<double> health, std::optional<double> churn) {
    return tier_of(*pack_, figures(health, churn)).tier;
  }
  TierStep step(const TierState& from, double health, double churn, bool scheduled) {
    return next_tier(*pack_, from, figures(health, churn), {}, scheduled);
  }
  std::shared_ptr<const Pack> pack_ = test_pack();
};

// The rule of the design, written out a second time.
std::string expected(double health, double churn) {
  if (health < 30 || churn > 0.7) return "churned";
  if (health > 70 && churn < 0.2) return "thriving";
  if (health >= 50 && churn < 0.4) return "healthy";
  return "at_risk";
}

TEST_F(TiersTest, EveryPairHasTheTierOfTheDesign) {
  for (int h = 0; h <= 10'000; h += 25) {
    for (int c = 0; c <= 100; ++c) {
      const double health = h / 100.0;
      const double churn = c / 100.0;
      ASSERT_EQ(tier(health, churn), expected(health, churn)) << health << " " << churn;
    }
  }
}

TEST_F(TiersTest, BordersAreAsWritten) {
  EXPECT_EQ(tier(30, 0.7), "at_risk");
  EXPECT_EQ(tier(29.999, 0.1), "churned");
  EXPECT_EQ(tier(70, 0.1), "healthy");
  EXPECT_EQ(tier(70.001, 0.2), "healthy");
  EXPECT_EQ(tier(50, 0.4), "at_risk");
}

TEST_F(TiersTest, AMissingFigureIsNeverGuessed) {
  EXPECT_EQ(tier(std::nullopt, 0.9), "churned");  // known whatever the health is
  EXPECT_EQ(tier(10, std::nullopt), "churned");
  EXPECT_EQ(tier(std::nullopt, 0.1), "");
  EXPECT_EQ(tier(80, std::nullopt), "");
  const TierDecision none = tier_of(*pack_, figures(std::nullopt, std::nullopt));
  EXPECT_EQ(none.tier, "");
  EXPECT_EQ(none.reason, "missing_figures");
}

TEST_F(TiersTest, SaysWhichRuleHeld) {
  EXPECT_THAT(tier_of(*pack_, figures(10, 0.1)).reason, testing::HasSubstr("health_score < 30"));
  EXPECT_EQ(tier_of(*pack_, figures(40, 0.5)).reason, "everything_else");
}

TEST_F(TiersTest, TheFirstTierIsShownAtOnce) {
  const TierStep first = step({}, 50.5, 0.1, false);
  EXPECT_TRUE(first.changed);
  EXPECT_EQ(first.state, (TierState{"healthy", "", 0}));
}

TEST_F(TiersTest, ChangesBeyondTheMarginAtOnce) {
  EXPECT_TRUE(step({"healthy", "", 0}, 47.9, 0.1, false).changed);
  EXPECT_TRUE(step({"healthy", "", 0}, 60, 0.421, false).changed);
  EXPECT_FALSE(step({"healthy", "", 0}, 48.1, 0.1, false).changed);
  EXPECT_FALSE(step({"healthy", "", 0}, 60, 0.419, false).changed);
}

TEST_F(TiersTest, WithinTheMarginNeedsTwoScheduledScorings) {
  TierStep now = step({"healthy", "", 0}, 49, 0.1, true);
  EXPECT_FALSE(now.changed);
  EXPECT_EQ(now.state, (TierState{"healthy", "at_risk", 1}));
  EXPECT_EQ(now.reason, "within_margin");
  now = step(now.state, 49.5, 0.1, false);  // on event: seen, not counted
  EXPECT_FALSE(now.changed);
  now = step(now.state, 49, 0.1, true);
  EXPECT_TRUE(now.changed);
  EXPECT_EQ(now.state, (TierState{"at_risk", "", 0}));
}

TEST_F(TiersTest, GoingBackForgetsThePendingTier) {
  TierStep now = step({"healthy", "", 0}, 49, 0.1, true);
  now = step(now.state, 51, 0.1, true);
  EXPECT_EQ(now.state, (TierState{"healthy", "", 0}));
  now = step(now.state, 49, 0.1, true);
  EXPECT_FALSE(now.changed);
}

TEST_F(TiersTest, DoesNotFlickerOnABorder) {
  TierState state{"healthy", "", 0};
  int changes = 0;
  for (int i = 0; i < 100; ++i) {
    const TierStep now = step(state, i % 2 == 0 ? 49.2 : 50.8, 0.1, true);
    changes += now.changed ? 1 : 0;
    state = now.state;
  }
  EXPECT_EQ(changes, 0);
}

TEST_F(TiersTest, MissingFiguresKeepTheShownTier) {
  const TierState state{"healthy", "at_risk", 1};
  const TierStep now = next_tier(*pack_, state, figures(std::nullopt, 0.1), {}, true);
  EXPECT_FALSE(now.changed);
  EXPECT_EQ(now.state, state);
  EXPECT_EQ(now.reason, "missing_figures");
}

TEST_F(TiersTest, ATierThatThePackNoLongerHasIsReplaced) {
  EXPECT_TRUE(step({"golden", "", 0}, 60, 0.1, false).changed);
}

}  // namespace
}  // namespace tideline
