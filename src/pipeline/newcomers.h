// Newcomers: scored customers as pilots look at them, out of the state.
#pragma once

#include <functional>
#include <span>

#include "domain/pilot.h"
#include "packs/pack.h"
#include "ports/state_store.h"

namespace tideline {

struct NewcomerSources {
  const Pack& pack;
  StateStore& store;
  std::optional<std::size_t> task_of_leaving;  // whose figure is the risk
};

// Visits, in blocks of at most 1,000, the customers that have a live score and that one of the
// running pilots would take. Not for the server's threads.
Status visit_newcomers(const NewcomerSources& sources, const std::vector<Pilot>& running, Time now,
                       const std::function<Status(std::span<const Newcomer>)>& visit);

}  // namespace tideline
