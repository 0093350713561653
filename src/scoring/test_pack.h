// A small pack for tests of scoring and learning: four features, four tasks, the marketplace's
// tier rules.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "packs/pack.h"

namespace tideline {

inline constexpr const char* kTestPack = R"(
[pack]
name = "shop"
about = "For tests"
currency = "EUR"
qualifying = ["Bought"]
lapse_days = 30

[event."Bought"]
amount = { type = "number", min = 0, money = true }

[event."Looked"]

[[feature]]
name = "bought_30d"
group = "shop"
unit = "times"
value = 'count("Bought", 30d)'

[[feature]]
name = "looked_30d"
group = "shop"
unit = "times"
value = 'count("Looked", 30d)'

[[feature]]
name = "mean_amount"
group = "shop"
unit = "currency"
value = 'mean("Bought".amount, 90d)'

[[feature]]
name = "days_since"
group = "shop"
unit = "days"
value = 'since("Bought", 120d)'

[eligible]
rule = 'since(qualifying) <= 90d'

[[task]]
name = "churn_risk_14d"
kind = "probability"
label = 'gone(14d, lapse)'
definition = "Gone within 14 days."

[[task]]
name = "churn_risk_30d"
kind = "probability"
not_below = "churn_risk_14d"
label = 'gone(30d, lapse)'
definition = "Gone within 30 days."

[[task]]
name = "health_score"
kind = "number"
min = 0
max = 100
unit = "points"
label = '100 * min(1, count("Bought", ahead = 30d) / 4)'
definition = "Purchases of the next 30 days."

[[task]]
name = "velocity"
kind = "number"
min = 0
unit = "times a week"
label = 'count("Bought", ahead = 28d) / 4'
definition = "Purchases a week."

[[tier]]
name = "churned"
rule = 'health_score < 30 or churn_risk_14d > 0.7'

[[tier]]
name = "thriving"
rule = 'health_score > 70 and churn_risk_14d < 0.2'

[[tier]]
name = "healthy"
rule = 'health_score >= 50 and churn_risk_14d < 0.4'

[[tier]]
name = "at_risk"
rule = 'true'
)";

inline std::shared_ptr<const Pack> test_pack() {
  const auto pack = Pack::parse(kTestPack, "test.toml");
  EXPECT_TRUE(pack.has_value()) << pack.error().message;
  return pack ? *pack : nullptr;
}

}  // namespace tideline
