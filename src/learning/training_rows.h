// TrainingRows: what every fitting function learns from, and the encoding fitted on it.
#pragma once

#include <cstddef>
#include <vector>

#include "scoring/encoding.h"
#include "scoring/scorer.h"

namespace tideline {

// Features row after row, labels row after row; a NaN label: the row does not teach this task.
struct TrainingRows {
  std::size_t rows = 0;
  std::size_t width = 0;
  std::size_t tasks = 0;
  std::vector<double> features;               // rows x width; NaN: missing
  std::vector<double> labels;                 // rows x tasks
  std::vector<double> days_since_qualifying;  // one a row

  [[nodiscard]] ScoringBlock block() const {
    return ScoringBlock{features, width, rows, days_since_qualifying};
  }
  [[nodiscard]] double label(std::size_t row, std::size_t task) const {
    return labels[row * tasks + task];
  }
};

// Means and scales of these rows and no others. A feature that is constant or always missing gives
// no input.
[[nodiscard]] FeatureEncoding fit_encoding(const TrainingRows& rows);

// The median of each feature over the rows where it is there; NaN: it is there in none.
[[nodiscard]] std::vector<double> medians_of(const TrainingRows& rows);

// All rows encoded, rows x inputs.
[[nodiscard]] std::vector<float> encode_all(const FeatureEncoding& encoding,
                                            const TrainingRows& rows);

}  // namespace tideline
