#include "pipeline/newcomers.h"

#include "features/amount.h"
#include "pipeline/records.h"

namespace tideline {
namespace {

constexpr std::size_t kBlock = 1'000;

// With the amount of each, from its state.
Status with_amounts(const NewcomerSources& sources, Time now, std::vector<Newcomer>& block) {
  if (!tells_amount(sources.pack)) return {};
  std::vector<std::string> keys;
  for (const Newcomer& one : block) keys.push_back(one.customer.str());
  TRY_ASSIGN(const auto states, sources.store.get_many(Family::customers, keys));
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (!states[i]) continue;
    TRY_ASSIGN(const CustomerState state, CustomerState::decode(sources.pack, *states[i]));
    block[i].amount = amount_30d(sources.pack, state, now);
  }
  return {};
}

}  // namespace

Status visit_newcomers(const NewcomerSources& sources, const std::vector<Pilot>& running, Time now,
                       const std::function<Status(std::span<const Newcomer>)>& visit) {
  if (running.empty()) return {};
  std::vector<Newcomer> block;
  Status trouble;
  const auto flush = [&]() -> Status {
    if (block.empty()) return {};
    TRY(with_amounts(sources, now, block));
    TRY(visit(block));
    block.clear();
    return {};
  };
  const auto take = [&](std::string_view, std::string_view bytes) -> bool {
    const auto kept = decode_kept_prediction(bytes);
    if (!kept) {
      trouble = fail(kept.error());
      return false;
    }
    const Prediction& p = kept->prediction;
    // Who has lapsed keeps the last score, which says nothing of now.
    if (p.lapsed && !sources.pack.score_lapsed()) return true;
    if (p.status == ScoreStatus::unscored || !wanted(running, p.customer, p.tier)) return true;
    Newcomer& one = block.emplace_back();
    one.customer = p.customer;
    one.tier = p.tier;
    const auto task = sources.task_of_leaving;
    if (task && *task < p.figures.size()) one.risk = p.figures[*task];
    if (block.size() == kBlock) trouble = flush();
    return trouble.has_value();
  };
  TRY(sources.store.scan(Family::predictions, "", "", take));
  TRY(trouble);
  return flush();
}

}  // namespace tideline
