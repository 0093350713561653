#include "scoring/contributions.h"

#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "scoring/tree_contributions.h"

namespace tideline {
namespace {

// What the reference has for each feature; NaN where the model keeps no medians.
std::vector<double> reference_of(const Model& model) {
  const auto& medians = model.parts().medians;
  if (!medians.empty()) return medians;
  return std::vector<double>(model.feature_count(), std::numeric_limits<double>::quiet_NaN());
}

std::vector<float> encoded(const FeatureEncoding& encoding, std::span<const double> features) {
  std::vector<float> inputs(encoding.inputs.size());
  encoding.encode(features, inputs);
  return inputs;
}

void add_network(const Model& model, std::size_t task, std::span<const double> features,
                 Contributions& out) {
  const Network& network = *model.parts().network;
  const auto from = encoded(network.encoding, reference_of(model));
  const auto to = encoded(network.encoding, features);
  out.base = network_output(network, task, from);
  out.output = network_output(network, task, to);
  const auto shares = integrated_gradients(network, task, from, to);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    out.by_feature[std::size_t(network.encoding.inputs[i].feature)] += shares[i];
  }
}

bool add_regression(const Model& model, std::size_t task, std::span<const double> features,
                    Contributions& out) {
  const Regressions& regressions = *model.parts().logistic;
  const Regressions::Task& fitted = regressions.tasks[task];
  if (!fitted.fitted) return false;
  const auto from = encoded(regressions.encoding, reference_of(model));
  const auto to = encoded(regressions.encoding, features);
  out.base = fitted.bias;
  out.output = fitted.bias;
  for (std::size_t i = 0; i < to.size(); ++i) {
    const double weight = fitted.weights[i];
    out.base += weight * double(from[i]);
    out.output += weight * double(to[i]);
    out.by_feature[std::size_t(regressions.encoding.inputs[i].feature)] +=
        weight * (double(to[i]) - double(from[i]));
  }
  return true;
}

bool add_trees(const Model& model, std::size_t task, std::span<const double> features,
               Contributions& out) {
  const auto& trees = model.parts().forest->tasks()[task];
  if (!trees) return false;
  if (trees->objective == TreeObjective::logistic) {
    out.unit = ContributionUnit::log_odds;
  } else if (trees->objective == TreeObjective::squared_error) {
    out.unit = ContributionUnit::figure;
  } else {
    out.unit = ContributionUnit::log_figure;
  }
  TreeContributions shares = contributions_of(*trees, features);
  out.base = shares.expected;
  out.output = exact_margin(*trees, features);
  out.by_feature = std::move(shares.features);
  return true;
}

// Shapley values of the rule's three features: over the six orders in which they can go from the
// reference to the customer.
bool add_purchases(const Model& model, std::size_t task, std::span<const double> features,
                   Contributions& out) {
  const PurchaseRule& rule = *model.parts().purchases;
  const std::vector<double> reference = reference_of(model);
  std::array<double, 8> odds{};  // by the set of features that are the customer's
  std::vector<double> row(features.size());
  std::vector<double> figures(rule.task_count());
  for (std::size_t set = 0; set < 8; ++set) {
    row = reference;
    for (std::size_t c = 0; c < 3; ++c) {
      const auto place = std::size_t(rule.columns[c]);
      if ((set >> c & 1) != 0) row[place] = features[place];
    }
    rule.score({row, row.size(), 1, {}}, figures);
    odds[set] = logit(figures[task]);
  }
  if (std::isnan(odds[7])) return false;
  out.output = odds[7];
  out.base = odds[0];
  bool all_known = true;
  for (const double x : odds) all_known &= std::isfinite(x);
  if (!all_known) {  // no customer has such a mixture: then the last purchase stands for all
    out.base = std::isfinite(odds[0]) ? odds[0] : out.output;
    out.by_feature[std::size_t(rule.columns[1])] = out.output - out.base;
    return true;
  }
  constexpr std::array<std::array<std::size_t, 3>, 6> kOrders = {
      {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
  for (const auto& order : kOrders) {
    std::size_t set = 0;
    for (const std::size_t c : order) {
      const std::size_t with = set | std::size_t{1} << c;
      out.by_feature[std::size_t(rule.columns[c])] += (odds[with] - odds[set]) / 6;
      set = with;
    }
  }
  return true;
}

bool add_recency(const Model& model, std::size_t task, double days, Contributions& out) {
  const ModelParts& parts = model.parts();
  std::vector<double> figures(model.task_count());
  parts.recency->score({{}, 0, 1, {&days, 1}}, figures);
  if (std::isnan(figures[task])) return false;
  out.output = logit(figures[task]);
  const double rate =
      parts.constant ? parts.constant->figures[task] : std::numeric_limits<double>::quiet_NaN();
  out.base = std::isfinite(rate) ? logit(rate) : out.output;
  out.by_recency = out.output - out.base;
  return true;
}

}  // namespace

std::string_view name_of(ContributionUnit unit) {
  switch (unit) {
    case ContributionUnit::figure: return "figure";
    case ContributionUnit::log_odds: return "log_odds";
    case ContributionUnit::log_figure: return "log_figure";
  }
  return "figure";
}

double Contributions::sum() const {
  double sum = base + by_recency;
  for (const double share : by_feature) sum += share;
  return sum;
}

std::optional<Contributions> contributions_of(const Model& model, std::size_t task,
                                              std::span<const double> features,
                                              double days_since_qualifying) {
  CHECK(task < model.task_count() && features.size() == model.feature_count());
  const ModelTask& spec = model.manifest().tasks[task];
  Contributions out;
  out.champion = spec.champion;
  if (spec.kind == TaskKind::probability) out.unit = ContributionUnit::log_odds;
  out.by_feature.assign(features.size(), 0.0);
  switch (spec.champion) {
    case Champion::network: add_network(model, task, features, out); return out;
    case Champion::logistic:
      if (!add_regression(model, task, features, out)) return std::nullopt;
      return out;
    case Champion::mbg_nbd:
      if (!add_purchases(model, task, features, out)) return std::nullopt;
      return out;
    case Champion::recency:
      if (!add_recency(model, task, days_since_qualifying, out)) return std::nullopt;
      return out;
    case Champion::base_rate: {
      const double figure = model.parts().constant->figures[task];
      if (std::isnan(figure)) return std::nullopt;
      out.base = out.output = spec.kind == TaskKind::probability ? logit(figure) : figure;
      return out;
    }
    case Champion::xgboost:
      if (!add_trees(model, task, features, out)) return std::nullopt;
      return out;
    case Champion::bg_nbd:
    case Champion::pareto_nbd:
    case Champion::none: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tideline
