// Made-up rows for measuring trees: counts, amounts and shares, a twentieth of them missing; the
// label depends on a third of them.
#pragma once

#include <cmath>

#include "adapters/xgboost/xgboost_trainer.h"
#include "base/rng.h"
#include "bench/measure.h"

namespace tideline::bench {

inline constexpr std::size_t kTreeWidth = 72;

inline TrainingRows made_rows(std::size_t rows, std::uint64_t seed) {
  Rng rng(seed);
  TrainingRows made{rows, kTreeWidth, 1, {}, {}, {}};
  made.features.reserve(rows * kTreeWidth);
  for (std::size_t r = 0; r < rows; ++r) {
    double sum = -0.5;
    for (std::size_t f = 0; f < kTreeWidth; ++f) {
      const double x = f % 4 == 0 ? double(rng.poisson(6)) : rng.exponential(2);
      if (f % 3 == 0) sum += (x > 2 ? 0.4 : -0.2) * (f % 2 == 0 ? 1 : -1);
      made.features.push_back(rng.chance(0.05) ? std::nan("") : double(float(x)));
    }
    made.labels.push_back(rng.chance(1 / (1 + std::exp(-sum))) ? 1 : 0);
  }
  made.days_since_qualifying.assign(rows, std::nan(""));
  return made;
}

// 300 trees of depth 6.
inline BoostedTrees made_trees(const TrainingRows& rows, TreeObjective objective) {
  TreeOptions options;
  options.objective = objective;
  options.rounds_max = 300;
  options.depth_max = 6;
  options.learning_rate = 0.05;
  const auto fit = XgboostTrainer().fit(rows, {}, 0, options);
  require(fit.has_value(), fit ? "" : fit.error().message);
  require(fit->trees.trees.size() == options.rounds_max, "a tree is missing");
  return fit->trees;
}

}  // namespace tideline::bench
