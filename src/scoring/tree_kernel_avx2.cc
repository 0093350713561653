// The kernels of trees with AVX2: 32 rows a vector of bytes, 8 a vector of floats.
#include "scoring/tree_kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace tideline {
namespace {

constexpr std::size_t kBytes = 32;
constexpr std::size_t kFloats = 8;
#define TIDELINE_INLINE inline __attribute__((always_inline))

// How many of the 16 cuts are not above the value; none of NaN's.
TIDELINE_INLINE unsigned not_above(__m256 low, __m256 high, __m256 value) {
  const __m256i a = _mm256_castps_si256(_mm256_cmp_ps(low, value, _CMP_LE_OQ));
  const __m256i b = _mm256_castps_si256(_mm256_cmp_ps(high, value, _CMP_LE_OQ));
  // Two bits a cut.
  const int bits = _mm256_movemask_epi8(_mm256_packs_epi32(a, b));
  return unsigned(__builtin_popcount(unsigned(bits))) / 2;
}

// First which 16 of the sorted cuts, then which of them.
void bin_feature(const float* cuts, const FeatureCuts& feature, const BlockRows& rows,
                 std::int8_t* bins) {
  const float* all = cuts + feature.first_cut;
  const __m256 low = _mm256_loadu_ps(all + FeatureCuts::kPivots);
  const __m256 high = _mm256_loadu_ps(all + FeatureCuts::kPivots + kFloats);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const std::size_t place = r * rows.width + feature.feature;
    const float value = rows.floats != nullptr ? rows.floats[place] : float(rows.doubles[place]);
    const __m256 values = _mm256_set1_ps(value);
    const unsigned sixteenth = not_above(low, high, values);
    const float* sorted = all + FeatureCuts::kSorted + std::size_t(sixteenth) * 16;
    const unsigned bin = sixteenth * 16 + not_above(_mm256_loadu_ps(sorted),
                                                    _mm256_loadu_ps(sorted + kFloats), values);
    if (feature.left_bins >= 0) {
      bins[std::size_t(feature.left_bins) + r] = std::int8_t(bin - 128);
    }
    if (feature.right_bins >= 0) {
      bins[std::size_t(feature.right_bins) + r] =
          std::int8_t(value != value ? 127 : int(bin) - 128);
    }
  }
}

// The place of each row's leaf below split kSplit, less than 0: so an answer, all bits or none, is
// a step by itself.
template <int kHeight, int kSplit>
TIDELINE_INLINE __m256i leaves_below(const DenseSplit* splits, const std::int8_t* bins) {
  const __m256i threshold = _mm256_set1_epi32(int(splits[kSplit].threshold));
  const __m256i right = _mm256_cmpgt_epi8(
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bins + splits[kSplit].bins)), threshold);
  if constexpr (kHeight == 1) {
    return right;
  } else {
    const __m256i left = leaves_below<kHeight - 1, 2 * kSplit + 1>(splits, bins);
    const __m256i rights = leaves_below<kHeight - 1, 2 * kSplit + 2>(splits, bins);
    const __m256i step = _mm256_set1_epi8(char(-(1 << (kHeight - 1))));
    return _mm256_blendv_epi8(left, _mm256_add_epi8(rights, step), right);
  }
}

template <int kDepth>
void add_tree(const DenseSplit* splits, const float* leaves, const std::int8_t* bins,
              std::size_t rows, float* sums) {
  for (std::size_t first = 0; first < rows; first += kBytes) {
    const __m256i below = leaves_below<kDepth, 0>(splits, bins + first);
    alignas(32) std::uint8_t places[kBytes];
    _mm256_store_si256(reinterpret_cast<__m256i*>(places),
                       _mm256_sub_epi8(_mm256_setzero_si256(), below));
    for (std::size_t i = 0; i < kBytes; i += kFloats) {
      const __m256i eight =
          _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(places + i)));
      float* to = sums + first + i;
      _mm256_storeu_ps(to,
                       _mm256_add_ps(_mm256_loadu_ps(to), _mm256_i32gather_ps(leaves, eight, 4)));
    }
  }
}

}  // namespace

void bin_rows_avx2(const CutSet& cuts, const BlockRows& rows, std::int8_t* bins) {
  for (std::size_t i = 0; i < cuts.count; ++i) {
    bin_feature(cuts.cuts, cuts.features[i], rows, bins);
  }
}

void add_trees_avx2(const DenseTrees& trees, const std::int8_t* bins, std::size_t rows,
                    float* sums) {
  for (std::size_t t = 0; t < trees.count; ++t) {
    const DenseTree& tree = trees.trees[t];
    const DenseSplit* splits = trees.splits + tree.first_split;
    const float* leaves = trees.leaves + tree.first_leaf;
    switch (tree.depth) {
      case 1: add_tree<1>(splits, leaves, bins, rows, sums); break;
      case 2: add_tree<2>(splits, leaves, bins, rows, sums); break;
      case 3: add_tree<3>(splits, leaves, bins, rows, sums); break;
      case 4: add_tree<4>(splits, leaves, bins, rows, sums); break;
      case 5: add_tree<5>(splits, leaves, bins, rows, sums); break;
      case 6: add_tree<6>(splits, leaves, bins, rows, sums); break;
      case 7: add_tree<7>(splits, leaves, bins, rows, sums); break;
      default: add_tree<8>(splits, leaves, bins, rows, sums); break;
    }
  }
}

}  // namespace tideline
#endif
