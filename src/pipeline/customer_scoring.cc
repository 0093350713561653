#include "pipeline/customer_scoring.h"

#include <chrono>
#include <cmath>
#include <limits>

#include "scoring/tiers.h"

namespace tideline {
namespace {

using Steady = std::chrono::steady_clock;  // only for inference_time_ms

// Whether a feature is nothing but the days since a qualifying event: since("E", 120d).
bool tells_days(const Pack& pack, const FeatureSpec& feature) {
  constexpr std::string_view kBefore = "since(\"";
  const std::string_view text = feature.definition;
  if (!text.starts_with(kBefore) || text.find(')') != text.size() - 1) return false;
  const std::string_view rest = text.substr(kBefore.size());
  const std::size_t quote = rest.find('"');
  if (quote == std::string_view::npos || !rest.substr(quote).starts_with("\",")) return false;
  const EventSpec* event = pack.find_event(rest.substr(0, quote));
  return event != nullptr && pack.is_qualifying(event->index);
}

}  // namespace

std::vector<double> days_told_by(const Pack& pack, std::span<const double> features) {
  const std::size_t width = pack.features().size();
  std::vector<double> days(features.size() / width, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t f = 0; f < width; ++f) {
    if (!tells_days(pack, pack.features()[f])) continue;
    for (std::size_t r = 0; r < days.size(); ++r)
      days[r] = std::fmin(days[r], features[r * width + f]);  // NaN gives way to a number
  }
  return days;
}

std::string why_unscored(const StateView& view, const FeatureVector& features) {
  const Pack& pack = view.pack();
  const CustomerState& state = view.state();
  const Time as_of = view.as_of();
  if (is_lapsed(pack, state, as_of) && !pack.score_lapsed()) return "lapsed";
  if (!is_eligible(view)) return "not_eligible";
  const char* reason = unscored_reason(pack, state, features, as_of);
  return reason != nullptr ? reason : "";
}

double days_since_qualifying(const CustomerState& state, Time as_of) {
  const auto last = state.last_qualifying();
  return last ? days(as_of - *last) : std::numeric_limits<double>::infinity();
}

CustomerScoring score_customer(const Pack& pack, const Model* model, const CustomerId& customer,
                               const CustomerState& state, Time as_of) {
  CustomerScoring scoring;
  const StateView view(pack, state, as_of);
  scoring.features = compute_features(view);
  scoring.days_since_qualifying = days_since_qualifying(state, as_of);
  const std::string why = why_unscored(view, scoring.features);
  Prediction& p = scoring.prediction;
  if (why.empty() && model != nullptr) {
    const auto begun = Steady::now();
    p = score_rows(pack, *model, scoring.features.values,
                   std::span(&scoring.days_since_qualifying, 1), as_of)
            .front();
    p.inference_time_ms = std::chrono::duration<double, std::milli>(Steady::now() - begun).count();
    const TierDecision decision = tier_of(pack, p.figures, scoring.features.values);
    if (!decision.tier.empty()) scoring.tier_reason = decision.reason;
  } else {
    p.figures.assign(pack.tasks().size(), std::nullopt);
    p.timestamp = p.features_as_of = as_of;
    p.reason = why.empty() ? "no_model" : why;
  }
  p.customer = customer;
  p.coverage = scoring.features.coverage;
  p.lapsed = is_lapsed(pack, state, as_of);
  return scoring;
}

std::vector<Prediction> score_rows(const Pack& pack, const Model& model,
                                   std::span<const double> features,
                                   std::span<const double> days_since_qualifying, Time as_of) {
  const std::size_t rows = days_since_qualifying.size();
  const std::size_t width = model.feature_count(), tasks = model.task_count();
  const auto figures = model.score(features, rows, days_since_qualifying);
  std::vector<Prediction> predictions(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    Prediction& p = predictions[i];
    const auto own = std::span(figures).subspan(i * tasks, tasks);
    const TierDecision decision = tier_of(pack, own, features.subspan(i * width, width));
    p.timestamp = p.features_as_of = as_of;
    p.figures.assign(own.begin(), own.end());
    p.tier = decision.tier;
    p.status = p.tier.empty() ? ScoreStatus::unscored : ScoreStatus::scored;
    p.reason = decision.reason;
    p.model_version = model.version();
  }
  return predictions;
}

}  // namespace tideline
