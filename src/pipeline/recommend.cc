#include "pipeline/recommend.h"

#include <limits>

#include "scoring/drivers.h"

namespace tideline {

// The figures kept last before `until`, one a task; empty: none, or they cannot be read.
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

std::vector<PlayMark> recommend(const Pack& pack, StateStore& store, const Model& model,
                                const RecommendInputs& inputs, const Prediction& scored) {
  std::vector<Recommendation> holding;
  if (scored.status == ScoreStatus::scored) {
    PlayInputs asked{scored.figures, inputs.features, scored.tier, {}, {}};
    asked.past_figures = [&] {
      return figures_before(store, scored.customer, scored.timestamp - kDriverPast);
    };
    asked.drivers = [&] {
      auto shares = contributions_of(model, task_of_drivers(pack), inputs.features,
                                     inputs.days_since_qualifying);
      return shares ? std::move(shares->by_feature) : std::vector<double>();
    };
    holding = recommendations_of(pack, asked);
  }
  return std::move(next_plays(pack, inputs.before, holding, scored.timestamp).marks);
}

}  // namespace tideline
