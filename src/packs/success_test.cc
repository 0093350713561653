// Success: what a file may say, what it is told when it is wrong, and how far one has come.
#include "packs/success.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

constexpr std::string_view kFile = R"(
[[metric]]
name = "churn"
title = "30-day churn"
unit = "share"
measure = "mean_figure"
of = "churn_risk_30d"
baseline = 0.492
target = 0.35

[[metric]]
name = "daily_active"
title = "Active on a day"
unit = "share"
measure = "daily_active"
)";

TEST(SuccessTest, ReadsAFile) {
  const auto targets = parse_success(kFile, "success.toml");
  ASSERT_TRUE(targets.has_value()) << targets.error().message;
  ASSERT_EQ(targets->size(), 2U);
  EXPECT_EQ((*targets)[0].of, "churn_risk_30d");
  EXPECT_EQ((*targets)[0].target, 0.35);
  EXPECT_EQ((*targets)[1].measure, SuccessMeasure::daily_active);
  EXPECT_FALSE((*targets)[1].baseline.has_value());
  EXPECT_TRUE(parse_success("", "success.toml")->empty());
}

TEST(SuccessTest, SaysWhatIsWrongAndWhere) {
  const auto wrong = [](std::string_view line, std::string_view by) {
    std::string text(kFile);
    text.replace(text.find(line), line.size(), by);
    const auto targets = parse_success(text, "success.toml");
    return targets ? std::string("fine") : targets.error().message;
  };
  EXPECT_EQ(wrong("mean_figure", "mean_figur").substr(0, 66),
            "success.toml:6: no measure mean_figur; did you mean \"mean_figure\"?");
  EXPECT_EQ(wrong("of = \"churn_risk_30d\"\n", ""), "success.toml:2: mean_figure needs `of`");
  EXPECT_EQ(wrong("target = 0.35\n", ""),
            "success.toml:2: a metric has baseline and target, or neither");
  EXPECT_EQ(wrong("name = \"daily_active\"", "name = \"churn\""),
            "success.toml:11: two metrics are called churn");
  EXPECT_NE(wrong("unit = \"share\"", "units = \"share\""), "fine");
}

// From 0.492 to 0.35 is 0.142; 0.421 is half of it.
TEST(SuccessTest, ProgressInBothDirections) {
  const auto target = parse_success(kFile, "success.toml")->front();
  EXPECT_NEAR(*progress_of(target, 0.421), 0.5, 1e-12);
  EXPECT_NEAR(*progress_of(target, 0.563), -0.5, 1e-12);
  EXPECT_NEAR(*progress_of(target, 0.35), 1, 1e-12);
  SuccessTarget none = target;
  none.baseline.reset();
  EXPECT_FALSE(progress_of(none, 0.4).has_value());
}

}  // namespace
}  // namespace tideline
