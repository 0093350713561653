// Fairness: whether a model's figures treat groups of customers differently: who is selected, who
// is rightly and wrongly selected, and whether what is said comes true, group by group.
//
// Every figure has an interval, and all intervals of a run hold together with 99 % (Bonferroni):
// where groups are treated alike, one run in a hundred shows any difference. Rows of one customer
// are not independent; variances are of sums over customers. A group or part of one with fewer
// than 200 customers is no basis for a figure: "not enough data". That no difference is found
// never means that there is none; the intervals say how large it may be.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "learning/bootstrap.h"
#include "packs/pack.h"

namespace tideline {

inline constexpr std::size_t kFairnessCustomersMin = 200;
inline constexpr double kFairnessConfidence = 0.99;

// Judged rows of one task. Vectors of one length.
struct FairnessRows {
  std::string task;
  TaskKind kind = TaskKind::probability;
  std::span<const double> labels;
  std::span<const double> figures;           // of the champion
  std::span<const std::uint64_t> customers;  // rows of one customer share it
};

// A share or mean of one group; NaN where the group is too small for it.
struct GroupFigure {
  double value = std::numeric_limits<double>::quiet_NaN();
  double error = std::numeric_limits<double>::quiet_NaN();  // standard error
  Interval interval;
  std::size_t customers = 0;  // that it rests on
};

// One group beside the reference group of its trait.
struct GroupGap {
  // selection_ratio, true_positive_gap, false_positive_gap, calibration_gap
  std::string name;
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN: not enough data
  Interval interval;
  bool differs = false;  // the interval leaves out "alike": 1 of a ratio, 0 of a gap
};

struct FairnessGroup {
  std::string value;  // of the trait
  std::size_t rows = 0;
  std::size_t customers = 0;
  // Shares of the group's rows that are selected; of those with the outcome (true positives); of
  // those without (false positives). Mean of label less figure: above 0 where more comes than was
  // said.
  GroupFigure selection, true_positives, false_positives, calibration;
  std::vector<GroupGap> gaps;  // empty for the reference
};

// One task by one protected trait.
struct FairnessOfTrait {
  std::string task;
  TaskKind kind = TaskKind::probability;
  std::string trait;
  std::string reference;              // the largest group, empty without any
  double threshold = 0;               // figures at or above it count as selected
  double outcome_from = 0;            // labels at or above it count as the outcome
  std::size_t unknown = 0;            // rows without a value of the trait
  std::vector<FairnessGroup> groups;  // largest first
  bool differs = false;               // any gap does
  bool enough = false;                // two groups are large enough to compare
};

// What the figures say, in a sentence with numbers.
[[nodiscard]] std::string verdict(const FairnessOfTrait& of);

// Collects what a run compares; intervals are set at the end, for all together.
class FairnessCheck {
 public:
  // `values` is one a row; "" is unknown. Selected are as many as have the outcome, highest
  // figures first; of a number task the outcome is to be among the highest fifth.
  void add(const FairnessRows& rows, const std::string& trait,
           std::span<const std::string> values);
  [[nodiscard]] std::vector<FairnessOfTrait> finish();

 private:
  std::vector<FairnessOfTrait> found_;
};

}  // namespace tideline
