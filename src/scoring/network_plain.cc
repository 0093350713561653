// The layer's arithmetic without vectors, for any processor; the oracle of the other two.
#include <bit>
#include <cmath>
#include <cstdint>

#include "scoring/network_lanes.h"

namespace tideline {
namespace {

struct PlainLanes {
  using V = float;
  static constexpr std::size_t kWidth = 1;
  static constexpr std::size_t kColumns = 4;
  static constexpr int kRows = 1;
  static constexpr int kRowsOfTwo = 1;
  static constexpr int kRowsOfOne = 1;
  static constexpr int kActivated = 1;

  static V load(const float* from) { return *from; }
  static V load_part(const float* from, std::size_t) { return *from; }
  static void store(float* to, V v) { *to = v; }
  static void store_part(float* to, V v, std::size_t) { *to = v; }
  static V broadcast(float x) { return x; }
  static V add(V a, V b) { return a + b; }
  static V subtract(V a, V b) { return a - b; }
  static V multiply(V a, V b) { return a * b; }
  static V at_least(V v, V bound) { return bound > v ? bound : v; }
  static V at_most(V v, V bound) { return bound < v ? bound : v; }
  static V fma(V a, V b, V c) { return std::fma(a, b, c); }
  static V fnma(V a, V b, V c) { return std::fma(-a, b, c); }
  static V add_exponent(V p, V s) { return floats(bits(p) + (bits(s) << 23)); }
  static V subtract_from_bits(int from, V v) { return floats(std::uint32_t(from) - bits(v)); }

 private:
  static std::uint32_t bits(V v) { return std::bit_cast<std::uint32_t>(v); }
  static V floats(std::uint32_t v) { return std::bit_cast<float>(v); }
};

}  // namespace

void run_layer_plain(const KernelLayer& layer, const KernelRows& rows) {
  run_layer<PlainLanes>(layer, rows);
}

LayerKernel layer_kernel(KernelPath path) {
#if defined(__x86_64__)
  switch (path) {
    case KernelPath::avx512: return run_layer_avx512;
    case KernelPath::avx2: return run_layer_avx2;
    case KernelPath::plain: break;
  }
#endif
  (void)path;
  return run_layer_plain;
}

}  // namespace tideline
