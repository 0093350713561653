// Amount: what a customer brings in, in the pack's currency.
#pragma once

#include <optional>

#include "features/customer_state.h"

namespace tideline {

class StateView;

inline constexpr Duration kAmountWindow = 90 * kDay;

// The money properties of qualifying events over the 90 days up to `as_of`, as a mean a 30 days
// (design 4.9). 0 where nothing was paid; nullopt where the pack sums up no such property.
[[nodiscard]] std::optional<double> amount_30d(const Pack& pack, const CustomerState& state,
                                               Time as_of);
[[nodiscard]] std::optional<double> amount_30d(const StateView& view);

// Whether the pack tells an amount at all.
[[nodiscard]] bool tells_amount(const Pack& pack);

}  // namespace tideline
