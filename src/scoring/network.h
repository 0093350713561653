// Network: the multi-task network's inference: a shared trunk and one head a task.
//
// The heads see the trunk's last layer and, by a direct link, the inputs themselves, so the
// network contains logistic regression as a special case. A network without the link is possible;
// learning/network_training.h makes none.
#pragma once

#include <vector>

#include "scoring/encoding.h"
#include "scoring/heads.h"
#include "scoring/kernel_path.h"
#include "scoring/scorer.h"

namespace tideline {

// Fully connected; weights by input then output, so that one row's sums are taken in a fixed
// order.
struct Layer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::vector<float> weights;  // inputs x outputs
  std::vector<float> bias;     // outputs
};

class Network final : public Scorer {
 public:
  FeatureEncoding encoding;
  std::vector<Layer> trunk;  // each followed by z x sigmoid(z)
  Layer output;  // inputs: the trunk's last outputs, then, if linked, the encoded inputs
  std::vector<Head> heads;  // one a task

  [[nodiscard]] std::size_t task_count() const override { return heads.size(); }
  void score(const ScoringBlock& block, std::span<double> figures) const override;
  // The same bytes whatever the path, and whatever the rows beside a row; `path` is one of
  // kernel_paths().
  void score(const ScoringBlock& block, std::span<double> figures, KernelPath path) const;
  // The heads' sums, before they become figures: rows x heads.
  void sums(const ScoringBlock& block, std::span<float> sums, KernelPath path) const;
  // The same from encoded inputs: rows x encoding.inputs.
  void sums(std::span<const float> inputs, std::span<float> sums, KernelPath path) const;

  // Sizes fit each other and every number is finite.
  [[nodiscard]] bool is_sound() const;
};

}  // namespace tideline
