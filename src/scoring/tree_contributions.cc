#include "scoring/tree_contributions.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace tideline {
namespace {

// 1 / n: the weights below divide by small whole numbers all the time.
constexpr std::array<double, kTreeDepthMax + 3> kInverse = [] {
  std::array<double, kTreeDepthMax + 3> inverse{};
  for (std::size_t n = 1; n < inverse.size(); ++n) inverse[n] = 1.0 / double(n);
  return inverse;
}();

std::size_t way_of(const TreeNode& node, std::span<const double> row) {
  const auto value = float(row[std::size_t(node.feature)]);
  const bool left = std::isnan(value) ? node.missing_left : value < node.value;
  return std::size_t(node.first_child) + (left ? 0 : 1);
}

// Share of the training rows at a split that went to its left child.
double left_share(const Tree& tree, const TreeNode& node) {
  const auto left = double(tree[std::size_t(node.first_child)].cover);
  const auto right = double(tree[std::size_t(node.first_child) + 1].cover);
  return left + right > 0 ? left / (left + right) : 0.5;
}

double mean_of(const Tree& tree) {
  std::vector<double> means(tree.size());
  for (std::size_t i = tree.size(); i-- > 0;) {
    const TreeNode& node = tree[i];
    means[i] = double(node.value);
    if (node.is_leaf()) continue;
    const double share = left_share(tree, node);
    const auto child = std::size_t(node.first_child);
    means[i] = share * means[child] + (1 - share) * means[child + 1];
  }
  return means[0];
}

// A feature on the way from the root to a node.
struct Step {
  std::int32_t feature = -1;
  double without = 1;  // share of the training rows that go this way when the feature is unknown
  double with = 1;     // 1 when the row goes this way, else 0
};

// The steps to a node, each feature once, and for every size of a set of them the weight of the
// sets of that size in the Shapley value (the paper's m.w). The first step is a dummy.
class Path {
 public:
  explicit Path(std::size_t capacity) : steps_(capacity), weights_(capacity) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const Step& step(std::size_t i) const { return steps_[i]; }

  void copy_from(const Path& other) {
    size_ = other.size_;
    std::copy_n(other.steps_.begin(), size_, steps_.begin());
    std::copy_n(other.weights_.begin(), size_, weights_.begin());
  }

  void extend(const Step& step) {
    const std::size_t depth = size_++;
    const double share = kInverse[depth + 1];
    steps_[depth] = step;
    weights_[depth] = depth == 0 ? 1 : 0;
    for (std::size_t i = depth; i-- > 0;) {
      weights_[i + 1] += step.with * weights_[i] * double(i + 1) * share;
      weights_[i] *= step.without * double(depth - i) * share;
    }
  }

  // As if step `at` had never been added.
  void remove(std::size_t at) {
    const std::size_t depth = size_ - 1;
    const Step gone = steps_[at];
    double carried = weights_[depth];
    for (std::size_t i = depth; i-- > 0;) {
      const double before = weights_[i];
      weights_[i] = weight_without(gone, i, depth, before, carried);
    }
    std::copy(steps_.begin() + std::ptrdiff_t(at) + 1, steps_.begin() + std::ptrdiff_t(size_),
              steps_.begin() + std::ptrdiff_t(at));
    --size_;
  }

  // Sum of the weights that remove(at) would leave.
  [[nodiscard]] double sum_without(std::size_t at) const {
    const std::size_t depth = size_ - 1;
    const Step& gone = steps_[at];
    double sum = 0;
    if (gone.with == 0) {
      for (std::size_t i = 0; i < depth; ++i) sum += weights_[i] * kInverse[depth - i];
      return sum * double(depth + 1) / gone.without;
    }
    double carried = weights_[depth];
    for (std::size_t i = depth; i-- > 0;) {
      sum += weight_without(gone, i, depth, weights_[i], carried);
    }
    return sum;
  }

  // Where the feature is among the steps; 0: nowhere.
  [[nodiscard]] std::size_t place_of(std::int32_t feature) const {
    for (std::size_t i = 1; i < size_; ++i) {
      if (steps_[i].feature == feature) return i;
    }
    return 0;
  }

 private:
  // Weight i once the step is taken out; extend() read backwards from the largest set.
  static double weight_without(const Step& gone, std::size_t i, std::size_t depth, double weight,
                               double& carried) {
    const auto length = double(depth + 1);
    if (gone.with == 0) return weight * length * kInverse[depth - i] / gone.without;
    const double found = carried * length * kInverse[i + 1];
    carried = weight - found * gone.without * double(depth - i) * kInverse[depth + 1];
    return found;
  }

  std::vector<Step> steps_;
  std::vector<double> weights_;
  std::size_t size_ = 0;
};

class TreeExplainer {
 public:
  TreeExplainer(const Tree& tree, std::span<const double> row, std::span<double> contributions)
      : tree_(tree), row_(row), contributions_(contributions) {
    const int depth = depth_of(tree);
    for (int level = 0; level <= depth; ++level) paths_.emplace_back(std::size_t(depth) + 2);
  }

  void run() { visit(0, 0, Step{}); }

 private:
  // `level`: splits above the node; the path to its parent stands one level higher.
  void visit(std::size_t at, std::size_t level, const Step& step) {
    Path& path = paths_[level];
    path.extend(step);
    const TreeNode& node = tree_[at];
    if (node.is_leaf()) {
      for (std::size_t i = 1; i < path.size(); ++i) {
        const Step& taken = path.step(i);
        contributions_[std::size_t(taken.feature)] +=
            path.sum_without(i) * (taken.with - taken.without) * double(node.value);
      }
      return;
    }
    Step before{node.feature, 1, 1};
    if (const std::size_t place = path.place_of(node.feature); place != 0) {
      before = path.step(place);
      path.remove(place);
    }
    const auto left = std::size_t(node.first_child);
    const std::size_t taken = way_of(node, row_);
    const double share = left_share(tree_, node);
    for (const std::size_t child : {left, left + 1}) {
      const Step next{node.feature, before.without * (child == left ? share : 1 - share),
                      child == taken ? before.with : 0};
      // Reached neither by this row nor by any training row: no set of features leads there.
      if (next.with == 0 && next.without == 0) continue;
      paths_[level + 1].copy_from(path);
      visit(child, level + 1, next);
    }
  }

  const Tree& tree_;
  std::span<const double> row_;
  std::span<double> contributions_;
  std::vector<Path> paths_;  // one a level
};

}  // namespace

TreeContributions contributions_of(const BoostedTrees& trees, std::span<const double> row) {
  TreeContributions found;
  found.expected = double(trees.base_margin());
  found.features.assign(row.size(), 0);
  for (const Tree& tree : trees.trees) {
    found.expected += mean_of(tree);
    TreeExplainer(tree, row, found.features).run();
  }
  return found;
}

double exact_margin(const BoostedTrees& trees, std::span<const double> row) {
  auto margin = double(trees.base_margin());
  for (const Tree& tree : trees.trees) {
    std::size_t at = 0;
    while (!tree[at].is_leaf()) at = way_of(tree[at], row);
    margin += double(tree[at].value);
  }
  return margin;
}

}  // namespace tideline
