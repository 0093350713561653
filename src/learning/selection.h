// Feature selection for boosted trees: which few features do nearly as well as all, and what each
// step down costs.
//
// Backward elimination: trees of all features are grown, those that took away least loss leave,
// and so on. Features are chosen by rows that are learnt from; the curve is judged on rows of a
// later time that no fit saw.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "learning/tree_training.h"
#include "packs/pack.h"

namespace tideline {

struct SelectionPoint {
  std::size_t features = 0;
  double score = 0;  // R2 of a number, ROC-AUC of a probability; on the test rows
};

struct FeatureSelection {
  std::vector<std::string> names;     // chosen, the most useful first
  std::vector<SelectionPoint> curve;  // from all features down to one
  std::string best_alone;             // the feature that does best by itself, and its score
  double best_alone_score = 0;
  double loss = 0;              // score of all less that of the chosen
  std::vector<bool> is_chosen;  // by place of the feature
};

// What a selection learns from: trees grow on `learn`, stop by `judge`, are scored on `test`.
struct SelectionRows {
  const TrainingRows& learn;
  const TrainingRows& judge;
  const TrainingRows& test;
};

// Chooses `wanted` features for a task; at least 1, at most all. `threads`: fits at a time.
[[nodiscard]] Result<FeatureSelection> select_features(
    const TreeTrainer& trainer, const SelectionRows& rows, const TaskSpec& task, std::size_t place,
    std::span<const std::string> names, std::size_t wanted, std::uint64_t seed, int threads);

}  // namespace tideline
