#include "scoring/network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "scoring/calibration.h"
#include "scoring/logistic.h"
#include "scoring/recency.h"

namespace tideline {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::uint64_t kSeed = 20'240'601;

Layer random_layer(std::size_t inputs, std::size_t outputs, Rng& rng, double spread) {
  Layer layer{inputs, outputs, {}, {}};
  for (std::size_t i = 0; i < inputs * outputs; ++i) {
    layer.weights.push_back(float(spread * rng.normal()));
  }
  for (std::size_t i = 0; i < outputs; ++i) layer.bias.push_back(float(rng.normal()));
  return layer;
}

// 7 features, 9 inputs, trunk 13-6, heads of every kind; odd sizes, so that no vector width
// divides them.
Network random_network(std::uint64_t seed, double spread = 0.7) {
  Rng rng(seed);
  Network network;
  network.encoding.feature_count = 7;
  for (std::int32_t f = 0; f < 7; ++f) {
    network.encoding.inputs.push_back({f, Transform::identity, rng.normal(), 0.1 + rng.uniform()});
  }
  network.encoding.inputs.push_back({3, Transform::signed_log, 1, 2});
  network.encoding.inputs.push_back({3, Transform::missing, 0.2, 0.4});
  network.trunk = {random_layer(9, 13, rng, spread), random_layer(13, 6, rng, spread)};
  network.output = random_layer(6 + 9, 5, rng, spread);
  network.heads = {{HeadKind::probability},
                   {HeadKind::probability, 0, 1, 1, 0},
                   {HeadKind::range, 0, 100},
                   {HeadKind::non_negative, 0, 1, 2.5},
                   {HeadKind::linear, -3, 1, 2}};
  return network;
}

std::vector<double> random_rows(std::size_t rows, Rng& rng) {
  std::vector<double> features;
  const double edges[] = {kNan, kInf, -kInf, 0, 1e308, -1e308, 5e-324};
  for (std::size_t i = 0; i < rows * 7; ++i) {
    features.push_back(rng.chance(0.3) ? edges[rng.below(std::size(edges))] : 3 * rng.normal());
  }
  return features;
}

TEST(NetworkTest, ARowHasTheSameBytesAloneAndInABlock) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  const Network network = random_network(kSeed);
  ASSERT_TRUE(network.is_sound());
  const std::size_t rows = 57;
  const auto features = random_rows(rows, rng);
  std::vector<double> block(rows * 5);
  network.score({features, 7, rows, {}}, block);
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<double> alone(5);
    network.score({std::span(features).subspan(r * 7, 7), 7, 1, {}}, alone);
    for (std::size_t k = 0; k < 5; ++k) ASSERT_EQ(alone[k], block[r * 5 + k]) << r << " " << k;
  }
}

TEST(NetworkTest, FiguresStayInRangeWhateverComesIn) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed + 1);
  for (int i = 0; i < 200; ++i) {
    const Network network = random_network(rng.next(), i % 2 == 0 ? 0.7 : 30.0);
    const auto features = random_rows(20, rng);
    std::vector<double> figures(20 * 5);
    network.score({features, 7, 20, {}}, figures);
    for (std::size_t r = 0; r < 20; ++r) {
      const double* f = figures.data() + r * 5;
      ASSERT_TRUE(f[0] >= 0 && f[0] <= 1);
      ASSERT_TRUE(f[1] >= f[0] && f[1] <= 1);
      ASSERT_TRUE(f[2] >= 0 && f[2] <= 100);
      ASSERT_TRUE(f[3] >= 0 && std::isfinite(f[3]));
      ASSERT_TRUE(std::isfinite(f[4]));
    }
  }
}

TEST(NetworkTest, ComputesAHandWrittenNetwork) {
  Network network;
  network.encoding.feature_count = 1;
  network.encoding.inputs = {{0, Transform::identity, 2, 4}};
  network.trunk = {Layer{1, 1, {3}, {1}}};
  network.output = Layer{2, 1, {2, 0.5}, {-1}};
  network.heads = {{HeadKind::probability}};
  ASSERT_TRUE(network.is_sound());
  const double x = (10.0 - 2) / 4;  // 2
  const double z = 3 * x + 1;       // 7
  const double h = z / (1 + std::exp(-z));
  const double sum = 2 * h + 0.5 * x - 1;
  const std::vector<double> features{10};
  std::vector<double> figure(1);
  network.score({features, 1, 1, {}}, figure);
  EXPECT_NEAR(figure[0], 1 / (1 + std::exp(-sum)), 1e-6);
}

TEST(NetworkTest, UnsoundNetworksAreKnown) {
  Network network = random_network(1);
  network.output.weights[3] = float(kNan);
  EXPECT_FALSE(network.is_sound());
  network = random_network(1);
  network.trunk[1].inputs = 12;
  EXPECT_FALSE(network.is_sound());
  network = random_network(1);
  network.encoding.inputs[0].feature = 7;
  EXPECT_FALSE(network.is_sound());
  network = random_network(1);
  network.heads[1].not_below = 1;
  EXPECT_FALSE(network.is_sound());
}

TEST(EncodingTest, MissingIsTheMeanAndOutliersAreCut) {
  FeatureEncoding encoding;
  encoding.feature_count = 1;
  encoding.inputs = {{0, Transform::identity, 10, 2},
                     {0, Transform::signed_log, 0, 1},
                     {0, Transform::missing, 0.25, 0.5}};
  std::vector<float> out(3);
  encoding.encode(std::vector<double>{12}, out);
  EXPECT_EQ(out[0], 1.0F);
  EXPECT_FLOAT_EQ(out[1], float(std::log(13.0)));
  EXPECT_EQ(out[2], -0.5F);
  encoding.encode(std::vector<double>{kNan}, out);
  EXPECT_EQ(out[0], 0.0F);
  EXPECT_EQ(out[1], 0.0F);
  EXPECT_EQ(out[2], 1.5F);
  encoding.encode(std::vector<double>{-kInf}, out);
  EXPECT_EQ(out[0], -kInputLimit);
  EXPECT_EQ(out[1], -kInputLimit);
}

TEST(LogisticTest, AddsUpAndStaysWithinItsLimits) {
  Regressions regressions;
  regressions.encoding.feature_count = 2;
  regressions.encoding.inputs = {{0, Transform::identity, 0, 1}, {1, Transform::identity, 0, 1}};
  regressions.tasks = {{true, HeadKind::probability, {1, -2}, 0.5, 0, 0},
                       {true, HeadKind::linear, {1, 0}, 2, 0, 6},
                       {false, HeadKind::probability, {0, 0}, 0, 0, 0}};
  ASSERT_TRUE(regressions.is_sound());
  const std::vector<double> features{3, 1, 7, kNan, -7, 0};
  std::vector<double> figures(9);
  regressions.score({features, 2, 3, {}}, figures);
  EXPECT_NEAR(figures[0], sigmoid(1.5), 1e-12);
  EXPECT_EQ(figures[1], 5);
  EXPECT_EQ(figures[4], 6);  // cut
  EXPECT_EQ(figures[7], 0);  // cut
  EXPECT_TRUE(std::isnan(figures[2]));
  regressions.tasks[0].weights.pop_back();
  EXPECT_FALSE(regressions.is_sound());
}

TEST(RecencyTest, StepsHoldTheirUpperEdge) {
  RecencyRule rule;
  rule.tasks = {{{1, 5}, {0.1, 0.2, 0.9}}, {}};
  ASSERT_TRUE(rule.is_sound());
  const std::vector<double> days{0, 1, 1.01, 5, 6, kInf, kNan};
  std::vector<double> figures(14);
  rule.score({{}, 0, 7, days}, figures);
  const double expected[] = {0.1, 0.1, 0.2, 0.2, 0.9, 0.9};
  for (std::size_t r = 0; r < 6; ++r) EXPECT_EQ(figures[r * 2], expected[r]);
  EXPECT_TRUE(std::isnan(figures[12]));
  EXPECT_TRUE(std::isnan(figures[1]));
  rule.score({{}, 0, 7, {}}, figures);
  EXPECT_TRUE(std::isnan(figures[0]));
}

TEST(CalibrationTest, KeepsTheOrderAndTheRange) {
  EXPECT_EQ(Calibration{}.apply(0.123), 0.123);
  const Calibration c{0.5, -1};
  double last = -1;
  for (int i = 0; i <= 1000; ++i) {
    const double p = c.apply(i / 1000.0);
    EXPECT_GE(p, last);
    EXPECT_TRUE(p >= 0 && p <= 1);
    last = p;
  }
  EXPECT_NEAR(c.apply(0.5), sigmoid(-1), 1e-12);
  EXPECT_TRUE(std::isnan(c.apply(kNan)));
}

}  // namespace
}  // namespace tideline
