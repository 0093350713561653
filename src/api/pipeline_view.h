// How much the program has to do and how full everything is that has a bound: for /api/v1/pipeline
// and /metrics.
#pragma once

#include "api/json_writer.h"
#include "api/services.h"

namespace tideline {

// Members of the object at hand: rates, oldest_unprocessed, queues, door, refusals.
void write_load(JsonWriter& json, const Services& services, const PipelineStatus& status);

// Sets the gauges of the same.
void set_load_gauges(const Services& services, const PipelineStatus& status);

}  // namespace tideline
