// What the pack wants to reach (success.toml), as the metrics of an initiative that names none of
// its own: each with the figure of the report, or the SQL, that tells where it stands.
#pragma once

#include <span>
#include <vector>

#include "packs/pack.h"
#include "packs/success.h"
#include "reports/initiative.h"

namespace tideline {

// `at`: nothing later is known. In the order of the targets; a target whose task, tier or feature
// the pack has not is left out.
[[nodiscard]] std::vector<reports::SuccessMetric> success_metrics(
    const Pack& pack, std::span<const SuccessTarget> targets, Time at);

}  // namespace tideline
