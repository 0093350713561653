// The network's loss and its gradient, over all weights in one flat vector. Apart from the
// training loop, so that a test can compare the gradient with finite differences, in double.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "scoring/heads.h"

namespace tideline {

// Sizes and the place of each part in the flat vector: for every trunk layer weights (inputs x
// outputs) and bias, then the output's weights ((last trunk layer, inputs) x tasks) and bias.
struct NetworkShape {
  std::size_t inputs = 0;
  std::vector<std::size_t> hidden;
  std::size_t tasks = 0;

  [[nodiscard]] std::size_t parameter_count() const;
  // 1 for weights of the trunk and what the heads take from it, `direct` for those of the direct
  // link, 0 for biases: what each parameter's decay is multiplied by.
  [[nodiscard]] std::vector<float> decay_factors(float direct) const;
};

template <class Scalar>
struct Batch {
  std::size_t rows = 0;
  std::span<const Scalar> inputs;  // rows x inputs
  std::span<const Scalar> labels;  // rows x tasks; NaN: masked
  // rows x (sum of hidden): what each trunk output is multiplied by (dropout); empty: 1.
  std::span<const Scalar> keep;
};

// Loss: sum over tasks of (1 / rows) x sum over unmasked rows of the task's loss: log loss for a
// probability, (figure - label)^2 / (2 x head.scale^2) for a number. `gradient` (parameter_count()
// long, or empty: not wanted) is overwritten. Instantiated for float and double.
template <class Scalar>
Scalar loss_and_gradient(const NetworkShape& shape, std::span<const Head> heads,
                         std::span<const Scalar> parameters, const Batch<Scalar>& batch,
                         std::span<Scalar> gradient);

}  // namespace tideline
