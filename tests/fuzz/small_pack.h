// A pack with one of each kind of field, for harnesses that need some pack.
#pragma once

#include <string_view>

namespace tideline::fuzz {

inline constexpr std::string_view kSmallPack = R"(
[pack]
name = "shop"
about = "For fuzzing"
currency = "EUR"
qualifying = ["Bought"]
lapse_days = 30

[event."Bought"]
amount = { type = "number", min = -1000000, max = 1000000, money = true }
kind = { type = "choice", values = ["a", "b"] }
order = "id"

[event."Looked"]

[trait]
city = "text"
age = "number"

[[feature]]
name = "bought_28d"
group = "shop"
unit = "times"
value = 'count("Bought", 28d)'

[[feature]]
name = "amount_sum"
group = "shop"
unit = "currency"
value = 'sum("Bought".amount, 28d)'

[[feature]]
name = "amount_sd"
group = "shop"
unit = "currency"
value = 'sd("Bought".amount, 90d)'

[[feature]]
name = "last_amount"
group = "shop"
unit = "currency"
value = 'last("Bought".amount, ever)'

[[feature]]
name = "orders"
group = "shop"
unit = "orders"
value = 'distinct("Bought".order, 90d)'

[[feature]]
name = "days"
group = "shop"
unit = "days"
value = 'active_days(any, 60d)'

[[feature]]
name = "gap"
group = "shop"
unit = "days"
value = 'gap_mean("Bought", 90d) + gap_sd("Bought", ever)'

[[feature]]
name = "idle"
group = "shop"
unit = "days"
value = 'since("Bought", ever)'

[[feature]]
name = "age"
group = "who"
unit = "years"
value = 'trait.age'

[eligible]
rule = 'since(qualifying) <= 90d'

[[task]]
name = "churn_risk_14d"
kind = "probability"
label = 'gone(14d, lapse)'
definition = "Gone within 14 days."

[[tier]]
name = "churned"
rule = 'churn_risk_14d > 0.7'

[[tier]]
name = "healthy"
rule = 'true'
)";

}  // namespace tideline::fuzz
