#include "learning/value_families.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "learning/purchase_families.h"
#include "learning/purchase_training.h"
#include "learning/value_training.h"
#include "packs/program.h"

namespace tideline {
namespace {

// The property that a label sums up, as features spell it: "Order Completed".revenue. Empty: the
// label is not one plain sum of money ahead.
std::string money_of(const Pack& pack, const LabelProgram& label) {
  const bool one = label.aggregates.size() == 1 && label.gones.empty() &&
                   label.first_successes.empty() && label.expression.code.size() == 1;
  if (!one || label.aggregates[0].kind != AggregateKind::sum) return {};
  const Aggregate& sum = label.aggregates[0];
  const auto& routes = label.series[sum.series].routes;
  const bool money = std::all_of(routes.begin(), routes.end(), [&](const Route& route) {
    return route.field < kEventName && pack.fields()[route.field].is_money;
  });
  const std::string end = ", ahead = " + format_duration(sum.window) + ")";
  const std::string& text = label.expression.text;
  if (!money || !text.starts_with("sum(") || !text.ends_with(end)) return {};
  return text.substr(4, text.size() - 4 - end.size());
}

std::optional<std::int32_t> place_of(const Pack& pack, const std::string& value) {
  const auto& features = pack.program().features;
  const auto found = std::find_if(features.begin(), features.end(),
                                  [&](const Expression& one) { return one.text == value; });
  if (found == features.end()) return std::nullopt;
  return static_cast<std::int32_t>(found - features.begin());
}

// Weeks ahead are filled in by the caller.
std::optional<SpendingSpec> spec_of(const Pack& pack, const std::string& money) {
  const std::string event = money.substr(0, money.rfind('.'));
  const std::string days = "active_days(" + event + ", ever)";
  const auto active_days = place_of(pack, days);
  const auto since_last = place_of(pack, "since(" + event + ", ever)");
  const auto since_first = place_of(pack, "since_first(" + event + ")");
  const auto amount = place_of(pack, "sum(" + money + ", ever) / " + days);
  if (!active_days || !since_last || !since_first || !amount) return std::nullopt;
  return SpendingSpec{{*active_days, *since_last, *since_first}, *amount, {}};
}

double amount_of(const Dataset& data, std::size_t row) {
  return data.all.block().row(row)[std::size_t(data.spending->amount_column)];
}

bool has_bought(const Dataset& data, std::size_t row) {
  return purchase_history(data.all.block().row(row), data.spending->columns).repeats >= 0 &&
         amount_of(data, row) > 0;
}

// The mean label of those who have not bought, a task each; NaN: not a question of spending.
std::vector<double> worth_of_newcomers(const Dataset& data, std::span<const std::size_t> rows) {
  const std::size_t tasks = data.all.tasks;
  std::vector<double> sums(tasks, 0.0), counts(tasks, 0.0);
  for (const std::size_t r : rows) {
    if (has_bought(data, r)) continue;
    for (std::size_t k = 0; k < tasks; ++k) {
      const double label = data.all.label(r, k);
      if (std::isnan(label)) continue;
      sums[k] += label;
      counts[k] += 1;
    }
  }
  for (std::size_t k = 0; k < tasks; ++k) {
    const bool asked = !std::isnan(data.spending->spans[k]);
    const double mean = counts[k] > 0 ? sums[k] / counts[k] : 0;
    sums[k] = asked ? mean : std::numeric_limits<double>::quiet_NaN();
  }
  return sums;
}

}  // namespace

std::optional<SpendingSpec> spending_spec(const Pack& pack, std::span<const TaskSpec> tasks) {
  std::optional<SpendingSpec> spec;
  std::string of;
  std::vector<double> spans(tasks.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    const auto label = parse_label(pack, tasks[k].label);
    const std::string money = label ? money_of(pack, *label) : std::string();
    // Sums of another property are another business.
    if (money.empty() || (!of.empty() && money != of)) continue;
    if (!spec) spec = spec_of(pack, money);
    if (!spec) continue;
    of = money;
    spans[k] = days(label->horizon) / kDaysOfWeek;
  }
  if (spec) spec->spans = std::move(spans);
  return spec;
}

Result<ValueFit> fit_value(const Dataset& data, std::span<const std::size_t> rows,
                           const PurchaseModel* near) {
  std::vector<PurchaseHistory> histories;
  std::vector<AmountHistory> amounts;
  for (const std::size_t r : latest_rows(data, rows)) {
    if (!has_bought(data, r)) continue;
    histories.push_back(purchase_history(data.all.block().row(r), data.spending->columns));
    amounts.push_back({histories.back().repeats + 1, amount_of(data, r)});
  }
  ValueFit fit;
  fit.customers = histories.size();
  TRY_ASSIGN(const PurchaseFit purchases, fit_purchases(PurchaseFamily::mbg_nbd, histories, near));
  fit.purchases = purchases.model;
  fit.log_likelihood = purchases.log_likelihood;
  TRY_ASSIGN(fit.amounts, fit_gamma_gamma(amounts));
  return fit;
}

std::optional<PurchaseValue> value_rule(const Dataset& data, std::span<const std::size_t> rows,
                                        const ValueFit& all) {
  const auto fit = fit_value(data, rows, &all.purchases);
  if (!fit) return std::nullopt;
  PurchaseValue rule;
  rule.model = fit->purchases;
  rule.amounts = fit->amounts;
  rule.feature_count = data.all.width;
  rule.columns = data.spending->columns;
  rule.amount_column = data.spending->amount_column;
  rule.spans = data.spending->spans;
  rule.newcomers = worth_of_newcomers(data, rows);
  return rule;
}

}  // namespace tideline
