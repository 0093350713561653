// The three reports: from facts to a document, and to a PDF file.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/pdf_canvas.h"
#include "reports/facts.h"
#include "typesetting/typeset.h"

namespace tideline::reports {

enum class ReportKind : std::uint8_t { engagement, cost, architecture };
inline constexpr std::array kReportKinds = {ReportKind::engagement, ReportKind::cost,
                                            ReportKind::architecture};
[[nodiscard]] std::string_view name_of(ReportKind kind);
[[nodiscard]] std::optional<ReportKind> report_kind_of(std::string_view name);
// Whatever the facts: 7, 7 and 8.
[[nodiscard]] int pages_of(ReportKind kind);

struct Report {
  typesetting::Document document;
  std::vector<std::string> used;  // ids of answers, in the order of their numbers
};
// Adds to the facts the answers that follow from others (costs, success metrics) before it reads
// them.
[[nodiscard]] Report make_report(ReportKind kind, Facts& facts);

// What the canvas is opened with.
[[nodiscard]] PdfOptions pdf_options(const Report& report, const Facts& facts,
                                     typesetting::Paper paper, Time created);

// One for each file of contents.
[[nodiscard]] Report engagement_report(const Facts& facts);
[[nodiscard]] Report cost_report(const Facts& facts);
[[nodiscard]] Report architecture_report(const Facts& facts);
// Id of the answer with the actual figure of a metric that has a query, by its place in the
// initiative.
[[nodiscard]] std::string metric_answer(std::size_t place);
// The metrics of the initiative with their actual figures, as the answer "success".
void add_success_answer(Facts& facts);

}  // namespace tideline::reports
