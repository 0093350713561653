// Contributions: how much of a margin of trees is due to each feature.
//
// Shapley values over the features, where the margin without some features is that of the training
// rows that agree on the others, as the covers in the trees tell (TreeSHAP, path dependent):
// Lundberg, Erion, Lee, "Consistent Individualized Feature Attribution for Tree Ensembles",
// arXiv:1802.03888, 2018; the same as XGBoost's pred_contribs, in double.
#pragma once

#include <span>
#include <vector>

#include "scoring/trees.h"

namespace tideline {

struct TreeContributions {
  double expected = 0;           // mean margin over the training rows
  std::vector<double> features;  // one a feature; 0 where no split uses it
};

// `row` holds as many features as the trees were checked for; NaN: missing. expected + the sum of
// features is the base margin plus the row's leaves, summed in double, within 1e-9 for trees as
// trainers make them.
[[nodiscard]] TreeContributions contributions_of(const BoostedTrees& trees,
                                                 std::span<const double> row);

// The base margin plus the row's leaves, summed in double.
[[nodiscard]] double exact_margin(const BoostedTrees& trees, std::span<const double> row);

}  // namespace tideline
