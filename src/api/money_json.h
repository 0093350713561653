// Money, retention and success as JSON, and what is read of requests about them. Shared by the API
// and whatever else tells these figures.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_writer.h"
#include "insights/money.h"
#include "insights/retention.h"
#include "packs/success.h"

namespace tideline {

// The calculator's inputs by their keys, and "measured": {"treated","difference","low","high"};
// what is absent is as in `otherwise`. invalid: malformed_json, bad_parameter.
[[nodiscard]] Result<MoneyInputs> parse_money(std::string_view body, const MoneyInputs& otherwise);

// Where an input came from, when it was not entered.
struct KnownInput {
  std::string_view key;
  std::string source;
};
// {"currency","inputs":[{key,title,unit,value,low,high,about,source}],"measured","figures":[…],
// "by_customers":[{customers,month,customer_month,currency}]}
void write_money(JsonWriter& json, const std::string& currency, const MoneyInputs& inputs,
                 const MoneyAnswer& answer, std::span<const KnownInput> known,
                 std::span<const CustomerCost> costs);

void write_growth(JsonWriter& json, std::span<const MonthGrowth> months);
void write_curve(JsonWriter& json, RetentionKind kind, std::span<const RetentionPoint> curve);

struct SuccessRow {
  SuccessTarget target;
  std::optional<double> actual;  // nullopt: not known yet
};
void write_success(JsonWriter& json, const SuccessRow& row);

}  // namespace tideline
