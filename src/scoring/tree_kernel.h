// The kernels of trees: rows in blocks, features as bytes, every split of a tree at once.
//
// In a set of trees with at most 255 different thresholds on any feature, a feature is as good as
// the number of thresholds that are not above it: its bin, a byte. A vector then holds a feature
// of 32 or 64 rows, and one instruction answers a split for all of them. So a tree is not walked:
// all its splits are answered, and the answers blended from the leaves' parents up to the root
// give the leaf of each row. That costs as much as a full tree, but nothing waits for anything.
//
// A missing value is bin 0 where it goes left and 255 where it goes right: a feature may have its
// bins twice. Bins and thresholds are kept less 128, as AVX2 compares signed bytes only. The
// leaves of a row are added as float in the order of the trees, so all paths give the same bytes.
//
// Only plain types here: the kernels' files are compiled for other processors than the rest.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tideline {

inline constexpr std::size_t kTreeBlockRows = 128;
inline constexpr std::size_t kTreeCutsMax = 255;  // of a feature
inline constexpr int kDenseDepthMax = 8;          // leaves of a deeper tree have no byte each
inline constexpr std::size_t kDenseLeavesMin = 16;

// Right when the bin is above the threshold. A heap: the children of i are 2i + 1 and 2i + 2.
struct DenseSplit {
  std::uint32_t bins = 0;       // where the feature's bins of a block begin
  std::uint32_t threshold = 0;  // the byte, four times
};
// 2^depth - 1 splits and 2^depth leaves, or kDenseLeavesMin; missing ones are filled up.
struct DenseTree {
  std::uint32_t first_split = 0;
  std::uint32_t first_leaf = 0;
  int depth = 1;
};
struct DenseTrees {
  const DenseSplit* splits = nullptr;
  const float* leaves = nullptr;
  const DenseTree* trees = nullptr;
  std::size_t count = 0;
};

// How a feature becomes its bins.
struct FeatureCuts {
  // 256 floats of a search tree: 1 its root, the children of i are 2i and 2i + 1; then the 16th,
  // 32nd, … of the sorted cuts; then the 256 cuts. Filled up with NaN.
  static constexpr std::size_t kPivots = 256;
  static constexpr std::size_t kSorted = 272;
  static constexpr std::size_t kSize = 528;
  std::uint32_t first_cut = 0;  // place of the above
  std::uint32_t feature = 0;
  int levels = 1;  // of the search tree: 2^levels - 1 cuts, 1 to 8
  // Where the bins go for splits that send a missing value left and right; -1: no such split.
  std::int32_t left_bins = -1;
  std::int32_t right_bins = -1;
};
struct CutSet {
  const float* cuts = nullptr;
  const FeatureCuts* features = nullptr;
  std::size_t count = 0;
};

// Rows of a block, row after row; one of the pointers is null. width <= 2^24.
struct BlockRows {
  const float* floats = nullptr;
  const double* doubles = nullptr;
  std::size_t width = 0;
  std::size_t rows = 0;  // 1 to kTreeBlockRows
};

// bins: all that `cuts` names, 128 a piece; those behind the last row are left as they come.
using BinRows = void (*)(const CutSet& cuts, const BlockRows& rows, std::int8_t* bins);
// sums: kTreeBlockRows, of which those behind the last row may change.
using AddTrees = void (*)(const DenseTrees& trees, const std::int8_t* bins, std::size_t rows,
                          float* sums);

void bin_rows_avx2(const CutSet& cuts, const BlockRows& rows, std::int8_t* bins);
void add_trees_avx2(const DenseTrees& trees, const std::int8_t* bins, std::size_t rows,
                    float* sums);
void bin_rows_avx512(const CutSet& cuts, const BlockRows& rows, std::int8_t* bins);
void add_trees_avx512(const DenseTrees& trees, const std::int8_t* bins, std::size_t rows,
                      float* sums);

}  // namespace tideline
