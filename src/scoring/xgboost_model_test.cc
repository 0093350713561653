#include "scoring/xgboost_model.h"

#include <gtest/gtest.h>

#include "scoring/test_trees.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 3301;
const std::vector<std::string> kNames{"visits", "amount", "a \"quoted\" name\n"};

BoostedTrees some_trees(TreeObjective objective = TreeObjective::logistic) {
  Rng rng(kSeed);
  RandomTrees shape;
  shape.features = kNames.size();
  shape.trees = 5;
  shape.depth = 4;
  shape.split_share = 0.8;
  shape.objective = objective;
  BoostedTrees trees = random_trees(shape, rng);
  // The first tree splits at its root, by a feature other than 0.
  trees.trees[0] = Tree(3);
  trees.trees[0][0] = {1, 2, true, 0.5F, 4, 1};
  return trees;
}

std::string some_json() { return to_xgboost_json(some_trees(), kNames.size(), kNames); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string base_score_text(float score) {
  BoostedTrees trees = some_trees();
  trees.base_score = score;
  const std::string json = to_xgboost_json(trees, kNames.size(), kNames);
  const std::size_t at = json.find("\"base_score\":");
  return json.substr(at, json.find(',', at) - at);
}

TEST(XgboostModel, ReadsBackWhatItWrites) {
  for (const auto objective :
       {TreeObjective::logistic, TreeObjective::squared_error, TreeObjective::poisson,
        TreeObjective::gamma, TreeObjective::tweedie}) {
    const BoostedTrees trees = some_trees(objective);
    const auto model = parse_xgboost(to_xgboost_json(trees, kNames.size(), kNames));
    ASSERT_TRUE(model.has_value()) << model.error().message;
    EXPECT_EQ(model->trees, trees);
    EXPECT_EQ(model->feature_names, kNames);
    EXPECT_EQ(model->feature_count, kNames.size());
    EXPECT_EQ(model->version, "1.7.4");
  }
}

// XGBoost 1 and 2 write "5E-1", 3.1 "[5E-1]"; a list of one and a number are harmless.
TEST(XgboostModel, ReadsEveryFormOfTheBaseScore) {
  const std::string json = some_json();
  const std::string now = base_score_text(some_trees().base_score);
  for (const std::string form : {"\"3E-1\"", "\"[3E-1]\"", "\"0.3\"", "0.3", "[0.3]"}) {
    const auto model = parse_xgboost(replaced(json, now, "\"base_score\":" + form));
    ASSERT_TRUE(model.has_value()) << form << ": " << model.error().message;
    EXPECT_EQ(model->trees.base_score, 0.3F) << form;
  }
  for (const std::string form :
       {"\"\"", "\"[]\"", "\"[3E-1\"", "\"abc\"", "null", "[]", "\"1.5\"", "\"nan\"", "\"-1\""}) {
    EXPECT_FALSE(parse_xgboost(replaced(json, now, "\"base_score\":" + form))) << form;
  }
  const auto two = parse_xgboost(replaced(json, now, "\"base_score\":\"[3E-1,2E-1]\""));
  ASSERT_FALSE(two.has_value());
  EXPECT_EQ(two.error().code, ErrorCode::refused);
}

TEST(XgboostModel, SaysWhatItCannotScore) {
  const std::string json = some_json();
  const auto refusal = [&](std::string_view from, std::string_view to) {
    const auto model = parse_xgboost(replaced(json, from, to));
    EXPECT_FALSE(model.has_value()) << to;
    if (model) return std::string();
    EXPECT_EQ(model.error().code, ErrorCode::refused) << model.error().message;
    return model.error().message;
  };
  const std::string start = "this XGBoost model cannot be scored: ";
  EXPECT_EQ(refusal("\"num_class\":\"0\"", "\"num_class\":\"3\""),
            start + "it tells 3 classes apart");
  EXPECT_EQ(refusal("\"num_target\":\"1\"", "\"num_target\":\"2\""), start + "it has 2 targets");
  EXPECT_EQ(refusal("\"name\":\"gbtree\"", "\"name\":\"dart\""),
            start + "its booster is \"dart\"");
  EXPECT_EQ(refusal("\"name\":\"gbtree\"", "\"name\":\"gblinear\""),
            start + "its booster is \"gblinear\"");
  EXPECT_EQ(refusal("\"size_leaf_vector\":\"0\"}}", "\"size_leaf_vector\":\"2\"}}"),
            start + "its leaves hold several numbers");
  EXPECT_NE(refusal("\"split_type\":[0", "\"split_type\":[1").find("categorical"),
            std::string::npos);
  EXPECT_NE(refusal("binary:logistic", "multi:softprob").find("multi:softprob"),
            std::string::npos);
}

TEST(XgboostModel, RefusesDamage) {
  const std::string json = some_json();
  for (std::size_t size = 0; size + 1 < json.size(); size += 97) {
    EXPECT_FALSE(parse_xgboost(std::string_view(json).substr(0, size))) << size;
  }
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"left_children\":[1", "\"left_children\":[0"},
           {"\"left_children\":[1", "\"left_children\":[-7"},
           {"\"left_children\":[1", "\"left_children\":[99999999999"},
           {"\"left_children\":[1", "\"left_children\":[18446744073709551615"},
           {"\"left_children\":[1", "\"left_children\":[1.5"},
           {"\"right_children\":[2", "\"right_children\":[-1"},
           {"\"right_children\":[2", "\"right_children\":[1"},
           {"\"split_indices\":[", "\"split_indices\":[-"},
           {"\"split_indices\":[", "\"split_indices\":[9"},
           {"\"split_conditions\":[", "\"split_conditions\":[0E0,"},
           {"\"sum_hessian\":[", "\"sum_hessian\":[-"},
           {"\"num_feature\":\"3\",\"num_target\"", "\"num_feature\":\"1\",\"num_target\""},
           {"\"num_feature\":\"3\",\"num_target\"", "\"num_feature\":\"-3\",\"num_target\""},
           {"\"trees\":", "\"three\":"},
           {"\"learner\":", "\"teacher\":"}}) {
    EXPECT_FALSE(parse_xgboost(replaced(json, from, to))) << to;
  }
  for (const std::string bytes : {"", "{", "{}", "[]", "binf", "bs64", "{L", "{\"learner\":{}}"}) {
    EXPECT_FALSE(parse_xgboost(bytes)) << bytes;
  }
}

TEST(XgboostModel, ReadsThresholdsBeyondEveryNumber) {
  BoostedTrees trees = some_trees();
  trees.trees[0][0].value = std::numeric_limits<float>::infinity();
  trees.trees[1][0].value = -std::numeric_limits<float>::infinity();
  const std::vector<std::string> names{"Infinity", "\\\"NaN", "x"};
  const std::string json = to_xgboost_json(trees, names.size(), names);
  const auto model = parse_xgboost(json);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_EQ(model->trees, trees);
  EXPECT_EQ(model->feature_names, names);
  EXPECT_FALSE(parse_xgboost(replaced(json, "[Infinity,", "[NaN,")));
  EXPECT_FALSE(parse_xgboost(replaced(json, "\"sum_hessian\":[", "\"sum_hessian\":[Infinity,")));
}

// A child that two nodes share, or a way back up: more nodes would be met than there are.
TEST(XgboostModel, RefusesCircles) {
  BoostedTrees trees{TreeObjective::squared_error, 0, {Tree(3)}};
  trees.trees[0][0].first_child = 1;
  const std::string json = to_xgboost_json(trees, 1, {});
  ASSERT_TRUE(parse_xgboost(json));
  EXPECT_FALSE(
      parse_xgboost(replaced(replaced(json, "\"left_children\":[1,-1", "\"left_children\":[1,0"),
                             "\"right_children\":[2,-1", "\"right_children\":[2,0")));
}

// What XGBoost pruned stays in its arrays, without a parent.
TEST(XgboostModel, LeavesOutPrunedNodes) {
  BoostedTrees trees{TreeObjective::squared_error, 0, {Tree(5)}};
  Tree& tree = trees.trees[0];
  tree[0] = {1, 0, true, 2.5F, 4, 9};
  tree[1].value = 1;
  tree[2].value = 2;
  std::string json = to_xgboost_json({TreeObjective::squared_error, 0, {tree}}, 1, {});
  json = replaced(json, "\"left_children\":[1,", "\"left_children\":[3,");
  json = replaced(json, "\"right_children\":[2,", "\"right_children\":[1,");
  const auto model = parse_xgboost(json);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const Tree& read = model->trees.trees[0];
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0], tree[0]);
  EXPECT_EQ(read[1].value, 0);
  EXPECT_EQ(read[2].value, 1);
}

TEST(ImportTrees, PutsFeaturesWhereOursAre) {
  auto model = parse_xgboost(some_json());
  ASSERT_TRUE(model.has_value());
  const std::vector<std::string> ours{"amount", "third", "other", "visits"};
  TreeImport options;
  options.names = {{kNames[2], "third"}};
  const auto trees = import_trees(*model, ours, options);
  ASSERT_TRUE(trees.has_value()) << trees.error().message;
  const std::int32_t places[] = {3, 0, 1};
  for (std::size_t t = 0; t < trees->trees.size(); ++t) {
    for (std::size_t i = 0; i < trees->trees[t].size(); ++i) {
      const TreeNode& theirs = model->trees.trees[t][i];
      if (theirs.is_leaf()) continue;
      EXPECT_EQ(trees->trees[t][i].feature, places[theirs.feature]);
    }
  }
  EXPECT_TRUE(check_trees(*trees, ours.size()));

  const auto lacking = import_trees(*model, std::vector<std::string>{"visits"});
  ASSERT_FALSE(lacking.has_value());
  EXPECT_EQ(lacking.error().code, ErrorCode::invalid);
  EXPECT_NE(lacking.error().message.find("amount"), std::string::npos);

  model->feature_names.clear();
  options.names = {{"f0", "amount"}, {"f1", "third"}, {"f2", "visits"}};
  EXPECT_TRUE(import_trees(*model, ours, options));
}

TEST(ImportTrees, CanLeaveOutWhatEarlyStoppingRegretted) {
  const std::string json =
      replaced(some_json(), "\"attributes\":{}", "\"attributes\":{\"best_iteration\":\"2\"}");
  const auto model = parse_xgboost(json);
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(model->best_rounds, 3U);
  EXPECT_EQ(import_trees(*model, kNames)->trees.size(), 5U);
  TreeImport options;
  options.only_best_rounds = true;
  EXPECT_EQ(import_trees(*model, kNames, options)->trees.size(), 3U);
}

}  // namespace
}  // namespace tideline
