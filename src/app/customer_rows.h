// Customers as rows for a model: each with its features as of a time, or the reason why it has no
// score.
#pragma once

#include "app/score_run.h"
#include "domain/event.h"
#include "features/compute.h"

namespace tideline {

// False of customers who were silent for more than 120 days: they are in no table of features or
// scores.
[[nodiscard]] bool has_row(const CustomerState& state, Time as_of);

// Nothing where there is no row.
Status add_customer(const Pack& pack, const CustomerId& customer, const CustomerState& state,
                    Time as_of, ScoreRun& run);

}  // namespace tideline
