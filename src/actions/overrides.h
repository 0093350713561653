// Overrides: tiers that people set by hand, for a reason and a time. They stand beside the model's
// own tier and change nothing else. Kept in Family::actions, also after their end. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "domain/action_life.h"
#include "packs/pack.h"
#include "ports/state_store.h"

namespace tideline {

class Overrides {
 public:
  Overrides(const Pack& pack, StateStore& store) : pack_(pack), store_(store) {}

  // Reads those that have not ended. Once, before anything else.
  Status load();

  // Sets it, in place of one that is in force; synced. Errors: invalid ("unknown_tier",
  // "missing_reason", "bad_expiry", "text_too_long").
  [[nodiscard]] Result<TierOverride> set(const CustomerId& customer, const std::string& tier,
                                         const std::string& reason, Time expires,
                                         const std::string& by, Time now);
  // not_found where none is in force.
  [[nodiscard]] Result<TierOverride> end(const CustomerId& customer, const std::string& by,
                                         Time now);

  [[nodiscard]] std::optional<TierOverride> of(const CustomerId& customer, Time now) const;
  // All in force, by customer.
  [[nodiscard]] std::vector<TierOverride> in_force(Time now) const;
  // The one that was in force at a time, also a past one.
  [[nodiscard]] Result<std::optional<TierOverride>> at(const CustomerId& customer, Time time);
  // Whether any is in force: most folders have none, and then nobody need look.
  [[nodiscard]] bool any() const;

 private:
  const Pack& pack_;
  StateStore& store_;
  mutable std::mutex mutex_;
  std::map<CustomerId, TierOverride> current_;  // not ended by hand; may have expired
};

}  // namespace tideline
