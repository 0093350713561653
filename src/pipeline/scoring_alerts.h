// Scoring alerts: what of a scoring people should hear of: a tier that changed, an action that is
// new.
#pragma once

#include <span>

#include "alerts/alert_queue.h"
#include "packs/pack.h"
#include "pipeline/records.h"
#include "scoring/model.h"

namespace tideline {

struct ScoredCustomer {
  const KeptPrediction* before = nullptr;  // nullptr: the first scoring
  const KeptPrediction& after;
  std::span<const double> features;
  double days_since_qualifying = 0;
};

// Whether there is anything to tell, by the figures alone. A first score is no change; neither is
// what another model says, nor what comes after a week in which nobody was scored.
[[nodiscard]] bool is_worth_an_alert(const ScoredCustomer& scored);

// Puts the alerts into the write that makes the scoring stand.
void add_scoring_alerts(const AlertQueue& queue, const Pack& pack, const Model& model,
                        const ScoredCustomer& scored, WriteBatch& writes);

}  // namespace tideline
