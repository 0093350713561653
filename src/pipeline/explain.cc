#include "pipeline/explain.h"

#include "features/compute.h"
#include "pipeline/customer_scoring.h"
#include "pipeline/observe.h"
#include "scoring/tiers.h"

namespace tideline {
namespace {

using Figures = std::vector<std::optional<double>>;

Figures figures_of(const Pack& pack, const Model& model, const CustomerState& state, Time as_of) {
  const FeatureVector features = compute_features(pack, state, as_of);
  const std::vector<double> days{days_since_qualifying(state, as_of)};
  return model.score(features.values, 1, days);
}

}  // namespace

Result<CustomerState> state_of_events(const Pack& pack, std::span<const EventRow> events, Time t) {
  Observer observer(pack);
  std::vector<Observation> observations;
  for (const EventRow& row : events) {
    if (row.event.event_time > t || row.event.arrival_time > t) continue;
    TRY_ASSIGN(Observation observation, observe(observer, row.event));
    observations.push_back(std::move(observation));
  }
  CustomerState state;
  state.apply(pack, observations);
  return state;
}

std::optional<Explanation> explain(const Pack& pack, const Model& model, std::size_t task,
                                   const CustomerState& state, const CustomerState* past,
                                   Time as_of) {
  const FeatureVector now = compute_features(pack, state, as_of);
  const double days = days_since_qualifying(state, as_of);
  auto contributions = contributions_of(model, task, now.values, days);
  if (!contributions) return std::nullopt;
  FeatureVector before;
  if (past != nullptr) before = compute_features(pack, *past, as_of - kDriverPast);
  auto drivers =
      drivers_of(pack, *contributions, {now.values, before.values, model.parts().medians, days});
  return Explanation{std::move(*contributions), std::move(drivers)};
}

std::string_view name_of(TierCause cause) {
  switch (cause) {
    case TierCause::none: return "none";
    case TierCause::figures: return "figures";
    case TierCause::settings: return "settings";
    case TierCause::both: return "both";
    case TierCause::persistence: return "persistence";
  }
  return "none";
}

TierCause tier_cause(const TierEnd& from, const TierEnd& to) {
  if (from.tier == to.tier) return TierCause::none;
  const auto tier = [](const TierEnd& rules, const TierEnd& figures) {
    return tier_of(*rules.rules, figures.figures, figures.features).tier;
  };
  const std::string before = tier(from, from), after = tier(to, to);
  if (before == after) return TierCause::persistence;
  if (tier(from, to) == after) return TierCause::figures;
  if (tier(to, from) == after) return TierCause::settings;
  return TierCause::both;
}

std::vector<std::optional<FigureChange>> changes_between(const Pack& pack, const ChangeEnd& from,
                                                         const ChangeEnd& to) {
  const Figures then = figures_of(pack, *from.model, *from.state, from.as_of);
  const Figures aged = figures_of(pack, *from.model, *from.state, to.as_of);
  const Figures active = figures_of(pack, *from.model, *to.state, to.as_of);
  const Figures judged = figures_of(pack, *to.model, *to.state, to.as_of);
  std::vector<std::optional<FigureChange>> changes;
  for (std::size_t k = 0; k < pack.tasks().size(); ++k) {
    const bool shown =
        k < from.shown.size() && k < to.shown.size() && from.shown[k] && to.shown[k];
    if (!shown || !then[k] || !aged[k] || !active[k] || !judged[k]) {
      changes.emplace_back();
      continue;
    }
    FigureChange& change = changes.emplace_back(std::in_place).value();
    change.from = *from.shown[k];
    change.to = *to.shown[k];
    change.ageing = *aged[k] - *then[k];
    change.behaviour = *active[k] - *aged[k];
    change.model_version = *judged[k] - *active[k];
    // What this program, with its pack and models of now, does not get to again.
    change.settings =
        (change.to - change.from) - (change.ageing + change.behaviour + change.model_version);
  }
  return changes;
}

}  // namespace tideline
