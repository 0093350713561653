// The layer's arithmetic with AVX-512: 16 floats a vector, 32 registers.
#include "scoring/network_lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace tideline {
namespace {

struct Avx512Lanes {
  using V = __m512;
  static constexpr std::size_t kWidth = 16;
  static constexpr std::size_t kColumns = 4;  // 6 rows x 4 sums, 4 weights, a value
  static constexpr int kRows = 6;
  static constexpr int kRowsOfTwo = 12;
  static constexpr int kRowsOfOne = 12;
  static constexpr int kActivated = 2;

  static V load(const float* from) { return _mm512_loadu_ps(from); }
  static V load_part(const float* from, std::size_t count) {
    return _mm512_maskz_loadu_ps(mask(count), from);
  }
  static void store(float* to, V v) { _mm512_storeu_ps(to, v); }
  static void store_part(float* to, V v, std::size_t count) {
    _mm512_mask_storeu_ps(to, mask(count), v);
  }
  static V broadcast(float x) { return _mm512_set1_ps(x); }
  static V add(V a, V b) { return _mm512_add_ps(a, b); }
  static V subtract(V a, V b) { return _mm512_sub_ps(a, b); }
  static V multiply(V a, V b) { return _mm512_mul_ps(a, b); }
  static V at_least(V v, V bound) { return _mm512_max_ps(bound, v); }
  static V at_most(V v, V bound) { return _mm512_min_ps(bound, v); }
  static V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
  static V fnma(V a, V b, V c) { return _mm512_fnmadd_ps(a, b, c); }
  static V add_exponent(V p, V s) {
    return floats(_mm512_add_epi32(bits(p), _mm512_slli_epi32(bits(s), 23)));
  }
  static V subtract_from_bits(int from, V v) {
    return floats(_mm512_sub_epi32(_mm512_set1_epi32(from), bits(v)));
  }

 private:
  static __mmask16 mask(std::size_t count) { return __mmask16((1U << count) - 1); }
  static __m512i bits(V v) { return _mm512_castps_si512(v); }
  static V floats(__m512i v) { return _mm512_castsi512_ps(v); }
};

}  // namespace

void run_layer_avx512(const KernelLayer& layer, const KernelRows& rows) {
  run_layer<Avx512Lanes>(layer, rows);
}

}  // namespace tideline
#endif
