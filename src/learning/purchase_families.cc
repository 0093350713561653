#include "learning/purchase_families.h"

#include <cmath>
#include <limits>
#include <map>

#include "learning/jobs.h"
#include "packs/program.h"

namespace tideline {

std::optional<PurchaseSpec> purchase_spec(const Pack& pack, std::span<const TaskSpec> tasks) {
  const auto& named = pack.program().purchases;
  if (!named) return std::nullopt;
  PurchaseSpec spec;
  spec.columns = {std::int32_t(named->active_days), std::int32_t(named->since_last),
                  std::int32_t(named->since_first)};
  bool any = false;
  for (const TaskSpec& task : tasks) {
    double span = std::numeric_limits<double>::quiet_NaN();
    const auto label = parse_label(pack, task.label);
    const bool asks = task.kind == TaskKind::probability && label && label->gones.size() == 1 &&
                      label->aggregates.empty() && label->first_successes.empty();
    if (asks) span = days(label->gones[0].lapse) / kDaysOfWeek;
    any |= asks;
    spec.spans.push_back(span);
  }
  if (!any) return std::nullopt;
  return spec;
}

std::vector<std::size_t> latest_rows(const Dataset& data, std::span<const std::size_t> rows) {
  std::map<std::string_view, std::size_t> latest;
  for (const std::size_t r : rows) {
    const auto [found, is_new] = latest.emplace(data.snapshots[r]->customer.str(), r);
    if (!is_new && data.snapshots[found->second]->as_of < data.snapshots[r]->as_of)
      found->second = r;
  }
  std::vector<std::size_t> out;
  for (const auto& [customer, r] : latest) out.push_back(r);
  return out;
}

std::vector<PurchaseHistory> purchase_histories(const Dataset& data,
                                                std::span<const std::size_t> rows) {
  std::vector<PurchaseHistory> histories;
  for (const std::size_t r : latest_rows(data, rows)) {
    const auto history = purchase_history(data.all.block().row(r), data.purchases->columns);
    if (history.repeats >= 0) histories.push_back(history);
  }
  return histories;
}

PurchaseFits fit_purchase_families(const Dataset& data, std::span<const std::size_t> rows,
                                   int threads) {
  PurchaseFits out;
  if (!data.purchases) return out;
  const auto histories = purchase_histories(data, rows);
  out.customers = histories.size();
  run_jobs(kPurchaseFamilies.size(), threads, [&](std::size_t i) {
    auto fit = fit_purchases(kPurchaseFamilies[i], histories);
    if (fit)
      out.fits[i] = std::move(*fit);
    else
      out.problems[i] = fit.error();
  });
  return out;
}

std::array<std::optional<PurchaseRule>, 3> purchase_rules(const Dataset& data,
                                                          std::span<const std::size_t> rows,
                                                          const PurchaseFits& all, int threads) {
  std::array<std::optional<PurchaseRule>, 3> rules;
  if (!data.purchases) return rules;
  const auto histories = purchase_histories(data, rows);
  run_jobs(kPurchaseFamilies.size(), threads, [&](std::size_t i) {
    if (!all.fits[i]) return;
    const auto fit = fit_purchases(kPurchaseFamilies[i], histories, &all.fits[i]->model);
    if (!fit) return;
    PurchaseRule& rule = rules[i].emplace();
    rule.model = fit->model;
    rule.feature_count = data.all.width;
    rule.columns = data.purchases->columns;
    rule.spans = data.purchases->spans;
  });
  return rules;
}

}  // namespace tideline
