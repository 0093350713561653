// Baselines: what a model must beat: the recency rule and the base rate, fitted on a training
// part.
#pragma once

#include <span>

#include "learning/training_rows.h"
#include "packs/pack.h"
#include "scoring/calibration.h"
#include "scoring/recency.h"

namespace tideline {

// Steps of about equal numbers of rows, shrunk towards the base rate and made monotone (upwards or
// downwards, whichever fits the rows). Number tasks and tasks without labels get no steps.
[[nodiscard]] RecencyRule fit_recency(const TrainingRows& rows, std::span<const TaskSpec> tasks);

// Mean of each task's labels; NaN without any.
[[nodiscard]] ConstantRule fit_constant(const TrainingRows& rows);

// Platt scaling: maximum likelihood of slope and offset, held near "no change" where rows are few.
// NaN labels and predictions are left out.
[[nodiscard]] Calibration fit_calibration(std::span<const double> labels,
                                          std::span<const double> p);

}  // namespace tideline
