// Heads: how the last sum of a model becomes the figure of a task, in range by construction.
#pragma once

#include <cstdint>
#include <span>

namespace tideline {

// Numbers are part of the weights file.
enum class HeadKind : std::int32_t {
  probability = 0,   // sigmoid(z); with not_below p: p + (1 - p) sigmoid(z)
  range = 1,         // low + (high - low) sigmoid(z)
  non_negative = 2,  // scale x softplus(z)
  linear = 3,        // low + scale x z, clamped only against overflow
};

struct Head {
  HeadKind kind = HeadKind::probability;
  double low = 0;
  double high = 1;
  double scale = 1;
  int not_below = -1;  // an earlier head, kind probability; -1: none
};

// 1 / (1 + exp(-z)) without overflow; within [0, 1] for every z that is not NaN.
[[nodiscard]] double sigmoid(double z);
// ln(1 + exp(z)) without overflow; >= 0.
[[nodiscard]] double softplus(double z);
// ln(p / (1 - p)), p clamped into [1e-7, 1 - 1e-7].
[[nodiscard]] double logit(double p);

// One figure a head, in the order of `heads` (so that not_below, an earlier head, is there
// already).
void figures_of(std::span<const Head> heads, std::span<const float> sums,
                std::span<double> figures);

}  // namespace tideline
