// What an observation hands to a series: whether it counts, and the value looked at.
#pragma once

#include <cstdint>
#include <optional>

#include "features/observation.h"
#include "packs/program.h"

namespace tideline {

// The declared property that the observation carries; nullptr: none.
[[nodiscard]] const FieldValue* find_field(const Observation& observation, std::uint16_t field);

// Number of a property, a boolean as 0 or 1; NaN for texts and what is absent.
[[nodiscard]] double number_of(const FieldValue* value);

// The route by which a track, page or screen event reaches a series; nullptr when it does not:
// another event, a `where` that does not hold, or no such property.
[[nodiscard]] const Route* route_of(const Series& series, const Observation& observation);
// The same for a route already known to be of this event.
[[nodiscard]] bool takes(const Series& series, const Route& route, const Observation& observation);

// The value looked at as an exact number, its logarithm for geometric means; nullopt: cannot be
// (log of 0 or less).
[[nodiscard]] std::optional<double> input_number(const Series& series, const Route& route,
                                                 const Observation& observation);
// The value looked at as a key that is equal for equal values: xxh64 of texts, the bits of
// numbers.
[[nodiscard]] std::uint64_t input_key(const Route& route, const Observation& observation);

// Track, page and screen events count; identify, group and alias do not.
[[nodiscard]] inline bool is_activity(const Observation& observation) {
  return observation.type == EventType::track || observation.type == EventType::page ||
         observation.type == EventType::screen;
}

}  // namespace tideline
