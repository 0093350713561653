// Training of the regressions: L2 logistic regression by Newton's method, ridge regression for
// numbers.
#pragma once

#include <span>

#include "learning/training_rows.h"
#include "packs/pack.h"
#include "scoring/logistic.h"

namespace tideline {

struct RegressionOptions {
  double penalty =
      1.0;  // half of it x sum of squared weights of standardised inputs (C = 1 / penalty)
  int steps_max = 50;
};

// A task without a label of either class, or of any number, stays unfitted. `penalty` > 0, so that
// a solution always exists; the bias is not penalised.
[[nodiscard]] Regressions fit_regressions(const TrainingRows& rows,
                                          std::span<const TaskSpec> tasks,
                                          const RegressionOptions& options = {});

}  // namespace tideline
