// Maximum likelihood for the gamma-gamma model of scoring/purchase_value.h.
#pragma once

#include <span>

#include "base/result.h"
#include "scoring/purchase_value.h"

namespace tideline {

struct AmountHistory {
  double purchases = 0;    // days with a purchase, >= 1
  double mean_amount = 0;  // > 0
};

// Deterministic (Nelder and Mead 1965, from the moments on). `invalid` when fewer than 50
// customers have bought, or their amounts do not determine the model.
[[nodiscard]] Result<GammaGamma> fit_gamma_gamma(std::span<const AmountHistory> histories);

}  // namespace tideline
