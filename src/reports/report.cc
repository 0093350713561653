#include "reports/report.h"

#include "reports/answers.h"
#include "reports/cost_model.h"

namespace tideline::reports {
namespace {

// Of "ANSWER.COLUMN", or "ANSWER.ROW.COLUMN".
std::optional<double> figure_of(const std::string& path, const Answers& answers) {
  const std::size_t first = path.find('.');
  const std::size_t last = path.rfind('.');
  if (first == std::string::npos) return std::nullopt;
  const auto found = answers.find(path.substr(0, first));
  if (found == answers.end()) return std::nullopt;
  const std::string row = first == last ? "" : path.substr(first + 1, last - first - 1);
  return found->second.value(path.substr(last + 1), row);
}

std::optional<double> actual_of(const SuccessMetric& metric, std::size_t place,
                                const Answers& answers) {
  if (!metric.figure.empty()) return figure_of(metric.figure, answers);
  if (metric.query.empty()) return metric.actual;
  const auto found = answers.find(metric_answer(place));
  return found == answers.end() || found->second.columns.empty()
             ? std::nullopt
             : found->second.value(found->second.columns[0].name);
}

}  // namespace

std::string_view name_of(ReportKind kind) {
  switch (kind) {
    case ReportKind::engagement: return "engagement";
    case ReportKind::cost: return "cost";
    case ReportKind::architecture: return "architecture";
  }
  return "";
}

std::optional<ReportKind> report_kind_of(std::string_view name) {
  for (const ReportKind kind : kReportKinds) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string metric_answer(std::size_t place) { return "metric_" + std::to_string(place + 1); }

int pages_of(ReportKind kind) { return kind == ReportKind::architecture ? 8 : 7; }

void add_success_answer(Facts& facts) {
  if (!facts.initiative || facts.initiative->metrics.empty()) return;
  Answer answer;
  answer.id = answers::kSuccess;
  answer.about = "Success metrics of the initiative";
  answer.kind = QueryKind::file;
  answer.query = facts.initiative->file + ": baselines and targets; actual figures from";
  answer.period = "baseline and target as planned; actual as of the report";
  answer.population = "as each metric says";
  answer.columns = {
      {"baseline", "Baseline", {}}, {"target", "Target", {}}, {"actual", "Actual", {}}};
  for (std::size_t i = 0; i < facts.initiative->metrics.size(); ++i) {
    const SuccessMetric& metric = facts.initiative->metrics[i];
    answer.rows.push_back(
        {metric.label, {metric.baseline, metric.target, actual_of(metric, i, facts.answers)}});
    const std::string& from = metric.figure.empty() ? metric.query : metric.figure;
    answer.query += (i > 0 ? "; " : " ") + (from.empty() ? "the file" : from);
  }
  facts.answers[answer.id] = answer;
}

Report make_report(ReportKind kind, Facts& facts) {
  add_cost_answers(facts);
  add_success_answer(facts);
  switch (kind) {
    case ReportKind::cost: return cost_report(facts);
    case ReportKind::architecture: return architecture_report(facts);
    case ReportKind::engagement: break;
  }
  return engagement_report(facts);
}

PdfOptions pdf_options(const Report& report, const Facts& facts, typesetting::Paper paper,
                       Time created) {
  PdfOptions options;
  const typesetting::PaperSize size = typesetting::size_of(paper);
  options.width = size.width;
  options.height = size.height;
  options.title = report.document.title;
  options.subject = report.document.subtitle;
  options.author = "Tideline, pack " + facts.pack;
  options.creator = "tideline " + facts.program_version;
  options.created = created;
  return options;
}

}  // namespace tideline::reports
