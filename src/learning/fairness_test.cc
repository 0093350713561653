// Fairness: a planted gap is found, fair data is not blamed, small groups are left alone.
#include "learning/fairness.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"

namespace tideline {
namespace {

constexpr int kRuns = 100;

// Judged rows of two groups. Everybody's own risk is spread over 0.05 .. 0.95; figures are risks
// with some error, and for group "b" moved so that about `gap` more or fewer are selected.
struct Simulated {
  std::vector<double> labels, figures;
  std::vector<std::uint64_t> customers;
  std::vector<std::string> values, other;

  Simulated(std::uint64_t seed, std::size_t a_group, double gap, std::size_t rows_each = 1) {
    Rng rng(seed);
    for (std::size_t i = 0; i < 2 * a_group; ++i) {
      const bool b = i >= a_group;
      const double risk = rng.uniform(0.05, 0.95);
      for (std::size_t j = 0; j < rows_each; ++j) {
        labels.push_back(rng.chance(risk) ? 1 : 0);
        const double said = risk + 0.05 * rng.normal() + (b ? 0.9 * gap : 0);
        figures.push_back(std::min(0.99, std::max(0.01, said)));
        customers.push_back(i);
        values.emplace_back(b ? "b" : "a");
        other.emplace_back(i % 3 == 0 ? "north" : i % 3 == 1 ? "south" : "west");
      }
    }
  }

  [[nodiscard]] std::vector<FairnessOfTrait> checked() const {
    FairnessCheck check;
    const FairnessRows rows{"churn", TaskKind::probability, labels, figures, customers};
    check.add(rows, "gender", values);
    check.add(rows, "region", other);
    return check.finish();
  }
};

TEST(Fairness, APlantedGapOfTenPointsIsFound) {
  int found = 0;
  double planted = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto checked = Simulated(1000 + std::uint64_t(run), 2000, 0.10).checked();
    const FairnessOfTrait& gender = checked[0];
    planted += std::abs(gender.groups[0].selection.value - gender.groups[1].selection.value);
    found += gender.differs ? 1 : 0;
  }
  EXPECT_NEAR(planted / kRuns, 0.10, 0.01);
  EXPECT_GE(found, 95);
  RecordProperty("found", found);
}

TEST(Fairness, FairFiguresAreSeldomBlamed) {
  int blamed = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto checked = Simulated(2000 + std::uint64_t(run), 2000, 0).checked();
    blamed += checked[0].differs || checked[1].differs ? 1 : 0;
    for (const FairnessOfTrait& of : checked) EXPECT_TRUE(of.enough);
  }
  EXPECT_LE(blamed, 5);
  RecordProperty("blamed", blamed);
}

// Rows of a customer that say the same again and again are no more evidence.
TEST(Fairness, RepeatedRowsOfACustomerAreNoEvidence) {
  int blamed = 0;
  double once = 0, often = 0;
  for (int run = 0; run < 40; ++run) {
    const Simulated many(3000 + std::uint64_t(run), 500, 0, 12);
    const auto checked = many.checked();
    blamed += checked[0].differs || checked[1].differs ? 1 : 0;
    often += checked[0].groups[0].selection.error;
    once += Simulated(3000 + std::uint64_t(run), 500, 0).checked()[0].groups[0].selection.error;
  }
  EXPECT_LE(blamed, 2);
  EXPECT_GT(often, 0.8 * once);
}

TEST(Fairness, UnderTwoHundredCustomersThereIsNotEnoughData) {
  const auto few = Simulated(4, 199, 0.4).checked();
  EXPECT_FALSE(few[0].enough);
  EXPECT_FALSE(few[0].differs);
  EXPECT_TRUE(std::isnan(few[0].groups[1].gaps[0].value));
  EXPECT_NE(verdict(few[0]).find("not enough data"), std::string::npos) << verdict(few[0]);
  const auto enough = Simulated(4, 200, 0.4).checked();
  EXPECT_TRUE(enough[0].enough);
  EXPECT_TRUE(enough[0].differs);
  // About 100 of 200 have the outcome: no basis for shares of them.
  EXPECT_TRUE(std::isnan(enough[0].groups[1].true_positives.value));
}

TEST(Fairness, VerdictsCarryNumbersAndNeverClearAnybody) {
  const auto fair = Simulated(5, 2000, 0).checked();
  const std::string words = verdict(fair[0]);
  EXPECT_NE(words.find("no difference is established"), std::string::npos) << words;
  EXPECT_NE(words.find("b selected 0.99 times as often (0."), std::string::npos) << words;
  const auto unfair = Simulated(5, 2000, 0.2).checked();
  EXPECT_NE(verdict(unfair[0]).find("treated differently"), std::string::npos);
}

TEST(Fairness, WhatANumberComesToIsToldInItsOwnScale) {
  Simulated some(8, 2000, 0);
  std::vector<double> labels, figures;
  for (std::size_t i = 0; i < some.figures.size(); ++i) {
    figures.push_back(1'000 * some.figures[i]);
    labels.push_back(figures.back() + (some.values[i] == "b" ? 250 : 0));
  }
  FairnessCheck check;
  check.add({"ltv_180d", TaskKind::number, labels, figures, some.customers}, "gender",
            some.values);
  const std::string words = verdict(check.finish()[0]);
  EXPECT_NE(words.find("above what was said by "), std::string::npos) << words;
  EXPECT_NE(words.find("250 (+250 to +250)"), std::string::npos) << words;
}

TEST(Fairness, UnknownValuesAreCountedAndNumbersGoByTheHighestFifth) {
  Simulated some(6, 2000, 0);
  for (std::size_t i = 0; i < 300; ++i) some.values[i].clear();
  FairnessCheck check;
  check.add({"score", TaskKind::number, some.figures, some.figures, some.customers}, "gender",
            some.values);
  const auto checked = check.finish();
  EXPECT_EQ(checked[0].unknown, 300U);
  ASSERT_EQ(checked[0].groups.size(), 2U);
  EXPECT_EQ(checked[0].reference, "b");
  EXPECT_NEAR(checked[0].groups[0].selection.value, 0.2, 0.03);
  EXPECT_NEAR(checked[0].groups[0].true_positives.value, 1, 1e-12);
  EXPECT_NEAR(checked[0].groups[0].false_positives.value, 0, 1e-12);
  EXPECT_NEAR(checked[0].groups[0].calibration.value, 0, 1e-12);
}

}  // namespace
}  // namespace tideline
