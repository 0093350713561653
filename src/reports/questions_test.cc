// The SQL of the reports, and the reading of benchmarks.
#include "reports/questions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "reports/answers.h"
#include "reports/benchmarks.h"
#include "reports/test_facts.h"

namespace tideline::reports {
namespace {

TEST(QuestionsTest, EachStandsAlone) {
  const std::string folder = std::string(TIDELINE_SOURCE_DIR) + "/packs/engagement/pack.toml";
  const auto pack = Pack::parse(test::text_of_file(folder), folder);
  ASSERT_TRUE(pack.has_value()) << pack.error().message;
  const Questions questions =
      questions_of({**pack, *parse_time("2026-07-01"), "1 July 2026", "churn_risk_30d"});
  ASSERT_EQ(questions.all.size(), 11U);
  for (const Question& question : questions.all) {
    const std::string& text = question.answer.query;
    for (const char* part : {"recent", "active", "latest"}) {
      const bool reads = question.select.find(std::string("from ") + part) != std::string::npos;
      const bool has = text.find(std::string(part) + " as (") != std::string::npos;
      EXPECT_TRUE(has || !reads) << question.answer.id << " " << part;
    }
    EXPECT_FALSE(question.answer.period.empty()) << question.answer.id;
    EXPECT_FALSE(question.answer.columns.empty()) << question.answer.id;
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
  EXPECT_NE(questions.all[0].answer.query.find("TIMESTAMP '2026-07-01 00:00:00.000'"),
            std::string::npos)
      << questions.all[0].answer.query;
  EXPECT_NE(questions.all[0].answer.query.find("'Signed In', 'Session Ended'"), std::string::npos);
}

TEST(QuestionsTest, NamesAreQuoted) {
  EXPECT_EQ(sql_text("it's"), "'it''s'");
  EXPECT_EQ(sql_name("a\"b"), "\"a\"\"b\"");
}

TEST(BenchmarksTest, ReadsThePageThatMakeBenchWrites) {
  const auto rows = parse_benchmarks(
      test::text_of_file(std::string(TIDELINE_SOURCE_DIR) + "/docs/benchmarks.md"));
  ASSERT_GT(rows.size(), 20U);
  EXPECT_EQ(rows[0].what, "durable ingest over HTTP, until acknowledged");
  EXPECT_EQ(rows[0].unit, "events/s");
  EXPECT_GT(rows[0].median, rows[0].worst);
  const auto applied = std::find_if(rows.begin(), rows.end(), [](const Benchmark& one) {
    return one.what == "the same events, until applied to states";
  });
  ASSERT_NE(applied, rows.end());
  EXPECT_GT(applied->cpu_us.value_or(0), 1);
  EXPECT_TRUE(parse_benchmarks("| a | b |\n").empty());
  EXPECT_TRUE(parse_benchmarks("").empty());
}

}  // namespace
}  // namespace tideline::reports
