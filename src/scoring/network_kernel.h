// The network's arithmetic on encoded inputs, for a block of rows, one function a KernelPath.
//
// The sum of an output of a row is always taken in the same order: bias, then inputs from the
// first to the last, each by one fused multiply-add. Vectors lie across outputs, never along a
// sum, and the activation uses only operations that IEEE 754 rounds exactly (add, multiply, fused
// multiply-add) and integer steps. So neither the width of the vectors nor the neighbours of a row
// can change a bit. Multiplication and addition are fused on every path because the processors
// that have AVX2 do it in one step, at half the cost; where there is no such instruction, std::fma
// does the same slowly.
#pragma once

#include <array>
#include <cstddef>

#include "scoring/kernel_path.h"

namespace tideline {

// sums = bias + values x weights, then z x sigmoid(z) where `activates`.
struct KernelLayer {
  const float* weights = nullptr;  // inputs x outputs, `weight_stride` from input to input
  const float* bias = nullptr;     // outputs
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::size_t weight_stride = 0;  // >= outputs
  bool activates = false;
};

// Rows lie `stride` floats apart.
struct KernelRows {
  const float* values = nullptr;  // rows x layer.inputs
  std::size_t value_stride = 0;
  float* sums = nullptr;  // rows x layer.outputs
  std::size_t sum_stride = 0;
  std::size_t rows = 0;
};

using LayerKernel = void (*)(const KernelLayer&, const KernelRows&);
[[nodiscard]] LayerKernel layer_kernel(KernelPath path);

void run_layer_plain(const KernelLayer& layer, const KernelRows& rows);
void run_layer_avx2(const KernelLayer& layer, const KernelRows& rows);
void run_layer_avx512(const KernelLayer& layer, const KernelRows& rows);

}  // namespace tideline
