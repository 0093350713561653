#include "app/report_room.h"

#include <algorithm>
#include <filesystem>

#include "app/report_gathering.h"
#include "app/report_schedule.h"
#include "base/file.h"
#include "reports/cost_model.h"

namespace tideline {
namespace fs = std::filesystem;
namespace {

constexpr Duration kFresh = std::chrono::seconds(10);
constexpr Duration kCostsFresh = std::chrono::minutes(10);

}  // namespace

Result<reports::Facts> ReportRoom::facts(const std::optional<Time>& at) {
  if (!at) return facts_within(kFresh);
  const std::lock_guard lock(gathering_);
  return gather(at);
}

Result<reports::Facts> ReportRoom::facts_within(Duration age) {
  const std::lock_guard lock(gathering_);
  const Time now = engine_.clock().now();
  if (newest_ && now - gathered_ < age) return *newest_;
  TRY_ASSIGN(newest_, gather(std::nullopt));
  gathered_ = now;
  return *newest_;
}

Result<reports::Facts> ReportRoom::gather(const std::optional<Time>& at) {
  const Time now = engine_.clock().now();
  GatheringOptions options;
  options.at = at;
  options.flush = now - flushed_ >= kFresh;
  TRY_ASSIGN(auto facts, gather_facts(engine_, options));
  if (options.flush) flushed_ = now;
  return facts;
}

Result<std::vector<CustomerCost>> ReportRoom::customer_costs() {
  TRY_ASSIGN(const auto facts, facts_within(kCostsFresh));
  std::vector<CustomerCost> costs;
  if (!facts.prices) return costs;
  for (const auto& one : cost_model(facts.measured, *facts.prices).by_customers)
    costs.push_back({one.customers, one.month, facts.prices->currency});
  return costs;
}

Result<DrawnReport> ReportRoom::draw(reports::ReportKind kind, reports::Facts facts,
                                     typesetting::Paper paper, Time created) {
  const reports::Report report = make_report(kind, facts);
  const std::lock_guard lock(drawing_);
  if (!press_) {
    TRY_ASSIGN(press_, CairoPress::open());
  }
  const auto canvas = press_->canvas(pdf_options(report, facts, paper, created));
  TRY_ASSIGN(const typesetting::Typeset set, typeset(report.document, *canvas, paper));
  DrawnReport drawn;
  TRY_ASSIGN(drawn.pdf, canvas->finish());
  drawn.pages = set.pages.size();
  drawn.figures = report.used.size();
  drawn.cut_pages = static_cast<std::size_t>(std::count_if(
      set.pages.begin(), set.pages.end(), [](const auto& page) { return page.cut; }));
  return drawn;
}

std::string ReportRoom::path_of(reports::ReportKind kind) const {
  return engine_.folder().path() + "/reports/" + std::string(name_of(kind)) + ".pdf";
}

Result<std::string> ReportRoom::pdf(const ReportRequest& request) {
  TRY_ASSIGN(auto facts, this->facts(request.at));
  const Time created = facts.as_of;
  TRY_ASSIGN(auto drawn, draw(request.kind, std::move(facts), request.paper, created));
  return std::move(drawn.pdf);
}

Result<KeptReport> ReportRoom::keep(const ReportRequest& request) {
  TRY_ASSIGN(const std::string bytes, pdf(request));
  TRY(replace_file(path_of(request.kind), bytes));
  return KeptReport{request.kind, engine_.clock().now(), bytes.size()};
}

Result<KeptReports> ReportRoom::keep_all(typesetting::Paper paper,
                                         const std::function<bool()>& stop) {
  TRY_ASSIGN(const auto facts, this->facts(std::nullopt));
  KeptReports kept{facts.events_from, facts.as_of, facts.as_of_day, {}};
  for (const reports::ReportKind kind : reports::kReportKinds) {
    if (stop()) return fail(ErrorCode::cancelled, "the program stops");
    TRY_ASSIGN(auto drawn, draw(kind, facts, paper, facts.as_of));
    TRY(replace_file(path_of(kind), drawn.pdf));
    kept.reports.push_back({kind, std::move(drawn)});
  }
  return kept;
}

Result<std::optional<ReportPlan>> ReportRoom::plan() {
  const ReportSettings& settings = engine_.settings().report;
  TRY_ASSIGN(auto schedule, schedule_of(settings));
  if (!schedule || engine_.as_of()) return std::optional<ReportPlan>();
  TRY_ASSIGN(const auto record, load_schedule_record(engine_.state()));
  const Time now = engine_.clock().now();
  ReportPlan plan;
  plan.next = schedule->next(now);
  if (record.done != Time()) plan.last = record.done;
  plan.given_up = record.tries >= reports::kTriesMax && record.done < record.tried;
  plan.mail_addresses = mail_addresses_of(settings).size();
  plan.schedule = std::move(*schedule);
  return std::optional(std::move(plan));
}

std::vector<KeptReport> ReportRoom::kept() const {
  std::vector<KeptReport> all;
  for (const reports::ReportKind kind : reports::kReportKinds) {
    std::error_code error;
    const auto bytes = fs::file_size(path_of(kind), error);
    if (error) continue;
    const auto written = fs::last_write_time(path_of(kind), error);
    const auto time = std::chrono::file_clock::to_sys(written);
    all.push_back({kind, std::chrono::floor<std::chrono::milliseconds>(time), bytes});
  }
  return all;
}

ReportService ReportRoom::service() {
  ReportService service;
  service.contents = [this](const ReportRequest& request) -> Result<ReportContents> {
    ReportContents contents;
    TRY_ASSIGN(contents.facts, facts(request.at));
    contents.report = make_report(request.kind, contents.facts);
    return contents;
  };
  service.pdf = [this](const ReportRequest& request) { return pdf(request); };
  service.keep = [this](const ReportRequest& request) { return keep(request); };
  service.kept = [this] { return kept(); };
  service.plan = [this] { return plan(); };
  return service;
}

}  // namespace tideline
