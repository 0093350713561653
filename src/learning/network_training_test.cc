#include "learning/network_training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "learning/metrics.h"
#include "learning/network_gradient.h"

namespace tideline {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kSeed = 4711;

const std::vector<Head> kHeads{{HeadKind::probability},
                               {HeadKind::probability, 0, 1, 1, 0},
                               {HeadKind::range, 0, 100, 25},
                               {HeadKind::non_negative, 0, 1, 1.5},
                               {HeadKind::linear, 2, 1, 3}};

struct Sample {
  NetworkShape shape;
  std::vector<double> parameters, inputs, labels, keep;
  std::size_t rows = 0;
  [[nodiscard]] Batch<double> batch() const { return {rows, inputs, labels, keep}; }
};

Sample sample(std::vector<std::size_t> hidden, bool with_dropout, Rng& rng) {
  Sample s{{6, std::move(hidden), kHeads.size()}, {}, {}, {}, {}, 11};
  for (std::size_t i = 0; i < s.shape.parameter_count(); ++i)
    s.parameters.push_back(0.4 * rng.normal());
  for (std::size_t i = 0; i < s.rows * s.shape.inputs; ++i) s.inputs.push_back(rng.normal());
  for (std::size_t r = 0; r < s.rows; ++r) {
    const double gone = rng.chance(0.4) ? 1 : 0;
    for (const double y : {gone, std::max(gone, rng.chance(0.3) ? 1.0 : 0.0), 100 * rng.uniform(),
                           rng.exponential(2), rng.normal()}) {
      s.labels.push_back(rng.chance(0.25) ? kNan : y);
    }
  }
  std::size_t units = 0;
  for (const std::size_t h : s.shape.hidden) units += h;
  if (with_dropout) {
    for (std::size_t i = 0; i < s.rows * units; ++i)
      s.keep.push_back(rng.chance(0.3) ? 0 : 1 / 0.7);
  }
  return s;
}

TEST(NetworkGradientTest, AgreesWithFiniteDifferences) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  for (const auto& hidden : {std::vector<std::size_t>{}, {4}, {5, 3}}) {
    for (const bool with_dropout : {false, true}) {
      Sample s = sample(hidden, with_dropout && !hidden.empty(), rng);
      std::vector<double> gradient(s.parameters.size());
      loss_and_gradient<double>(s.shape, kHeads, s.parameters, s.batch(), gradient);
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        const double step = 1e-5;
        const double kept = s.parameters[i];
        s.parameters[i] = kept + step;
        const double up = loss_and_gradient<double>(s.shape, kHeads, s.parameters, s.batch(), {});
        s.parameters[i] = kept - step;
        const double down =
            loss_and_gradient<double>(s.shape, kHeads, s.parameters, s.batch(), {});
        s.parameters[i] = kept;
        ASSERT_NEAR(gradient[i], (up - down) / (2 * step), 1e-6 * (1 + std::abs(gradient[i])))
            << "parameter " << i << " of " << gradient.size();
      }
    }
  }
}

// In float the sums are taken by other code than in double.
TEST(NetworkGradientTest, FloatAgreesWithDouble) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  for (const auto& hidden : {std::vector<std::size_t>{}, {4}, {19, 33}, {64, 32}}) {
    Sample s = sample(hidden, !hidden.empty(), rng);
    std::vector<double> gradient(s.parameters.size());
    const double loss =
        loss_and_gradient<double>(s.shape, kHeads, s.parameters, s.batch(), gradient);
    const auto floats = [](const std::vector<double>& v) {
      return std::vector<float>(v.begin(), v.end());
    };
    const auto inputs = floats(s.inputs), labels = floats(s.labels), keep = floats(s.keep),
               parameters = floats(s.parameters);
    std::vector<float> got(parameters.size());
    const float got_loss =
        loss_and_gradient<float>(s.shape, kHeads, parameters, {s.rows, inputs, labels, keep}, got);
    EXPECT_NEAR(got_loss, loss, 1e-4 * (1 + loss));
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      ASSERT_NEAR(got[i], gradient[i], 2e-4 * (1 + std::abs(gradient[i]))) << "parameter " << i;
    }
  }
}

TEST(NetworkGradientTest, MaskedLabelsTeachNothing) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  Sample s = sample({4}, false, rng);
  // All labels of the third head masked: its weights get no gradient, the others' do.
  for (std::size_t r = 0; r < s.rows; ++r) s.labels[r * 5 + 2] = kNan;
  std::vector<double> gradient(s.parameters.size());
  const double loss =
      loss_and_gradient<double>(s.shape, kHeads, s.parameters, s.batch(), gradient);
  const std::size_t output = (6 + 1) * 4;
  double of_masked = 0;
  double of_others = 0;
  for (std::size_t i = output; i < gradient.size(); ++i) {
    ((i - output) % 5 == 2 ? of_masked : of_others) += std::abs(gradient[i]);
  }
  EXPECT_EQ(of_masked, 0);
  EXPECT_GT(of_others, 0);
  EXPECT_TRUE(std::isfinite(loss));
  for (double& y : s.labels) y = kNan;
  EXPECT_EQ(loss_and_gradient<double>(s.shape, kHeads, s.parameters, s.batch(), gradient), 0);
}

// A rule that no line can draw (both signs equal), a longer horizon, and a number.
TrainingRows rows_of(std::size_t n, std::uint64_t seed) {
  Rng rng(seed);
  TrainingRows rows{n, 3, 3, {}, {}, {}};
  for (std::size_t r = 0; r < n; ++r) {
    const double a = rng.normal();
    const double b = rng.normal();
    rows.features.insert(rows.features.end(), {a, rng.chance(0.2) ? kNan : b, rng.normal()});
    const double gone = rng.chance(sigmoid(3 * a * b)) ? 1 : 0;
    const double later = gone == 1 || rng.chance(0.2) ? 1 : 0;
    rows.labels.insert(
        rows.labels.end(),
        {gone, later, rng.chance(0.3) ? kNan : std::max(0.0, 5 + 2 * a + rng.normal())});
    rows.days_since_qualifying.push_back(rng.uniform(0, 30));
  }
  return rows;
}

std::vector<TaskSpec> tasks() {
  std::vector<TaskSpec> out(3);
  out[0].name = "p14";
  out[1].name = "p30";
  out[1].not_below = "p14";
  out[2].name = "velocity";
  out[2].kind = TaskKind::number;
  return out;
}

std::vector<float> weights_of(const Network& network) {
  std::vector<float> all = network.output.weights;
  for (const Layer& layer : network.trunk) {
    all.insert(all.end(), layer.weights.begin(), layer.weights.end());
    all.insert(all.end(), layer.bias.begin(), layer.bias.end());
  }
  return all;
}

TEST(NetworkTrainingTest, TheSameSeedGivesTheSameBytes) {
  const TrainingRows rows = rows_of(600, kSeed);
  const TrainingRows judge = rows_of(200, kSeed + 1);
  NetworkOptions options;
  options.epochs_max = 5;
  const NetworkFit a = fit_network(rows, judge, heads_of(tasks()), options);
  const NetworkFit b = fit_network(rows, judge, heads_of(tasks()), options);
  EXPECT_EQ(weights_of(a.network), weights_of(b.network));
  options.seed = 2;
  const NetworkFit c = fit_network(rows, judge, heads_of(tasks()), options);
  EXPECT_NE(weights_of(a.network), weights_of(c.network));
}

TEST(NetworkTrainingTest, LearnsWhatNoLineCan) {
  const TrainingRows rows = rows_of(4000, kSeed);
  const TrainingRows judge = rows_of(1000, kSeed + 1);
  const TrainingRows test = rows_of(2000, kSeed + 2);
  const NetworkFit fit = fit_network(rows, judge, heads_of(tasks()), {});
  ASSERT_TRUE(fit.network.is_sound());
  std::vector<double> figures(test.rows * 3);
  fit.network.score(test.block(), figures);
  std::vector<double> y, p;
  for (std::size_t r = 0; r < test.rows; ++r) {
    y.push_back(test.label(r, 0));
    p.push_back(figures[r * 3]);
    ASSERT_GE(figures[r * 3 + 1], figures[r * 3]);
    ASSERT_GE(figures[r * 3 + 2], 0);
  }
  EXPECT_GT(*roc_auc(y, p), 0.75);
}

TEST(NetworkTrainingTest, ConstantAndMissingFeaturesAndLabelsDoNoHarm) {
  TrainingRows rows{50, 3, 3, {}, {}, std::vector<double>(50, 1.0)};
  for (std::size_t r = 0; r < rows.rows; ++r) {
    rows.features.insert(rows.features.end(),
                         {7.0, kNan, std::numeric_limits<double>::infinity()});
    rows.labels.insert(rows.labels.end(), {1.0, kNan, 3.0});
  }
  const NetworkFit fit = fit_network(rows, rows, heads_of(tasks()), {});
  EXPECT_TRUE(fit.network.is_sound());
  std::vector<double> figures(rows.rows * 3);
  fit.network.score(rows.block(), figures);
  EXPECT_GT(figures[0], 0.9);
  EXPECT_NEAR(figures[2], 3, 0.5);
}

TEST(NetworkTrainingTest, HeadsFollowTheTasks) {
  std::vector<TaskSpec> specs = tasks();
  specs[2].min = 0;
  specs[2].max = 100;
  const auto heads = heads_of(specs);
  EXPECT_EQ(heads[1].not_below, 0);
  EXPECT_EQ(heads[2].kind, HeadKind::range);
  EXPECT_EQ(heads[2].high, 100);
  std::swap(specs[0], specs[1]);  // the other task comes later: kept in order by Model, not here
  EXPECT_EQ(heads_of(specs)[0].not_below, -1);
}

}  // namespace
}  // namespace tideline
