// The report of an evaluation as one page: HTML with its style and its plots in it, no script, no
// other file. Made for reading, in light and in dark, on paper and on a phone; every plot has its
// numbers in a table behind it.
#pragma once

#include <string>

#include "learning/evaluation.h"

namespace tideline {

struct ReportHead {
  std::string model;   // "table-churn-v2"; empty: nothing was kept
  std::string source;  // what was learnt from: "the pack marketplace", "the table churn.csv"
};

// The same report gives the same bytes.
[[nodiscard]] std::string report_page(const ReportHead& head, const EvaluationReport& report);

}  // namespace tideline
