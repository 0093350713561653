#include "scoring/logistic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace tideline {

void Regressions::score(const ScoringBlock& block, std::span<double> figures) const {
  CHECK(block.width == encoding.feature_count);
  CHECK(figures.size() == block.rows * tasks.size());
  std::vector<float> inputs(encoding.inputs.size());
  for (std::size_t r = 0; r < block.rows; ++r) {
    encoding.encode(block.row(r), inputs);
    for (std::size_t k = 0; k < tasks.size(); ++k) {
      const Task& task = tasks[k];
      double& figure = figures[r * tasks.size() + k];
      if (!task.fitted) {
        figure = std::numeric_limits<double>::quiet_NaN();
        continue;
      }
      double sum = task.bias;
      for (std::size_t i = 0; i < inputs.size(); ++i) sum += task.weights[i] * double(inputs[i]);
      figure = task.kind == HeadKind::probability
                   ? sigmoid(sum)
                   : std::clamp(sum, task.low_limit, task.high_limit);
    }
  }
}

bool Regressions::is_sound() const {
  for (const Task& task : tasks) {
    if (!task.fitted) continue;
    if (task.weights.size() != encoding.inputs.size() || !std::isfinite(task.bias)) return false;
    for (const double w : task.weights) {
      if (!std::isfinite(w)) return false;
    }
    if (task.kind != HeadKind::probability && !(task.low_limit <= task.high_limit)) return false;
  }
  return tideline::is_sound(encoding);
}

}  // namespace tideline
