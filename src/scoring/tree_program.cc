#include "scoring/tree_program.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace tideline {
namespace {

// Answering all splits of a tree pays from about so many rows on.
constexpr std::size_t kDenseRowsMin = 6;
constexpr std::size_t kLanes = 8;  // walked side by side
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

constexpr int kLevelsMin = 4;  // of a search tree; a vector holds four
constexpr std::int32_t kNone = -1;
constexpr std::uint32_t kNeverRight = 0x7f7f7f7f;

// The search tree, the pivots and the sorted cuts of one feature, as FeatureCuts says.
void append_cuts(const std::vector<float>& sorted, int levels, std::vector<float>& cuts) {
  const std::size_t base = cuts.size();
  cuts.resize(base + FeatureCuts::kSize, kNan);
  float* tree = cuts.data() + base;
  for (std::size_t place = 1; place < std::size_t{1} << unsigned(levels); ++place) {
    const int level = std::bit_width(place) - 1;
    const std::size_t nth = place - (std::size_t{1} << unsigned(level));
    const std::size_t rank = ((2 * nth + 1) << unsigned(levels - 1 - level)) - 1;
    if (rank < sorted.size()) tree[place] = sorted[rank];
  }
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    tree[FeatureCuts::kSorted + i] = sorted[i];
    if (i % 16 == 15) tree[FeatureCuts::kPivots + i / 16] = sorted[i];
  }
}

}  // namespace

// Takes the trees in order; a stretch is closed when the next tree does not fit in.
class TreeProgramBuilder {
 public:
  explicit TreeProgramBuilder(TreeProgram& program)
      : program_(program), cuts_(program.width_), slots_(program.width_) {}

  void add(std::size_t task, const Tree& tree) {
    const int depth = depth_of(tree);
    const std::size_t walked = program_.walk_trees_.size();
    add_walk(tree, depth);
    if (depth > kDenseDepthMax) {
      pending_.push_back({task, nullptr, depth, walked});
      return;
    }
    std::vector<Cut> fresh = fresh_cuts(tree);
    if (!fits(fresh)) {
      close();
      fresh = fresh_cuts(tree);
    }
    for (const Cut& cut : fresh) {
      auto& known = cuts_[cut.feature];
      known.insert(std::lower_bound(known.begin(), known.end(), cut.value), cut.value);
    }
    for (const TreeNode& node : tree) {
      if (!node.is_leaf()) slots_[std::size_t(node.feature)].wanted[node.missing_left ? 0 : 1] = 1;
    }
    pending_.push_back({task, &tree, depth, walked});
  }

  void close() {
    if (pending_.empty()) return;
    TreeProgram::Stretch stretch;
    stretch.first_feature = program_.features_.size();
    place_features();
    stretch.feature_count = program_.features_.size() - stretch.first_feature;
    for (const Pending& next : pending_) {
      const bool dense = next.tree != nullptr;
      const std::size_t place = dense ? program_.dense_trees_.size() : next.walked;
      if (dense) add_dense(next);
      const bool goes_on = !stretch.runs.empty() && stretch.runs.back().task == next.task &&
                           stretch.runs.back().dense == dense;
      if (!goes_on) stretch.runs.push_back({next.task, dense, place, 0});
      ++stretch.runs.back().count;
    }
    program_.stretches_.push_back(std::move(stretch));
    pending_.clear();
    for (auto& cuts : cuts_) cuts.clear();
    std::fill(slots_.begin(), slots_.end(), Slots{});
  }

 private:
  struct Cut {
    std::size_t feature = 0;
    float value = 0;
    auto operator<=>(const Cut&) const = default;
  };
  struct Slots {  // [0]: a missing value goes left, [1]: right
    char wanted[2] = {0, 0};
    std::int32_t bins[2] = {kNone, kNone};
  };
  struct Pending {
    std::size_t task = 0;
    const Tree* tree = nullptr;  // null: walked
    int depth = 0;
    std::size_t walked = 0;  // place in walk_trees_
  };

  void add_walk(const Tree& tree, int depth) {
    program_.walk_trees_.push_back({program_.walk_nodes_.size(), depth});
    for (std::size_t i = 0; i < tree.size(); ++i) {
      const TreeNode& node = tree[i];
      TreeProgram::WalkNode& made = program_.walk_nodes_.emplace_back();
      made.threshold = node.is_leaf() ? kNan : node.value;
      made.leaf = node.is_leaf() ? node.value : 0;
      made.child = node.is_leaf() ? std::int32_t(i) : node.first_child;
      made.feature = node.is_leaf() ? 0 : unsigned(node.feature) & 0x7fffffffU;
      made.missing_right = !node.is_leaf() && !node.missing_left ? 1 : 0;
    }
  }

  // The tree's cuts that the stretch has not yet, sorted.
  [[nodiscard]] std::vector<Cut> fresh_cuts(const Tree& tree) const {
    std::vector<Cut> fresh;
    for (const TreeNode& node : tree) {
      if (node.is_leaf()) continue;
      const auto& known = cuts_[std::size_t(node.feature)];
      if (std::binary_search(known.begin(), known.end(), node.value)) continue;
      fresh.push_back({std::size_t(node.feature), node.value});
    }
    std::sort(fresh.begin(), fresh.end());
    // Zero of either sign is one cut, as comparisons see it.
    fresh.erase(std::unique(fresh.begin(), fresh.end()), fresh.end());
    return fresh;
  }
  [[nodiscard]] bool fits(const std::vector<Cut>& fresh) const {
    for (std::size_t i = 0; i < fresh.size();) {
      std::size_t end = i;
      while (end < fresh.size() && fresh[end].feature == fresh[i].feature) ++end;
      if (cuts_[fresh[i].feature].size() + (end - i) > kTreeCutsMax) return false;
      i = end;
    }
    return true;
  }

  void place_features() {
    std::size_t bins = 0;
    for (std::size_t f = 0; f < cuts_.size(); ++f) {
      if (cuts_[f].empty()) continue;
      FeatureCuts& feature = program_.features_.emplace_back();
      feature.first_cut = std::uint32_t(program_.cuts_.size());
      feature.feature = std::uint32_t(f);
      feature.levels = std::max(kLevelsMin, int(std::bit_width(cuts_[f].size())));
      append_cuts(cuts_[f], feature.levels, program_.cuts_);
      for (int way = 0; way < 2; ++way) {
        if (slots_[f].wanted[way] == 0) continue;
        slots_[f].bins[way] = std::int32_t(bins);
        bins += kTreeBlockRows;
      }
      feature.left_bins = slots_[f].bins[0];
      feature.right_bins = slots_[f].bins[1];
    }
    program_.bins_size_ = std::max({program_.bins_size_, bins, kTreeBlockRows});
  }

  void add_dense(const Pending& next) {
    DenseTree& dense = program_.dense_trees_.emplace_back();
    dense.depth = std::max(next.depth, 1);
    dense.first_split = std::uint32_t(program_.splits_.size());
    dense.first_leaf = std::uint32_t(program_.leaves_.size());
    const std::size_t leaves = std::size_t{1} << unsigned(dense.depth);
    program_.splits_.resize(program_.splits_.size() + leaves - 1);
    program_.leaves_.resize(program_.leaves_.size() + std::max(leaves, kDenseLeavesMin));
    fill(*next.tree, 0, dense, 0);
  }
  // A leaf above the lowest level stands for a whole subtree of itself.
  void fill(const Tree& tree, std::size_t at, const DenseTree& dense, std::size_t place) {
    const TreeNode& node = tree[at];
    const std::size_t splits = (std::size_t{1} << unsigned(dense.depth)) - 1;
    if (place >= splits) {
      program_.leaves_[dense.first_leaf + place - splits] = node.value;
      return;
    }
    DenseSplit& split = program_.splits_[dense.first_split + place];
    std::size_t left = at;
    std::size_t right = at;
    if (node.is_leaf()) {
      split.threshold = kNeverRight;
    } else {
      const auto feature = std::size_t(node.feature);
      const auto& cuts = cuts_[feature];
      const auto rank = std::lower_bound(cuts.begin(), cuts.end(), node.value) - cuts.begin();
      split.bins = std::uint32_t(slots_[feature].bins[node.missing_left ? 0 : 1]);
      split.threshold = std::uint32_t(std::uint8_t(rank - 128)) * 0x01010101U;
      left = std::size_t(node.first_child);
      right = left + 1;
    }
    fill(tree, left, dense, 2 * place + 1);
    fill(tree, right, dense, 2 * place + 2);
  }

  TreeProgram& program_;
  std::vector<std::vector<float>> cuts_;  // of the stretch, one a feature, sorted
  std::vector<Slots> slots_;
  std::vector<Pending> pending_;
};

TreeProgram::TreeProgram(std::size_t feature_count,
                         std::span<const std::optional<BoostedTrees>> tasks)
    : width_(feature_count) {
  TreeProgramBuilder builder(*this);
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    TaskTrees& task = tasks_.emplace_back();
    task.first_tree = walk_trees_.size();
    if (!tasks[k]) continue;
    task.scores = true;
    task.base_margin = tasks[k]->base_margin();
    for (const Tree& tree : tasks[k]->trees) builder.add(k, tree);
    task.tree_count = walk_trees_.size() - task.first_tree;
  }
  builder.close();
}

void TreeProgram::run(const BlockRows& rows, std::span<float> margins, KernelPath path) const {
  Room room;
  room.sums.resize(tasks_.size() * kTreeBlockRows);
  for (std::size_t first = 0; first < rows.rows; first += kTreeBlockRows) {
    BlockRows block = rows;
    block.rows = std::min(kTreeBlockRows, rows.rows - first);
    if (rows.floats != nullptr) block.floats += first * width_;
    if (rows.doubles != nullptr) block.doubles += first * width_;
    for (std::size_t k = 0; k < tasks_.size(); ++k) {
      std::fill_n(room.sums.begin() + std::ptrdiff_t(k * kTreeBlockRows), kTreeBlockRows,
                  tasks_[k].scores ? tasks_[k].base_margin : kNan);
    }
    if (path == KernelPath::plain || block.rows < kDenseRowsMin) {
      run_walk(block, room);
    } else {
      run_dense(block, path, room);
    }
    for (std::size_t r = 0; r < block.rows; ++r) {
      for (std::size_t k = 0; k < tasks_.size(); ++k) {
        margins[(first + r) * tasks_.size() + k] = room.sums[k * kTreeBlockRows + r];
      }
    }
  }
}

void TreeProgram::run_dense(const BlockRows& block, KernelPath path, Room& room) const {
#if defined(__x86_64__)
  const bool wide = path == KernelPath::avx512;
  const BinRows bin_rows = wide ? bin_rows_avx512 : bin_rows_avx2;
  const AddTrees add_trees = wide ? add_trees_avx512 : add_trees_avx2;
  room.bins.resize(bins_size_);
  for (const Stretch& stretch : stretches_) {
    bin_rows({cuts_.data(), features_.data() + stretch.first_feature, stretch.feature_count},
             block, room.bins.data());
    for (const Run& run : stretch.runs) {
      float* sums = room.sums.data() + run.task * kTreeBlockRows;
      if (!run.dense) {
        walk_run(run, as_floats(block, room), sums);
        continue;
      }
      add_trees({splits_.data(), leaves_.data(), dense_trees_.data() + run.first, run.count},
                room.bins.data(), block.rows, sums);
    }
  }
#else
  (void)path;
  run_walk(block, room);
#endif
}

BlockRows TreeProgram::as_floats(const BlockRows& block, Room& room) const {
  if (block.floats != nullptr) return block;
  room.floats.resize(block.rows * width_);
  for (std::size_t i = 0; i < room.floats.size(); ++i) room.floats[i] = float(block.doubles[i]);
  return {room.floats.data(), nullptr, width_, block.rows};
}

void TreeProgram::run_walk(const BlockRows& block, Room& room) const {
  const BlockRows floats = as_floats(block, room);
  for (std::size_t k = 0; k < tasks_.size(); ++k) {
    walk_run({k, false, tasks_[k].first_tree, tasks_[k].tree_count}, floats,
             room.sums.data() + k * kTreeBlockRows);
  }
}

namespace {

// A row in a tree, and where it stands.
template <class Node>
struct Lane {
  const Node* root = nullptr;
  const float* row = nullptr;
};

// So many steps for each lane; a lane that reached its leaf stays there.
template <class Node>
void walk(const Lane<Node> (&lanes)[kLanes], int steps, float (&leaves)[kLanes]) {
  std::uint32_t at[kLanes] = {};
  for (int step = 0; step < steps; ++step) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Node& node = lanes[i].root[at[i]];
      const float value = lanes[i].row[node.feature];
      const auto right = std::uint32_t(value >= node.threshold) |
                         (std::uint32_t(value != value) & std::uint32_t(node.missing_right));
      at[i] = std::uint32_t(node.child) + right;
    }
  }
  for (std::size_t i = 0; i < kLanes; ++i) leaves[i] = lanes[i].root[at[i]].leaf;
}

}  // namespace

void TreeProgram::walk_run(const Run& run, const BlockRows& floats, float* sums) const {
  Lane<WalkNode> lanes[kLanes];
  float leaves[kLanes];
  const std::span<const WalkTree> trees(walk_trees_.data() + run.first, run.count);
  if (floats.rows >= kLanes) {
    for (const WalkTree& tree : trees) {
      for (std::size_t first = 0; first < floats.rows; first += kLanes) {
        const std::size_t count = std::min(kLanes, floats.rows - first);
        for (std::size_t i = 0; i < kLanes; ++i) {
          lanes[i] = {walk_nodes_.data() + tree.root,
                      floats.floats + (first + std::min(i, count - 1)) * width_};
        }
        walk(lanes, tree.depth, leaves);
        for (std::size_t i = 0; i < count; ++i) sums[first + i] += leaves[i];
      }
    }
    return;
  }
  for (std::size_t r = 0; r < floats.rows; ++r) {
    for (std::size_t first = 0; first < trees.size(); first += kLanes) {
      const std::size_t count = std::min(kLanes, trees.size() - first);
      int steps = 0;
      for (std::size_t i = 0; i < kLanes; ++i) {
        const WalkTree& tree = trees[first + std::min(i, count - 1)];
        steps = std::max(steps, tree.depth);
        lanes[i] = {walk_nodes_.data() + tree.root, floats.floats + r * width_};
      }
      walk(lanes, steps, leaves);
      for (std::size_t i = 0; i < count; ++i) sums[r] += leaves[i];
    }
  }
}

}  // namespace tideline
