#include "scoring/trees.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/check.h"
#include "scoring/tree_program.h"

namespace tideline {
namespace {

tl::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid, std::move(message), "bad_trees");
}

Status check_node(const TreeNode& node, std::size_t feature_count) {
  if (!std::isfinite(node.cover) || node.cover < 0 || !std::isfinite(node.gain)) {
    return invalid("its cover or gain is no finite number");
  }
  if (node.is_leaf()) {
    if (!std::isfinite(node.value)) return invalid("its leaf is no finite number");
    return {};
  }
  if (std::isnan(node.value)) return invalid("its threshold is not a number");
  if (node.feature < 0 || std::size_t(node.feature) >= feature_count) {
    return invalid("it splits by feature " + std::to_string(node.feature) + " of " +
                   std::to_string(feature_count));
  }
  return {};
}

// The order leaves one place for every child, so there is no circle, and a walk ends.
Status check_tree(const Tree& tree, std::size_t feature_count) {
  if (tree.empty() || tree.size() > kTreeNodesMax) {
    return invalid(std::to_string(tree.size()) + " nodes; 1 to " + std::to_string(kTreeNodesMax) +
                   " are possible");
  }
  std::size_t next = 1;
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto at_node = [i](const Error& error) {
      return fail(error.in("node " + std::to_string(i)));
    };
    if (auto status = check_node(tree[i], feature_count); !status) return at_node(status.error());
    if (tree[i].is_leaf()) continue;
    if (tree[i].first_child != std::int32_t(next) || next + 1 >= tree.size() || next <= i) {
      return at_node(
          Error{ErrorCode::invalid, "its children are not where they belong", "bad_trees"});
    }
    next += 2;
  }
  if (next != tree.size()) return invalid("some nodes are no node's children");
  if (depth_of(tree) > kTreeDepthMax) {
    return invalid("deeper than " + std::to_string(kTreeDepthMax) + " splits");
  }
  return {};
}

}  // namespace

std::string_view name_of(TreeObjective objective) {
  switch (objective) {
    case TreeObjective::logistic: return "binary:logistic";
    case TreeObjective::squared_error: return "reg:squarederror";
    case TreeObjective::poisson: return "count:poisson";
    case TreeObjective::gamma: return "reg:gamma";
    case TreeObjective::tweedie: return "reg:tweedie";
  }
  return "";
}

// The two functions below follow libxgboost's arithmetic step by step, in float.
float BoostedTrees::base_margin() const {
  switch (objective) {
    case TreeObjective::logistic: return -std::log(1.0F / base_score - 1.0F);
    case TreeObjective::squared_error: return base_score;
    case TreeObjective::poisson:
    case TreeObjective::gamma:
    case TreeObjective::tweedie: return std::log(base_score);
  }
  return base_score;
}

float BoostedTrees::figure_of(float margin) const {
  constexpr float kExponentMax = 88.7F;  // exp of more is no float
  constexpr float kLeast = 1e-16F;
  switch (objective) {
    case TreeObjective::logistic:
      return 1.0F / (std::exp(std::min(-margin, kExponentMax)) + 1.0F + kLeast);
    case TreeObjective::squared_error: return margin;
    case TreeObjective::poisson:
    case TreeObjective::gamma:
    case TreeObjective::tweedie: return std::exp(margin);
  }
  return margin;
}

int depth_of(const Tree& tree) {
  std::vector<int> depth(tree.size());
  int deepest = 0;
  for (std::size_t i = 0; i < tree.size(); ++i) {
    deepest = std::max(deepest, depth[i]);
    if (tree[i].is_leaf()) continue;
    const auto child = std::size_t(tree[i].first_child);
    depth[child] = depth[child + 1] = depth[i] + 1;
  }
  return deepest;
}

Status check_trees(const BoostedTrees& trees, std::size_t feature_count) {
  const bool logistic = trees.objective == TreeObjective::logistic;
  const bool below_zero_too = trees.objective == TreeObjective::squared_error;
  if (!std::isfinite(trees.base_score) || !std::isfinite(trees.base_margin()) ||
      (!below_zero_too && trees.base_score <= 0) || (logistic && trees.base_score >= 1)) {
    return invalid("the base score " + std::to_string(trees.base_score) + " is out of range for " +
                   std::string(name_of(trees.objective)));
  }
  if (trees.trees.size() > kTreesMax) {
    return invalid(std::to_string(trees.trees.size()) + " trees are more than the limit of " +
                   std::to_string(kTreesMax));
  }
  for (std::size_t t = 0; t < trees.trees.size(); ++t) {
    if (auto status = check_tree(trees.trees[t], feature_count); !status) {
      return fail(status.error().in("tree " + std::to_string(t)));
    }
  }
  return {};
}

Forest::Forest(std::size_t feature_count, std::vector<std::optional<BoostedTrees>> tasks)
    : feature_count_(feature_count),
      tasks_(std::move(tasks)),
      program_(std::make_unique<const TreeProgram>(feature_count_, tasks_)) {}

Forest::Forest(Forest&& other) noexcept = default;
Forest& Forest::operator=(Forest&& other) noexcept = default;
Forest::~Forest() = default;

Result<Forest> Forest::make(std::size_t feature_count,
                            std::vector<std::optional<BoostedTrees>> tasks) {
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    if (!tasks[k]) continue;
    if (auto status = check_trees(*tasks[k], feature_count); !status) {
      return fail(status.error().in("task " + std::to_string(k)));
    }
  }
  return Forest(feature_count, std::move(tasks));
}

void Forest::margins(const ScoringBlock& block, std::span<float> margins, KernelPath path) const {
  CHECK(block.width == feature_count_ && block.features.size() == block.rows * block.width);
  CHECK(margins.size() == block.rows * tasks_.size());
  program_->run({nullptr, block.features.data(), feature_count_, block.rows}, margins, path);
}

void Forest::margins(std::span<const float> features, std::size_t rows, std::span<float> margins,
                     KernelPath path) const {
  CHECK(features.size() == rows * feature_count_);
  CHECK(margins.size() == rows * tasks_.size());
  program_->run({features.data(), nullptr, feature_count_, rows}, margins, path);
}

void Forest::score(const ScoringBlock& block, std::span<double> figures) const {
  CHECK(figures.size() == block.rows * tasks_.size());
  std::vector<float> sums(figures.size());
  margins(block, sums);
  for (std::size_t r = 0; r < block.rows; ++r) {
    for (std::size_t k = 0; k < tasks_.size(); ++k) {
      const std::size_t i = r * tasks_.size() + k;
      figures[i] = tasks_[k] ? double(tasks_[k]->figure_of(sums[i]))
                             : std::numeric_limits<double>::quiet_NaN();
    }
  }
}

}  // namespace tideline
