// Labels: what happened after t, from the events known at `now` (design 4.6).
//
// Rows whose label is not yet known are excluded, never counted as retained.
#pragma once

#include <optional>
#include <span>

#include "features/observation.h"
#include "packs/program.h"

namespace tideline {

// Observations of one customer, sorted by time, known at the time they are asked for. They must
// reach back at least 120 days before the t of a label: own pace and "new to this customer" look
// back.
using History = std::span<const Observation>;

// The label of a task at t. nullopt: not yet known (now < t + horizon), masked by an end event, or
// without a value (every part missing, no first session to judge).
[[nodiscard]] std::optional<double> label(const Pack& pack, std::size_t task, History history,
                                          Time t, Time now);

// The same for any compiled label, e.g. parse_label(pack, "gone(0d, 14d)"). What the label was one
// horizon earlier, as a rule of "same as last time": label_value(pack, program, history, t -
// program.horizon, t).
[[nodiscard]] std::optional<double> label_value(const Pack& pack, const LabelProgram& program,
                                                History history, Time t, Time now);

}  // namespace tideline
