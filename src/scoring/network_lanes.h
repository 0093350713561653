// The one text of the layer's arithmetic, over vectors of floats ("lanes"); network_plain.cc,
// network_avx2.cc and network_avx512.cc say what a vector is. Include only there.
//
// A Lanes has kWidth floats in a V; kRows x kColumns sums that fit its registers, as kRowsOfTwo x
// 2 and kRowsOfOne x 1, kActivated vectors to activate side by side; load, store, broadcast, add,
// subtract, multiply, at_least and at_most (which leave NaN alone), fma(a, b, c) = a b + c,
// fnma(a, b, c) = c - a b. add_exponent(p, s) = p 2^n, where s is n + 1.5 x 2^23 and nothing over-
// or underflows; subtract_from_bits() subtracts a float's bits from a number.
#pragma once

#include <cstddef>

#include "scoring/network_kernel.h"

namespace tideline {

// z x sigmoid(z) of N vectors, within 5e-7 x max(|true value|, 1e-3) of the true value. NaN stays
// NaN.
//
// exp(-z) = 2^n 2^f, n whole, |f| <= 1/2: n by adding and taking away 1.5 x 2^23, 2^f by the
// polynomial of degree 5 with the least relative error (1e-7). z is held within 80 of 0, where the
// result is z or nearly 0. 1 / (1 + exp(-z)) from a guess by the exponent's bits (within 1/19),
// made better by Halley's iteration and then by Newton's, because a division takes longer. The
// vectors go step by step side by side: each step waits for the one before it.
template <class Lanes, int N>
inline void silu(typename Lanes::V (&z)[N]) {
  using V = typename Lanes::V;
  const auto c = [](float x) { return Lanes::broadcast(x); };
  V held[N], shifted[N], f[N], p[N], y[N], r[N];
  const auto each = [](const auto& step) {
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) step(i);
  };
  each([&](int i) { held[i] = Lanes::at_least(z[i], c(-80.0F)); });
  each([&](int i) { f[i] = Lanes::at_most(held[i], c(80.0F)); });
  each([&](int i) { shifted[i] = Lanes::fma(f[i], c(-1.44269504F), c(12582912.0F)); });
  each([&](int i) { p[i] = Lanes::subtract(c(12582912.0F), shifted[i]); });
  each([&](int i) { f[i] = Lanes::fma(f[i], c(-1.44269504F), p[i]); });
  each([&](int i) { p[i] = Lanes::fma(c(1.3264701e-3F), f[i], c(9.6715348e-3F)); });
  each([&](int i) { p[i] = Lanes::fma(p[i], f[i], c(5.5507340e-2F)); });
  each([&](int i) { p[i] = Lanes::fma(p[i], f[i], c(2.4022242e-1F)); });
  each([&](int i) { p[i] = Lanes::fma(p[i], f[i], c(6.9314698e-1F)); });
  each([&](int i) { p[i] = Lanes::fma(p[i], f[i], c(1.0F)); });
  each([&](int i) { y[i] = Lanes::add(c(1.0F), Lanes::add_exponent(p[i], shifted[i])); });
  each([&](int i) { r[i] = Lanes::subtract_from_bits(0x7EF34000, y[i]); });
  each([&](int i) { f[i] = Lanes::fnma(y[i], r[i], c(1.0F)); });
  each([&](int i) { f[i] = Lanes::fma(f[i], f[i], f[i]); });
  each([&](int i) { r[i] = Lanes::fma(r[i], f[i], r[i]); });
  each([&](int i) { f[i] = Lanes::fnma(y[i], r[i], c(1.0F)); });
  each([&](int i) { r[i] = Lanes::multiply(held[i], r[i]); });
  each([&](int i) { z[i] = Lanes::fma(r[i], f[i], r[i]); });
}

// silu of every sum. Apart from the tiles, whose sums take all registers, so that here the
// constants can have them.
template <class Lanes>
inline void activate(const KernelRows& rows, std::size_t outputs) {
  using V = typename Lanes::V;
  constexpr std::size_t kWidth = Lanes::kWidth;
  constexpr int kAtOnce = Lanes::kActivated;
  float* row = rows.sums;
  for (std::size_t r = 0; r < rows.rows; ++r, row += rows.sum_stride) {
    std::size_t at = 0;
    for (; at + kAtOnce * kWidth <= outputs; at += kAtOnce * kWidth) {
      V z[kAtOnce];
#pragma GCC unroll 16
      for (int i = 0; i < kAtOnce; ++i) z[i] = Lanes::load(row + at + std::size_t(i) * kWidth);
      silu<Lanes>(z);
#pragma GCC unroll 16
      for (int i = 0; i < kAtOnce; ++i) Lanes::store(row + at + std::size_t(i) * kWidth, z[i]);
    }
    for (; at < outputs; at += kWidth) {
      const std::size_t count = outputs - at < kWidth ? outputs - at : kWidth;
      V z[1] = {Lanes::load_part(row + at, count)};
      silu<Lanes>(z);
      Lanes::store_part(row + at, z[0], count);
    }
  }
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
      float* to = sums + std::size_t(r) * sum_stride + std::size_t(c) * kWidth;
      if (kWhole || c + 1 < C)
        Lanes::store(to, acc[r][c]);
      else
        Lanes::store_part(to, acc[r][c], tail);
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
inline void run_layer(const KernelLayer& whole, const KernelRows& all) {
  KernelLayer layer = whole;
  KernelRows rows = all;
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
  if (whole.activates) activate<Lanes>(all, whole.outputs);
}

}  // namespace tideline
