// Regressions: logistic regression for probabilities, linear regression for numbers, one a task.
#pragma once

#include <vector>

#include "scoring/encoding.h"
#include "scoring/heads.h"
#include "scoring/scorer.h"

namespace tideline {

class Regressions final : public Scorer {
 public:
  struct Task {
    bool fitted = false;                    // false: no figure for this task
    HeadKind kind = HeadKind::probability;  // else a number
    std::vector<double> weights;            // encoding.inputs.size()
    double bias = 0;
    double low_limit = 0;  // numbers only: figures are clamped into [low_limit, high_limit]
    double high_limit = 0;
  };

  FeatureEncoding encoding;
  std::vector<Task> tasks;

  [[nodiscard]] std::size_t task_count() const override { return tasks.size(); }
  void score(const ScoringBlock& block, std::span<double> figures) const override;
  [[nodiscard]] bool is_sound() const;
};

}  // namespace tideline
