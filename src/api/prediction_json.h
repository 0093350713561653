// Predictions and lists as JSON (contract.md 3).
#pragma once

#include <optional>
#include <string>

#include "api/json_writer.h"
#include "api/services.h"
#include "domain/prediction.h"

namespace tideline {

// One object; its keys follow the pack's tasks. With the tier that is set by hand now, beside the
// model's own.
void write_prediction(JsonWriter& json, const Services& services, const Prediction& prediction);
// A row of history: the same, and whether a late event has overtaken it.
void write_kept_prediction(JsonWriter& json, const Pack& pack, const KeptPrediction& kept);

// That tier as a value; null where none is in force.
void write_override_in_force(JsonWriter& json, const Services& services,
                             const CustomerId& customer);

// {"data":[ … up to here, and ],"next_cursor":…} with as_of where time stands still.
void begin_list(JsonWriter& json);
void end_list(JsonWriter& json, const Services& services, const std::string& next_cursor);
// The member as_of, where time stands still.
void write_as_of(JsonWriter& json, const Services& services);

}  // namespace tideline
