// PurchaseRule: the probability that a customer buys nothing for a while, by a "buy till you die"
// model, from three features that the pack names under [purchases].
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "scoring/purchase_model.h"
#include "scoring/scorer.h"

namespace tideline {

inline constexpr double kDaysOfWeek = 7;  // the models count in weeks, as the literature does

class PurchaseRule final : public Scorer {
 public:
  PurchaseModel model;  // times in weeks
  std::size_t feature_count = 0;
  // Places of: days with a purchase in the whole life, days since the last, days since the first.
  std::array<std::int32_t, 3> columns{};
  std::vector<double> spans;  // one a task, weeks without a purchase; NaN: no figure

  [[nodiscard]] std::size_t task_count() const override { return spans.size(); }
  // NaN for a customer without a purchase.
  void score(const ScoringBlock& block, std::span<double> figures) const override;
  [[nodiscard]] bool is_sound() const;
};

// What the model knows of the customer of a row; repeats are negative where that is nothing.
[[nodiscard]] PurchaseHistory purchase_history(std::span<const double> features,
                                               const std::array<std::int32_t, 3>& columns);

}  // namespace tideline
