// Recommend: the playbook over a customer just scored.
#pragma once

#include <span>
#include <vector>

#include "packs/pack.h"
#include "pipeline/records.h"
#include "scoring/model.h"

namespace tideline {

// The figures kept last before `until`, one a task; empty: none, or they cannot be read.
[[nodiscard]] std::vector<double> figures_before(StateStore& store, const CustomerId& customer,
                                                 Time until);

struct RecommendInputs {
  std::span<const double> features;
  double days_since_qualifying = 0;
  std::span<const PlayMark> before;  // of the prediction before this one
};

// The plays of the customer after this scoring. Reads history only where a play asks for figures
// of the past.
[[nodiscard]] std::vector<PlayMark> recommend(const Pack& pack, StateStore& store,
                                              const Model& model, const RecommendInputs& inputs,
                                              const Prediction& scored);

}  // namespace tideline
