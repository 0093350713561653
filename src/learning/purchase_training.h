// Maximum likelihood for the "buy till you die" models of scoring/purchase_model.h.
#pragma once

#include <span>

#include "base/result.h"
#include "scoring/purchase_model.h"

namespace tideline {

struct PurchaseFit {
  PurchaseModel model;
  double log_likelihood = 0;  // of all histories, natural logarithm
  int steps = 0;
};

// Deterministic. `near`: where to begin, such as the model of nearly the same customers. `invalid`
// with words for the data scientist when the histories do not determine
// the model: fewer than 50 customers, nobody with a repeat, or a likelihood that keeps rising
// while a parameter runs off (e.g. no leaving can be told from slow buying).
[[nodiscard]] Result<PurchaseFit> fit_purchases(PurchaseFamily family,
                                                std::span<const PurchaseHistory> histories,
                                                const PurchaseModel* near = nullptr);

}  // namespace tideline
