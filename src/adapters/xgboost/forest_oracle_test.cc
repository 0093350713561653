// Our scoring of trees against libxgboost's own, bit by bit.
#include <gtest/gtest.h>

#include "adapters/xgboost/test_booster.h"
#include "scoring/test_trees.h"
#include "scoring/tree_contributions.h"
#include "scoring/xgboost_model.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 20260711;

Forest forest_of(const BoostedTrees& trees, std::size_t features) {
  auto forest = Forest::make(features, {trees});
  EXPECT_TRUE(forest.has_value()) << forest.error().message;
  return std::move(*forest);
}

void expect_equal_to_library(const BoostedTrees& trees, const RandomTrees& shape, std::size_t rows,
                             Rng& rng) {
  const std::vector<float> values = random_rows(shape, rows, rng);
  const TestBooster booster(to_xgboost_json(trees, shape.features, {}));
  const auto margins = booster.predict(values, rows, TestBooster::Output::margin);
  const auto figures = booster.predict(values, rows, TestBooster::Output::figure);
  ASSERT_EQ(margins.size(), rows);
  const Forest forest = forest_of(trees, shape.features);
  const std::vector<double> doubles(values.begin(), values.end());
  const ScoringBlock block{doubles, shape.features, rows, {}};
  std::vector<float> of_floats(rows);
  std::vector<float> of_doubles(rows);
  for (const KernelPath path : kernel_paths()) {
    SCOPED_TRACE(name_of(path));
    forest.margins(values, rows, of_floats, path);
    forest.margins(block, of_doubles, path);
    for (std::size_t r = 0; r < rows; ++r) {
      ASSERT_TRUE(same_bits(of_floats[r], margins[r]))
          << "row " << r << ": " << of_floats[r] << " instead of " << margins[r];
      ASSERT_TRUE(same_bits(of_doubles[r], margins[r])) << "row " << r;
    }
  }
  std::vector<double> scored(rows);
  forest.score(block, scored);
  for (std::size_t r = 0; r < rows; ++r) {
    ASSERT_TRUE(same_bits(float(scored[r]), figures[r])) << "row " << r;
    ASSERT_EQ(double(float(scored[r])), scored[r]);
  }
}

TEST(ForestOracle, RandomTreesOfEveryObjective) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  Rng rng(kSeed);
  for (const auto objective :
       {TreeObjective::logistic, TreeObjective::squared_error, TreeObjective::poisson,
        TreeObjective::gamma, TreeObjective::tweedie}) {
    RandomTrees shape;
    shape.objective = objective;
    SCOPED_TRACE(name_of(objective));
    expect_equal_to_library(random_trees(shape, rng), shape, 1000, rng);
  }
}

TEST(ForestOracle, RandomTreesOfEveryShape) {
  SCOPED_TRACE("seed " + std::to_string(kSeed + 1));
  Rng rng(kSeed + 1);
  for (int i = 0; i < 40; ++i) {
    RandomTrees shape;
    shape.features = 1 + rng.below(30);
    shape.trees = 1 + rng.below(30);
    shape.depth = int(rng.below(12));
    shape.split_share = shape.depth > 8 ? 0.85 : rng.uniform(0.6, 1);
    shape.cuts = 1 + rng.below(800);
    SCOPED_TRACE("forest " + std::to_string(i) + ", depth " + std::to_string(shape.depth));
    expect_equal_to_library(random_trees(shape, rng), shape, 1 + rng.below(600), rng);
  }
}

TEST(ForestOracle, BaseScoresOfAnySize) {
  SCOPED_TRACE("seed " + std::to_string(kSeed + 3));
  Rng rng(kSeed + 3);
  for (int i = 0; i < 200; ++i) {
    BoostedTrees trees{
        TreeObjective::squared_error, float(std::exp(rng.normal() * 20)), {Tree(1)}};
    const std::string json = to_xgboost_json(trees, 1, {});
    const auto margins = TestBooster(json).predict({1}, 1, TestBooster::Output::margin);
    ASSERT_TRUE(same_bits(margins[0], trees.base_score)) << margins[0] << " " << trees.base_score;
  }
}

TEST(ForestOracle, Contributions) {
  SCOPED_TRACE("seed " + std::to_string(kSeed + 2));
  Rng rng(kSeed + 2);
  RandomTrees shape;
  shape.depth = 7;
  shape.split_share = 0.9;
  const BoostedTrees trees = random_trees(shape, rng);
  constexpr std::size_t kRows = 50;
  std::vector<float> values = random_rows(shape, kRows, rng);
  // The library's matrix takes no infinity.
  for (float& value : values) value = std::isinf(value) ? 1e30F : value;
  const TestBooster booster(to_xgboost_json(trees, shape.features, {}));
  const auto expected = booster.predict(values, kRows, TestBooster::Output::contributions);
  ASSERT_EQ(expected.size(), kRows * (shape.features + 1));
  const std::vector<double> rows(values.begin(), values.end());
  for (std::size_t r = 0; r < kRows; ++r) {
    const auto found =
        contributions_of(trees, std::span(rows).subspan(r * shape.features, shape.features));
    const float* theirs = expected.data() + r * (shape.features + 1);
    for (std::size_t f = 0; f < shape.features; ++f) {
      ASSERT_NEAR(found.features[f], double(theirs[f]), 2e-5) << "row " << r << ", feature " << f;
    }
    ASSERT_NEAR(found.expected, double(theirs[shape.features]), 2e-5);
  }
}

}  // namespace
}  // namespace tideline
