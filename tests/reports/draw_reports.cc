// The three reports from made-up facts, for tests/reports/pdf_test.py:
//
//   draw_reports FOLDER SOURCE
//
// writes FOLDER/{full,empty,long}-{a4,letter}-NAME.pdf and prints a line for each: file, pages,
// milliseconds of processor time, pages that were cut, scales of the pages in percent.
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>

#include "adapters/cairo/cairo_press.h"
#include "reports/report.h"
#include "reports/test_facts.h"

namespace tideline::reports {
namespace {

using typesetting::Paper;

Status draw(CairoPress& press, const std::string& path, ReportKind kind, Facts facts,
            Paper paper) {
  const std::clock_t begin = std::clock();
  const Report report = make_report(kind, facts);
  const auto canvas = press.canvas(pdf_options(report, facts, paper, facts.as_of));
  TRY_ASSIGN(const typesetting::Typeset set, typeset(report.document, *canvas, paper));
  TRY_ASSIGN(const std::string bytes, canvas->finish());
  const double took_ms = 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::ofstream(path, std::ios::binary) << bytes;
  int cut = 0;
  std::string scales;
  for (const auto& page : set.pages) {
    cut += page.cut ? 1 : 0;
    scales +=
        (scales.empty() ? "" : ",") + std::to_string(static_cast<int>(page.scale * 100 + 0.5));
  }
  std::printf("%s %zu %.0f %d %s\n", path.c_str(), set.pages.size(), took_ms, cut, scales.c_str());
  return {};
}

int run(const std::string& folder, const std::string& source) {
  const auto press = CairoPress::open();
  if (!press) {
    std::fprintf(stderr, "%s\n", press.error().message.c_str());
    return 1;
  }
  for (const std::string variant : {"full", "empty", "long"}) {
    const Facts facts = variant == "full"    ? test::full_facts(source)
                        : variant == "empty" ? test::empty_facts()
                                             : test::long_named_facts(source);
    for (const Paper paper : {Paper::a4, Paper::letter}) {
      for (const ReportKind kind : kReportKinds) {
        const std::string path = folder + "/" + variant + "-" + std::string(name_of(paper)) + "-" +
                                 std::string(name_of(kind)) + ".pdf";
        const Status drawn = draw(**press, path, kind, facts, paper);
        if (drawn) continue;
        std::fprintf(stderr, "%s: %s\n", path.c_str(), drawn.error().message.c_str());
        return 1;
      }
    }
  }
  return 0;
}

}  // namespace
}  // namespace tideline::reports

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "draw_reports FOLDER SOURCE\n");
    return 2;
  }
  return tideline::reports::run(argv[1], argv[2]);
}
