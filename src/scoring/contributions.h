// Contributions: how much each feature of a customer pushed a task's champion, away from what it
// says of a reference.
//
// They add up: base + the sum of all = output, the champion's figure before calibration: log-odds
// for a probability, the figure (of some trees its logarithm) for a number. Trees: TreeSHAP, exact
// (tree_contributions.h). Network: integrated gradients (Sundararajan, Taly, Yan, "Axiomatic
// Attribution for Deep Networks", 2017) from the training medians, along a straight line between
// the encoded inputs, so that a missing value has a place on it; they add up within 1e-4.
// Regressions: weight x distance from the medians. MBG/NBD: Shapley values of its three features.
// The recency rule looks at no feature; what it says stands in by_recency.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "scoring/model.h"

namespace tideline {

// What contributions are counted in.
enum class ContributionUnit : std::uint8_t {
  figure,
  log_odds,
  log_figure,  // of trees with XGBoost's Poisson, gamma and Tweedie objectives
};
// "figure", "log_odds", "log_figure".
[[nodiscard]] std::string_view name_of(ContributionUnit unit);

struct Contributions {
  Champion champion = Champion::none;
  ContributionUnit unit = ContributionUnit::figure;
  double base = 0;                 // what the champion says of the reference
  double output = 0;               // what it says of the customer
  std::vector<double> by_feature;  // one a feature of the model
  double by_recency = 0;           // of the days since the last qualifying event

  [[nodiscard]] double sum() const;
};

// nullopt: the champion has no figure for this customer (nothing learnt; the recency rule without
// the days). `features` are the model's, NaN for missing; `days_since_qualifying` as in
// ScoringBlock. Costs up to a millisecond for a network.
[[nodiscard]] std::optional<Contributions> contributions_of(const Model& model, std::size_t task,
                                                            std::span<const double> features,
                                                            double days_since_qualifying);

// Integrated gradients of a head's output, one an encoded input: from `from` to `to`, both of
// encoding.inputs.size(). Their sum is network_output(to) - network_output(from).
[[nodiscard]] std::vector<double> integrated_gradients(const Network& network, std::size_t head,
                                                       std::span<const float> from,
                                                       std::span<const float> to);
// A head's figure before calibration, a probability as log-odds, in double.
[[nodiscard]] double network_output(const Network& network, std::size_t head,
                                    std::span<const float> inputs);

}  // namespace tideline
