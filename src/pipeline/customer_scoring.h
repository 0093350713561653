// One customer scored by itself, outside the running scoring: for `predict`, `score` and the API.
//
// The tier is tier_of()'s: that of the figures alone, without the memory of what was shown before.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/prediction.h"
#include "features/compute.h"
#include "features/state_view.h"
#include "scoring/model.h"

namespace tideline {

struct CustomerScoring {
  Prediction prediction;  // inference_time_ms and status as in production, but never stale
  FeatureVector features;
  double days_since_qualifying = 0;  // infinity: no qualifying event ever
  std::string tier_reason;           // the rule that holds; empty without a tier
};

// Why production gives this customer no score: "lapsed", "not_eligible", "not_enough_data"; empty:
// it gives one.
[[nodiscard]] std::string why_unscored(const StateView& view, const FeatureVector& features);

// Days since the last qualifying event, as models take it.
[[nodiscard]] double days_since_qualifying(const CustomerState& state, Time as_of);

// The same, one a row, as far as rows of features tell it by themselves: the least of those
// features that are since("E", …) of a qualifying event; NaN where there is none. Exact where the
// pack counts one event as a sign of life, else no less than the truth.
[[nodiscard]] std::vector<double> days_told_by(const Pack& pack, std::span<const double> features);

// Without a model the customer is unscored, "no_model".
[[nodiscard]] CustomerScoring score_customer(const Pack& pack, const Model* model,
                                             const CustomerId& customer,
                                             const CustomerState& state, Time as_of);

// Figures and tier of rows of features, whoever they belong to; status and reason follow.
[[nodiscard]] std::vector<Prediction> score_rows(const Pack& pack, const Model& model,
                                                 std::span<const double> features,
                                                 std::span<const double> days_since_qualifying,
                                                 Time as_of);

}  // namespace tideline
