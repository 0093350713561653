#include "scoring/xgboost_model.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <boost/json.hpp>

#include "base/check.h"
#include "packs/spelling.h"
#include "scoring/ubjson.h"

namespace tideline {
namespace {

namespace json = boost::json;

constexpr std::int64_t kFeaturesMax = 1'000'000;

struct ObjectiveName {
  std::string_view name;
  TreeObjective objective;
};
// Objectives whose figure is one of ours; what they were trained with does not matter here.
constexpr std::array<ObjectiveName, 10> kObjectives{{
    {"binary:logistic", TreeObjective::logistic},
    {"reg:logistic", TreeObjective::logistic},
    {"reg:squarederror", TreeObjective::squared_error},
    {"reg:linear", TreeObjective::squared_error},
    {"reg:squaredlogerror", TreeObjective::squared_error},
    {"reg:pseudohubererror", TreeObjective::squared_error},
    {"reg:absoluteerror", TreeObjective::squared_error},
    {"count:poisson", TreeObjective::poisson},
    {"reg:gamma", TreeObjective::gamma},
    {"reg:tweedie", TreeObjective::tweedie},
}};

tl::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::invalid, "not a model of XGBoost: " + what, "malformed_xgboost");
}
tl::unexpected<Error> refused(const std::string& what) {
  return fail(ErrorCode::refused, "this XGBoost model cannot be scored: " + what,
              "unsupported_xgboost");
}
Result<const json::object*> object_in(const json::object& parent, std::string_view key) {
  const json::value* value = parent.if_contains(key);
  if (value == nullptr || !value->is_object()) return invalid(in_quotes(key) + " is missing");
  return &value->get_object();
}
Result<const json::array*> array_in(const json::object& parent, std::string_view key) {
  const json::value* value = parent.if_contains(key);
  if (value == nullptr || !value->is_array()) return invalid(in_quotes(key) + " is missing");
  return &value->get_array();
}
std::string text_in(const json::object& parent, std::string_view key) {
  const json::value* value = parent.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

template <class T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end) return std::nullopt;
  return value;
}

// A parameter is a number in a string, in some versions a number. Absent ones are `otherwise`.
Result<std::int64_t> whole_in(const json::object& parent, std::string_view key,
                              std::int64_t otherwise) {
  const json::value* value = parent.if_contains(key);
  if (value == nullptr) return otherwise;
  if (value->is_int64()) return value->get_int64();
  if (value->is_string()) {
    if (const auto number = parsed<std::int64_t>(value->get_string())) return *number;
  }
  return invalid(in_quotes(key) + " is no whole number");
}

// "5E-1"; from 3.1 on a list in a string, "[5E-1]"; or a number. XGBoost 1.7 reads the list as
// something else, without an error.
Result<float> base_score_in(const json::object& parameters) {
  const json::value* value = parameters.if_contains("base_score");
  if (value == nullptr) return invalid("\"base_score\" is missing");
  if (value->is_array()) {
    if (value->get_array().size() != 1) return refused("it has several base scores");
    value = &value->get_array()[0];
  }
  if (value->is_number()) return value->to_number<float>();
  if (!value->is_string()) return invalid("\"base_score\" is no number");
  std::string_view text = value->get_string();
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.find(',') != std::string_view::npos) return refused("it has several base scores");
  }
  if (const auto number = parsed<float>(text)) return *number;
  return invalid("\"base_score\" is no number: " + std::string(text.substr(0, 40)));
}

// The arrays of one tree in the file; one entry a node.
struct TreeColumns {
  std::vector<std::int64_t> left, right, feature, missing_left;
  std::vector<float> value, cover, gain;
};

template <class T>
Status read_column(const json::object& tree, std::string_view key, std::size_t size,
                   std::vector<T>& column) {
  TRY_ASSIGN(const json::array* values, array_in(tree, key));
  if (values->size() != size) {
    return invalid(in_quotes(key) + " has " + std::to_string(values->size()) + " entries for " +
                   std::to_string(size) + " nodes");
  }
  column.reserve(size);
  for (const json::value& value : *values) {
    if (value.is_bool()) {
      column.push_back(T(value.get_bool() ? 1 : 0));
    } else if (std::is_floating_point_v<T> && value.is_number()) {
      column.push_back(T(value.to_number<double>()));
    } else if (value.is_int64()) {
      column.push_back(T(value.get_int64()));
    } else if (value.is_uint64()) {
      column.push_back(T(-2));  // out of every range
    } else {
      return invalid(in_quotes(key) + " holds something other than numbers");
    }
  }
  return {};
}

// An optional column of zeros: not categorical.
Status check_numeric(const json::object& tree) {
  const json::value* types = tree.if_contains("split_type");
  if (types != nullptr && types->is_array()) {
    for (const json::value& type : types->get_array()) {
      const bool numeric =
          (type.is_int64() && type.get_int64() == 0) || (type.is_bool() && !type.get_bool());
      if (!numeric) return refused("it has categorical splits; encode categories as numbers");
    }
  }
  const json::value* categories = tree.if_contains("categories");
  if (categories != nullptr && categories->is_array() && !categories->get_array().empty()) {
    return refused("it has categorical splits; encode categories as numbers");
  }
  return {};
}

Result<TreeColumns> read_columns(const json::object& tree) {
  TRY_ASSIGN(const json::object* parameters, object_in(tree, "tree_param"));
  TRY_ASSIGN(const std::int64_t leaf_width, whole_in(*parameters, "size_leaf_vector", 0));
  if (leaf_width > 1) return refused("its leaves hold several numbers");
  TRY(check_numeric(tree));
  TreeColumns columns;
  TRY_ASSIGN(const json::array* left, array_in(tree, "left_children"));
  const std::size_t size = left->size();
  if (size == 0 || size > kTreeNodesMax) {
    return invalid("a tree has " + std::to_string(size) + " nodes");
  }
  TRY(read_column(tree, "left_children", size, columns.left));
  TRY(read_column(tree, "right_children", size, columns.right));
  TRY(read_column(tree, "split_indices", size, columns.feature));
  TRY(read_column(tree, "default_left", size, columns.missing_left));
  TRY(read_column(tree, "split_conditions", size, columns.value));
  TRY(read_column(tree, "sum_hessian", size, columns.cover));
  TRY(read_column(tree, "loss_changes", size, columns.gain));
  return columns;
}

// In our order; nodes that XGBoost pruned stay in its arrays without a parent and are left out.
Result<Tree> tree_of(const TreeColumns& columns) {
  const std::size_t size = columns.left.size();
  std::vector<std::size_t> places{0};  // of ours in the file
  std::vector<bool> met(size, false);
  met[0] = true;
  Tree tree;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t from = places[i];
    TreeNode node;
    node.value = columns.value[from];
    node.cover = columns.cover[from];
    const std::int64_t left = columns.left[from];
    const std::int64_t right = columns.right[from];
    if ((left == -1) != (right == -1)) return invalid("a node has one child only");
    if (left != -1) {
      if (left < 0 || right < 0 || std::size_t(left) >= size || std::size_t(right) >= size) {
        return invalid("a child is out of range");
      }
      node.first_child = std::int32_t(places.size());
      for (const auto child : {std::size_t(left), std::size_t(right)}) {
        if (met[child]) return invalid("a node is the child of two, or the nodes run in a circle");
        met[child] = true;
        places.push_back(child);
      }
      const std::int64_t feature = columns.feature[from];
      node.feature = feature >= 0 && feature < kFeaturesMax ? std::int32_t(feature) : -1;
      node.missing_left = columns.missing_left[from] != 0;
      node.gain = columns.gain[from];
    }
    tree.push_back(node);
  }
  return tree;
}

Result<TreeObjective> objective_in(const json::object& learner) {
  TRY_ASSIGN(const json::object* objective, object_in(learner, "objective"));
  const std::string name = text_in(*objective, "name");
  for (const ObjectiveName& known : kObjectives) {
    if (known.name == name) return known.objective;
  }
  return refused("its objective is " + in_quotes(name.substr(0, 60)) +
                 "; possible are binary:logistic, reg:squarederror, count:poisson, reg:gamma, "
                 "reg:tweedie and those with the same figure");
}

Status read_shape(const json::object& learner, XgboostModel& model) {
  TRY_ASSIGN(const json::object* parameters, object_in(learner, "learner_model_param"));
  TRY_ASSIGN(const std::int64_t classes, whole_in(*parameters, "num_class", 0));
  TRY_ASSIGN(const std::int64_t targets, whole_in(*parameters, "num_target", 1));
  if (classes > 1) return refused("it tells " + std::to_string(classes) + " classes apart");
  if (targets > 1) return refused("it has " + std::to_string(targets) + " targets");
  TRY_ASSIGN(const std::int64_t features, whole_in(*parameters, "num_feature", -1));
  if (features < 0 || features > kFeaturesMax) {
    return invalid("\"num_feature\" is missing or out of range");
  }
  model.feature_count = std::size_t(features);
  TRY_ASSIGN(model.trees.objective, objective_in(learner));
  TRY_ASSIGN(model.trees.base_score, base_score_in(*parameters));
  return {};
}

Status read_trees(const json::object& learner, XgboostModel& model) {
  TRY_ASSIGN(const json::object* booster, object_in(learner, "gradient_booster"));
  const std::string name = text_in(*booster, "name");
  if (name != "gbtree") return refused("its booster is " + in_quotes(name.substr(0, 60)));
  TRY_ASSIGN(const json::object* body, object_in(*booster, "model"));
  TRY_ASSIGN(const json::object* parameters, object_in(*body, "gbtree_model_param"));
  TRY_ASSIGN(const std::int64_t a_round, whole_in(*parameters, "num_parallel_tree", 1));
  model.trees_a_round = std::size_t(std::clamp<std::int64_t>(a_round, 1, kTreesMax));
  TRY_ASSIGN(const json::array* trees, array_in(*body, "trees"));
  if (trees->size() > kTreesMax) return invalid("it has too many trees");
  for (const json::value& value : *trees) {
    if (!value.is_object()) return invalid("a tree is missing");
    TRY_ASSIGN(const TreeColumns columns, read_columns(value.get_object()));
    TRY_ASSIGN(Tree tree, tree_of(columns));
    model.trees.trees.push_back(std::move(tree));
  }
  return {};
}

Status read_names(const json::object& learner, XgboostModel& model) {
  const json::value* names = learner.if_contains("feature_names");
  if (names == nullptr || !names->is_array() || names->get_array().empty()) return {};
  for (const json::value& name : names->get_array()) {
    // UBJSON's texts may hold any bytes.
    json::error_code error;
    if (name.is_string()) (void)json::parse(json::serialize(name), error);
    if (!name.is_string() || error) return invalid("a feature's name is no text in UTF-8");
    model.feature_names.emplace_back(name.get_string());
  }
  if (model.feature_names.size() != model.feature_count) {
    return invalid("it names " + std::to_string(model.feature_names.size()) + " of " +
                   std::to_string(model.feature_count) + " features");
  }
  return {};
}

void read_origin(const json::object& root, const json::object& learner, XgboostModel& model) {
  const json::value* version = root.if_contains("version");
  if (version != nullptr && version->is_array()) {
    for (const json::value& part : version->get_array()) {
      if (!part.is_int64()) continue;
      if (!model.version.empty()) model.version += '.';
      model.version += std::to_string(part.get_int64());
    }
  }
  const json::value* attributes = learner.if_contains("attributes");
  if (attributes == nullptr || !attributes->is_object()) return;
  const auto best = parsed<std::uint32_t>(text_in(attributes->get_object(), "best_iteration"));
  if (best) model.best_rounds = std::size_t(*best) + 1;
}

// XGBoost writes Infinity and NaN, which are not JSON. As float, 1e39 is infinite; instead of what
// is no number there will be an empty text. Empty: the text is JSON as it is.
std::string as_strict_json(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kInstead[] = {{"Infinity", "1e39    "},
                                                                        {"NaN", "\"\" "}};
  std::string changed;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_text && text[i] == '\\') {
      ++i;
      continue;
    }
    if (text[i] == '"') in_text = !in_text;
    if (in_text || (text[i] != 'I' && text[i] != 'N')) continue;
    for (const auto& [word, instead] : kInstead) {
      if (text.substr(i, word.size()) != word) continue;
      if (changed.empty()) changed = text;
      changed.replace(i, word.size(), instead);
    }
  }
  return changed;
}

Result<json::value> parse_document(std::string_view bytes) {
  if (bytes.size() > kXgboostBytesMax) {
    return fail(ErrorCode::too_large, "the model file has " + std::to_string(bytes.size()) +
                                          " bytes; the limit is " +
                                          std::to_string(kXgboostBytesMax));
  }
  if (bytes.empty() || bytes[0] != '{') {
    return invalid("neither JSON nor UBJSON; save it with save_model(\"model.json\")");
  }
  // UBJSON's keys begin with the type of their length, JSON's with a quote.
  const std::size_t second = bytes.find_first_not_of(" \t\r\n", 1);
  if (second != std::string_view::npos && bytes[second] != '"' && bytes[second] != '}') {
    return parse_ubjson(bytes);
  }
  json::error_code error;
  const std::string changed = as_strict_json(bytes);
  json::value value = json::parse(changed.empty() ? bytes : std::string_view(changed), error);
  if (error) return invalid("its JSON is malformed: " + error.message());
  return value;
}

}  // namespace

Result<XgboostModel> parse_xgboost(std::string_view bytes) {
  TRY_ASSIGN(const json::value document, parse_document(bytes));
  if (!document.is_object()) return invalid("no object");
  const json::object& root = document.get_object();
  TRY_ASSIGN(const json::object* learner, object_in(root, "learner"));
  XgboostModel model;
  TRY(read_shape(*learner, model));
  TRY(read_trees(*learner, model));
  TRY(read_names(*learner, model));
  read_origin(root, *learner, model);
  TRY(check_trees(model.trees, model.feature_count));
  return model;
}

Result<BoostedTrees> import_trees(const XgboostModel& model, std::span<const std::string> features,
                                  const TreeImport& options) {
  constexpr std::int32_t kUnknown = -1;
  std::vector<std::int32_t> places(model.feature_count, kUnknown);
  std::vector<std::string> names = model.feature_names;
  for (std::size_t f = names.size(); f < model.feature_count; ++f) {
    names.push_back("f" + std::to_string(f));
  }
  for (std::size_t f = 0; f < model.feature_count; ++f) {
    const auto renamed = options.names.find(names[f]);
    const std::string& name = renamed == options.names.end() ? names[f] : renamed->second;
    const auto found = std::find(features.begin(), features.end(), name);
    if (found != features.end()) places[f] = std::int32_t(found - features.begin());
  }
  BoostedTrees trees = model.trees;
  if (options.only_best_rounds && model.best_rounds) {
    const std::size_t kept = *model.best_rounds * model.trees_a_round;
    if (kept < trees.trees.size()) trees.trees.resize(kept);
  }
  std::vector<bool> lacking(model.feature_count, false);
  for (Tree& tree : trees.trees) {
    for (TreeNode& node : tree) {
      if (node.is_leaf()) continue;
      const auto from = std::size_t(node.feature);
      lacking[from] = lacking[from] || places[from] == kUnknown;
      node.feature = places[from];
    }
  }
  std::string missing;
  for (std::size_t f = 0; f < model.feature_count; ++f) {
    if (lacking[f]) missing += (missing.empty() ? "" : ", ") + names[f];
  }
  if (!missing.empty()) {
    return fail(ErrorCode::invalid,
                "the model splits by features that have no counterpart here: " + missing +
                    "; name theirs and ours in the mapping",
                "unmapped_features");
  }
  return trees;
}

}  // namespace tideline
