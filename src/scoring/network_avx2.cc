// The layer's arithmetic with AVX2 and FMA: 8 floats a vector, 16 registers.
#include "scoring/network_lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace tideline {
namespace {

struct Avx2Lanes {
  using V = __m256;
  static constexpr std::size_t kWidth = 8;
  static constexpr std::size_t kColumns = 2;  // 6 rows x 2 sums, 2 weights, a value
  static constexpr int kRows = 6;
  static constexpr int kRowsOfTwo = 6;
  static constexpr int kRowsOfOne = 12;
  static constexpr int kActivated = 2;

  static V load(const float* from) { return _mm256_loadu_ps(from); }
  static V load_part(const float* from, std::size_t count) {
    return _mm256_maskload_ps(from, mask(count));
  }
  static void store(float* to, V v) { _mm256_storeu_ps(to, v); }
  static void store_part(float* to, V v, std::size_t count) {
    _mm256_maskstore_ps(to, mask(count), v);
  }
  static V broadcast(float x) { return _mm256_set1_ps(x); }
  static V add(V a, V b) { return _mm256_add_ps(a, b); }
  static V subtract(V a, V b) { return _mm256_sub_ps(a, b); }
  static V multiply(V a, V b) { return _mm256_mul_ps(a, b); }
  static V at_least(V v, V bound) { return _mm256_max_ps(bound, v); }
  static V at_most(V v, V bound) { return _mm256_min_ps(bound, v); }
  static V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
  static V fnma(V a, V b, V c) { return _mm256_fnmadd_ps(a, b, c); }
  static V add_exponent(V p, V s) {
    return floats(_mm256_add_epi32(bits(p), _mm256_slli_epi32(bits(s), 23)));
  }
  static V subtract_from_bits(int from, V v) {
    return floats(_mm256_sub_epi32(_mm256_set1_epi32(from), bits(v)));
  }

 private:
  static __m256i mask(std::size_t count) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(int(count)), lanes);
  }
  static __m256i bits(V v) { return _mm256_castps_si256(v); }
  static V floats(__m256i v) { return _mm256_castsi256_ps(v); }
};

}  // namespace

void run_layer_avx2(const KernelLayer& layer, const KernelRows& rows) {
  run_layer<Avx2Lanes>(layer, rows);
}

}  // namespace tideline
#endif
