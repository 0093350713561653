// Customers as rows for a model: each with its features as of a time, or the reason why it has no
// score.
#pragma once

#include "app/score_run.h"
#include "domain/event.h"
#include "features/compute.h"

namespace tideline {

// Nothing for a customer who was silent for 120 days.
Status add_customer(const Pack& pack, const CustomerId& customer, const CustomerState& state,
                    Time as_of, ScoreRun& run);

}  // namespace tideline
