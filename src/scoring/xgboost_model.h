// XGBoost's model files: read, whoever trained them, and written, so that any XGBoost reads them.
//
// Read are JSON and UBJSON of versions 1 to 3, booster gbtree, one figure a row, numeric splits.
// Trees of a model bundle are kept in the same form, file trees-TASK.json.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scoring/trees.h"

namespace tideline {

inline constexpr std::size_t kXgboostBytesMax = std::size_t{128} << 20U;

struct XgboostModel {
  BoostedTrees trees;  // features by their place in the file
  std::size_t feature_count = 0;
  std::vector<std::string> feature_names;  // empty: the file names none
  std::string version;                     // of the XGBoost that wrote it: "1.7.4"; may be empty
  // Rounds that early stopping found best; XGBoost keeps the later ones in the file, its
  // scikit-learn interface leaves them out of predictions.
  std::optional<std::size_t> best_rounds;
  std::size_t trees_a_round = 1;
};

// JSON or UBJSON, told by the bytes. invalid: no such file, or trees that check_trees() refuses;
// refused: a model that is not scored here (several classes or targets, boosters dart and
// gblinear, categorical splits, other objectives), saying which; too_large: over kXgboostBytesMax.
[[nodiscard]] Result<XgboostModel> parse_xgboost(std::string_view bytes);

// JSON as XGBoost 1.7 writes it. parse_xgboost() gives the same trees back. `feature_names` may be
// empty, else it is one a feature.
[[nodiscard]] std::string to_xgboost_json(const BoostedTrees& trees, std::size_t feature_count,
                                          std::span<const std::string> feature_names);

struct TreeImport {
  // From the names in the file ("f0", "f1", … where it has none) to ours. A name that is absent
  // here is taken as it is.
  std::map<std::string, std::string, std::less<>> names;
  bool only_best_rounds = false;  // leave out what early stopping came to regret
};

// The model's trees over our features, by name. invalid when a feature that a split uses has no
// counterpart, naming all such; two of them with the same counterpart are right.
[[nodiscard]] Result<BoostedTrees> import_trees(const XgboostModel& model,
                                                std::span<const std::string> features,
                                                const TreeImport& options = {});

}  // namespace tideline
