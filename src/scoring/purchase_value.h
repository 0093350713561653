// PurchaseValue: what a customer will spend in a while: purchases expected by MBG/NBD times the
// mean amount by the gamma-gamma model.
//
// Gamma-gamma: amounts of a customer are Gamma(p, nu), nu ~ Gamma(q, gamma) between customers;
// Fader and Hardie 2013, "The gamma-gamma model of monetary value". Fitted by
// learning/value_training.h.
#pragma once

#include <cstdint>
#include <vector>

#include "scoring/purchase_rule.h"

namespace tideline {

// Purchases expected in the next `span` (weeks, as the model) of a customer with this history;
// `model` is of the family mbg_nbd.
[[nodiscard]] double expected_purchases(const PurchaseModel& model, const PurchaseHistory& history,
                                        double span);

struct GammaGamma {
  double p = 1, q = 2, gamma = 1;  // > 0; q > 1 where a mean exists

  // Natural logarithm of the likelihood of a mean amount over `purchases` purchases.
  [[nodiscard]] double log_likelihood(double purchases, double mean_amount) const;
  // Of the customer's own long-run amount.
  [[nodiscard]] double expected_amount(double purchases, double mean_amount) const;
};

class PurchaseValue final : public Scorer {
 public:
  PurchaseModel model;  // mbg_nbd, times in weeks
  GammaGamma amounts;
  std::size_t feature_count = 0;
  std::array<std::int32_t, 3> columns{};  // as of PurchaseRule
  std::int32_t amount_column = 0;         // mean amount of a day with a purchase
  std::vector<double> spans;              // one a task, weeks; NaN: no figure
  std::vector<double> newcomers;          // one a task: figure of who has not bought yet

  [[nodiscard]] std::size_t task_count() const override { return spans.size(); }
  void score(const ScoringBlock& block, std::span<double> figures) const override;
};

}  // namespace tideline
