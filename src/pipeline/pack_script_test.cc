// The script language of `tideline test`: what holds, what fails, what cannot be read.
#include "pipeline/pack_script.h"

#include <gtest/gtest.h>

#include "scoring/test_pack.h"

namespace tideline {
namespace {

class ScriptTest : public ::testing::Test {
 protected:
  Result<ScriptReport> run(const std::string& text) { return run_script(*pack_, text, "a.test"); }
  // What a script that cannot be read answers.
  std::string refusal(const std::string& text) {
    const auto report = run(text);
    return report ? "it was read" : report.error().message;
  }
  std::shared_ptr<const Pack> pack_ = test_pack();
};

constexpr const char* kTwoBought = R"(
# two purchases
load c1 2026-01-10T10:00:00Z Bought {"amount":5}
load {"type":"track","userId":"c1","event":"Bought","timestamp":"2026-01-12T10:00:00Z",)"
                                   R"("properties":{"amount":7}}
load c1 2026-01-20T00:00:00Z "Looked"
advance 2026-01-15T00:00:00Z
)";

TEST_F(ScriptTest, ExpectationsThatHold) {
  const auto report = run(std::string(kTwoBought) + R"(
expect c1 bought_30d 2
expect c1 looked_30d 0      # not yet
expect c1 mean_amount 6
expect c2 mean_amount missing
expect c1 lapsed false
expect c1 eligible true
advance 5d
expect c1 looked_30d 1
advance 40d
expect c1 lapsed true
expect tier churned health_score=20 churn_risk_14d=0.1
expect tier none health_score=60
load c1 2026-02-25T00:00:00Z Bought {"amount":-1}
expect dead_letter bad_property
load c1 2026-02-25T00:00:00Z Bought {"amount":1}
expect dead_letter none
)");
  ASSERT_TRUE(report.has_value()) << report.error().message;
  for (const auto& failure : report->failures)
    ADD_FAILURE() << failure.line << ": " << failure.message;
  EXPECT_EQ(report->expectations, 12u);
}

TEST_F(ScriptTest, AFailureNamesLineAndBothFigures) {
  const auto report =
      run(std::string(kTwoBought) +
          "expect c1 bought_30d 3\nexpect c1 looked_30d 0\nexpect c1 mean_amount missing\n");
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->expectations, 3u);
  ASSERT_EQ(report->failures.size(), 2u);
  EXPECT_EQ(report->failures[0].line, 7);
  EXPECT_NE(report->failures[0].message.find("bought_30d"), std::string::npos);
  EXPECT_NE(report->failures[0].message.find('3'), std::string::npos);
  EXPECT_NE(report->failures[0].message.find('2'), std::string::npos);
  EXPECT_EQ(report->failures[1].line, 9);
}

TEST_F(ScriptTest, WhatCannotBeReadNamesFileAndLine) {
  for (const char* line :
       {"lode c1 2026-01-10T10:00:00Z Bought", "load c1 yesterday Bought", "load c1",
        "advance soon", "advance", "expect c1 bought_30d many", "expect c1 no_such_feature 1",
        "expect", "load c1 2026-01-10T10:00:00Z \"Bought", "expect dead_letter guess"}) {
    EXPECT_NE(refusal(std::string("# a line before\n") + line + "\n").find("a.test:2"),
              std::string::npos)
        << line << ": " << refusal(std::string("# a line before\n") + line + "\n");
  }
}

TEST_F(ScriptTest, AScriptNamesItsPack) {
  EXPECT_EQ(pack_of_script("# x\npack shop # here\nload"), "shop");
  EXPECT_EQ(pack_of_script("load c1"), std::nullopt);
}

}  // namespace
}  // namespace tideline
