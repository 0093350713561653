// Rebuild: customers' states from the lake, as known at a time. The one path of replay, snapshots,
// `features --at` and `serve --as-of`.
#pragma once

#include <functional>

#include "features/customer_state.h"
#include "pipeline/manifest.h"
#include "ports/lake.h"

namespace tideline {

// One customer's past: events known at `known_by`, in the order of their time.
struct CustomerPast {
  CustomerId customer;
  std::vector<Observation> observations;  // sorted by time
  std::vector<Time> arrivals;             // beside each
};

// Visits every customer of the lake, in the order of ids, with the events that had arrived by
// `known_by` (all, when nullopt). Memory is bounded by one customer and a block. The visitor
// returns false to stop.
using PastVisitor = std::function<Result<bool>(CustomerPast&)>;
[[nodiscard]] Status visit_pasts(StateStore& store, Lake& lake, const Pack& pack,
                                 std::optional<Time> known_by, const PastVisitor& visit);

// A customer's state as of `t`: the events that had happened and had arrived by then.
[[nodiscard]] CustomerState state_at(const Pack& pack, const CustomerPast& past, Time t);

// Fills `target` with customers, dedupe marks and links from the lake; with `known_by`, only with
// what was known then (no marks). `target` must be empty of those families.
struct RebuildCounts {
  std::uint64_t customers = 0;
  std::uint64_t events = 0;
};
[[nodiscard]] Result<RebuildCounts> rebuild_state(StateStore& source, Lake& lake, const Pack& pack,
                                                  std::optional<Time> known_by,
                                                  StateStore& target);

}  // namespace tideline
