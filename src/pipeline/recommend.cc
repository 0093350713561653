#include "pipeline/recommend.h"

#include <limits>

#include "scoring/drivers.h"

namespace tideline {

std::vector<double> figures_before(StateStore& store, const CustomerId& customer, Time until) {
  std::vector<double> figures;
  const auto status = store.scan_back(
      Family::history, history_prefix(customer), history_key(customer, until),
      [&](std::string_view, std::string_view value) {
        const auto kept = decode_kept_prediction(value);
        if (!kept) return false;
        for (const auto& figure : kept->prediction.figures) {
          figures.push_back(figure.value_or(std::numeric_limits<double>::quiet_NaN()));
        }
        return false;
      });
  return status ? figures : std::vector<double>();
}

void recommend(const Pack& pack, StateStore& store, const Model& model,
               const RecommendInputs& inputs, KeptPrediction& scored, WriteBatch& writes) {
  const Prediction& p = scored.prediction;
  std::vector<Recommendation> holding;
  if (p.status == ScoreStatus::scored) {
    PlayInputs asked{p.figures, inputs.features, p.tier, {}, {}};
    asked.past_figures = [&] {
      return figures_before(store, p.customer, p.timestamp - kDriverPast);
    };
    asked.drivers = [&] {
      auto shares = contributions_of(model, task_of_drivers(pack), inputs.features,
                                     inputs.days_since_qualifying);
      return shares ? std::move(shares->by_feature) : std::vector<double>();
    };
    holding = recommendations_of(pack, asked);
  }
  PlayStep step = next_plays(pack, inputs.before, holding, p.timestamp);
  for (const PlayMark& mark : step.newcomers) {
    const auto action = action_of(pack, p.customer, mark);
    if (!action) continue;
    // Several plays may begin at one moment.
    writes.put(Family::outbox, outbox_key("actions", p.timestamp, p.customer) + '/' + action->play,
               encode(*action));
  }
  scored.plays = std::move(step.marks);
}

}  // namespace tideline
