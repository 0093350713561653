// Permutation importance: how much worse a model judges when one feature's values are dealt out
// anew among the rows (Breiman 2001; Fisher, Rudin, Dominici 2019). On rows it did not learn from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learning/families.h"

namespace tideline {

struct Importance {
  std::string feature;
  // Rise of the mean loss: log loss of a probability, squared error of a number. About 0 or below:
  // the model does without.
  double loss_rise = 0;
};

// Adds up over the runs of an evaluation.
class ImportanceTally {
 public:
  ImportanceTally(const Dataset& data, std::uint64_t seed);

  // At most about 1,000 rows of `judged` are looked at.
  void add(const Families& families, const Subset& judged);

  // Greatest first; empty when the champion was never looked at.
  [[nodiscard]] std::vector<Importance> of(std::size_t task, Champion champion,
                                           std::span<const std::string> feature_names) const;

 private:
  const Dataset& data_;
  std::uint64_t seed_;
  std::uint64_t runs_ = 0;
  std::vector<double> rises_[3];  // by kLooked: features x tasks, sums over rows
  std::vector<double> rows_[3];   // by kLooked: tasks
};

}  // namespace tideline
