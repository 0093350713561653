// Forest: gradient-boosted trees in XGBoost's form, one ensemble a task.
//
// Margin and figure are the very numbers that libxgboost 1.7.4 predicts: features are rounded to
// float, compared as float, and the leaves of a row added as float, in the order of the trees, on
// top of the base margin. xgboost_model.h reads and writes the files, tree_contributions.h
// explains a margin, learning/tree_training.h makes the trees.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scoring/kernel_path.h"
#include "scoring/scorer.h"

namespace tideline {

// What the trees were trained for; it says how a margin becomes the figure.
enum class TreeObjective : std::uint8_t {
  logistic,       // sigmoid(margin): a probability
  squared_error,  // the margin itself
  poisson,        // exp(margin), as of gamma and tweedie: a number that is never negative
  gamma,
  tweedie,
};
// XGBoost's name of it: "binary:logistic", "reg:squarederror", "count:poisson", …
[[nodiscard]] std::string_view name_of(TreeObjective objective);

struct TreeNode {
  std::int32_t first_child = 0;  // place of the left child, the right one is next; 0: a leaf
  std::int32_t feature = 0;      // of a split
  bool missing_left = false;     // of a split: the way of a missing value
  // Of a split: left when the feature is below it. Of a leaf: what it adds to the margin.
  float value = 0;
  float cover = 0;  // second derivatives of the training rows that came here, >= 0
  float gain = 0;   // of a split: the loss that it took away

  [[nodiscard]] bool is_leaf() const { return first_child == 0; }
  bool operator==(const TreeNode&) const = default;
};

// Breadth first: the root, then the children of the first split, of the second split, and so on.
// There is one such order for a tree, so equal trees are equal vectors.
using Tree = std::vector<TreeNode>;

inline constexpr std::size_t kTreesMax = 100'000;
inline constexpr std::size_t kTreeNodesMax = std::size_t{1} << 20;  // of one tree
inline constexpr int kTreeDepthMax = 64;                            // splits above a leaf

// The trees of one task.
struct BoostedTrees {
  TreeObjective objective = TreeObjective::logistic;
  float base_score = 0.5F;  // a figure, as XGBoost keeps it: in (0, 1) of logistic, > 0 under exp
  std::vector<Tree> trees;

  [[nodiscard]] float base_margin() const;
  [[nodiscard]] float figure_of(float margin) const;
  bool operator==(const BoostedTrees&) const = default;
};

// 0 for a leaf alone. The tree must be sound.
[[nodiscard]] int depth_of(const Tree& tree);

// invalid, saying what and where: links that are not in the order above, a feature that is not
// there, numbers that are not finite, a base score outside its range, more than the limits above.
[[nodiscard]] Status check_trees(const BoostedTrees& trees, std::size_t feature_count);

class TreeProgram;  // scoring/tree_program.h: the trees as the kernels want them

class Forest final : public Scorer {
 public:
  // One entry a task; nullopt: no figure. invalid as check_trees() says.
  [[nodiscard]] static Result<Forest> make(std::size_t feature_count,
                                           std::vector<std::optional<BoostedTrees>> tasks);
  Forest(Forest&& other) noexcept;
  Forest& operator=(Forest&& other) noexcept;
  ~Forest() override;

  [[nodiscard]] std::size_t task_count() const override { return tasks_.size(); }
  [[nodiscard]] std::size_t feature_count() const { return feature_count_; }
  [[nodiscard]] const std::vector<std::optional<BoostedTrees>>& tasks() const { return tasks_; }

  void score(const ScoringBlock& block, std::span<double> figures) const override;
  // The margins, rows x task_count(); NaN where a task has no trees. `path` is one of
  // kernel_paths().
  void margins(const ScoringBlock& block, std::span<float> margins,
               KernelPath path = best_kernel_path()) const;
  // The same of features that are floats already, rows x feature_count().
  void margins(std::span<const float> features, std::size_t rows, std::span<float> margins,
               KernelPath path = best_kernel_path()) const;

 private:
  Forest(std::size_t feature_count, std::vector<std::optional<BoostedTrees>> tasks);

  std::size_t feature_count_ = 0;
  std::vector<std::optional<BoostedTrees>> tasks_;
  std::unique_ptr<const TreeProgram> program_;  // never null, but after a move
};

}  // namespace tideline
