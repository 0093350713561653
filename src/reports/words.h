// Words of reports: names and dates as people read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace tideline::reports {

// "churn_risk_30d": "Churn risk 30d". Names of events and people stay as they are.
[[nodiscard]] std::string readable(std::string_view name);
// "1 January 2026", by UTC.
[[nodiscard]] std::string day_words(Time time);
// "1 Jan": for axes. Of text "2026-01-01"; what is no date stays as it is.
[[nodiscard]] std::string short_day(std::string_view date);
// "a, b and c"
[[nodiscard]] std::string listed(const std::vector<std::string>& names);

}  // namespace tideline::reports
