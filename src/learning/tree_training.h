// TreeTrainer: training of gradient-boosted trees for one task. A port, so that learning knows no
// library: adapters/xgboost does it with libxgboost, test_tree_trainer.h is the small twin for
// tests; tree_trainer_contract.h runs over both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/result.h"
#include "learning/training_rows.h"
#include "scoring/trees.h"

namespace tideline {

struct TreeOptions {
  TreeObjective objective = TreeObjective::logistic;
  int depth_max = 6;  // 1..16
  std::size_t rounds_max = 300;
  // Rounds without a better loss on the validation rows after which it stops; 0: never.
  std::size_t patience = 30;
  double learning_rate = 0.1;  // (0, 1]
  double row_share = 1;        // of the rows that each tree learns from, drawn by seed; (0, 1]
  double feature_share = 1;    // of the features that each tree may use, drawn by seed; (0, 1]
  double cover_min = 1;        // least sum of second derivatives in a leaf
  double gain_min = 0;         // least loss that a split must take away
  double penalty = 1;          // on squared leaves
  int cuts_max = 256;          // of a feature, 2..256
  std::optional<double> base_score;  // absent: the mean of the training labels
  std::uint64_t seed = 1;
  int threads = 1;  // more may round otherwise: the same bytes only for the same number
};

struct TreeFit {
  BoostedTrees trees;  // only the rounds that are kept
  // Mean log loss, squared error, or deviance of Poisson, on the validation rows with the kept
  // rounds; NaN without such rows.
  double validation_loss = std::numeric_limits<double>::quiet_NaN();
};

class TreeTrainer {
 public:
  virtual ~TreeTrainer() = default;

  // Learns `task` from the rows of `train` that have a label for it; of the rounds keeps as many
  // as are best on the rows of `validation` that have one, all of them where none has. Features
  // keep their places. The same rows, options and seed give the same trees, also from several
  // threads at once. invalid: no row with a label, a label outside the objective's range (0..1 of
  // logistic, not negative of poisson and tweedie, above 0 of gamma), an infinite feature or
  // label, an option out of range. internal: the library failed.
  [[nodiscard]] virtual Result<TreeFit> fit(const TrainingRows& train,
                                            const TrainingRows& validation, std::size_t task,
                                            const TreeOptions& options) const = 0;
};

}  // namespace tideline
