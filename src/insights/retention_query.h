// The SQL that gives the figures of retention again, over the views of the lake (docs/lake.md):
// for whoever wants to check them, or to go on from there. A second way to the same numbers as
// retention.h; a test compares them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "insights/retention.h"

namespace tideline {

// Columns day, customers, retained; `qualifying` are the events that count, at least one.
[[nodiscard]] std::string retention_query(std::span<const std::string> qualifying,
                                          RetentionKind kind, int days_max, int window_days,
                                          Time now);

// Columns month, active, new, retained, resurrected.
[[nodiscard]] std::string growth_query(std::span<const std::string> qualifying, Time now);

// An event that counts, and which of its properties are money.
struct ActiveEvent {
  std::string name;
  std::vector<std::string> money;
};
// One row, `actual`: as ActivityFigures::daily_active and yearly_amount. Amounts in another
// currency than `currency` are left out; empty: none is.
[[nodiscard]] std::string daily_active_query(std::span<const ActiveEvent> events, Time now);
[[nodiscard]] std::string yearly_amount_query(std::span<const ActiveEvent> events,
                                              const std::string& currency, Time now);

}  // namespace tideline
