// Rebuild: customers' states from the lake, as known at a time. The one path of replay, snapshots,
// `features --at` and `serve --as-of`.
#pragma once

#include <functional>

#include "base/file.h"
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

struct RebuildOptions {
  std::optional<Time> known_by;  // only what had happened and was known then
  bool with_marks = true;        // also dedupe marks and links; never with known_by
  FileSystem* files = nullptr;   // for what does not fit into memory; null: all of it must
  std::string scratch;
};
struct RebuildCounts {
  std::uint64_t customers = 0;
  std::uint64_t events = 0;
};
// Fills `target`, which must be empty of those families, with customers (and marks) from the lake.
// Reads the lake in the order in which it lies: the order of events cannot matter.
[[nodiscard]] Result<RebuildCounts> rebuild_state(StateStore& source, Lake& lake, const Pack& pack,
                                                  const RebuildOptions& options,
                                                  StateStore& target);

}  // namespace tideline
