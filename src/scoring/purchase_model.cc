#include "scoring/purchase_model.h"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

namespace tideline {
namespace {

// std::lgamma writes a global; boost's is a pure function.
double log_gamma(double x) { return boost::math::lgamma(x); }

double log_beta(double a, double b) { return log_gamma(a) + log_gamma(b) - log_gamma(a + b); }

// ln(e^a + e^b)
double log_sum(double a, double b) {
  const double high = std::max(a, b);
  if (high == -std::numeric_limits<double>::infinity()) return high;
  return high + std::log1p(std::exp(std::min(a, b) - high));
}

// The part of the likelihood that all three share: purchases of a Gamma-mixed Poisson process.
double log_purchases(const PurchaseModel& m, double repeats) {
  return log_gamma(m.r + repeats) - log_gamma(m.r) + m.r * std::log(m.alpha);
}

// ln of E[(1 - p)^stays p^leaves], p ~ Beta(a, b)
double log_stays(const PurchaseModel& m, double stays, double leaves) {
  return log_beta(m.leave_first + leaves, m.leave_second + stays) -
         log_beta(m.leave_first, m.leave_second);
}

double log_likelihood_bg(const PurchaseModel& m, const PurchaseHistory& h) {
  const double power = m.r + h.repeats;
  const double alive = log_stays(m, h.repeats, 0) - power * std::log(m.alpha + h.age);
  if (h.repeats == 0) return log_purchases(m, 0) + alive;
  const double gone = log_stays(m, h.repeats - 1, 1) - power * std::log(m.alpha + h.last);
  return log_purchases(m, h.repeats) + log_sum(alive, gone);
}

double log_likelihood_mbg(const PurchaseModel& m, const PurchaseHistory& h) {
  const double power = m.r + h.repeats;
  const double alive = log_stays(m, h.repeats + 1, 0) - power * std::log(m.alpha + h.age);
  const double gone = log_stays(m, h.repeats, 1) - power * std::log(m.alpha + h.last);
  return log_purchases(m, h.repeats) + log_sum(alive, gone);
}

// ln of the integral over y in [last, age] of (alpha + y)^-power (beta + y)^-(s + 1): left at y.
// In u = ln(alpha + y) the integrand falls at least like e^-((power - 1) u), so what lies 60 of
// its decay lengths away adds nothing to a double.
double log_left_between(const PurchaseModel& m, double power, double last, double age) {
  if (age <= last) return -std::numeric_limits<double>::infinity();
  const double beta = m.leave_second;
  const double exponent = m.leave_first + 1;
  const double from = std::log(m.alpha + last);
  const double decay = std::max(power - 1, 0.0) + 1e-9;
  const double to = std::min(std::log(m.alpha + age), from + 60 / decay);
  const double top = -power * from - exponent * std::log(beta + last);
  const auto integrand = [&](double u) {
    const double y = std::exp(u) - m.alpha;
    return std::exp(u - power * u - exponent * std::log(beta + std::max(y, 0.0)) - top);
  };
  // Pieces that double in width keep the steep beginning and the long tail both exact.
  using Rule = boost::math::quadrature::gauss<double, 20>;
  constexpr int kPieces = 6;
  double sum = 0;
  for (int i = 0; i < kPieces; ++i) {
    const double low = i == 0 ? 0 : std::ldexp(1.0, i - kPieces);
    const double high = std::ldexp(1.0, i + 1 - kPieces);
    sum += Rule::integrate(integrand, from + (to - from) * low, from + (to - from) * high);
  }
  return top + std::log(sum);
}

double log_likelihood_pareto(const PurchaseModel& m, const PurchaseHistory& h) {
  const double power = m.r + h.repeats;
  const double s = m.leave_first;
  const double beta = m.leave_second;
  const double alive = -power * std::log(m.alpha + h.age) - s * std::log(beta + h.age);
  const double gone = std::log(s) + log_left_between(m, power, h.last, h.age);
  return log_purchases(m, h.repeats) + s * std::log(beta) + log_sum(alive, gone);
}

}  // namespace

std::string_view name_of(PurchaseFamily family) {
  switch (family) {
    case PurchaseFamily::mbg_nbd: return "mbg_nbd";
    case PurchaseFamily::bg_nbd: return "bg_nbd";
    case PurchaseFamily::pareto_nbd: return "pareto_nbd";
  }
  return "";
}

double PurchaseModel::log_likelihood(const PurchaseHistory& history) const {
  switch (family) {
    case PurchaseFamily::mbg_nbd: return log_likelihood_mbg(*this, history);
    case PurchaseFamily::bg_nbd: return log_likelihood_bg(*this, history);
    case PurchaseFamily::pareto_nbd: return log_likelihood_pareto(*this, history);
  }
  return 0;
}

double PurchaseModel::none_within(const PurchaseHistory& history, double span) const {
  PurchaseHistory later = history;
  later.age += span;
  return std::clamp(std::exp(log_likelihood(later) - log_likelihood(history)), 0.0, 1.0);
}

bool PurchaseModel::is_sound() const {
  for (const double value : {r, alpha, leave_first, leave_second}) {
    if (!std::isfinite(value) || value <= 0) return false;
  }
  return true;
}

}  // namespace tideline
