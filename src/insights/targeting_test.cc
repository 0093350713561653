// Targeting: the order by profit and what a budget leaves of it, by hand and against every choice.
#include "insights/targeting.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 20260606;

std::vector<std::string> names(const std::vector<Candidate>& all,
                               const Result<std::vector<Target>>& targets) {
  std::vector<std::string> out;
  for (const Target& target : *targets) out.push_back(all[target.candidate].customer);
  return out;
}

TEST(TargetingTest, AsByHand) {
  const std::vector<Candidate> all = {
      {"a", 0.10, 100, 4},   // earns 6
      {"b", 0.20, 100, 15},  // 5
      {"c", 0.03, 100, 4},   // loses 1
      {"d", 0.05, 200, 2},   // 8
      {"e", 0.06, 100, 1},   // 5, after b by name
      {"f", -0.2, 100, 0},   // made worse
  };
  const auto everybody = best_targets(all, std::nullopt);
  EXPECT_EQ(names(all, everybody), (std::vector<std::string>{"d", "a", "b", "e"}));
  EXPECT_NEAR(everybody->back().spent, 22, 1e-12);
  EXPECT_NEAR(everybody->back().earned, 24, 1e-12);
  // 7 is enough for d, a and e, for b no longer fits.
  EXPECT_EQ(names(all, best_targets(all, 7)), (std::vector<std::string>{"d", "a", "e"}));
  EXPECT_TRUE(best_targets(all, 0)->empty());
}

TEST(TargetingTest, RefusesWhatIsNoNumber) {
  EXPECT_EQ(best_targets(std::vector<Candidate>{{"a", std::nan(""), 1, 0}}, 5).error().reason,
            "bad_candidate");
  EXPECT_EQ(best_targets(std::vector<Candidate>{{"a", 1, 1, -1}}, 5).error().reason,
            "bad_candidate");
  EXPECT_EQ(best_targets({}, -1).error().reason, "bad_budget");
}

// Where all cost the same, no choice within the budget earns more.
TEST(TargetingTest, BestWhereCostsAreEqual) {
  Rng rng(kSeed);
  for (int run = 0; run < 50; ++run) {
    std::vector<Candidate> all;
    for (int i = 0; i < 10; ++i)
      all.push_back({std::to_string(i), rng.uniform(-0.1, 0.3), rng.uniform(1, 50), 1});
    const double budget = double(rng.below(11));
    double best = 0;
    for (unsigned choice = 0; choice < (1U << all.size()); ++choice) {
      double cost = 0, profit = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if ((choice >> i & 1U) == 0) continue;
        cost += all[i].cost;
        profit += all[i].profit();
      }
      if (cost <= budget) best = std::max(best, profit);
    }
    const auto targets = best_targets(all, budget);
    EXPECT_NEAR(targets->empty() ? 0 : targets->back().earned, best, 1e-12) << "seed " << kSeed;
  }
}

}  // namespace
}  // namespace tideline
