// FollowUp: how a customer stands now, and whether it did something that counts in a span of time,
// for Inbox::measure().
#pragma once

#include "actions/inbox.h"
#include "ports/lake.h"

namespace tideline {

struct FollowUpSources {
  const Pack& pack;
  StateStore& store;
  Lake& lake;
  std::optional<std::size_t> task_of_leaving;  // whose figure is the risk
};

// The state tells it where the last qualifying event lies in the span or before it; where the
// customer was active later, the lake is asked.
[[nodiscard]] Result<std::optional<FollowUp::Outcome>> standing_since(
    const FollowUpSources& sources, const CustomerId& customer, Time from, Time until, Time now);

}  // namespace tideline
