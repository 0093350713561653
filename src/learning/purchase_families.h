// "Buy till you die" models as rivals of the others: what they are asked, the histories in a
// dataset, and their fits.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "learning/dataset.h"
#include "learning/purchase_training.h"
#include "packs/pack.h"
#include "scoring/purchase_rule.h"

namespace tideline {

inline constexpr std::array kPurchaseFamilies{PurchaseFamily::mbg_nbd, PurchaseFamily::bg_nbd,
                                              PurchaseFamily::pareto_nbd};

// nullopt where the pack names no purchases or no task is one gone(...). The question is then
// whether nothing is bought for the lapse period; when it begins, calibration takes care of.
[[nodiscard]] std::optional<PurchaseSpec> purchase_spec(const Pack& pack,
                                                        std::span<const TaskSpec> tasks);

// The latest row of each customer among `rows`, in the order of ids.
[[nodiscard]] std::vector<std::size_t> latest_rows(const Dataset& data,
                                                   std::span<const std::size_t> rows);

// One a customer, of its latest row among `rows`; customers without a purchase are left out.
[[nodiscard]] std::vector<PurchaseHistory> purchase_histories(const Dataset& data,
                                                              std::span<const std::size_t> rows);

// Fits of one set of rows, by PurchaseFamily.
struct PurchaseFits {
  std::array<std::optional<PurchaseFit>, 3> fits;
  std::array<std::optional<Error>, 3> problems;  // why there is none; nullopt: nothing was asked
  std::size_t customers = 0;
};
[[nodiscard]] PurchaseFits fit_purchase_families(const Dataset& data,
                                                 std::span<const std::size_t> rows, int threads);

// Rules of models fitted to `rows`, begun at those of `all`; what `all` lacks is not tried.
[[nodiscard]] std::array<std::optional<PurchaseRule>, 3> purchase_rules(
    const Dataset& data, std::span<const std::size_t> rows, const PurchaseFits& all, int threads);

}  // namespace tideline
