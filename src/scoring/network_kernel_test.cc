// The kernels: the same bytes on every path, for every block and place in it, and an activation
// within its stated accuracy.
#include "scoring/network_kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/rng.h"
#include "scoring/network.h"

namespace tideline {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kSeed = 20'251'122;

Layer random_layer(std::size_t inputs, std::size_t outputs, Rng& rng) {
  Layer layer{inputs, outputs, {}, {}};
  for (std::size_t i = 0; i < inputs * outputs; ++i) {
    layer.weights.push_back(float(rng.normal() / std::sqrt(double(inputs))));
  }
  for (std::size_t i = 0; i < outputs; ++i) layer.bias.push_back(float(rng.normal()));
  return layer;
}

// Every feature one input, some of them three; heads of every kind.
Network random_network(std::size_t features, const std::vector<std::size_t>& hidden, Rng& rng) {
  Network network;
  network.encoding.feature_count = features;
  for (std::size_t f = 0; f < features; ++f) {
    const auto place = std::int32_t(f);
    network.encoding.inputs.push_back(
        {place, Transform::identity, rng.normal(), 0.1 + rng.uniform()});
    if (f % 3 != 0) continue;
    network.encoding.inputs.push_back({place, Transform::signed_log, 0.5, 1.5});
    network.encoding.inputs.push_back({place, Transform::missing, 0.2, 0.4});
  }
  std::size_t width = network.encoding.inputs.size();
  for (const std::size_t h : hidden) {
    network.trunk.push_back(random_layer(width, h, rng));
    width = h;
  }
  const std::size_t from_trunk = hidden.empty() ? 0 : width;
  network.output = random_layer(from_trunk + network.encoding.inputs.size(), 5, rng);
  network.heads = {{HeadKind::probability},
                   {HeadKind::probability, 0, 1, 1, 0},
                   {HeadKind::range, 0, 100},
                   {HeadKind::non_negative, 0, 1, 2.5},
                   {HeadKind::linear, -3, 1, 2}};
  return network;
}

std::vector<double> random_rows(std::size_t rows, std::size_t width, Rng& rng) {
  std::vector<double> features;
  for (std::size_t i = 0; i < rows * width; ++i) {
    features.push_back(rng.chance(0.1) ? kNan : 4 * rng.normal());
  }
  return features;
}

bool same_bytes(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

TEST(NetworkKernelTest, EveryPathAndBatchSizeGivesTheSameBytes) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  const std::vector<std::vector<std::size_t>> shapes{{64, 32}, {},           {1},           {17},
                                                     {13, 6},  {100, 33, 8}, {16, 8, 48, 7}};
  for (const auto& hidden : shapes) {
    const Network network = random_network(46, hidden, rng);
    ASSERT_TRUE(network.is_sound());
    const std::size_t rows = 1'003;
    const auto features = random_rows(rows, 46, rng);
    std::vector<double> expected(rows * 5);
    network.score({features, 46, rows, {}}, expected, KernelPath::plain);
    for (const KernelPath path : kernel_paths()) {
      for (const std::size_t batch : {1, 7, 100, 1'000}) {
        std::vector<double> figures(rows * 5);
        for (std::size_t first = 0; first < rows; first += batch) {
          const std::size_t count = std::min(batch, rows - first);
          network.score({std::span(features).subspan(first * 46, count * 46), 46, count, {}},
                        std::span(figures).subspan(first * 5, count * 5), path);
        }
        EXPECT_TRUE(same_bytes(figures, expected)) << name_of(path) << ", " << batch << " rows";
      }
    }
  }
}

TEST(NetworkKernelTest, SumsThatOverflowAreTheSameOnEveryPath) {
  Rng rng(kSeed + 1);
  Network network = random_network(9, {20}, rng);
  for (std::size_t i = 0; i < network.trunk[0].weights.size(); i += 5) {
    network.trunk[0].weights[i] = i % 2 == 0 ? 3e38F : -3e38F;
  }
  const auto features = random_rows(40, 9, rng);
  std::vector<double> expected(40 * 5);
  network.score({features, 9, 40, {}}, expected, KernelPath::plain);
  for (const KernelPath path : kernel_paths()) {
    std::vector<double> figures(40 * 5);
    network.score({features, 9, 40, {}}, figures, path);
    for (std::size_t i = 0; i < figures.size(); ++i) {
      const bool same = std::isnan(figures[i]) ? std::isnan(expected[i])  // no figure at all
                                               : figures[i] == expected[i];
      EXPECT_TRUE(same) << name_of(path) << " " << i;
    }
  }
}

TEST(NetworkKernelTest, TheActivationIsAsExactAsItSays) {
  const float one = 1;
  const float zero = 0;
  const KernelLayer layer{&one, &zero, 1, 1, 1, true};
  std::vector<float> z;
  for (double at = -79.99; at < 89; at += 0.00371) z.push_back(float(at));
  for (const float small : {1e-30F, 1e-10F, 1e-3F}) z.insert(z.end(), {small, -small});
  std::vector<float> got(z.size());
  for (const KernelPath path : kernel_paths()) {
    layer_kernel(path)(layer, {z.data(), 1, got.data(), 1, z.size()});
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double exact = double(z[i]) / (1 + std::exp(-double(z[i])));
      ASSERT_NEAR(got[i], exact, 5e-7 * std::max(std::abs(exact), 1e-3)) << name_of(path) << z[i];
    }
    const float edges[] = {-80.1F, -1e38F, -std::numeric_limits<float>::infinity(), 0, 3e38F};
    float out[5];
    layer_kernel(path)(layer, {edges, 1, out, 1, 5});
    for (int i = 0; i < 3; ++i) EXPECT_LT(std::abs(out[i]), 1e-32F);
    EXPECT_EQ(out[3], 0);
    EXPECT_FLOAT_EQ(out[4], 3e38F);
  }
}

TEST(NetworkKernelTest, ThePlainPathIsAlwaysThere) {
  EXPECT_EQ(kernel_paths().back(), KernelPath::plain);
  EXPECT_EQ(best_kernel_path(), kernel_paths().front());
  std::string names;
  for (const KernelPath path : kernel_paths()) names += std::string(name_of(path)) + " ";
  RecordProperty("paths", names);
  std::printf("paths of this processor: %s\n", names.c_str());
}

}  // namespace
}  // namespace tideline
