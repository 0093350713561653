// The rules that need no features: "no activity for N days", and the base rate.
#pragma once

#include <vector>

#include "scoring/scorer.h"

namespace tideline {

// A probability by the days since the last qualifying event: a step function fitted on the
// training part.
class RecencyRule final : public Scorer {
 public:
  struct Task {
    // Upper edges of the steps but the last, ascending, days; and one probability a step. Empty:
    // no figure.
    std::vector<double> edges;
    std::vector<double> probabilities;
  };
  std::vector<Task> tasks;

  [[nodiscard]] std::size_t task_count() const override { return tasks.size(); }
  // NaN where the days are unknown.
  void score(const ScoringBlock& block, std::span<double> figures) const override;
  [[nodiscard]] bool is_sound() const;
};

// The same figure for everybody: the base rate of a probability, the mean of a number.
class ConstantRule final : public Scorer {
 public:
  std::vector<double> figures;  // NaN: no figure

  [[nodiscard]] std::size_t task_count() const override { return figures.size(); }
  void score(const ScoringBlock& block, std::span<double> out) const override;
};

}  // namespace tideline
