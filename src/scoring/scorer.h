// Scorer: the common face of everything that turns features into figures.
//
// This is the front page of the module: network.h, logistic.h and recency.h are the families,
// model.h the bundle that picks one champion a task, tiers.h what sorts figures into tiers. Pure
// mathematics: no input or output, no threads, no clock; the same inputs give the same bytes, for
// one row or for a block.
#pragma once

#include <cstddef>
#include <span>

namespace tideline {

// Rows to score. All spans are borrowed for the call.
struct ScoringBlock {
  std::span<const double> features;  // rows x width, row after row; NaN: missing
  std::size_t width = 0;             // features a row
  std::size_t rows = 0;
  // One a row, days; infinity: no qualifying event ever; NaN: unknown. Empty: unknown for all
  // rows.
  std::span<const double> days_since_qualifying;

  [[nodiscard]] std::span<const double> row(std::size_t i) const {
    return features.subspan(i * width, width);
  }
};

class Scorer {
 public:
  virtual ~Scorer() = default;
  [[nodiscard]] virtual std::size_t task_count() const = 0;
  // Writes rows x task_count() figures; NaN where the scorer has no figure for a task.
  // Thread-safe.
  virtual void score(const ScoringBlock& block, std::span<double> figures) const = 0;
};

}  // namespace tideline
