#include "actions/overrides.h"

#include <algorithm>

#include "actions/action_records.h"

namespace tideline {

Status Overrides::load() {
  std::map<CustomerId, TierOverride> current;
  std::optional<Error> broken;
  TRY(store_.scan(Family::actions, override_prefix(), prefix_end(override_prefix()),
                  [&](std::string_view, std::string_view value) {
                    auto one = decode_override(value);
                    if (!one) {
                      broken = one.error();
                      return false;
                    }
                    // In the order of time: a later one takes the place.
                    if (one->ended)
                      current.erase(one->customer);
                    else
                      current.insert_or_assign(one->customer, std::move(*one));
                    return true;
                  }));
  if (broken) return fail(*broken);
  const std::lock_guard lock(mutex_);
  current_ = std::move(current);
  return {};
}

Result<TierOverride> Overrides::set(const CustomerId& customer, const std::string& tier,
                                    const std::string& reason, Time expires, const std::string& by,
                                    Time now) {
  const auto& tiers = pack_.tiers();
  if (std::find(tiers.begin(), tiers.end(), tier) == tiers.end()) {
    std::string known;
    for (const std::string& name : tiers) known += (known.empty() ? "" : ", ") + name;
    return fail(ErrorCode::invalid, "no tier \"" + tier + "\"; there are " + known,
                "unknown_tier");
  }
  if (reason.empty()) {
    return fail(ErrorCode::invalid, "a tier set by hand needs a reason", "missing_reason");
  }
  if (reason.size() > kActionTextMax) {
    return fail(ErrorCode::invalid, "a reason has at most 2,000 bytes", "text_too_long");
  }
  if (expires <= now || expires > now + kOverrideMax) {
    return fail(ErrorCode::invalid, "expires is a time in the future, at most 366 days from now",
                "bad_expiry");
  }
  TierOverride one{customer, tier, reason, by, now, expires, {}, {}};
  WriteBatch writes;
  const std::lock_guard lock(mutex_);
  const auto before = current_.find(customer);
  if (before != current_.end() && before->second.in_force(now)) {
    TierOverride ended = before->second;
    if (ended.since == now) one.since = now + Duration(1);  // each has its own moment
    ended.ended = one.since;
    ended.ended_by = by;
    writes.put(Family::actions, override_key(ended), encode(ended));
  }
  writes.put(Family::actions, override_key(one), encode(one));
  TRY(store_.write(writes, Durability::now));
  current_.insert_or_assign(customer, one);
  return one;
}

Result<TierOverride> Overrides::end(const CustomerId& customer, const std::string& by, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = current_.find(customer);
  // One set a moment ago may begin a millisecond from now.
  if (found == current_.end() || !found->second.in_force(std::max(now, found->second.since))) {
    return fail(ErrorCode::not_found, "no tier of this customer is set by hand", "no_override");
  }
  TierOverride ended = found->second;
  ended.ended = std::max(now, ended.since);
  ended.ended_by = by;
  WriteBatch writes;
  writes.put(Family::actions, override_key(ended), encode(ended));
  TRY(store_.write(writes, Durability::now));
  current_.erase(found);
  return ended;
}

std::optional<TierOverride> Overrides::of(const CustomerId& customer, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = current_.find(customer);
  const bool holds =
      found != current_.end() && found->second.in_force(std::max(now, found->second.since));
  return holds ? std::optional(found->second) : std::nullopt;
}

std::vector<TierOverride> Overrides::in_force(Time now) const {
  std::vector<TierOverride> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [customer, one] : current_) {
    if (one.in_force(std::max(now, one.since))) all.push_back(one);
  }
  return all;
}

Result<std::optional<TierOverride>> Overrides::at(const CustomerId& customer, Time time) {
  std::optional<TierOverride> found;
  std::optional<Error> broken;
  const std::string prefix = override_prefix(customer);
  TRY(store_.scan(Family::actions, prefix, prefix_end(prefix),
                  [&](std::string_view, std::string_view value) {
                    auto one = decode_override(value);
                    if (!one) {
                      broken = one.error();
                      return false;
                    }
                    if (one->in_force(time)) found = std::move(*one);
                    return true;
                  }));
  if (broken) return fail(*broken);
  return found;
}

bool Overrides::any() const {
  const std::lock_guard lock(mutex_);
  return !current_.empty();
}

}  // namespace tideline
