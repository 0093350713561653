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

}  // namespace

std::string_view name_of(PurchaseFamily family) {
  switch (family) {
    case PurchaseFamily::mbg_nbd: return "mbg_nbd";
    case PurchaseFamily::bg_nbd: return "bg_nbd";
    case PurchaseFamily::pareto_nbd: return "pareto_nbd";
  }
  return "";
}

PurchaseTerms PurchaseModel::terms_of(double repeats) const {
  PurchaseTerms terms;
  terms.purchases = log_purchases(*this, repeats);
  switch (family) {
    case PurchaseFamily::mbg_nbd:
      terms.stayed = log_stays(*this, repeats + 1, 0);
      terms.left = log_stays(*this, repeats, 1);
      break;
    case PurchaseFamily::bg_nbd:
      terms.stayed = log_stays(*this, repeats, 0);
      terms.left = repeats == 0 ? -std::numeric_limits<double>::infinity()
                                : log_stays(*this, repeats - 1, 1);
      break;
    case PurchaseFamily::pareto_nbd:
      terms.stayed = leave_first * std::log(leave_second);
      terms.left = terms.stayed + std::log(leave_first);
      break;
  }
  return terms;
}

double PurchaseModel::log_likelihood(const PurchaseHistory& h, const PurchaseTerms& terms) const {
  const double power = r + h.repeats;
  if (family == PurchaseFamily::pareto_nbd) {
    const double here =
        -power * std::log(alpha + h.age) - leave_first * std::log(leave_second + h.age);
    const double gone = log_left_between(*this, power, h.last, h.age);
    return terms.purchases + log_sum(terms.stayed + here, terms.left + gone);
  }
  const double here = terms.stayed - power * std::log(alpha + h.age);
  const double gone = terms.left - power * std::log(alpha + h.last);
  return terms.purchases + log_sum(here, gone);
}

double PurchaseModel::none_within(const PurchaseHistory& history, double span) const {
  PurchaseHistory later = history;
  later.age += span;
  const PurchaseTerms terms = terms_of(history.repeats);
  const double ratio = log_likelihood(later, terms) - log_likelihood(history, terms);
  return std::clamp(std::exp(ratio), 0.0, 1.0);
}

bool PurchaseModel::is_sound() const {
  for (const double value : {r, alpha, leave_first, leave_second}) {
    if (!std::isfinite(value) || value <= 0) return false;
  }
  return true;
}

}  // namespace tideline
