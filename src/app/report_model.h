// The model in production as the reports show it: what its manifest says of it and of its rivals.
#pragma once

#include "app/engine.h"
#include "reports/facts.h"

namespace tideline {

// Adds model, and the answers model, reliability and importance; else no_model.
void add_model_facts(Engine& engine, reports::Facts& facts);

}  // namespace tideline
