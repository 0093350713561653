// Random trees and random rows for tests and benchmarks: also shapes and values that no trainer
// makes.
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "scoring/trees.h"

namespace tideline {

struct RandomTrees {
  std::size_t features = 12;
  std::size_t trees = 40;
  int depth = 6;
  double split_share = 1;  // of the nodes above `depth` that split
  std::size_t cuts = 100;  // different thresholds of a feature
  TreeObjective objective = TreeObjective::logistic;
};

// Thresholds that equal values of random_rows(), so that "below" is told from "not above".
inline float random_cut(const RandomTrees& shape, Rng& rng) {
  const double k = double(rng.below(shape.cuts)) - double(shape.cuts) / 2;
  switch (rng.below(40)) {
    case 0: return 0.0F;
    case 1: return -0.0F;
    case 2: return std::numeric_limits<float>::denorm_min();
    case 3: return -std::numeric_limits<float>::max();
    case 4: return std::numeric_limits<float>::infinity();
    case 5: return -std::numeric_limits<float>::infinity();
    default: return float(k * 0.37);
  }
}

inline Tree random_tree(const RandomTrees& shape, Rng& rng) {
  Tree tree(1);
  std::vector<int> depth{0};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    tree[i].cover = 1 + float(rng.below(1000)) / 8;
    if (depth[i] >= shape.depth || !rng.chance(shape.split_share)) {
      tree[i].value = float(rng.normal() * 0.1);
      continue;
    }
    tree[i].first_child = std::int32_t(tree.size());
    tree[i].feature = std::int32_t(rng.below(shape.features));
    tree[i].missing_left = rng.chance(0.5);
    tree[i].value = random_cut(shape, rng);
    tree[i].gain = float(rng.exponential(3));
    tree.resize(tree.size() + 2);
    depth.insert(depth.end(), 2, depth[i] + 1);
  }
  return tree;
}

// Covers are what a trainer would write: a split's is the sum of its children's.
inline void add_covers(Tree& tree) {
  for (std::size_t i = tree.size(); i-- > 0;) {
    if (tree[i].is_leaf()) continue;
    const auto child = std::size_t(tree[i].first_child);
    tree[i].cover = tree[child].cover + tree[child + 1].cover;
  }
}

inline BoostedTrees random_trees(const RandomTrees& shape, Rng& rng) {
  BoostedTrees trees;
  trees.objective = shape.objective;
  trees.base_score = float(rng.uniform(0.05, 0.95));
  for (std::size_t t = 0; t < shape.trees; ++t) {
    trees.trees.push_back(random_tree(shape, rng));
    add_covers(trees.trees.back());
  }
  return trees;
}

// rows x features; missing, infinite, denormal and zero of either sign among them, and values that
// are a threshold or its neighbour.
inline std::vector<float> random_rows(const RandomTrees& shape, std::size_t rows, Rng& rng) {
  using Limits = std::numeric_limits<float>;
  std::vector<float> values(rows * shape.features);
  for (float& value : values) {
    const float cut = random_cut(shape, rng);
    switch (rng.below(20)) {
      case 0:
      case 1: value = Limits::quiet_NaN(); break;
      case 2: value = rng.chance(0.5) ? Limits::infinity() : -Limits::infinity(); break;
      case 3: value = rng.chance(0.5) ? Limits::denorm_min() : -Limits::denorm_min(); break;
      case 4: value = rng.chance(0.5) ? 0.0F : -0.0F; break;
      case 5: value = rng.chance(0.5) ? Limits::max() : -Limits::max(); break;
      case 6:
      case 7: value = cut; break;
      case 8: value = std::nextafter(cut, -Limits::infinity()); break;
      case 9: value = std::nextafter(cut, Limits::infinity()); break;
      default: value = float(rng.normal() * double(shape.cuts) * 0.2); break;
    }
  }
  return values;
}

// One row after the other, every node by its meaning.
inline float naive_margin(const BoostedTrees& trees, const float* row) {
  float margin = trees.base_margin();
  for (const Tree& tree : trees.trees) {
    std::size_t at = 0;
    while (!tree[at].is_leaf()) {
      const float value = row[std::size_t(tree[at].feature)];
      const bool left = std::isnan(value) ? tree[at].missing_left : value < tree[at].value;
      at = std::size_t(tree[at].first_child) + (left ? 0 : 1);
    }
    margin += tree[at].value;
  }
  return margin;
}

inline bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

}  // namespace tideline
