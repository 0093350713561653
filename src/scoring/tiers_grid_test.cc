// Every (health, churn) pair of a grid of 0.01 has exactly one tier: the one of design 4.8.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "scoring/tiers.h"

namespace tideline {
namespace {

// Written down by itself, not read from the pack.
std::string expected_tier(double health, double churn) {
  if (health < 30 || churn > 0.7) return "churned";
  if (health > 70 && churn < 0.2) return "thriving";
  if (health >= 50 && churn < 0.4) return "healthy";
  return "at_risk";
}

TEST(TiersGridTest, EveryPairHasExactlyOneTier) {
  std::ifstream file(std::string(TIDELINE_SOURCE_DIR) + "/packs/marketplace/pack.toml");
  std::stringstream text;
  text << file.rdbuf();
  const auto parsed = Pack::parse(text.str(), "pack.toml");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  const Pack& pack = **parsed;
  const auto health = pack.task_index("health_score"), churn = pack.task_index("churn_risk_14d");
  ASSERT_TRUE(health && churn);
  std::vector<std::optional<double>> figures(pack.tasks().size(), 0.5);
  std::size_t wrong = 0;
  for (int h = 0; h <= 10'000; ++h) {
    for (int p = 0; p <= 100; ++p) {
      figures[*health] = h / 100.0;
      figures[*churn] = p / 100.0;
      const std::string tier = tier_of(pack, figures).tier;
      const bool one = std::count(pack.tiers().begin(), pack.tiers().end(), tier) == 1;
      wrong += one && tier == expected_tier(h / 100.0, p / 100.0) ? 0 : 1;
    }
  }
  EXPECT_EQ(wrong, 0U) << "of " << 10'001 * 101;
}

}  // namespace
}  // namespace tideline
