#include "scoring/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "scoring/safetensors.h"

namespace tideline {
namespace {

using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
const Hash128 kFeatureHash{1, 2};

ModelTask task(const std::string& name, Champion champion, TaskKind kind = TaskKind::probability) {
  ModelTask out;
  out.name = name;
  out.kind = kind;
  out.champion = champion;
  out.definition = "What \"" + name + "\" means, checksum\":\"00";
  out.horizon = 44 * kDay;
  return out;
}

// Two features; five tasks, one a champion.
Model make_model() {
  ModelManifest manifest;
  manifest.name = "shop-health";
  manifest.version = "v1";
  manifest.model_version = "shop-health-v1";
  manifest.pack = "shop";
  manifest.program_version = "0.1.0";
  manifest.features = {"bought", "days"};
  manifest.feature_hash = kFeatureHash;
  manifest.tasks = {task("p14", Champion::recency), task("p30", Champion::network),
                    task("q", Champion::logistic),
                    task("velocity", Champion::base_rate, TaskKind::number),
                    task("nothing", Champion::none)};
  manifest.tasks[1].not_below = "p14";
  manifest.seed = 17;
  manifest.training_rows = 1000;
  manifest.training_from = time_from_millis(1'700'000'000'000);
  manifest.training_to = time_from_millis(1'710'000'000'000);
  manifest.data_hash = {3, 4};
  manifest.settings = R"({"epochs":3})";
  manifest.evaluation = R"({"tasks":[{"task":"p14","rate":0.25}]})";

  FeatureEncoding encoding;
  encoding.feature_count = 2;
  encoding.inputs = {{0, Transform::identity, 1, 2}, {1, Transform::signed_log, 0.1, 0.3}};
  ModelParts parts;
  Network& network = parts.network.emplace();
  network.encoding = encoding;
  network.trunk = {Layer{2, 3, {1, 2, 3, 4, 5, 6}, {0.1F, 0.2F, 0.3F}}};
  network.output = Layer{5, 5, std::vector<float>(25, 0.1F), std::vector<float>(5, -1.0F)};
  network.heads.assign(5, Head{});
  network.heads[3].kind = HeadKind::non_negative;
  Regressions& logistic = parts.logistic.emplace();
  logistic.encoding = encoding;
  logistic.tasks.assign(5, Regressions::Task{true, HeadKind::probability, {1, -1}, 0.5, 0, 0});
  RecencyRule& recency = parts.recency.emplace();
  recency.tasks.assign(5, RecencyRule::Task{{7, 14}, {0.1, 0.3, 0.8}});
  parts.constant.emplace().figures = {0.25, 0.3, 0.5, 1.75, kNan};
  parts.calibrations.assign(5, Calibration{0.8, -0.2});
  return Model::assemble(std::move(manifest), std::move(parts));
}

GoldenRows golden_inputs() {
  return GoldenRows{3, {1, 2, kNan, 30.1, 1e12, -1}, {3, kInf, kNan}, {}};
}

TEST(ModelTest, EachTaskIsScoredByItsChampion) {
  const Model model = make_model();
  const auto figures = model.score(std::vector<double>{1, 2}, 1, std::vector<double>{10});
  ASSERT_EQ(figures.size(), 5U);
  EXPECT_EQ(figures[0], 0.3);
  EXPECT_EQ(figures[3], 1.75);
  EXPECT_FALSE(figures[4].has_value());
  EXPECT_TRUE(figures[1].has_value() && figures[2].has_value());
}

TEST(ModelTest, WithoutTheDaysTheRecencyRuleHasNoFigure) {
  const Model model = make_model();
  const auto figures = model.score(std::vector<double>{1, 2}, 1, {});
  EXPECT_FALSE(figures[0].has_value());
  EXPECT_TRUE(figures[1].has_value());
}

TEST(ModelTest, TheLongerHorizonIsNeverBelowTheShorterAcrossChampions) {
  const std::uint64_t seed = 5;
  SCOPED_TRACE(seed);
  Rng rng(seed);
  const Model model = make_model();
  const double edges[] = {kNan, kInf, -kInf, 1e308, 0};
  for (int i = 0; i < 5000; ++i) {
    const auto value = [&] { return rng.chance(0.2) ? edges[rng.below(5)] : 20 * rng.normal(); };
    const auto figures = model.score(std::vector<double>{value(), value()}, 1,
                                     std::vector<double>{20 * rng.uniform()});
    ASSERT_TRUE(figures[0] && figures[1]);
    ASSERT_GE(*figures[1], *figures[0]);
    for (const auto& figure : figures) ASSERT_TRUE(!figure || std::isfinite(*figure));
  }
}

TEST(ModelTest, FilesReadBackAsTheSameModel) {
  Model model = make_model();
  const Model::Files files = model.to_files(golden_inputs());
  EXPECT_EQ(files.size(), 4U);
  const auto read = Model::parse(files, kFeatureHash);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->version(), "shop-health-v1");
  EXPECT_EQ(read->manifest().tasks[1].not_below, "p14");
  EXPECT_EQ(read->manifest().tasks[0].definition, model.manifest().tasks[0].definition);
  EXPECT_EQ(read->manifest().tasks[0].horizon, 44 * kDay);
  EXPECT_EQ(read->manifest().training_to, model.manifest().training_to);
  EXPECT_EQ(read->manifest().data_hash, (Hash128{3, 4}));
  EXPECT_THAT(read->manifest().evaluation, HasSubstr("\"p14\""));
  const std::vector<double> features{0.3, 4, kNan, 1, 7, kNan};
  const std::vector<double> days{1, 8, kInf};
  EXPECT_EQ(read->score(features, 3, days), model.score(features, 3, days));
  EXPECT_EQ(make_model().to_files(golden_inputs()), files);
}

// A task by boosted trees, another by MBG/NBD.
Model make_grown_model() {
  ModelManifest manifest = make_model().manifest();
  manifest.features = {"days_ever", "since_last", "since_first"};
  manifest.tasks = {task("p14", Champion::mbg_nbd), task("p30", Champion::xgboost)};
  manifest.tasks[1].not_below = "p14";
  Tree tree(3);
  tree[0].first_child = 1;
  tree[0].missing_left = true;
  tree[0].value = 2;  // days_ever < 2
  tree[0].cover = 10;
  tree[1].value = 0.75F;
  tree[1].cover = 6;
  tree[2].value = -0.5F;
  tree[2].cover = 4;
  ModelParts parts;
  std::vector<std::optional<BoostedTrees>> trees(2);
  trees[1] = BoostedTrees{TreeObjective::logistic, 0.5F, {tree}};
  auto forest = Forest::make(3, std::move(trees));
  EXPECT_TRUE(forest.has_value());
  parts.forest = std::move(*forest);
  parts.forest_calibrations = {{1, 0}, {1.5, 0.25}};
  PurchaseRule& rule = parts.purchases.emplace();
  rule.model = {PurchaseFamily::mbg_nbd, 0.5, 6, 0.9, 1.6};
  rule.feature_count = 3;
  rule.columns = {0, 1, 2};
  rule.spans = {30.0 / 7, kNan};
  parts.purchase_calibrations = {{1, 0}, {1, 0}};
  return Model::assemble(std::move(manifest), std::move(parts));
}

TEST(ModelTest, TreesAndModelsOfPurchasesScoreAndReadBack) {
  Model model = make_grown_model();
  const std::vector<double> features{1, 50, 50, 9, 2, 90, kNan, kNan, kNan};
  const auto figures = model.score(features, 3, {});
  const double once = model.parts().purchases->model.none_within({0, 0, 50.0 / 7}, 30.0 / 7);
  EXPECT_EQ(figures[0], once);
  const Calibration calibration{1.5, 0.25};
  EXPECT_EQ(figures[1], std::max(once, calibration.apply(double(1 / (1 + std::exp(-0.75F))))));
  EXPECT_LT(*figures[2], *figures[0]);   // nine times and lately
  EXPECT_FALSE(figures[4].has_value());  // nothing is known of the purchases
  EXPECT_TRUE(figures[5].has_value());
  const GoldenRows golden{3, features, {kNan, kNan, kNan}, {}};
  const Model::Files files = model.to_files(golden);
  EXPECT_TRUE(files.contains("trees-p30.json"));
  const auto read = Model::parse(files, kFeatureHash);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->score(features, 3, {}), figures);
  Model::Files lost = files;
  lost.erase("trees-p30.json");
  EXPECT_EQ(Model::parse(lost, kFeatureHash).error().code, ErrorCode::corrupt);
}

TEST(ModelTest, AnotherFeatureSetIsRefused) {
  Model model = make_model();
  const auto read = Model::parse(model.to_files(golden_inputs()), Hash128{1, 3});
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::refused);
  EXPECT_EQ(read.error().reason, "feature_hash_mismatch");
}

TEST(ModelTest, EveryFlippedBitIsNoticed) {
  const std::uint64_t seed = 99;
  SCOPED_TRACE(seed);
  Rng rng(seed);
  const Model::Files files = make_model().to_files(golden_inputs());
  for (const auto& [name, bytes] : files) {
    for (int i = 0; i < 100; ++i) {
      Model::Files damaged = files;
      const std::size_t at = rng.below(bytes.size());
      damaged[name][at] = char(damaged[name][at] ^ (1 << rng.below(8)));
      const auto read = Model::parse(damaged, kFeatureHash);
      ASSERT_FALSE(read.has_value()) << name << " byte " << at;
      ASSERT_EQ(read.error().code, ErrorCode::corrupt) << name << " byte " << at;
    }
  }
}

TEST(ModelTest, CutAndLostFilesAreNoticed) {
  const Model::Files files = make_model().to_files(golden_inputs());
  for (const auto& [name, bytes] : files) {
    for (const std::size_t size : {std::size_t(0), bytes.size() / 2, bytes.size() - 1}) {
      Model::Files damaged = files;
      damaged[name].resize(size);
      const auto read = Model::parse(damaged, kFeatureHash);
      ASSERT_FALSE(read.has_value());
      EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    }
    Model::Files lost = files;
    lost.erase(name);
    EXPECT_EQ(Model::parse(lost, kFeatureHash).error().code, ErrorCode::corrupt) << name;
  }
}

TEST(ModelTest, GoldenRowsThatComeOutOtherwiseAreRefused) {
  Model::Files files = make_model().to_files(golden_inputs());
  // As a bug in inference would show: every hash is right, the numbers are not.
  auto tensors = parse_safetensors(files["weights.safetensors"]);
  ASSERT_TRUE(tensors.has_value());
  std::get<std::vector<float>>((*tensors)["network.output.bias"].values)[1] += 0.5F;
  files["weights.safetensors"] = to_safetensors(*tensors);
  auto manifest = parse_manifest(files["manifest.json"]);
  ASSERT_TRUE(manifest.has_value());
  manifest->files["weights.safetensors"] = xxh3_128(files["weights.safetensors"]);
  files["manifest.json"] = to_json(*manifest);
  const auto read = Model::parse(files, kFeatureHash);
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, HasSubstr("golden"));
}

TEST(SafetensorsTest, LaysBytesOutAsTheFormatSays) {
  Tensors tensors;
  tensors["b"] = Tensor{{2}, std::vector<float>{1, 2}};
  tensors["a"] = Tensor{{1, 1}, std::vector<std::int32_t>{-1}};
  const std::string bytes = to_safetensors(tensors);
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i)
    length = length << 8 | static_cast<unsigned char>(bytes[std::size_t(i)]);
  EXPECT_EQ(length % 8, 0U);
  EXPECT_EQ(bytes.size(), 8 + length + 12);
  EXPECT_THAT(bytes.substr(8, length),
              HasSubstr(R"("a":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]})"));
  EXPECT_EQ(bytes.substr(8 + length, 4), "\xff\xff\xff\xff");
  EXPECT_EQ(bytes.substr(8 + length + 4, 4), std::string("\0\0\x80\x3f", 4));
  EXPECT_EQ(*parse_safetensors(bytes), tensors);
}

TEST(SafetensorsTest, NoCutOrPaddedFileIsRead) {
  Tensors tensors;
  tensors["a"] = Tensor{{3}, std::vector<double>{1, 2, 3}};
  const std::string bytes = to_safetensors(tensors);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    ASSERT_FALSE(parse_safetensors(bytes.substr(0, n)).has_value()) << n;
  }
  EXPECT_FALSE(parse_safetensors(bytes + "x").has_value());
}

TEST(SafetensorsTest, HostileHeadersAreRefused) {
  const auto with_header = [](std::string header, const std::string& body) {
    std::string bytes(8, '\0');
    bytes[0] = char(header.size());
    return bytes + header + body;
  };
  for (const char* header :
       {R"({"a":{"dtype":"F32","shape":[1000000000000,1000000000000],"data_offsets":[0,4]}})",
        R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
        R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})",
        R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})",
        R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,400]}})",
        R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", R"({"a":7})", R"([])",
        R"({"a":)"}) {
    EXPECT_FALSE(parse_safetensors(with_header(header, "1234")).has_value()) << header;
  }
}

}  // namespace
}  // namespace tideline
