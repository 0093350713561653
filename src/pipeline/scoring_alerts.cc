#include "pipeline/scoring_alerts.h"

#include <algorithm>

#include "scoring/drivers.h"

namespace tideline {
namespace {

constexpr Duration kNewsForNoLonger = 7 * kDay;
constexpr std::size_t kDriversTold = 3;

bool tier_changed(const ScoredCustomer& scored) {
  const std::string& from = scored.before->prediction.tier;
  const std::string& to = scored.after.prediction.tier;
  return !from.empty() && !to.empty() && from != to;
}

bool is_new(const PlayMark& mark, const ScoredCustomer& scored) {
  return mark.open && mark.since == scored.after.prediction.timestamp;
}

// Without the features of the past: those would have to be read from the lake.
std::vector<std::string> driver_sentences(const Pack& pack, const Model& model,
                                          const ScoredCustomer& scored) {
  std::vector<std::string> sentences;
  const auto shares = contributions_of(model, task_of_drivers(pack), scored.features,
                                       scored.days_since_qualifying);
  if (!shares) return sentences;
  const DriverInputs inputs{
      scored.features, {}, model.parts().medians, scored.days_since_qualifying};
  for (const Driver& driver : drivers_of(pack, *shares, inputs)) {
    if (sentences.size() == kDriversTold) break;
    sentences.push_back(driver.sentence);
  }
  return sentences;
}

TierMove tier_move(const Pack& pack, const Model& model, const ScoredCustomer& scored) {
  const Prediction& p = scored.after.prediction;
  TierMove move{
      p.customer, scored.before->prediction.tier,       p.tier, p.reason, p.model_version,
      {},         driver_sentences(pack, model, scored)};
  for (std::size_t i = 0; i < p.figures.size() && i < pack.tasks().size(); ++i) {
    const TaskSpec& task = pack.tasks()[i];
    move.figures.push_back({task.name, task.kind == TaskKind::probability, p.figures[i]});
  }
  return move;
}

}  // namespace

bool is_worth_an_alert(const ScoredCustomer& scored) {
  if (scored.before == nullptr) return false;
  const Prediction& before = scored.before->prediction;
  const Prediction& after = scored.after.prediction;
  if (before.status != ScoreStatus::scored || after.status != ScoreStatus::scored) return false;
  if (before.model_version != after.model_version) return false;
  if (after.timestamp - before.timestamp > kNewsForNoLonger) return false;
  return tier_changed(scored) ||
         std::any_of(scored.after.plays.begin(), scored.after.plays.end(),
                     [&](const PlayMark& mark) { return is_new(mark, scored); });
}

void add_scoring_alerts(const AlertQueue& queue, const Pack& pack, const Model& model,
                        const ScoredCustomer& scored, WriteBatch& writes) {
  if (!is_worth_an_alert(scored)) return;
  const Prediction& p = scored.after.prediction;
  if (tier_changed(scored)) queue.add({"", p.timestamp, tier_move(pack, model, scored)}, writes);
  for (const PlayMark& mark : scored.after.plays) {
    if (!is_new(mark, scored)) continue;
    if (auto action = action_of(pack, p.customer, mark))
      queue.add({"", p.timestamp, NewAction{std::move(*action)}}, writes);
  }
}

}  // namespace tideline
