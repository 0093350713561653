// TreeProgram: the trees of a forest as the kernels want them, and the choice between kernels.
//
// Trees are taken in order into stretches of which no feature has more than 255 different
// thresholds (tree_kernel.h); a feature's bins are found again for each stretch. So models with
// any number of thresholds are scored on bytes. Few rows, trees deeper than 8 splits and
// processors without AVX2 are walked, 8 rows or 8 trees side by side.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "scoring/kernel_path.h"
#include "scoring/tree_kernel.h"
#include "scoring/trees.h"

namespace tideline {

class TreeProgram {
 public:
  // The trees are sound (check_trees) and are borrowed for the call only.
  TreeProgram(std::size_t feature_count, std::span<const std::optional<BoostedTrees>> tasks);

  // One of the pointers is null, the width is the feature count, any number of rows. margins: rows
  // x tasks; NaN where a task has no trees. The same bytes on every path, for any number of rows.
  void run(const BlockRows& rows, std::span<float> margins, KernelPath path) const;

 private:
  friend class TreeProgramBuilder;

  // A leaf is its own child, and nothing is right of its threshold, NaN.
  struct WalkNode {
    float threshold = 0;
    float leaf = 0;
    std::int32_t child = 0;  // the left one, in its tree
    std::uint32_t feature : 31 = 0;
    std::uint32_t missing_right : 1 = 0;
  };
  struct WalkTree {
    std::size_t root = 0;
    int depth = 0;
  };
  struct TaskTrees {
    bool scores = false;
    float base_margin = 0;
    std::size_t first_tree = 0;  // in walk_trees_
    std::size_t tree_count = 0;
  };
  // Trees of one task that follow each other, all dense or all walked.
  struct Run {
    std::size_t task = 0;
    bool dense = false;
    std::size_t first = 0;  // in dense_trees_ or walk_trees_
    std::size_t count = 0;
  };
  struct Stretch {
    std::size_t first_feature = 0;  // in features_
    std::size_t feature_count = 0;
    std::vector<Run> runs;
  };
  // Room for a block, made once a call.
  struct Room {
    std::vector<float> sums;    // tasks x kTreeBlockRows
    std::vector<float> floats;  // of rows that are doubles
    std::vector<std::int8_t> bins;
  };

  void run_dense(const BlockRows& block, KernelPath path, Room& room) const;
  void run_walk(const BlockRows& block, Room& room) const;
  void walk_run(const Run& run, const BlockRows& floats, float* sums) const;
  // The block's rows as floats; converted into `room` where they are doubles.
  [[nodiscard]] BlockRows as_floats(const BlockRows& block, Room& room) const;

  std::size_t width_;
  std::size_t bins_size_ = 0;
  std::vector<TaskTrees> tasks_;
  std::vector<WalkNode> walk_nodes_;
  std::vector<WalkTree> walk_trees_;
  std::vector<Stretch> stretches_;
  std::vector<FeatureCuts> features_;
  std::vector<float> cuts_;
  std::vector<DenseTree> dense_trees_;
  std::vector<DenseSplit> splits_;
  std::vector<float> leaves_;
};

}  // namespace tideline
