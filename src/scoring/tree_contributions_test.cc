#include "scoring/tree_contributions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "scoring/test_trees.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 811;

std::vector<double> doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

// The mean leaf of a tree when only the features of `known` (a bit each) are known.
double value_of(const Tree& tree, std::size_t at, unsigned known, std::span<const double> row) {
  const TreeNode& node = tree[at];
  if (node.is_leaf()) return double(node.value);
  const auto left = std::size_t(node.first_child);
  if ((known >> unsigned(node.feature) & 1U) != 0) {
    const auto value = float(row[std::size_t(node.feature)]);
    const bool goes_left = std::isnan(value) ? node.missing_left : value < node.value;
    return value_of(tree, left + (goes_left ? 0 : 1), known, row);
  }
  const double a = double(tree[left].cover);
  const double b = double(tree[left + 1].cover);
  return (a * value_of(tree, left, known, row) + b * value_of(tree, left + 1, known, row)) /
         (a + b);
}

// Shapley values from their definition: a mean over all orders in which features become known.
std::vector<double> by_definition(const BoostedTrees& trees, std::span<const double> row) {
  std::vector<double> sums(row.size());
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), 0U);
  double orders = 0;
  do {
    ++orders;
    unsigned known = 0;
    for (const std::size_t feature : order) {
      const unsigned more = known | 1U << feature;
      for (const Tree& tree : trees.trees) {
        sums[feature] += value_of(tree, 0, more, row) - value_of(tree, 0, known, row);
      }
      known = more;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  for (double& sum : sums) sum /= orders;
  return sums;
}

double total(const TreeContributions& of) {
  return std::accumulate(of.features.begin(), of.features.end(), of.expected);
}

TEST(TreeContributions, AreShapleyValues) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  Rng rng(kSeed);
  for (int i = 0; i < 30; ++i) {
    RandomTrees shape;
    shape.features = 1 + rng.below(5);
    shape.trees = 3;
    shape.depth = 1 + int(rng.below(5));
    shape.split_share = 0.9;
    shape.cuts = 10;
    const BoostedTrees trees = random_trees(shape, rng);
    const auto row = doubles(random_rows(shape, 1, rng));
    const auto expected = by_definition(trees, row);
    const TreeContributions found = contributions_of(trees, row);
    for (std::size_t f = 0; f < shape.features; ++f) {
      ASSERT_NEAR(found.features[f], expected[f], 1e-12) << "forest " << i << ", feature " << f;
    }
  }
}

TEST(TreeContributions, AddUpToTheMargin) {
  SCOPED_TRACE("seed " + std::to_string(kSeed + 1));
  Rng rng(kSeed + 1);
  for (int i = 0; i < 12; ++i) {
    RandomTrees shape;
    shape.features = 1 + rng.below(72);
    shape.trees = 100;
    shape.depth = 1 + int(rng.below(8));
    shape.split_share = rng.uniform(0.7, 1);
    const BoostedTrees trees = random_trees(shape, rng);
    const auto rows = doubles(random_rows(shape, 8, rng));
    for (std::size_t r = 0; r < 8; ++r) {
      const auto row = std::span(rows).subspan(r * shape.features, shape.features);
      const double margin = exact_margin(trees, row);
      ASSERT_NEAR(total(contributions_of(trees, row)), margin, 1e-9) << "forest " << i;
      const std::vector<float> floats(row.begin(), row.end());
      ASSERT_NEAR(double(naive_margin(trees, floats.data())), margin, 1e-4);
    }
  }
}

TEST(TreeContributions, ADeepChainStillAddsUp) {
  BoostedTrees trees;
  trees.objective = TreeObjective::squared_error;
  Tree tree(1);
  std::size_t at = 0;
  constexpr std::size_t kSplits = 30;
  for (std::size_t i = 0; i < kSplits; ++i) {
    tree[at] = {std::int32_t(tree.size()), std::int32_t(i), false, 0, 0, 0};
    at = tree.size() + 1;
    tree.resize(tree.size() + 2);
    tree[at - 1].value = float(i) / 16 - 1;
    tree[at - 1].cover = 10;
  }
  tree[at].value = 2;
  tree[at].cover = 10;
  add_covers(tree);
  trees.trees.push_back(tree);
  ASSERT_TRUE(check_trees(trees, kSplits));
  std::vector<double> row(kSplits, 1);
  EXPECT_NEAR(total(contributions_of(trees, row)), exact_margin(trees, row), 1e-9);
  row[20] = -1;
  EXPECT_NEAR(total(contributions_of(trees, row)), exact_margin(trees, row), 1e-9);
}

TEST(TreeContributions, BranchesThatNobodyTookAreNoTrouble) {
  Rng rng(kSeed + 2);
  RandomTrees shape;
  shape.depth = 5;
  shape.features = 4;
  BoostedTrees trees = random_trees(shape, rng);
  for (Tree& tree : trees.trees) {
    for (TreeNode& node : tree) {
      if (node.is_leaf() && rng.chance(0.5)) node.cover = 0;
    }
    add_covers(tree);
  }
  const auto rows = doubles(random_rows(shape, 20, rng));
  for (std::size_t r = 0; r < 20; ++r) {
    const auto row = std::span(rows).subspan(r * shape.features, shape.features);
    const TreeContributions found = contributions_of(trees, row);
    ASSERT_NEAR(total(found), exact_margin(trees, row), 1e-9);
  }
}

}  // namespace
}  // namespace tideline
