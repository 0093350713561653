// Features of a customer as of a time. The only code that computes them: online, in replay, in
// batch.
#pragma once

#include <vector>

#include "features/customer_state.h"
#include "packs/program.h"

namespace tideline {

class StateView;

struct FeatureVector {
  std::vector<double> values;  // Pack::features() in order; NaN is missing
  double coverage = 0;  // 0..1, share present of the features that can be missing; 1 when none can
};

// Features as of `as_of`, which must not lie before what was already evicted: as_of >= the last
// event of the state that arrived by then (replay states are built from the events known at
// as_of).
[[nodiscard]] FeatureVector compute_features(const Pack& pack, const CustomerState& state,
                                             Time as_of);
[[nodiscard]] FeatureVector compute_features(const StateView& view);

// Value of the pack's eligibility rule; missing counts as false.
[[nodiscard]] bool is_eligible(const Pack& pack, const CustomerState& state, Time as_of);
[[nodiscard]] bool is_eligible(const StateView& view);

// Value of a rule given by hand (parse_rule); missing counts as false.
[[nodiscard]] bool meets_rule(const Pack& pack, const Rule& rule, const CustomerState& state,
                              Time as_of);

// No qualifying event for more than the pack's lapse period.
[[nodiscard]] bool is_lapsed(const Pack& pack, const CustomerState& state, Time as_of);

// Why a customer cannot be scored: "not_enough_data" under 25 % coverage, fewer than 2 qualifying
// events or under 7 days since the first event; nullptr when it can.
[[nodiscard]] const char* unscored_reason(const Pack& pack, const CustomerState& state,
                                          const FeatureVector& features, Time as_of);

}  // namespace tideline
