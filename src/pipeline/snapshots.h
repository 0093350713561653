// Snapshots: rows of features as of chosen times, as known then, with their labels. By the serving
// code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "learning/snapshot.h"
#include "packs/program.h"
#include "pipeline/rebuild.h"

namespace tideline {

struct SnapshotRequest {
  std::vector<Time> at;               // ascending
  Time now{};                         // labels are known as far as this
  std::optional<LabelProgram> label;  // in place of the pack's tasks: one label a row
  std::optional<Rule> eligible;       // in place of the pack's rule
  bool everybody = false;             // any customer seen by then counts as eligible
  // Beyond so many rows only some of the customers are kept, chosen by a hash of their ids; what
  // is in memory stays near this many rows, however many customers there are. 0: all.
  std::size_t rows_max = 0;
};

// Appends the rows of one customer, one for each time by which an event was known.
void add_snapshots(const Pack& pack, const SnapshotRequest& request, const CustomerPast& past,
                   std::vector<Snapshot>& rows);

// One row for each customer with an event known at each time, in the order of ids, then times.
[[nodiscard]] Result<SnapshotTable> take_snapshots(StateStore& store, Lake& lake, const Pack& pack,
                                                   const SnapshotRequest& request);

// Times to learn from: midnights `step` apart, going back from the last one whose labels of
// `horizon` are known at `now`, not before `first` + 28 days; at most `count_max`, ascending.
[[nodiscard]] std::vector<Time> training_times(Time first, Time now, Duration horizon,
                                               Duration step, std::size_t count_max);

}  // namespace tideline
