// ReportRoom: draws the reports of a folder: gathers the facts, sets them, and keeps PDF files in
// reports/ where asked.
#pragma once

#include <memory>
#include <mutex>

#include "adapters/cairo/cairo_press.h"
#include "api/report_request.h"
#include "app/engine.h"
#include "insights/money.h"

namespace tideline {

struct DrawnReport {
  std::string pdf;
  std::size_t pages = 0;
  std::size_t figures = 0;    // sources listed
  std::size_t cut_pages = 0;  // where something was left out to fit
};

// All reports, drawn from the same facts and kept.
struct KeptReports {
  struct Report {
    reports::ReportKind kind = reports::ReportKind::engagement;
    DrawnReport drawn;
  };
  Time since{};  // no query reads events that happened before
  Time as_of{};
  std::string day;  // of `as_of`, in the zone of the reports
  std::vector<Report> reports;
};

// Thread-safe; one report is drawn at a time.
class ReportRoom {
 public:
  explicit ReportRoom(Engine& engine) : engine_(engine) {}

  // For Services::reports.
  [[nodiscard]] ReportService service();
  // The facts of all reports as of `at`, else now. Those of now are kept for some seconds, so that
  // three reports asked for one after the other tell the same.
  [[nodiscard]] Result<reports::Facts> facts(const std::optional<Time>& at);
  // Draws all of now and keeps them; `cancelled` when `stop` says so between two.
  [[nodiscard]] Result<KeptReports> keep_all(typesetting::Paper paper,
                                             const std::function<bool()>& stop);
  // What running costs by number of customers, from facts of the last ten minutes; empty without
  // prices.
  [[nodiscard]] Result<std::vector<CustomerCost>> customer_costs();
  // `created`: what the file says of its making; the same facts and the same time give the same
  // bytes.
  [[nodiscard]] Result<DrawnReport> draw(reports::ReportKind kind, reports::Facts facts,
                                         typesetting::Paper paper, Time created);

 private:
  // Of now, `age` old at most.
  [[nodiscard]] Result<reports::Facts> facts_within(Duration age);
  // Under `gathering_`.
  [[nodiscard]] Result<reports::Facts> gather(const std::optional<Time>& at);
  [[nodiscard]] Result<std::string> pdf(const ReportRequest& request);
  [[nodiscard]] Result<KeptReport> keep(const ReportRequest& request);
  [[nodiscard]] std::vector<KeptReport> kept() const;
  [[nodiscard]] Result<std::optional<ReportPlan>> plan();
  [[nodiscard]] std::string path_of(reports::ReportKind kind) const;

  Engine& engine_;
  std::mutex gathering_;
  std::optional<reports::Facts> newest_;  // of now
  Time gathered_{};                       // when, by the machine's clock
  Time flushed_{};
  std::mutex drawing_;
  std::unique_ptr<CairoPress> press_;  // made by the first report
};

}  // namespace tideline
