// The kernels of trees with AVX-512: 64 rows a vector of bytes, 16 a vector of floats.
#include "scoring/tree_kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace tideline {
namespace {

constexpr std::size_t kBytes = 64;
constexpr std::size_t kFloats = 16;
#define TIDELINE_INLINE inline __attribute__((always_inline))

// The search tree of a feature in registers; level 4 and deeper only as far as it goes.
struct SearchTree {
  __m512 top, level4, level5[2], level6[4], level7[8];

  template <int kLevels>
  TIDELINE_INLINE void load(const float* cuts) {
    top = _mm512_loadu_ps(cuts);
    if constexpr (kLevels > 4) level4 = _mm512_loadu_ps(cuts + 16);
    if constexpr (kLevels > 5) load_all(level5, cuts + 32);
    if constexpr (kLevels > 6) load_all(level6, cuts + 64);
    if constexpr (kLevels > 7) load_all(level7, cuts + 128);
  }
  template <std::size_t kCount>
  TIDELINE_INLINE static void load_all(__m512 (&to)[kCount], const float* from) {
    for (std::size_t i = 0; i < kCount; ++i) to[i] = _mm512_loadu_ps(from + i * kFloats);
  }

  // The cut at each of the 16 places.
  template <int kLevel>
  TIDELINE_INLINE __m512 at(__m512i places) const {
    if constexpr (kLevel < 4) return _mm512_permutexvar_ps(places, top);
    if constexpr (kLevel == 4) return _mm512_permutexvar_ps(places, level4);
    if constexpr (kLevel == 5) return of_two(level5, places);
    const __mmask16 odd = _mm512_test_epi32_mask(places, _mm512_set1_epi32(32));
    if constexpr (kLevel == 6) return of_four(level6, places, odd);
    if constexpr (kLevel == 7) {
      const __mmask16 upper = _mm512_test_epi32_mask(places, _mm512_set1_epi32(64));
      return _mm512_mask_blend_ps(upper, of_four(level7, places, odd),
                                  of_four(level7 + 4, places, odd));
    }
  }
  TIDELINE_INLINE static __m512 of_two(const __m512* values, __m512i places) {
    return _mm512_permutex2var_ps(values[0], places, values[1]);
  }
  TIDELINE_INLINE static __m512 of_four(const __m512* values, __m512i places, __mmask16 odd) {
    return _mm512_mask_blend_ps(odd, of_two(values, places), of_two(values + 2, places));
  }

  // A step down for every level from kLevel on. NaN is not below anything: it stays left.
  template <int kLevel, int kLevels>
  TIDELINE_INLINE __m512i descend(__m512i places, __m512 values) const {
    if constexpr (kLevel == kLevels) {
      return places;
    } else {
      const __mmask16 right = _mm512_cmp_ps_mask(at<kLevel>(places), values, _CMP_LE_OQ);
      const __m512i left_child = _mm512_add_epi32(places, places);
      return descend<kLevel + 1, kLevels>(
          _mm512_mask_add_epi32(left_child, right, left_child, _mm512_set1_epi32(1)), values);
    }
  }
};

// The feature of the 16 rows from `first` on; 0 behind the last row.
TIDELINE_INLINE __m512 values_of(const BlockRows& rows, std::size_t feature, std::size_t first) {
  const std::size_t left = rows.rows - first;
  const auto mask = __mmask16(left >= kFloats ? 0xffffU : (1U << left) - 1U);
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i places = _mm512_mullo_epi32(lanes, _mm512_set1_epi32(int(rows.width)));
  const std::size_t from = first * rows.width + feature;
  if (rows.floats != nullptr) {
    return _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask, places, rows.floats + from, 4);
  }
  const __m512d low = _mm512_mask_i32gather_pd(
      _mm512_setzero_pd(), __mmask8(mask), _mm512_castsi512_si256(places), rows.doubles + from, 8);
  const __m512d high =
      _mm512_mask_i32gather_pd(_mm512_setzero_pd(), __mmask8(mask >> 8U),
                               _mm512_extracti64x4_epi64(places, 1), rows.doubles + from, 8);
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high),
                            1);
}

template <int kLevels>
void bin_feature(const float* cuts, const FeatureCuts& feature, const BlockRows& rows,
                 std::int8_t* bins) {
  SearchTree tree;
  tree.load<kLevels>(cuts + feature.first_cut);
  for (std::size_t first = 0; first < rows.rows; first += kFloats) {
    const __m512 values = values_of(rows, feature.feature, first);
    const __m512i leaf = tree.descend<0, kLevels>(_mm512_set1_epi32(1), values);
    const __m512i bin = _mm512_sub_epi32(leaf, _mm512_set1_epi32((1 << kLevels) + 128));
    if (feature.left_bins >= 0) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(bins + feature.left_bins + first),
                       _mm512_cvtepi32_epi8(bin));
    }
    if (feature.right_bins >= 0) {
      const __mmask16 missing = _mm512_cmp_ps_mask(values, values, _CMP_UNORD_Q);
      const __m512i highest = _mm512_mask_mov_epi32(bin, missing, _mm512_set1_epi32(127));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(bins + feature.right_bins + first),
                       _mm512_cvtepi32_epi8(highest));
    }
  }
}

// A byte a row of kVectors x 64 rows.
template <int kVectors>
struct Bytes {
  __m512i v[kVectors];
};

// The place of each row's leaf below split kSplit, which is kHeight splits above its leaves.
template <int kVectors, int kHeight, int kSplit>
TIDELINE_INLINE Bytes<kVectors> leaves_below(const DenseSplit* splits, const std::int8_t* bins) {
  const __m512i threshold = _mm512_set1_epi32(int(splits[kSplit].threshold));
  const std::int8_t* from = bins + splits[kSplit].bins;
  Bytes<kVectors> found;
  if constexpr (kHeight == 1) {
    for (int i = 0; i < kVectors; ++i) {
      const __mmask64 right =
          _mm512_cmpgt_epi8_mask(_mm512_loadu_si512(from + std::size_t(i) * kBytes), threshold);
      found.v[i] = _mm512_maskz_mov_epi8(right, _mm512_set1_epi8(1));
    }
  } else {
    const auto left = leaves_below<kVectors, kHeight - 1, 2 * kSplit + 1>(splits, bins);
    const auto rights = leaves_below<kVectors, kHeight - 1, 2 * kSplit + 2>(splits, bins);
    for (int i = 0; i < kVectors; ++i) {
      const __mmask64 right =
          _mm512_cmpgt_epi8_mask(_mm512_loadu_si512(from + std::size_t(i) * kBytes), threshold);
      found.v[i] = _mm512_mask_add_epi8(left.v[i], right, rights.v[i],
                                        _mm512_set1_epi8(char(1 << (kHeight - 1))));
    }
  }
  return found;
}

template <int kDepth>
struct Leaves {
  __m512 values[4];

  TIDELINE_INLINE explicit Leaves(const float* from) {
    constexpr int kCount = kDepth <= 4 ? 1 : kDepth == 5 ? 2 : 4;
    if constexpr (kDepth <= 6) {
      for (int i = 0; i < kCount; ++i) values[i] = _mm512_loadu_ps(from + i * int(kFloats));
    }
  }
  TIDELINE_INLINE __m512 at(__m512i places, const float* from) const {
    if constexpr (kDepth <= 4) return _mm512_permutexvar_ps(places, values[0]);
    if constexpr (kDepth == 5) return _mm512_permutex2var_ps(values[0], places, values[1]);
    if constexpr (kDepth == 6) {
      const __mmask16 upper = _mm512_test_epi32_mask(places, _mm512_set1_epi32(32));
      return _mm512_mask_blend_ps(upper, _mm512_permutex2var_ps(values[0], places, values[1]),
                                  _mm512_permutex2var_ps(values[2], places, values[3]));
    }
    return _mm512_i32gather_ps(places, from, 4);
  }
};

template <int kVectors, int kDepth>
void add_tree(const DenseSplit* splits, const float* leaves, const std::int8_t* bins,
              float* sums) {
  const auto places = leaves_below<kVectors, kDepth, 0>(splits, bins);
  const Leaves<kDepth> values(leaves);
  for (int i = 0; i < kVectors; ++i) {
    const __m128i parts[] = {
        _mm512_castsi512_si128(places.v[i]), _mm512_extracti32x4_epi32(places.v[i], 1),
        _mm512_extracti32x4_epi32(places.v[i], 2), _mm512_extracti32x4_epi32(places.v[i], 3)};
    for (const __m128i& part : parts) {
      const __m512 leaf = values.at(_mm512_cvtepu8_epi32(part), leaves);
      _mm512_storeu_ps(sums, _mm512_add_ps(_mm512_loadu_ps(sums), leaf));
      sums += kFloats;
    }
  }
}

// A vector at a time: the answers of two would not stay in registers.
template <int kVectors, int kDepth>
void add_deep_tree(const DenseSplit* splits, const float* leaves, const std::int8_t* bins,
                   float* sums) {
  for (std::size_t i = 0; i < std::size_t(kVectors); ++i) {
    add_tree<1, kDepth>(splits, leaves, bins + i * kBytes, sums + i * kBytes);
  }
}

template <int kVectors>
void add_all(const DenseTrees& trees, const std::int8_t* bins, float* sums) {
  for (std::size_t t = 0; t < trees.count; ++t) {
    const DenseTree& tree = trees.trees[t];
    const DenseSplit* splits = trees.splits + tree.first_split;
    const float* leaves = trees.leaves + tree.first_leaf;
    switch (tree.depth) {
      case 1: add_tree<kVectors, 1>(splits, leaves, bins, sums); break;
      case 2: add_tree<kVectors, 2>(splits, leaves, bins, sums); break;
      case 3: add_tree<kVectors, 3>(splits, leaves, bins, sums); break;
      case 4: add_tree<kVectors, 4>(splits, leaves, bins, sums); break;
      case 5: add_tree<kVectors, 5>(splits, leaves, bins, sums); break;
      case 6: add_tree<kVectors, 6>(splits, leaves, bins, sums); break;
      case 7: add_deep_tree<kVectors, 7>(splits, leaves, bins, sums); break;
      default: add_deep_tree<kVectors, 8>(splits, leaves, bins, sums); break;
    }
  }
}

}  // namespace

void bin_rows_avx512(const CutSet& cuts, const BlockRows& rows, std::int8_t* bins) {
  for (std::size_t i = 0; i < cuts.count; ++i) {
    const FeatureCuts& feature = cuts.features[i];
    switch (feature.levels) {
      case 1:
      case 2:
      case 3:
      case 4: bin_feature<4>(cuts.cuts, feature, rows, bins); break;
      case 5: bin_feature<5>(cuts.cuts, feature, rows, bins); break;
      case 6: bin_feature<6>(cuts.cuts, feature, rows, bins); break;
      case 7: bin_feature<7>(cuts.cuts, feature, rows, bins); break;
      default: bin_feature<8>(cuts.cuts, feature, rows, bins); break;
    }
  }
}

void add_trees_avx512(const DenseTrees& trees, const std::int8_t* bins, std::size_t rows,
                      float* sums) {
  static_assert(kTreeBlockRows == 2 * kBytes);
  if (rows > kBytes) {
    add_all<2>(trees, bins, sums);
  } else {
    add_all<1>(trees, bins, sums);
  }
}

}  // namespace tideline
#endif
