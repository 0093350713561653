// The value of purchases as a rival of the others: MBG/NBD for how often, gamma-gamma for how
// much.
#pragma once

#include <optional>
#include <span>

#include "learning/dataset.h"
#include "packs/pack.h"
#include "scoring/purchase_value.h"

namespace tideline {

// nullopt where no task is one sum of money ahead, or the pack lacks a feature that tells the
// purchases behind it: with M the property and E its events, active_days(E, ever),
// since(E, ever), since_first(E) and sum(M, ever) / active_days(E, ever).
[[nodiscard]] std::optional<SpendingSpec> spending_spec(const Pack& pack,
                                                        std::span<const TaskSpec> tasks);

struct ValueFit {
  PurchaseModel purchases;  // mbg_nbd, times in weeks
  double log_likelihood = 0;
  GammaGamma amounts;
  std::size_t customers = 0;  // who have bought
};

// Of the latest row of each customer among `rows`. `near`: where to begin. invalid, with words for
// the data scientist, where they do not determine the models.
[[nodiscard]] Result<ValueFit> fit_value(const Dataset& data, std::span<const std::size_t> rows,
                                         const PurchaseModel* near = nullptr);

// The rule of models fitted to `rows`, begun at those of `all`; who has not bought is said to be
// worth what such customers of `rows` were. nullopt: these rows do not determine the models.
[[nodiscard]] std::optional<PurchaseValue> value_rule(const Dataset& data,
                                                      std::span<const std::size_t> rows,
                                                      const ValueFit& all);

}  // namespace tideline
