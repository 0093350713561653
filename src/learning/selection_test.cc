// Feature selection: the features that matter are found, and what fewer cost is told.
#include "learning/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "learning/test_tree_trainer.h"

namespace tideline {
namespace {

using testing::UnorderedElementsAre;

const std::vector<std::string> kNames = {"noise_a", "much", "noise_b", "some", "noise_c"};

// The label hangs on "much", less on "some".
TrainingRows made_up(std::size_t rows, std::uint64_t seed) {
  Rng rng(seed);
  TrainingRows out{rows, kNames.size(), 2, {}, {}, {}};
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<double> x;
    for (std::size_t f = 0; f < kNames.size(); ++f) x.push_back(rng.normal());
    out.features.insert(out.features.end(), x.begin(), x.end());
    const double health = 2 * x[1] + x[3] + 0.5 * rng.normal();
    out.labels.push_back(health);
    out.labels.push_back(rng.chance(1 / (1 + std::exp(-2 * health))) ? 1 : 0);
    out.days_since_qualifying.push_back(0);
  }
  return out;
}

FeatureSelection selected(std::size_t task, TaskKind kind, std::size_t wanted) {
  const TrainingRows learn = made_up(700, 1), judge = made_up(300, 2), test = made_up(600, 3);
  TaskSpec spec;
  spec.name = "task";
  spec.kind = kind;
  const PlainTreeTrainer trainer;
  auto selection =
      select_features(trainer, {learn, judge, test}, spec, task, kNames, wanted, 5, 2);
  EXPECT_TRUE(selection.has_value());
  return selection ? *selection : FeatureSelection{};
}

TEST(Selection, ANumbersFeaturesAreFoundTheMostUsefulFirst) {
  const FeatureSelection s = selected(0, TaskKind::number, 2);
  EXPECT_EQ(s.names, (std::vector<std::string>{"much", "some"}));
  EXPECT_EQ(s.is_chosen, (std::vector<bool>{false, true, false, true, false}));
  EXPECT_EQ(s.best_alone, "much");
  EXPECT_NEAR(s.best_alone_score, 4 / 5.25, 0.06);
  EXPECT_LT(s.loss, 0.02);
  EXPECT_EQ(s.curve.front().features, 5U);
  EXPECT_GT(s.curve.front().score, 0.85);
  EXPECT_EQ(s.curve.back().features, 1U);
  EXPECT_LT(s.curve.back().score, s.curve.front().score - 0.1);
}

TEST(Selection, OfAProbabilityByItsOrder) {
  const FeatureSelection s = selected(1, TaskKind::probability, 2);
  EXPECT_THAT(s.names, UnorderedElementsAre("much", "some"));
  EXPECT_EQ(s.best_alone, "much");
  EXPECT_LT(s.loss, 0.03);
  for (const SelectionPoint& point : s.curve) {
    EXPECT_GT(point.score, 0.5);
    EXPECT_LE(point.score, 1.0);
  }
}

TEST(Selection, AskedForMoreThanThereAreItTakesAll) {
  const FeatureSelection s = selected(0, TaskKind::number, 99);
  EXPECT_EQ(s.names.size(), kNames.size());
  EXPECT_EQ(s.loss, 0);
}

}  // namespace
}  // namespace tideline
