#include "scoring/recency.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace tideline {

void RecencyRule::score(const ScoringBlock& block, std::span<double> figures) const {
  CHECK(figures.size() == block.rows * tasks.size());
  const auto& days = block.days_since_qualifying;
  CHECK(days.empty() || days.size() == block.rows);
  for (std::size_t r = 0; r < block.rows; ++r) {
    for (std::size_t k = 0; k < tasks.size(); ++k) {
      const Task& task = tasks[k];
      double& figure = figures[r * tasks.size() + k];
      if (task.probabilities.empty() || days.empty() || std::isnan(days[r])) {
        figure = std::numeric_limits<double>::quiet_NaN();
        continue;
      }
      const auto step = std::lower_bound(task.edges.begin(), task.edges.end(), days[r]);
      figure = task.probabilities[std::size_t(step - task.edges.begin())];
    }
  }
}

bool RecencyRule::is_sound() const {
  for (const Task& task : tasks) {
    if (task.probabilities.empty()) continue;
    if (task.edges.size() + 1 != task.probabilities.size()) return false;
    if (!std::is_sorted(task.edges.begin(), task.edges.end())) return false;
    for (const double p : task.probabilities) {
      if (!(p >= 0 && p <= 1)) return false;
    }
  }
  return true;
}

void ConstantRule::score(const ScoringBlock& block, std::span<double> out) const {
  CHECK(out.size() == block.rows * figures.size());
  for (std::size_t r = 0; r < block.rows; ++r) {
    std::copy(figures.begin(), figures.end(), out.begin() + std::ptrdiff_t(r * figures.size()));
  }
}

}  // namespace tideline
