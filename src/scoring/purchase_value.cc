#include "scoring/purchase_value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace tideline {
namespace {

constexpr int kPoints = 300;        // of the integral over the chance to leave
constexpr double kForEver = 1e200;  // weeks; who lives buys some time

}  // namespace

double expected_purchases(const PurchaseModel& model, const PurchaseHistory& history,
                          double span) {
  CHECK(model.family == PurchaseFamily::mbg_nbd);
  const double alive = 1 - model.none_within(history, kForEver);
  // Of who lives: rate ~ Gamma(r + x, alpha + age), leaving ~ Beta(a, b + x + 1). A customer with
  // rate l who leaves with p after each purchase buys (1 - e^(-l p span)) / p times.
  const double shape = model.r + history.repeats;
  const double scale = model.alpha + history.age;
  const double a = model.leave_first;
  const double b = model.leave_second + history.repeats + 1;
  // With p = v^(1/a) the density's pole at 0 is gone.
  double sum = 0, weights = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double v = (i + 0.5) / kPoints;
    const double p = std::pow(v, 1 / a);
    const double weight = std::exp((b - 1) * std::log1p(-p));
    const double few = p * span / scale;
    const double bought =
        few < 1e-9 ? shape * span / scale : -std::expm1(-shape * std::log1p(few)) / p;
    sum += weight * bought;
    weights += weight;
  }
  return weights > 0 ? alive * sum / weights : 0;
}

double GammaGamma::log_likelihood(double purchases, double mean_amount) const {
  const double x = purchases;
  return std::lgamma(p * x + q) - std::lgamma(p * x) - std::lgamma(q) + q * std::log(gamma) +
         (p * x - 1) * std::log(mean_amount) + p * x * std::log(x) -
         (p * x + q) * std::log(gamma + x * mean_amount);
}

double GammaGamma::expected_amount(double purchases, double mean_amount) const {
  return p * (gamma + purchases * mean_amount) / (p * purchases + q - 1);
}

void PurchaseValue::score(const ScoringBlock& block, std::span<double> figures) const {
  CHECK(block.width == feature_count && figures.size() == block.rows * spans.size());
  for (std::size_t r = 0; r < block.rows; ++r) {
    const PurchaseHistory history = purchase_history(block.row(r), columns);
    const double amount = block.row(r)[std::size_t(amount_column)];
    const bool bought = history.repeats >= 0 && amount > 0;
    for (std::size_t k = 0; k < spans.size(); ++k) {
      double& figure = figures[r * spans.size() + k];
      figure = std::numeric_limits<double>::quiet_NaN();
      if (std::isnan(spans[k])) continue;
      const double worth = bought ? expected_purchases(model, history, spans[k]) *
                                        amounts.expected_amount(history.repeats + 1, amount)
                                  : newcomers[k];
      figure = std::isfinite(worth) ? worth : newcomers[k];
    }
  }
}

}  // namespace tideline
