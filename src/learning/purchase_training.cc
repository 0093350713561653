#include "learning/purchase_training.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace tideline {
namespace {

using Vector = Eigen::Vector4d;  // logarithms of the parameters, time in units of the mean age
using Matrix = Eigen::Matrix4d;

constexpr std::size_t kCustomersMin = 50;
constexpr int kStepsMax = 300;
// Beyond e^+-12 a parameter stands for "all customers alike" or "nobody ever leaves".
constexpr double kEdge = 12;
constexpr double kGradientMax = 1e-5;  // of the mean log likelihood
// Less than this, half the 95 % point of a likelihood ratio on its border, is no sign of leaving.
constexpr double kGainMin = 1.35;

// Beyond this many customers only some of them, evenly spread, look for where to begin; and a
// likelihood with an integral in it takes no more at all.
constexpr std::size_t kScouts = 1'000;
constexpr std::size_t kIntegralCustomers = 3'000;

struct Counted {
  PurchaseHistory history;
  double customers = 0;
};

PurchaseModel model_of(PurchaseFamily family, const Vector& x) {
  return {family, std::exp(x[0]), std::exp(x[1]), std::exp(x[2]), std::exp(x[3])};
}

// The way back.
Vector point_of(const PurchaseModel& model, double unit) {
  const double second =
      model.family == PurchaseFamily::pareto_nbd ? model.leave_second / unit : model.leave_second;
  return {std::log(model.r), std::log(model.alpha / unit), std::log(model.leave_first),
          std::log(second)};
}

// The mean log likelihood a customer, with minus sign.
class Objective {
 public:
  Objective(PurchaseFamily family, std::span<const PurchaseHistory> histories, double unit)
      : family_(family), customers_(double(histories.size())) {
    // Customers with the same history are counted, not computed again; those with as many repeats
    // stand together.
    std::map<std::tuple<double, double, double>, double> counts;
    for (const auto& h : histories) counts[{h.repeats, h.last / unit, h.age / unit}] += 1;
    for (const auto& [key, n] : counts) {
      counted_.push_back({{std::get<0>(key), std::get<1>(key), std::get<2>(key)}, n});
    }
  }

  [[nodiscard]] double at(const Vector& x) const {
    const PurchaseModel model = model_of(family_, x);
    double sum = 0;
    double repeats = -1;
    PurchaseTerms terms;
    for (const auto& [history, n] : counted_) {
      if (history.repeats != repeats) {
        repeats = history.repeats;
        terms = model.terms_of(repeats);
      }
      sum += n * model.log_likelihood(history, terms);
    }
    return -sum / customers_;
  }

  // Central differences: the functions are smooth and cost little.
  [[nodiscard]] Vector gradient(const Vector& x) const {
    constexpr double kStep = 1e-5;
    Vector slope;
    for (int i = 0; i < 4; ++i) {
      Vector up = x;
      Vector down = x;
      up[i] += kStep;
      down[i] -= kStep;
      slope[i] = (at(up) - at(down)) / (2 * kStep);
    }
    return slope;
  }

 private:
  PurchaseFamily family_;
  double customers_;
  std::vector<Counted> counted_;
};

struct Descent {
  Vector x;
  double value = 0;
  Vector slope;
  int steps = 0;

  [[nodiscard]] bool arrived() const { return slope.cwiseAbs().maxCoeff() < kGradientMax; }
  [[nodiscard]] bool at_edge() const { return x.cwiseAbs().maxCoeff() >= kEdge; }
};

// BFGS with backtracking (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithm 6.1).
Descent descend(const Objective& objective, Vector begin) {
  Descent now{begin, objective.at(begin), objective.gradient(begin), 0};
  Matrix inverse = Matrix::Identity();
  while (now.steps < kStepsMax && !now.arrived() && !now.at_edge()) {
    Vector direction = -inverse * now.slope;
    if (direction.dot(now.slope) >= 0) {
      inverse.setIdentity();
      direction = -now.slope;
    }
    double length = std::min(1.0, 2.0 / direction.cwiseAbs().maxCoeff());
    const double fall = direction.dot(now.slope);
    Vector x;
    double value = 0;
    bool better = false;
    for (int tries = 0; tries < 40 && !better; ++tries, length /= 2) {
      x = now.x + length * direction;
      value = objective.at(x);
      better = std::isfinite(value) && value <= now.value + 1e-4 * length * fall;
    }
    if (!better) break;
    const Vector slope = objective.gradient(x);
    const Vector moved = x - now.x;
    const Vector turned = slope - now.slope;
    if (const double scale = moved.dot(turned); scale > 1e-12) {
      const Matrix left = Matrix::Identity() - moved * turned.transpose() / scale;
      inverse = left * inverse * left.transpose() + moved * moved.transpose() / scale;
    }
    now = {x, value, slope, now.steps + 1};
  }
  return now;
}

std::string parameter_name(PurchaseFamily family, int i) {
  if (i == 0) return "r";
  if (i == 1) return "alpha";
  if (family == PurchaseFamily::pareto_nbd) return i == 2 ? "s" : "beta";
  return i == 2 ? "a" : "b";
}

Error no_maximum(PurchaseFamily family, const std::string& what) {
  return {ErrorCode::invalid, std::string(name_of(family)) + ": " + what, "no_maximum"};
}

Error runs_away(PurchaseFamily family, int parameter, bool up) {
  return no_maximum(
      family, "the likelihood has no maximum: it rises while " +
                  parameter_name(family, parameter) + " runs to " + (up ? "infinity" : "zero") +
                  "; this history does not tell leaving from slow buying, so the model is "
                  "not used");
}

Error lost_search(PurchaseFamily family, const Descent& end) {
  if (!end.at_edge()) {
    return no_maximum(family, "the search for the greatest likelihood did not settle");
  }
  int worst = 0;
  end.x.cwiseAbs().maxCoeff(&worst);
  return runs_away(family, worst, end.x[worst] > 0);
}

// How much the logarithm of the likelihood gains by letting customers leave at all.
double gain_of_leaving(const PurchaseFit& fit, std::span<const PurchaseHistory> histories) {
  PurchaseModel staying = fit.model;
  staying.leave_first = 1e-9;
  staying.leave_second = 1;
  double sum = 0;
  for (const auto& h : histories) sum += staying.log_likelihood(h);
  return fit.log_likelihood - sum;
}

// At most about `count` of the histories, evenly spread.
std::vector<PurchaseHistory> thinned(std::span<const PurchaseHistory> histories,
                                     std::size_t count) {
  const std::size_t step = (histories.size() + count - 1) / count;
  std::vector<PurchaseHistory> some;
  for (std::size_t i = 0; i < histories.size(); i += step) some.push_back(histories[i]);
  return some;
}

// Where to begin; with many customers, where some of them got to from there.
std::vector<Vector> beginnings(PurchaseFamily family, std::span<const PurchaseHistory> histories,
                               double unit) {
  const std::vector<Vector> plain{Vector(0, 0, 0, 0), Vector(-1, -1, 0, 1), Vector(0, -2, -1, 0)};
  if (histories.size() <= 2 * kScouts) return plain;
  const Objective scouting(family, thinned(histories, kScouts), unit);
  std::optional<Descent> best;
  for (const Vector& begin : plain) {
    Descent end = descend(scouting, begin);
    if (!best || end.value < best->value) best = std::move(end);
  }
  // A few scouts may run to the edge where all customers do not.
  return {best->x.cwiseMax(-kEdge / 2).cwiseMin(kEdge / 2)};
}

}  // namespace

Result<PurchaseFit> fit_purchases(PurchaseFamily family,
                                  std::span<const PurchaseHistory> histories,
                                  const PurchaseModel* near) {
  const std::string name(name_of(family));
  if (histories.size() < kCustomersMin) {
    return fail(ErrorCode::invalid,
                name + ": " + std::to_string(histories.size()) +
                    " customers are too few; at least " + std::to_string(kCustomersMin) +
                    " are needed",
                "insufficient_data");
  }
  double age = 0;
  double repeats = 0;
  for (const auto& h : histories) {
    age += h.age / double(histories.size());
    repeats += h.repeats;
  }
  if (repeats == 0 || age <= 0) {
    return fail(ErrorCode::invalid, name + ": nobody came a second time", "insufficient_data");
  }
  std::vector<PurchaseHistory> fitted(histories.begin(), histories.end());
  if (family == PurchaseFamily::pareto_nbd) fitted = thinned(histories, kIntegralCustomers);
  const Objective objective(family, fitted, age);
  std::optional<Descent> best;
  std::optional<Descent> lost;  // the best of those that found no maximum
  const auto begins = near == nullptr ? beginnings(family, fitted, age)
                                      : std::vector<Vector>{point_of(*near, age)};
  for (const Vector& begin : begins) {
    Descent end = descend(objective, begin);
    auto& slot = end.arrived() && !end.at_edge() ? best : lost;
    if (!slot || end.value < slot->value) slot = std::move(end);
  }
  // A run to the edge that beats every maximum found means that the maximum is a local one.
  if (!best || (lost && lost->value < best->value - 1e-7)) {
    return fail(lost_search(family, *lost));
  }
  PurchaseFit fit{model_of(family, best->x), 0, best->steps};
  fit.model.alpha *= age;
  if (family == PurchaseFamily::pareto_nbd) fit.model.leave_second *= age;
  for (const auto& h : histories) fit.log_likelihood += fit.model.log_likelihood(h);
  // Far out the likelihood is so flat that it looks like a maximum.
  if (gain_of_leaving(fit, histories) < kGainMin) return fail(runs_away(family, 3, true));
  return fit;
}

}  // namespace tideline
