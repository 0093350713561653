#include "insights/targeting.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace tideline {

Result<std::vector<Target>> best_targets(std::span<const Candidate> candidates,
                                         std::optional<double> budget) {
  if (budget && !(*budget >= 0 && std::isfinite(*budget)))
    return fail(ErrorCode::invalid, "the budget is 0 or more", "bad_budget");
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& one = candidates[i];
    if (!std::isfinite(one.uplift * one.value) || !(one.cost >= 0) || !std::isfinite(one.cost)) {
      return fail(ErrorCode::invalid,
                  one.customer + ": uplift, value and cost are numbers, the cost 0 or more",
                  "bad_candidate");
    }
    if (one.profit() > 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double ours = candidates[a].profit(), theirs = candidates[b].profit();
    return std::tie(theirs, candidates[a].customer, a) < std::tie(ours, candidates[b].customer, b);
  });
  std::vector<Target> targets;
  double spent = 0, earned = 0;
  for (const std::size_t i : order) {
    const Candidate& one = candidates[i];
    if (budget && spent + one.cost > *budget) continue;
    spent += one.cost;
    earned += one.profit();
    targets.push_back({i, one.profit(), spent, earned});
  }
  return targets;
}

}  // namespace tideline
