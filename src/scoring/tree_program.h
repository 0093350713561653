// TreeProgram: the trees of a forest as the kernels want them, and the choice between kernels.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "scoring/trees.h"

namespace tideline {

// Rows to score, row after row, as floats or as doubles; the other pointer is null.
struct TreeRows {
  const float* floats = nullptr;
  const double* doubles = nullptr;
  std::size_t rows = 0;
};

class TreeProgram {
 public:
  // The trees are sound (check_trees) and are borrowed for the call only.
  TreeProgram(std::size_t feature_count, std::span<const std::optional<BoostedTrees>> tasks);

  // margins: rows x tasks; NaN where a task has no trees.
  void run(const TreeRows& rows, std::span<float> margins) const;

 private:
  struct WalkNode {
    float threshold = 0;  // of a leaf: its value
    std::int32_t first_child = 0;
    std::int32_t feature = 0;
    bool missing_left = false;
  };
  struct TaskTrees {
    bool scores = false;
    float base_margin = 0;
    std::vector<std::size_t> roots;  // places in nodes_; children are counted from the root
  };

  std::size_t feature_count_;
  std::vector<TaskTrees> tasks_;
  std::vector<WalkNode> nodes_;
};

}  // namespace tideline
