// What /api/v1/reports asks for; `app` gathers the facts and draws.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "reports/report.h"
#include "reports/schedule.h"

namespace tideline {

struct ReportRequest {
  reports::ReportKind kind = reports::ReportKind::engagement;
  std::optional<Time> at;  // nullopt: the folder's now
  typesetting::Paper paper = typesetting::Paper::a4;
};

// A report as data: what its figures are and where each comes from.
struct ReportContents {
  reports::Facts facts;
  reports::Report report;
};

// A PDF file that was drawn and kept in the data folder.
struct KeptReport {
  reports::ReportKind kind = reports::ReportKind::engagement;
  Time drawn{};
  std::uint64_t bytes = 0;
};

// When a server draws all of them by itself.
struct ReportPlan {
  reports::Schedule schedule;
  Time next{};
  std::optional<Time> last;        // when they were last drawn on schedule
  bool given_up = false;           // the newest time was tried in vain, and is not any more
  std::size_t mail_addresses = 0;  // to which the files are mailed then
};

// Thread-safe; each may take a second, so not for the server's threads. All of them empty: this
// server draws no reports.
struct ReportService {
  std::function<Result<ReportContents>(const ReportRequest&)> contents;
  std::function<Result<std::string>(const ReportRequest&)> pdf;
  // Draws and keeps it as reports/NAME.pdf.
  std::function<Result<KeptReport>(const ReportRequest&)> keep;
  // Those that are kept, in the order of reports::kReportKinds.
  std::function<std::vector<KeptReport>()> kept;
  // nullopt: only when they are asked for.
  std::function<Result<std::optional<ReportPlan>>()> plan;
};

}  // namespace tideline
