// Writing of XGBoost's JSON: what xgboost_model.h promises.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include <boost/json.hpp>

#include "base/check.h"
#include "scoring/xgboost_model.h"

namespace tideline {
namespace {

constexpr std::int32_t kNoParent = 2147483647;

// The fewest digits that read back as the same float, in XGBoost's own form, "4.5E-1": it reads
// long numbers without an exponent wrongly.
void append(std::string& out, float value) {
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  char text[32];
  const auto end =
      std::to_chars(std::begin(text), std::end(text), value, std::chars_format::scientific).ptr;
  const char* exponent = std::find(text, end, 'e') + 1;
  int power = 0;
  std::from_chars(*exponent == '+' ? exponent + 1 : exponent, end, power);
  out.append(text, std::size_t(exponent - 1 - text));
  out += 'E';
  out += std::to_string(power);
}
void append(std::string& out, std::int32_t value) { out += std::to_string(value); }

// ,"key":[one value a node]
template <class Of>
void append_column(std::string& out, std::string_view key, const Tree& tree, const Of& of) {
  out += ",\"";
  out += key;
  out += "\":[";
  for (std::size_t i = 0; i < tree.size(); ++i) {
    if (i > 0) out += ',';
    append(out, of(tree[i], i));
  }
  out += ']';
}

std::vector<std::int32_t> parents_of(const Tree& tree) {
  std::vector<std::int32_t> parents(tree.size(), kNoParent);
  for (std::size_t i = 0; i < tree.size(); ++i) {
    if (tree[i].is_leaf()) continue;
    const auto child = std::size_t(tree[i].first_child);
    parents[child] = parents[child + 1] = std::int32_t(i);
  }
  return parents;
}

void append_tree(std::string& out, const Tree& tree, std::size_t id, std::size_t feature_count) {
  using Node = const TreeNode&;
  const std::vector<std::int32_t> parents = parents_of(tree);
  out +=
      R"({"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[])";
  append_column(out, "base_weights", tree,
                [](Node n, std::size_t) { return n.is_leaf() ? n.value : 0.0F; });
  append_column(out, "default_left", tree,
                [](Node n, std::size_t) { return std::int32_t(n.missing_left); });
  out += ",\"id\":" + std::to_string(id);
  append_column(out, "left_children", tree,
                [](Node n, std::size_t) { return n.is_leaf() ? -1 : n.first_child; });
  append_column(out, "loss_changes", tree, [](Node n, std::size_t) { return n.gain; });
  append_column(out, "parents", tree, [&](Node, std::size_t i) { return parents[i]; });
  append_column(out, "right_children", tree,
                [](Node n, std::size_t) { return n.is_leaf() ? -1 : n.first_child + 1; });
  append_column(out, "split_conditions", tree, [](Node n, std::size_t) { return n.value; });
  append_column(out, "split_indices", tree,
                [](Node n, std::size_t) { return n.is_leaf() ? 0 : n.feature; });
  append_column(out, "split_type", tree, [](Node, std::size_t) { return std::int32_t(0); });
  append_column(out, "sum_hessian", tree, [](Node n, std::size_t) { return n.cover; });
  out += R"(,"tree_param":{"num_deleted":"0","num_feature":")" + std::to_string(feature_count) +
         R"(","num_nodes":")" + std::to_string(tree.size()) + R"(","size_leaf_vector":"0"}})";
}

// XGBoost insists on the parameters of the objective, which no prediction needs.
std::string_view objective_parameters(TreeObjective objective) {
  switch (objective) {
    case TreeObjective::logistic:
    case TreeObjective::squared_error: return R"("reg_loss_param":{"scale_pos_weight":"1"})";
    case TreeObjective::poisson: return R"("poisson_regression_param":{"max_delta_step":"7E-1"})";
    case TreeObjective::gamma: return R"("reg_loss_param":{"scale_pos_weight":"1"})";
    case TreeObjective::tweedie:
      return R"("tweedie_regression_param":{"tweedie_variance_power":"1.5E0"})";
  }
  return "";
}

}  // namespace

std::string to_xgboost_json(const BoostedTrees& trees, std::size_t feature_count,
                            std::span<const std::string> feature_names) {
  CHECK(feature_names.empty() || feature_names.size() == feature_count);
  std::string out = R"({"learner":{"attributes":{},"feature_names":[)";
  for (std::size_t f = 0; f < feature_names.size(); ++f) {
    if (f > 0) out += ',';
    out += boost::json::serialize(boost::json::string(feature_names[f]));
  }
  out += R"(],"feature_types":[)";
  for (std::size_t f = 0; f < feature_names.size(); ++f) out += f > 0 ? ",\"float\"" : "\"float\"";
  const std::string count = std::to_string(trees.trees.size());
  out += R"(],"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1",)";
  out += R"("num_trees":")" + count + R"(","size_leaf_vector":"0"},"tree_info":[)";
  for (std::size_t t = 0; t < trees.trees.size(); ++t) out += t > 0 ? ",0" : "0";
  out += R"(],"trees":[)";
  for (std::size_t t = 0; t < trees.trees.size(); ++t) {
    if (t > 0) out += ',';
    append_tree(out, trees.trees[t], t, feature_count);
  }
  out += R"(]},"name":"gbtree"},"learner_model_param":{"base_score":")";
  append(out, trees.base_score);
  out += R"(","boost_from_average":"1","num_class":"0","num_feature":")" +
         std::to_string(feature_count) + R"(","num_target":"1"},"objective":{"name":")";
  out += name_of(trees.objective);
  out += "\",";
  out += objective_parameters(trees.objective);
  out += R"(}},"version":[1,7,4]})";
  return out;
}

}  // namespace tideline
