// Activity: on which days each customer did something that counts, and what it brought in which
// month, read from the lake. For curves of retention and the growth of months.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "packs/pack.h"
#include "ports/lake.h"
#include "ports/state_store.h"

namespace tideline {

// One customer, of its qualifying events.
struct CustomerActivity {
  std::vector<std::int64_t> days;  // day_index(), ascending, each once; never empty
  // Per day, in the order of `days`: the money properties of that day's events, in the pack's
  // currency; 0 where none was paid.
  std::vector<double> amounts;
};

// All customers with a qualifying event at or before `until`, in no order. Takes about a
// microsecond an event; not for the server's threads.
[[nodiscard]] Result<std::vector<CustomerActivity>> read_activity(StateStore& store, Lake& lake,
                                                                  const Pack& pack, Time until);

}  // namespace tideline
