#include "app/report_files.h"

#include <filesystem>
#include <fstream>

namespace tideline {
namespace {

Status write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::trunc | std::ios::binary);
  out << text;
  out.close();
  if (!out) return fail(ErrorCode::io_failed, "cannot write " + path.string());
  return {};
}

}  // namespace

Status write_report(const std::string& folder, const ReportHead& head,
                    const EvaluationReport& report) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::io_failed, "cannot make the folder " + folder + ": " + error.message());
  }
  const std::filesystem::path place(folder);
  TRY(write_text(place / "evaluation.json", to_json(report) + "\n"));
  return write_text(place / "index.html", report_page(head, report));
}

Status write_report_asked_for(const boost::json::object& arguments, const ReportHead& head,
                              const EvaluationReport& report) {
  TRY_ASSIGN(const auto folder, text_argument(arguments, "report"));
  return folder ? write_report(*folder, head, report) : Status();
}

}  // namespace tideline
