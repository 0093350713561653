// The regressions, the baselines and the calibration against what can be worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "learning/baselines.h"
#include "learning/logistic_training.h"
#include "learning/metrics.h"
#include "scoring/heads.h"

namespace tideline {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kSeed = 12;

TaskSpec probability() { return TaskSpec{"p", TaskKind::probability}; }
TaskSpec number() { return TaskSpec{"x", TaskKind::number}; }

// One feature, 0 for half of the rows and 1 for the others; ones: 10 of 50 and 40 of 50.
TrainingRows two_groups() {
  TrainingRows rows{100, 1, 1, {}, {}, std::vector<double>(100, 1.0)};
  for (int i = 0; i < 100; ++i) {
    rows.features.push_back(i < 50 ? 0 : 1);
    rows.labels.push_back(i < 50 ? (i < 10) : (i < 90));
  }
  return rows;
}

TEST(RegressionsTest, WithoutPenaltyTheRatesOfTheGroupsComeOut) {
  const TaskSpec tasks[] = {probability()};
  const Regressions fit = fit_regressions(two_groups(), tasks, {1e-9, 50});
  ASSERT_TRUE(fit.tasks[0].fitted);
  std::vector<double> p(2);
  fit.score({std::vector<double>{0, 1}, 1, 2, {}}, p);
  EXPECT_NEAR(p[0], 0.2, 1e-6);
  EXPECT_NEAR(p[1], 0.8, 1e-6);
}

TEST(RegressionsTest, TheGradientIsZeroAtTheSolution) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  TrainingRows rows{400, 3, 1, {}, {}, std::vector<double>(400, 1.0)};
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const double a = rng.normal();
    rows.features.insert(rows.features.end(),
                         {a, rng.exponential(3), rng.chance(0.2) ? kNan : rng.normal()});
    rows.labels.push_back(rng.chance(sigmoid(2 * a - 1)) ? 1 : 0);
  }
  rows.labels[7] = kNan;
  const double penalty = 1;
  const TaskSpec tasks[] = {probability()};
  const Regressions fit = fit_regressions(rows, tasks, {penalty, 50});
  const auto encoded = encode_all(fit.encoding, rows);
  const std::size_t width = fit.encoding.inputs.size();
  EXPECT_EQ(width, 5U);  // three features, a logarithm of the heavy-tailed one, one "missing"
  std::vector<double> gradient(width + 1, 0.0);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    if (std::isnan(rows.labels[r])) continue;
    double z = fit.tasks[0].bias;
    for (std::size_t i = 0; i < width; ++i) z += fit.tasks[0].weights[i] * encoded[r * width + i];
    const double error = sigmoid(z) - rows.labels[r];
    for (std::size_t i = 0; i < width; ++i) gradient[i] += error * encoded[r * width + i];
    gradient[width] += error;
  }
  for (std::size_t i = 0; i < width; ++i) gradient[i] += penalty * fit.tasks[0].weights[i];
  for (const double g : gradient) EXPECT_NEAR(g, 0, 1e-4);
}

TEST(RegressionsTest, SeparableRowsHaveAFiniteSolution) {
  TrainingRows rows = two_groups();
  for (std::size_t i = 0; i < 100; ++i) rows.labels[i] = rows.features[i];
  const TaskSpec tasks[] = {probability()};
  const Regressions fit = fit_regressions(rows, tasks);
  ASSERT_TRUE(fit.tasks[0].fitted);
  EXPECT_TRUE(std::isfinite(fit.tasks[0].weights[0]));
  EXPECT_GT(fit.tasks[0].weights[0], 1);
}

TEST(RegressionsTest, ALineIsFoundAndRangesAreKept) {
  TrainingRows rows{50, 1, 1, {}, {}, std::vector<double>(50, 1.0)};
  for (int i = 0; i < 50; ++i) {
    rows.features.push_back(i);
    rows.labels.push_back(3 + 2 * i);
  }
  TaskSpec tasks[] = {number()};
  tasks[0].min = 0;
  tasks[0].max = 200;
  const Regressions fit = fit_regressions(rows, tasks, {1e-9, 50});
  std::vector<double> x(3);
  fit.score({std::vector<double>{10.5, -10, 120}, 1, 3, {}}, x);
  EXPECT_NEAR(x[0], 24, 1e-4);
  EXPECT_EQ(x[1], 0);
  EXPECT_EQ(x[2], 200);
}

TEST(RegressionsTest, OneClassIsNotFitted) {
  TrainingRows rows = two_groups();
  for (double& y : rows.labels) y = 1;
  const TaskSpec tasks[] = {probability()};
  EXPECT_FALSE(fit_regressions(rows, tasks).tasks[0].fitted);
}

TEST(BaselinesTest, TheRecencyRuleRisesWithTheDays) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  TrainingRows rows{2000, 0, 2, {}, {}, {}};
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const double days =
        rng.chance(0.1) ? std::numeric_limits<double>::infinity() : rng.uniform(0, 60);
    const double gone = rng.chance(std::isinf(days) ? 0.95 : days / 80) ? 1 : 0;
    rows.labels.insert(rows.labels.end(), {gone, 1 - gone});
    rows.days_since_qualifying.push_back(days);
  }
  const TaskSpec tasks[] = {probability(), probability()};
  const RecencyRule rule = fit_recency(rows, tasks);
  ASSERT_TRUE(rule.is_sound());
  EXPECT_TRUE(
      std::is_sorted(rule.tasks[0].probabilities.begin(), rule.tasks[0].probabilities.end()));
  EXPECT_TRUE(
      std::is_sorted(rule.tasks[1].probabilities.rbegin(), rule.tasks[1].probabilities.rend()));
  std::vector<double> p(rows.rows * 2);
  rule.score(rows.block(), p);
  std::vector<double> y, first;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    y.push_back(rows.label(r, 0));
    first.push_back(p[2 * r]);
  }
  EXPECT_LT(calibration_error(y, first), 0.03);
  EXPECT_GT(rule.tasks[0].probabilities.back(), 0.85);
}

TEST(BaselinesTest, TheConstantIsTheMeanOfWhatIsKnown) {
  const TrainingRows rows{4, 0, 2, {}, {1, kNan, 0, kNan, 1, kNan, kNan, kNan}, {1, 2, 3, 4}};
  const ConstantRule rule = fit_constant(rows);
  EXPECT_DOUBLE_EQ(rule.figures[0], 2.0 / 3);
  EXPECT_TRUE(std::isnan(rule.figures[1]));
}

TEST(CalibrationFitTest, FindsSlopeAndOffset) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  std::vector<double> y, p;
  for (int i = 0; i < 20'000; ++i) {
    const double z = 2 * rng.normal();
    p.push_back(sigmoid(z));
    y.push_back(rng.chance(sigmoid(0.6 * z - 0.7)) ? 1 : 0);
  }
  const Calibration c = fit_calibration(y, p);
  EXPECT_NEAR(c.slope, 0.6, 0.05);
  EXPECT_NEAR(c.offset, -0.7, 0.06);
}

TEST(CalibrationFitTest, NothingToGoByChangesNothing) {
  const Calibration c = fit_calibration({}, {});
  EXPECT_TRUE(c.is_identity());
  // The wrong way round: still rising.
  EXPECT_GT(
      fit_calibration(std::vector<double>{1, 0, 1, 0}, std::vector<double>{0.1, 0.9, 0.1, 0.9})
          .slope,
      0);
}

}  // namespace
}  // namespace tideline
