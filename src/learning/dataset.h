// Dataset: the rows of a snapshot table that take part, as numbers, with what splits need to know
// of them.
#pragma once

#include <string>
#include <vector>

#include "base/hash.h"
#include "learning/snapshot.h"
#include "learning/splits.h"
#include "learning/training_rows.h"

namespace tideline {

struct Dataset {
  std::vector<TaskSpec> tasks;
  TrainingRows all;                        // every row, labels as known
  std::vector<double> past;                // rows x tasks
  std::vector<const Snapshot*> snapshots;  // one a row; the table outlives the dataset
  std::vector<std::uint64_t> groups;       // hash of the fold key: rows of one customer share it
  std::vector<int> folds;                  // one a row, 0..kFolds-1

  // Rows whose label of `task` is known.
  [[nodiscard]] TaskRows task_rows(std::size_t task) const;
  // Over ids, times, features and labels of all rows, in order.
  [[nodiscard]] Hash128 hash() const;
};

// Which part each label of each row is in: rows x tasks.
using Parts = std::vector<Part>;

// Rows with a known label in `part` for a wanted task, with only those labels.
struct Subset {
  TrainingRows rows;
  std::vector<std::size_t> from;  // place in the dataset of each row
};
[[nodiscard]] Subset subset(const Dataset& data, const Parts& parts, Part part,
                            const std::vector<bool>& wanted_tasks);

// Parts of one run of a split.
[[nodiscard]] Parts parts_by_time(const Dataset& data, const TimeCuts& cuts);
[[nodiscard]] Parts parts_by_fold(const Dataset& data, int test_fold);  // test, all others train

}  // namespace tideline
