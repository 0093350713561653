// Flags of `generate` and `demo` that make simulated events late, double and broken.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>

#include "simulator/disturbance.h"

namespace tideline {

// --late-share, --duplicate-share, --malformed-share, with what `options` holds as defaults.
void add_disturbance_flags(CLI::App& command, DisturbanceOptions& options);

// {"sent","late","duplicates","malformed":{CODE: n}}
[[nodiscard]] boost::json::object json_of(const SentCounts& counts);

}  // namespace tideline
