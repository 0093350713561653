#include "learning/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "learning/report_plots.h"

namespace tideline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

EvaluationReport report_of(TaskKind kind) {
  EvaluationReport report;
  report.rows = 1'234;
  TaskReport& task = report.tasks.emplace_back();
  task.task = "churn <b>&\"now\"";
  task.kind = kind;
  task.n = 1'234;
  task.rate = 0.25;
  task.champion = Champion::network;
  task.warnings = {{"leakage", "x < y"}};
  ModelScore& model = task.models.emplace_back();
  model.name = "network";
  if (kind == TaskKind::probability) {
    model.probability = ProbabilityMetrics{0.8, 0.5, 0.1, 0.2, 0.3, 0.02, 2.5};
    task.reliability = {{10, 0.1, 0.2, {0.05, 0.3}}, {10, 0.6, 0.5, {}}};
    task.gain = {{0.5, 0.8, 1.6}, {1, 1, 1}};
    task.errors = {{0.5, 3, 2, 1, 14}};
    task.costs = {{5, 1 / 6.0, 0.35, 0.8, 1.0}};
  } else {
    model.number = NumberMetrics{0.4, 1.5, 2.5, 0.6};
  }
  task.importance = {{"tenure", 0.02}, {"useless", -0.001}};
  return report;
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++n;
  return n;
}

TEST(ReportPage, AProbabilityHasEveryPlotWithItsNumbers) {
  const std::string page = report_page({"m-v1", "a table"}, report_of(TaskKind::probability));
  EXPECT_EQ(times(page, "<figure>"), 6U);
  EXPECT_EQ(times(page, "<details>"), 6U);
  EXPECT_EQ(times(page, "<desc"), 6U);
  EXPECT_THAT(page, HasSubstr("m-v1, judged on 1,234 rows from a table"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

TEST(ReportPage, ANumberHasNoCurves) {
  const std::string page = report_page({"", "a table"}, report_of(TaskKind::number));
  EXPECT_EQ(times(page, "<figure>"), 1U);
  EXPECT_THAT(page, HasSubstr("RMSE"));
}

TEST(ReportPage, NamesCannotBecomeMarkup) {
  const std::string page = report_page({"<i>", "<u>"}, report_of(TaskKind::probability));
  for (const char* markup : {"<b>&\"", "<i>", "<u>", "x < y"}) {
    EXPECT_THAT(page, Not(HasSubstr(markup))) << markup;
  }
  EXPECT_THAT(page, HasSubstr("churn &lt;b&gt;&amp;&quot;now&quot;"));
}

TEST(ReportPage, TooLittleDataStillGivesAPage) {
  EvaluationReport report;
  TaskReport& task = report.tasks.emplace_back();
  task.task = "churn";
  task.rate = std::nan("");
  report.tiers = {{"healthy", 0, {}}};
  const std::string page = report_page({"", "a table"}, report);
  EXPECT_THAT(page, HasSubstr("None: too little data"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
  EXPECT_EQ(times(page, "<figure>"), 0U);
}

TEST(ReportPlots, AxesEndAtRoundNumbers) {
  EXPECT_EQ(round_up(0.23), 0.25);
  EXPECT_EQ(round_up(2.7), 3);
  EXPECT_EQ(round_up(10), 10);
  EXPECT_EQ(round_up(0), 1);
  EXPECT_EQ(round_up(std::nan("")), 1);
}

}  // namespace
}  // namespace tideline
