// What the reports need to know, gathered from a folder: SQL over its lake, the model in
// production, the effect of actions, sizes on disk, benchmarks, prices and the initiative.
#pragma once

#include "app/engine.h"
#include "reports/facts.h"

namespace tideline {

struct GatheringOptions {
  std::optional<Time> at;  // nullopt: the folder's now
  bool flush = true;       // bring the lake up to date first
};

// What cannot be had is missing in the facts, with the reason; an error is for what should be
// there and cannot be read: a damaged lake, a price list with a mistake.
[[nodiscard]] Result<reports::Facts> gather_facts(Engine& engine, const GatheringOptions& options);

}  // namespace tideline
