// The same features give the same bytes, whatever the batch, the thread or the restart; and
// whatever comes in, what goes out is in range or nothing.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <thread>

#include "base/rng.h"
#include "scoring/model.h"

namespace tideline {
namespace {

constexpr std::size_t kFeatures = 46;
constexpr std::size_t kTasks = 5;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
const Hash128 kFeatureHash{3, 5};

using Figures = std::vector<std::optional<double>>;

Layer random_layer(Rng& rng, std::size_t inputs, std::size_t outputs) {
  Layer layer{inputs, outputs, {}, {}};
  const double scale = 1 / std::sqrt(static_cast<double>(inputs));
  for (std::size_t i = 0; i < inputs * outputs; ++i)
    layer.weights.push_back(static_cast<float>(scale * rng.normal()));
  for (std::size_t i = 0; i < outputs; ++i)
    layer.bias.push_back(static_cast<float>(0.1 * rng.normal()));
  return layer;
}

ModelTask task(const std::string& name, TaskKind kind, Champion champion) {
  ModelTask out;
  out.name = name;
  out.kind = kind;
  out.champion = champion;
  return out;
}

// 46-64-32-5 with the marketplace's tasks; two of them are the regressions'.
Model random_model() {
  Rng rng(46);
  ModelManifest manifest;
  manifest.name = "shop-health";
  manifest.version = "v1";
  manifest.model_version = "shop-health-v1";
  manifest.feature_hash = kFeatureHash;
  FeatureEncoding encoding;
  encoding.feature_count = kFeatures;
  for (std::size_t f = 0; f < kFeatures; ++f) {
    manifest.features.push_back("f" + std::to_string(f));
    const auto index = static_cast<std::int32_t>(f);
    encoding.inputs.push_back(
        {index, f % 2 == 0 ? Transform::identity : Transform::signed_log, 1, 2});
    if (f % 3 == 0) encoding.inputs.push_back({index, Transform::missing, 0.1, 0.3});
  }
  manifest.tasks = {task("first", TaskKind::probability, Champion::logistic),
                    task("velocity", TaskKind::number, Champion::network),
                    task("p14", TaskKind::probability, Champion::network),
                    task("p30", TaskKind::probability, Champion::network),
                    task("health", TaskKind::number, Champion::network)};
  manifest.tasks[1].min = 0;
  manifest.tasks[3].not_below = "p14";
  manifest.tasks[4].min = 0;
  manifest.tasks[4].max = 100;
  ModelParts parts;
  const std::size_t inputs = encoding.inputs.size();
  Network& network = parts.network.emplace();
  network.encoding = encoding;
  network.trunk = {random_layer(rng, inputs, 64), random_layer(rng, 64, 32)};
  network.output = random_layer(rng, 32 + inputs, kTasks);
  network.heads.assign(kTasks, Head{});
  network.heads[1].kind = HeadKind::non_negative;
  network.heads[3].not_below = 2;
  network.heads[4] = Head{HeadKind::range, 0, 100, 1, -1};
  Regressions& logistic = parts.logistic.emplace();
  logistic.encoding = encoding;
  std::vector<double> weights(inputs);
  for (double& weight : weights) weight = 0.1 * rng.normal();
  logistic.tasks.assign(kTasks,
                        Regressions::Task{true, HeadKind::probability, weights, 0.5, 0, 0});
  parts.constant.emplace().figures.assign(kTasks, 0.5);
  parts.calibrations.assign(kTasks, Calibration{1.2, -0.1});
  return Model::assemble(std::move(manifest), std::move(parts));
}

std::vector<double> random_rows(Rng& rng, std::size_t rows) {
  std::vector<double> features(rows * kFeatures);
  for (double& x : features) x = rng.chance(0.15) ? kNan : 30 * rng.normal();
  return features;
}

Figures in_batches(const Model& model, std::span<const double> features, std::size_t batch) {
  Figures figures;
  const std::size_t rows = features.size() / kFeatures;
  const std::vector<double> since(batch, 3);
  for (std::size_t row = 0; row < rows; row += batch) {
    const std::size_t count = std::min(batch, rows - row);
    const auto some = model.score(features.subspan(row * kFeatures, count * kFeatures), count,
                                  std::span(since).first(count));
    figures.insert(figures.end(), some.begin(), some.end());
  }
  return figures;
}

std::size_t different(const Figures& a, const Figures& b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const bool same =
        a[i].has_value() == b[i].has_value() &&
        (!a[i] || std::bit_cast<std::uint64_t>(*a[i]) == std::bit_cast<std::uint64_t>(*b[i]));
    count += same ? 0 : 1;
  }
  return count;
}

TEST(SameBytesTest, InAnyBatchOnAnyThreadAfterARestart) {
  const std::uint64_t seed = 100'000;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Rng rng(seed);
  Model model = random_model();
  const std::vector<double> features = random_rows(rng, 100'000);
  const Figures whole = in_batches(model, features, 100'000);
  ASSERT_EQ(whole.size(), 100'000 * kTasks);
  for (const std::size_t batch : {1, 7, 100, 1'000})
    EXPECT_EQ(different(in_batches(model, features, batch), whole), 0U) << batch;

  const auto files = model.to_files({4, random_rows(rng, 4), {1, 2, 3, 4}, {}});
  const auto restarted = Model::parse(files, kFeatureHash);
  ASSERT_TRUE(restarted.has_value()) << restarted.error().message;
  EXPECT_EQ(different(in_batches(*restarted, features, 1'000), whole), 0U);

  const std::span<const double> all = features;
  const std::size_t half = all.size() / 2;
  std::array<Figures, 2> halves;
  std::thread first([&] { halves[0] = in_batches(*restarted, all.first(half), 100); });
  std::thread second([&] { halves[1] = in_batches(*restarted, all.subspan(half), 100); });
  first.join();
  second.join();
  halves[0].insert(halves[0].end(), halves[1].begin(), halves[1].end());
  EXPECT_EQ(different(halves[0], whole), 0U);
}

TEST(SameBytesTest, WhateverComesInTheFiguresAreInRangeOrNone) {
  const std::uint64_t seed = 1'000'000;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Rng rng(seed);
  const Model model = random_model();
  const double edges[] = {kNan,
                          kInf,
                          -kInf,
                          1.7976931348623157e308,
                          -1.7976931348623157e308,
                          5e-324,
                          0,
                          -0.0,
                          1e12,
                          -1e12,
                          1e30,
                          -1e30,
                          1e-300};
  constexpr std::size_t kBlock = 1'000;
  std::vector<double> features(kBlock * kFeatures), since(kBlock);
  std::size_t given = 0;
  for (int block = 0; block < 1'000; ++block) {
    // From rows of edges alone to rows with hardly any.
    const double share = rng.uniform();
    for (double& x : features)
      x = rng.chance(share) ? edges[rng.below(std::size(edges))] : 100 * rng.normal();
    for (double& days : since) days = edges[rng.below(std::size(edges))];
    const auto figures = model.score(features, kBlock, since);
    for (std::size_t r = 0; r < kBlock; ++r) {
      const auto own = std::span(figures).subspan(r * kTasks, kTasks);
      for (std::size_t k = 0; k < kTasks; ++k) {
        if (!own[k]) continue;
        ++given;
        const double most = k == 4 ? 100 : k == 1 ? 1.7976931348623157e308 : 1;
        ASSERT_TRUE(*own[k] >= 0 && *own[k] <= most) << "task " << k << ": " << *own[k];
      }
      if (own[2] && own[3]) {
        ASSERT_LE(*own[2], *own[3]);
      }
    }
  }
  EXPECT_GT(given, 0U);
}

}  // namespace
}  // namespace tideline
