// Splits: which rows a model learns from and which it is judged by.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace tideline {

inline constexpr int kFolds = 5;

// Integer ids (optional sign, digits): id mod 5, never negative; other ids: xxh64(id) mod 5.
[[nodiscard]] int fold_of(std::string_view key);

// From the strongest to the weakest.
enum class SplitKind : std::uint8_t {
  time,               // train < validate < calibrate < test by time, a label's length between them
  time_cross_fitted,  // train | test by time; calibration by cross-fitting within train
  customer_folds,     // every customer's rows in one fold; each fold predicted by the other four
  none,               // too little data
};
[[nodiscard]] std::string_view name_of(SplitKind kind);

enum class Part : std::uint8_t { none, train, validate, calibrate, test };

// Borders of a split by time. A row belongs to a part when its as_of is in the part and its label
// was known before the next part began; rows between are in no part. That is the gap.
struct TimeCuts {
  SplitKind kind = SplitKind::time;
  Time validate{};   // begin; SplitKind::time only
  Time calibrate{};  // begin; SplitKind::time only
  Time test{};       // begin

  [[nodiscard]] Part part_of(Time as_of, Duration horizon) const;
};

// What the ladder looks at: one task's matured rows.
struct TaskRows {
  Duration horizon{};
  bool is_probability = true;
  std::vector<Time> as_of;
  std::vector<double> labels;  // no NaN
};

// Least rows and rows of each class that a part needs.
struct PartMinimum {
  std::size_t rows = 0;
  std::size_t of_each_class = 0;
};
inline constexpr PartMinimum kTrainMinimum{200, 30};
inline constexpr PartMinimum kJudgeMinimum{100, 15};  // validate, calibrate, test

[[nodiscard]] bool is_enough(const TaskRows& rows, PartMinimum minimum);

// Cuts that give the tasks' rows the parts of `kind` (time or time_cross_fitted), with room for
// the longest label; nullopt when the history is too short. Cuts lie on as_of times of the rows.
[[nodiscard]] std::optional<TimeCuts> time_cuts(std::span<const TaskRows> tasks, SplitKind kind);

// Every part of the split holds enough rows of this task.
[[nodiscard]] bool carries(const TimeCuts& cuts, const TaskRows& rows);

}  // namespace tideline
