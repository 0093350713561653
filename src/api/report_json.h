// A report as JSON: every figure that it shows, with unit, period, population and the query that
// gives it again.
#pragma once

#include <string>

#include "api/report_request.h"

namespace tideline {

[[nodiscard]] std::string report_json(reports::ReportKind kind, const ReportContents& contents);

}  // namespace tideline
