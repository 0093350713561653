// Dataset: the rows of a snapshot table that take part, as numbers, with what splits need to know
// of them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "learning/snapshot.h"
#include "learning/splits.h"
#include "learning/training_rows.h"

namespace tideline {

// What "buy till you die" models are told and asked.
struct PurchaseSpec {
  std::array<std::int32_t, 3> columns{};  // as of PurchaseRule
  std::vector<double> spans;              // one a task, weeks; NaN: not a question for them
};

// The same of what they spend: purchases of the events whose money a task sums up.
struct SpendingSpec {
  std::array<std::int32_t, 3> columns{};  // as of PurchaseRule
  std::int32_t amount_column = 0;         // mean amount of a day with a purchase
  std::vector<double> spans;              // one a task, weeks; NaN: not a question for them
};

// code: leakage, near_duplicates, insufficient_data, no_maximum (a model of purchases that the
// history does not determine), no_trees
struct Warning {
  std::string code;
  std::string message;
};

struct Dataset {
  std::vector<TaskSpec> tasks;
  std::optional<PurchaseSpec> purchases;   // nullopt: the pack is not about purchases
  std::optional<SpendingSpec> spending;    // nullopt: no task sums up money, see spending_spec()
  TrainingRows all;                        // every row, labels as known
  std::vector<double> past;                // rows x tasks
  std::vector<const Snapshot*> snapshots;  // one a row; the table outlives the dataset
  std::vector<std::uint64_t> groups;       // hash of the fold key: rows of one customer share it
  std::vector<int> folds;                  // one a row, 0..kFolds-1

  // How many features of a row can be there and not 0 at once; fewer than `all.width` where some
  // exclude each other. nullopt: all.
  std::optional<std::size_t> fillable;

  // Rows of different customers that are so near in every input are taken for copies; standard
  // deviations.
  float copies_within = 0.02F;
  std::vector<Warning> warnings;  // noted while the rows were made; told with every task

  // A row more; its features and labels fit all.width and all.tasks.
  void add(const Snapshot& row);
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
// Leaves to the test only the customers of the first fold, and to learning only the others.
void keep_customers_apart(const Dataset& data, Parts& parts);
[[nodiscard]] Parts parts_by_fold(const Dataset& data, int test_fold);  // test, all others train

}  // namespace tideline
