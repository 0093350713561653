// Reads an event's declared properties into an observation: JSON text on one side, the pack's
// declarations on the other.
#pragma once

#include "features/observer.h"

namespace tideline {

// `event.properties` is valid JSON (checked on entry). invalid with reason bad_property: see
// Observer::set. The memory of `observation` is used again.
[[nodiscard]] Status observe(Observer& observer, const EventFacts& event,
                             Observation& observation);
[[nodiscard]] inline Result<Observation> observe(Observer& observer, const EventFacts& event) {
  Observation observation;
  TRY(observe(observer, event, observation));
  return observation;
}
[[nodiscard]] inline Result<Observation> observe(Observer& observer, const Event& event) {
  return observe(observer, facts_of(event));
}

}  // namespace tideline
