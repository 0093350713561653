// Decline: what is planted in a simulated customer's life to go wrong, and when.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "simulator/customer_nature.h"
#include "simulator/marketplace.h"

namespace tideline {

struct Decline {
  DeclineCause cause = DeclineCause::none;  // never outage: that befalls everybody
  std::int64_t begins = 0;                  // UTC day
  std::int64_t ends = 0;                    // exclusive; from then on the customer is over it
  double strength = 0;                      // about 1

  // 0 when it is not on, growing to `strength` over its first two weeks.
  [[nodiscard]] double level(std::int64_t day) const;
};

// For a life that begins on `from`. Two in five have a decline planted; it does not come to pass
// for who leaves before.
[[nodiscard]] Decline draw_decline(Rng& rng, CustomerKind kind, std::int64_t from);

}  // namespace tideline
