// The model in production as figures for Prometheus. Internal to src/api.
#pragma once

#include "api/services.h"

namespace tideline {

// Drift of its features and figures, and how its predictions came true.
void set_model_gauges(const Services& services);

}  // namespace tideline
