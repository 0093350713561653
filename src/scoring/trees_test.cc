#include "scoring/trees.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "scoring/test_trees.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 5077;

Forest forest_of(std::vector<std::optional<BoostedTrees>> tasks, std::size_t features) {
  auto forest = Forest::make(features, std::move(tasks));
  EXPECT_TRUE(forest.has_value()) << forest.error().message;
  return std::move(*forest);
}

// Every path, for blocks of every size, against the walk by definition.
void expect_right(const std::vector<std::optional<BoostedTrees>>& tasks, const RandomTrees& shape,
                  Rng& rng) {
  constexpr std::size_t kRows = 300;
  const std::vector<float> values = random_rows(shape, kRows, rng);
  const Forest forest = forest_of(tasks, shape.features);
  for (const KernelPath path : kernel_paths()) {
    for (const std::size_t at_once : {1UL, 5UL, 7UL, 63UL, 64UL, 65UL, 128UL, 129UL, kRows}) {
      std::vector<float> margins(kRows * tasks.size());
      for (std::size_t first = 0; first < kRows; first += at_once) {
        const std::size_t count = std::min(at_once, kRows - first);
        forest.margins(
            std::span(values).subspan(first * shape.features, count * shape.features), count,
            std::span(margins).subspan(first * tasks.size(), count * tasks.size()), path);
      }
      for (std::size_t i = 0; i < margins.size(); ++i) {
        const auto& task = tasks[i % tasks.size()];
        const float* row = values.data() + i / tasks.size() * shape.features;
        const bool right =
            task ? same_bits(margins[i], naive_margin(*task, row)) : std::isnan(margins[i]);
        ASSERT_TRUE(right) << name_of(path) << ", " << at_once << " at once, margin " << i;
      }
    }
  }
}

TEST(Forest, EveryPathAndBlockGivesTheSameBytes) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  Rng rng(kSeed);
  for (int depth = 0; depth <= 10; ++depth) {
    SCOPED_TRACE("depth " + std::to_string(depth));
    RandomTrees shape;
    shape.depth = depth;
    shape.features = 1 + rng.below(20);
    shape.split_share = depth > 8 ? 0.85 : 0.95;
    shape.trees = 20;
    expect_right({random_trees(shape, rng)}, shape, rng);
  }
}

TEST(Forest, TasksAreKeptApart) {
  SCOPED_TRACE("seed " + std::to_string(kSeed + 1));
  Rng rng(kSeed + 1);
  RandomTrees shape;
  const BoostedTrees first = random_trees(shape, rng);
  shape.depth = 11;  // walked, between dense ones
  shape.split_share = 0.8;
  const BoostedTrees deep = random_trees(shape, rng);
  shape.depth = 3;
  BoostedTrees mixed = random_trees(shape, rng);
  mixed.trees.insert(mixed.trees.begin() + 7, deep.trees.front());
  const BoostedTrees none{TreeObjective::squared_error, -3, {}};
  expect_right({first, std::nullopt, deep, mixed, none}, shape, rng);
}

// More thresholds than a byte can tell apart, on every feature.
TEST(Forest, AnyNumberOfThresholds) {
  SCOPED_TRACE("seed " + std::to_string(kSeed + 2));
  Rng rng(kSeed + 2);
  for (const std::size_t cuts : {254UL, 255UL, 256UL, 3000UL}) {
    RandomTrees shape;
    shape.features = 2;
    shape.trees = 60;
    shape.cuts = cuts;
    expect_right({random_trees(shape, rng)}, shape, rng);
  }
}

// Exactly 255 thresholds in one tree of 8 levels: the last bin and the last place of the search.
TEST(Forest, AllTheThresholdsOfAByte) {
  Tree tree(1);
  std::vector<std::pair<int, int>> ranges{{0, 255}};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto [low, high] = ranges[i];
    tree[i].value = float(low);
    if (low == high) continue;
    const int middle = (low + high + 1) / 2;
    tree[i] = {std::int32_t(tree.size()), 0, i % 2 == 0, float(middle), 1, 1};
    ranges.emplace_back(low, middle - 1);
    ranges.emplace_back(middle, high);
    tree.resize(tree.size() + 2);
  }
  const Forest forest = forest_of({BoostedTrees{TreeObjective::squared_error, 0, {tree}}}, 1);
  std::vector<float> values(256);
  std::iota(values.begin(), values.end(), 0.0F);
  std::vector<float> margins(256);
  for (const KernelPath path : kernel_paths()) {
    forest.margins(values, 256, margins, path);
    EXPECT_EQ(margins, values) << name_of(path);
  }
}

TEST(Forest, FiguresFollowTheObjective) {
  BoostedTrees trees{TreeObjective::logistic, 0.5F, {}};
  EXPECT_EQ(trees.base_margin(), 0);
  EXPECT_EQ(trees.figure_of(0), 0.5F);
  EXPECT_EQ(trees.figure_of(1000), 1);
  EXPECT_GT(trees.figure_of(-1000), 0);
  trees = {TreeObjective::poisson, 3, {}};
  EXPECT_FLOAT_EQ(trees.figure_of(trees.base_margin()), 3);
  const Forest forest = forest_of({trees, std::nullopt}, 1);
  const std::vector<double> row{7};
  std::vector<double> figures(2);
  forest.score(ScoringBlock{row, 1, 1, {}}, figures);
  EXPECT_FLOAT_EQ(float(figures[0]), 3);
  EXPECT_TRUE(std::isnan(figures[1]));
}

std::string refusal(const BoostedTrees& trees, std::size_t features) {
  const auto forest = Forest::make(features, {trees});
  if (forest) return "";
  EXPECT_EQ(forest.error().code, ErrorCode::invalid);
  return forest.error().message;
}

TEST(Forest, RefusesTreesThatWouldNotEnd) {
  Rng rng(kSeed + 3);
  RandomTrees shape;
  shape.depth = 3;
  shape.trees = 2;
  const BoostedTrees sound = random_trees(shape, rng);
  EXPECT_EQ(refusal(sound, shape.features), "");
  const auto with = [&](auto change) {
    BoostedTrees trees = sound;
    change(trees.trees[1]);
    return refusal(trees, shape.features);
  };
  EXPECT_NE(with([](Tree& t) { t[2].first_child = 1; }), "");
  EXPECT_NE(with([](Tree& t) { t[1].first_child = 1 << 30; }), "");
  EXPECT_NE(with([](Tree& t) { t[1].first_child = -5; }), "");
  EXPECT_NE(with([](Tree& t) { t.pop_back(); }), "");
  EXPECT_NE(with([](Tree& t) { t.resize(t.size() + 2); }), "");
  EXPECT_NE(with([](Tree& t) { t.clear(); }), "");
  EXPECT_NE(with([](Tree& t) { t[0].feature = 12; }), "");
  EXPECT_NE(with([](Tree& t) { t[0].feature = -1; }), "");
  EXPECT_NE(with([](Tree& t) { t[0].value = NAN; }), "");
  EXPECT_NE(with([](Tree& t) { t[0].cover = -1; }), "");
  EXPECT_NE(with([](Tree& t) { t.back().value = INFINITY; }), "");
  EXPECT_EQ(with([](Tree& t) { t[0].first_child = 3; }),
            "task 0: tree 1: node 0: its children are not where they belong");
  BoostedTrees based = sound;
  based.base_score = 1;
  EXPECT_NE(refusal(based, shape.features), "");
  based.base_score = NAN;
  EXPECT_NE(refusal(based, shape.features), "");
  based.objective = TreeObjective::poisson;
  based.base_score = 0;
  EXPECT_NE(refusal(based, shape.features), "");
}

TEST(Forest, RefusesWhatIsTooDeep) {
  Tree tree(1);
  for (int depth = 0; depth <= kTreeDepthMax; ++depth) {
    const std::size_t at = tree.size() == 1 ? 0 : tree.size() - 1;
    tree[at].first_child = std::int32_t(tree.size());
    tree.resize(tree.size() + 2);
  }
  EXPECT_NE(refusal({TreeObjective::squared_error, 0, {tree}}, 1), "");
  tree.resize(tree.size() - 2);
  tree.back().first_child = 0;
  EXPECT_EQ(refusal({TreeObjective::squared_error, 0, {tree}}, 1), "");
}

}  // namespace
}  // namespace tideline
