#include "scoring/contributions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"

namespace tideline {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::uint64_t kSeed = 4'711;
constexpr std::size_t kFeatures = 12;

Layer random_layer(std::size_t inputs, std::size_t outputs, double spread, Rng& rng) {
  Layer layer{inputs, outputs, {}, {}};
  for (std::size_t i = 0; i < inputs * outputs; ++i) {
    layer.weights.push_back(float(spread * rng.normal() / std::sqrt(double(inputs))));
  }
  for (std::size_t i = 0; i < outputs; ++i) layer.bias.push_back(float(rng.normal()));
  return layer;
}

FeatureEncoding encoding_of_all() {
  FeatureEncoding encoding;
  encoding.feature_count = kFeatures;
  for (std::int32_t f = 0; f < std::int32_t(kFeatures); ++f) {
    encoding.inputs.push_back({f, Transform::identity, 1, 2});
    if (f % 2 == 0) encoding.inputs.push_back({f, Transform::signed_log, 0.5, 1});
    if (f % 3 == 0) encoding.inputs.push_back({f, Transform::missing, 0.1, 0.3});
  }
  return encoding;
}

// Five tasks: two probabilities, the second never below the first; a range; a number that is never
// negative; a line.
Model random_model(Champion champion, double spread, Rng& rng) {
  ModelManifest manifest;
  manifest.model_version = "test-v1";
  for (std::size_t f = 0; f < kFeatures; ++f) manifest.features.push_back("f" + std::to_string(f));
  for (const char* name : {"p14", "p30", "health", "velocity", "line"}) {
    ModelTask task;
    task.name = name;
    task.kind = name[0] == 'p' ? TaskKind::probability : TaskKind::number;
    task.champion = champion;
    manifest.tasks.push_back(task);
  }
  manifest.tasks[1].not_below = "p14";
  ModelParts parts;
  Network& network = parts.network.emplace();
  network.encoding = encoding_of_all();
  const std::size_t inputs = network.encoding.inputs.size();
  network.trunk = {random_layer(inputs, 24, spread, rng), random_layer(24, 8, spread, rng)};
  network.output = random_layer(8 + inputs, 5, spread, rng);
  network.heads = {{HeadKind::probability},
                   {HeadKind::probability, 0, 1, 1, 0},
                   {HeadKind::range, 0, 100},
                   {HeadKind::non_negative, 0, 1, 2.5},
                   {HeadKind::linear, -3, 1, 2}};
  Regressions& regressions = parts.logistic.emplace();
  regressions.encoding = network.encoding;
  for (std::size_t k = 0; k < 5; ++k) {
    Regressions::Task task{true, k < 2 ? HeadKind::probability : HeadKind::linear, {}, 0.4, 0, 9};
    for (std::size_t i = 0; i < inputs; ++i) task.weights.push_back(rng.normal());
    regressions.tasks.push_back(task);
  }
  parts.recency.emplace().tasks.assign(5, RecencyRule::Task{{7, 14}, {0.1, 0.3, 0.8}});
  parts.constant.emplace().figures = {0.2, 0.3, 61, 1.5, 2};
  for (std::size_t f = 0; f < kFeatures; ++f)
    parts.medians.push_back(f == 5 ? kNan : 2 * rng.normal());
  return Model::assemble(std::move(manifest), std::move(parts));
}

std::vector<double> random_row(Rng& rng) {
  const double edges[] = {kNan, kInf, -kInf, 0, 1e12};
  std::vector<double> row;
  for (std::size_t f = 0; f < kFeatures; ++f)
    row.push_back(rng.chance(0.2) ? edges[rng.below(5)] : 5 * rng.normal());
  return row;
}

TEST(ContributionsTest, OfANetworkAddUpToItsUncalibratedOutput) {
  SCOPED_TRACE(kSeed);
  Rng rng(kSeed);
  for (int i = 0; i < 60; ++i) {
    const Model model = random_model(Champion::network, i % 3 == 0 ? 4.0 : 1.0, rng);
    const Network& network = *model.parts().network;
    const auto row = random_row(rng);
    std::vector<double> figures(5);
    network.score({row, kFeatures, 1, {}}, figures);
    std::vector<double> base(5);
    network.score({model.parts().medians, kFeatures, 1, {}}, base);
    for (std::size_t k = 0; k < 5; ++k) {
      const auto got = contributions_of(model, k, row, 3);
      ASSERT_TRUE(got.has_value());
      const double scale = k == 2 ? 100 : 1;
      EXPECT_NEAR(got->sum(), got->output, 1e-4 * scale) << "round " << i << ", task " << k;
      // The output is what the network that scores says.
      const bool log_odds = got->unit == ContributionUnit::log_odds;
      const bool inside =
          figures[k] > 1e-5 && figures[k] < 1 - 1e-5 && base[k] > 1e-5 && base[k] < 1 - 1e-5;
      if (log_odds && !inside) continue;
      const double output = log_odds ? logit(figures[k]) : figures[k];
      const double from = log_odds ? logit(base[k]) : base[k];
      EXPECT_NEAR(got->output, output, 1e-3) << k;
      EXPECT_NEAR(got->base, from, 1e-3) << k;
      EXPECT_EQ(log_odds, k < 2);
    }
  }
}

TEST(ContributionsTest, AFeatureThatStandsAtItsMedianContributesNothing) {
  Rng rng(kSeed + 1);
  const Model model = random_model(Champion::network, 1, rng);
  auto row = random_row(rng);
  for (const std::size_t f : {0, 3, 5, 7}) row[f] = model.parts().medians[f];
  const auto got = contributions_of(model, 0, row, 3);
  for (const std::size_t f : {0, 3, 5, 7}) EXPECT_EQ(got->by_feature[f], 0) << f;
}

TEST(ContributionsTest, TheGradientIsTheSlopeOfTheOutput) {
  Rng rng(kSeed + 2);
  const Model model = random_model(Champion::network, 1, rng);
  const Network& network = *model.parts().network;
  const std::size_t n = network.encoding.inputs.size();
  std::vector<float> at(n);
  for (float& x : at) x = float(rng.normal());
  for (std::size_t k = 0; k < 5; ++k) {
    for (std::size_t i = 0; i < n; i += 3) {
      auto there = at;
      there[i] += 1.0F / 64;
      const auto shares = integrated_gradients(network, k, at, there);
      const double rise = network_output(network, k, there) - network_output(network, k, at);
      EXPECT_NEAR(shares[i], rise, 1e-7) << k << " " << i;
    }
  }
}

TEST(ContributionsTest, OfARegressionAreExact) {
  Rng rng(kSeed + 3);
  const Model model = random_model(Champion::logistic, 1, rng);
  for (int i = 0; i < 50; ++i) {
    const auto row = random_row(rng);
    std::vector<double> figures(5);
    model.parts().logistic->score({row, kFeatures, 1, {}}, figures);
    for (const std::size_t k : {0, 1, 3}) {
      const auto got = contributions_of(model, k, row, 3);
      ASSERT_TRUE(got.has_value());
      EXPECT_NEAR(got->sum(), got->output, 1e-9);
      const double figure = k < 2 ? sigmoid(got->output) : std::clamp(got->output, 0.0, 9.0);
      EXPECT_NEAR(figure, figures[k], 1e-9);
    }
  }
}

TEST(ContributionsTest, TheRecencyRuleSaysHowLongAgoItWas) {
  Rng rng(kSeed + 4);
  const Model model = random_model(Champion::recency, 1, rng);
  const auto got = contributions_of(model, 0, random_row(rng), 30);
  ASSERT_TRUE(got.has_value());
  EXPECT_NEAR(got->base, logit(0.2), 1e-12);
  EXPECT_NEAR(got->by_recency, logit(0.8) - logit(0.2), 1e-12);
  EXPECT_NEAR(got->sum(), got->output, 1e-12);
  EXPECT_FALSE(contributions_of(model, 0, random_row(rng), kNan).has_value());
}

TEST(ContributionsTest, OfPurchasesAddUpWhereTheMixtureMakesSense) {
  Rng rng(kSeed + 5);
  ModelManifest manifest;
  manifest.features = {"days", "last", "first"};
  ModelTask task;
  task.name = "p30";
  task.champion = Champion::mbg_nbd;
  manifest.tasks = {task};
  ModelParts parts;
  PurchaseRule& rule = parts.purchases.emplace();
  rule.model.family = PurchaseFamily::mbg_nbd;
  rule.model.r = 0.5;
  rule.model.alpha = 6;
  rule.model.leave_first = 0.9;
  rule.model.leave_second = 2.3;
  rule.feature_count = 3;
  rule.columns = {0, 1, 2};
  rule.spans = {30 / kDaysOfWeek};
  parts.medians = {3, 20, 200};
  const Model model = Model::assemble(std::move(manifest), std::move(parts));
  const auto late = contributions_of(model, 0, std::vector<double>{6, 120, 300}, 120);
  ASSERT_TRUE(late.has_value());
  EXPECT_NEAR(late->sum(), late->output, 1e-9);
  EXPECT_GT(late->by_feature[1], 0);  // long ago: a higher risk
  EXPECT_FALSE(contributions_of(model, 0, std::vector<double>{0, kNan, kNan}, kInf).has_value());
}

}  // namespace
}  // namespace tideline
