// The model before there is one: rules that are fitted in a moment, so that something scores while
// the history is learnt.
#pragma once

#include "learning/train.h"

namespace tideline {

// The recency rule for each probability that has labels, the mean for each number; neither is
// judged, so the report has champions and no metrics. `options`: version, population.
[[nodiscard]] Result<TrainedModel> train_baseline(const SnapshotTable& table, const Pack& pack,
                                                  const TrainOptions& options);

}  // namespace tideline
