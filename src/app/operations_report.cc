// report: PDF files of one report or all.
#include <chrono>
#include <filesystem>

#include "app/operations.h"
#include "app/report_room.h"

namespace tideline {
namespace {

using Steady = std::chrono::steady_clock;

double milliseconds_since(Steady::time_point begun) {
  return std::chrono::duration<double, std::milli>(Steady::now() - begun).count();
}

Result<std::vector<reports::ReportKind>> kinds_of(const std::string& name) {
  if (name == "all")
    return std::vector<reports::ReportKind>(reports::kReportKinds.begin(),
                                            reports::kReportKinds.end());
  const auto kind = reports::report_kind_of(name);
  if (kind) return std::vector{*kind};
  return fail(ErrorCode::invalid,
              "no report " + name + "; there are engagement, cost, architecture and all", "usage");
}

Result<std::optional<Time>> time_of(const boost::json::object& arguments, const char* name) {
  TRY_ASSIGN(const auto text, text_argument(arguments, name));
  if (!text) return std::optional<Time>();
  const auto time = parse_time(*text);
  if (!time) return fail(ErrorCode::invalid, "no time: " + *text, "usage");
  return time;
}

}  // namespace

Result<Json> draw_reports(const OperationContext& context, const boost::json::object& arguments) {
  TRY_ASSIGN(const auto name, text_argument(arguments, "report"));
  TRY_ASSIGN(const auto folder, text_argument(arguments, "out"));
  TRY_ASSIGN(const auto paper_name, text_argument(arguments, "paper"));
  TRY_ASSIGN(const auto at, time_of(arguments, "at"));
  TRY_ASSIGN(const auto created, time_of(arguments, "created"));
  TRY_ASSIGN(const auto kinds, kinds_of(name.value_or("all")));
  const auto paper = typesetting::paper_of(paper_name.value_or("a4"));
  if (!paper) return fail(ErrorCode::invalid, "paper is a4 or letter", "usage");
  if (!folder) return fail(ErrorCode::invalid, "--out names the folder to write into", "usage");
  ReportRoom room(context.engine);
  const auto begun = Steady::now();
  TRY_ASSIGN(const reports::Facts facts, room.facts(at));
  const double gathered = milliseconds_since(begun);
  boost::json::array files;
  for (const reports::ReportKind kind : kinds) {
    const std::string file = std::string(name_of(kind)) + ".pdf";
    if (context.progress && !context.progress({"drawing", -1, file}))
      return fail(ErrorCode::cancelled, "interrupted");
    const auto drawing = Steady::now();
    TRY_ASSIGN(const DrawnReport drawn,
               room.draw(kind, facts, *paper, created.value_or(facts.as_of)));
    const double took = milliseconds_since(drawing);
    const std::string path = (std::filesystem::path(*folder) / file).string();
    TRY(replace_file(path, drawn.pdf));
    files.push_back(boost::json::object{{"report", name_of(kind)},
                                        {"file", path},
                                        {"pages", drawn.pages},
                                        {"bytes", drawn.pdf.size()},
                                        {"sources", drawn.figures},
                                        {"cut_pages", drawn.cut_pages},
                                        {"drawing_ms", took}});
  }
  return Json(boost::json::object{{"as_of", format_time(facts.as_of)},
                                  {"gathering_ms", gathered},
                                  {"reports", std::move(files)}});
}

}  // namespace tideline
