#include "app/customer_rows.h"

#include "features/window.h"
#include "pipeline/customer_scoring.h"

namespace tideline {
namespace {

constexpr Duration kSilence = 120 * kDay;

}  // namespace

bool has_row(const CustomerState& state, Time as_of) {
  const auto last = state.last_event();
  return last && *last >= edge(as_of, kSilence);
}

Status add_customer(const Pack& pack, const CustomerId& customer, const CustomerState& state,
                    Time as_of, ScoreRun& run) {
  if (!has_row(state, as_of)) return {};
  const StateView view(pack, state, as_of);
  const FeatureVector features = compute_features(view);
  ScoredRow row{customer.str(), as_of, {}};
  row.prediction.reason = why_unscored(view, features);
  if (!row.prediction.reason.empty()) return run.add_unscored(std::move(row));
  return run.add(std::move(row), features.values, days_since_qualifying(state, as_of));
}

}  // namespace tideline
