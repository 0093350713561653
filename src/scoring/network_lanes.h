// The one text of the layer's arithmetic, over vectors of floats ("lanes"); network_plain.cc,
// network_avx2.cc and network_avx512.cc say what a vector is. Include only there.
//
// A Lanes has kWidth floats in a V, kRows x kColumns sums that fit its registers, and load, store,
// broadcast, add, subtract, multiply, at_least, fma(a, b, c) = a b + c, fnma(a, b, c) =
// c - a b, and on the bits as 32-bit integers shift_left_23, add_bits, subtract_from_bits.
// at_least leaves NaN alone.
#pragma once

#include <cstddef>

#include "scoring/network_kernel.h"

namespace tideline {

// z x sigmoid(z), within 4e-7 of the true value relative to it for z >= -80, and below 1e-32 where
// z is less. NaN stays NaN.
//
// exp(-z) = 2^n exp(f), n whole, |f| <= ln(2) / 2: n by adding and taking away 1.5 x 2^23, f with
// ln(2) in two parts (Cody and Waite, "Software Manual for the Elementary Functions", 1980),
// exp(f) by the polynomial of degree 6 with the least relative error (3e-9). 1 / (1 + exp(-z)) by
// Halley's iteration, twice, from a guess by the exponent's bits (within 1/8), because a division
// takes longer than that.
template <class Lanes>
inline typename Lanes::V silu(typename Lanes::V z) {
  using V = typename Lanes::V;
  const auto c = [](float x) { return Lanes::broadcast(x); };
  const V held = Lanes::at_least(z, c(-80.0F));
  const V a = Lanes::at_least(Lanes::subtract(c(0.0F), held), c(-80.0F));
  const V shifted = Lanes::fma(a, c(1.44269504F), c(12582912.0F));
  const V n = Lanes::subtract(shifted, c(12582912.0F));
  V f = Lanes::fnma(n, c(0.693359375F), a);
  f = Lanes::fnma(n, c(-2.12194440e-4F), f);
  V p = c(1.3814467887888667e-3F);
  p = Lanes::fma(p, f, c(8.368781054204756e-3F));
  p = Lanes::fma(p, f, c(4.166839424520795e-2F));
  p = Lanes::fma(p, f, c(1.666652010248361e-1F));
  p = Lanes::fma(p, f, c(4.9999993412213883e-1F));
  p = Lanes::fma(p, f, c(1.0F));
  p = Lanes::fma(p, f, c(1.0F));
  const V e = Lanes::add_bits(p, Lanes::shift_left_23(shifted));
  const V y = Lanes::add(c(1.0F), e);
  V r = Lanes::subtract_from_bits(0x7EF311C7, y);
  for (int i = 0; i < 2; ++i) {
    const V off = Lanes::fnma(y, r, c(1.0F));
    r = Lanes::fma(r, Lanes::fma(off, off, off), r);
  }
  return Lanes::multiply(held, r);
}

// R rows, C vectors of outputs. kWhole: every output of the last vector is there; else `tail` of
// them are.
template <class Lanes, int R, int C, bool kWhole>
inline void run_tile(const KernelLayer& layer, const float* values, std::size_t value_stride,
                     float* sums, std::size_t sum_stride, std::size_t tail) {
  using V = typename Lanes::V;
  constexpr std::size_t kWidth = Lanes::kWidth;
  const auto part = [tail](const float* from, int column) {
    if (kWhole || column + 1 < C) return Lanes::load(from + std::size_t(column) * kWidth);
    return Lanes::load_part(from + std::size_t(column) * kWidth, tail);
  };
  V acc[R][C];
#pragma GCC unroll 16
  for (int c = 0; c < C; ++c) {
    const V bias = part(layer.bias, c);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) acc[r][c] = bias;
  }
  const float* weights = layer.weights;
  const std::size_t weight_stride = layer.weight_stride;
  const float* const end = values + layer.inputs;
  for (; values != end; ++values, weights += weight_stride) {
    V w[C];
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) w[c] = part(weights, c);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const V x = Lanes::broadcast(values[std::size_t(r) * value_stride]);
#pragma GCC unroll 16
      for (int c = 0; c < C; ++c) acc[r][c] = Lanes::fma(x, w[c], acc[r][c]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
      const V sum = layer.activates ? silu<Lanes>(acc[r][c]) : acc[r][c];
      float* to = sums + std::size_t(r) * sum_stride + std::size_t(c) * kWidth;
      if (kWhole || c + 1 < C)
        Lanes::store(to, sum);
      else
        Lanes::store_part(to, sum, tail);
    }
  }
}

// All rows of `layer`, which is C vectors of outputs of the whole one.
template <class Lanes, int R, int C, bool kWhole>
inline void run_columns(const KernelLayer& layer, const KernelRows& rows, std::size_t tail) {
  const float* values = rows.values;
  float* sums = rows.sums;
  std::size_t left = rows.rows;
  for (; left >= R; left -= R) {
    run_tile<Lanes, R, C, kWhole>(layer, values, rows.value_stride, sums, rows.sum_stride, tail);
    values += R * rows.value_stride;
    sums += R * rows.sum_stride;
  }
  for (; left > 0; --left) {
    run_tile<Lanes, 1, C, kWhole>(layer, values, rows.value_stride, sums, rows.sum_stride, tail);
    values += rows.value_stride;
    sums += rows.sum_stride;
  }
}

template <class Lanes>
inline void run_layer(KernelLayer layer, KernelRows rows) {
  constexpr std::size_t kWidth = Lanes::kWidth;
  constexpr std::size_t kColumns = Lanes::kColumns;
  std::size_t left = layer.outputs;
  const auto pass = [&](std::size_t outputs) {
    layer.weights += outputs;
    layer.bias += outputs;
    rows.sums += outputs;
    left -= outputs;
  };
  for (; left >= kColumns * kWidth; pass(kColumns * kWidth)) {
    run_columns<Lanes, Lanes::kRows, kColumns, true>(layer, rows, kWidth);
  }
  for (; left >= 2 * kWidth; pass(2 * kWidth)) {
    run_columns<Lanes, Lanes::kRowsOfTwo, 2, true>(layer, rows, kWidth);
  }
  for (; left >= kWidth; pass(kWidth)) {
    run_columns<Lanes, Lanes::kRowsOfOne, 1, true>(layer, rows, kWidth);
  }
  if (left > 0) run_columns<Lanes, Lanes::kRowsOfOne, 1, false>(layer, rows, left);
}

}  // namespace tideline
