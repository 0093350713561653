// Targeting: whom to treat when each treatment costs something and there is not enough for all.
// Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace tideline {

// What is expected of treating one customer.
struct Candidate {
  std::string customer;
  double uplift = 0;  // of the outcome: a share, or a number
  double value = 0;   // money that one more of the outcome is worth
  double cost = 0;    // money that treating it costs, 0 or more

  [[nodiscard]] double profit() const { return uplift * value - cost; }
};

struct Target {
  std::size_t candidate = 0;  // place in what was given
  double profit = 0;
  double spent = 0;   // on it and all before it
  double earned = 0;  // profit of it and all before it
};

// By expected profit, the greatest first, equal ones by the customer's id; only those that earn
// more than they cost, and as long as the budget allows: who no longer fits is passed over for who
// does. nullopt: there is no limit. invalid ("bad_candidate", "bad_budget"): numbers that are not
// finite, a cost or a budget below 0.
[[nodiscard]] Result<std::vector<Target>> best_targets(std::span<const Candidate> candidates,
                                                       std::optional<double> budget);

}  // namespace tideline
