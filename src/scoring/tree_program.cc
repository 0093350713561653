#include "scoring/tree_program.h"

#include <cmath>
#include <limits>

namespace tideline {

TreeProgram::TreeProgram(std::size_t feature_count,
                         std::span<const std::optional<BoostedTrees>> tasks)
    : feature_count_(feature_count) {
  for (const auto& task : tasks) {
    TaskTrees& trees = tasks_.emplace_back();
    if (!task) continue;
    trees.scores = true;
    trees.base_margin = task->base_margin();
    for (const Tree& tree : task->trees) {
      trees.roots.push_back(nodes_.size());
      for (const TreeNode& node : tree) {
        nodes_.push_back({node.value, node.first_child, node.feature, node.missing_left});
      }
    }
  }
}

void TreeProgram::run(const TreeRows& rows, std::span<float> margins) const {
  std::vector<float> row(feature_count_);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const std::size_t first = r * feature_count_;
    for (std::size_t f = 0; f < feature_count_; ++f) {
      row[f] = rows.floats != nullptr ? rows.floats[first + f] : float(rows.doubles[first + f]);
    }
    for (std::size_t k = 0; k < tasks_.size(); ++k) {
      float& margin = margins[r * tasks_.size() + k];
      margin = tasks_[k].scores ? tasks_[k].base_margin : std::numeric_limits<float>::quiet_NaN();
      for (const std::size_t root : tasks_[k].roots) {
        const WalkNode* node = &nodes_[root];
        while (node->first_child != 0) {
          const float value = row[std::size_t(node->feature)];
          const bool left = std::isnan(value) ? node->missing_left : value < node->threshold;
          node = &nodes_[root + std::size_t(node->first_child) + (left ? 0 : 1)];
        }
        margin += node->threshold;
      }
    }
  }
}

}  // namespace tideline
