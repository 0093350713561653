// Model files of XGBoost: any bytes are read or refused. What is read has sound trees: written and
// read again they are the same, and every kernel walks them to the same margin.
#include "scoring/xgboost_model.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "harness.h"
#include "scoring/tree_contributions.h"

namespace tideline::fuzz {
namespace {

constexpr std::size_t kFeaturesMax = 64;  // a file may promise a million
constexpr std::size_t kRows = 8;          // so many are not walked

// Rows made of the model's own bytes.
std::vector<float> rows_of(std::string_view bytes, std::size_t width) {
  std::vector<float> values(kRows * width);
  for (std::size_t i = 0; i < values.size(); ++i) {
    char word[sizeof(float)];
    for (std::size_t b = 0; b < sizeof(word); ++b) {
      word[b] = bytes[(i * sizeof(word) + b) % bytes.size()];
    }
    if (i % 3 == 0) {
      values[i] = float(static_cast<signed char>(word[0]));
    } else {
      std::memcpy(&values[i], word, sizeof(word));
    }
  }
  return values;
}

void check_scoring(const XgboostModel& model, std::string_view bytes) {
  const std::size_t width = model.feature_count;
  const auto forest = Forest::make(width, {model.trees});
  CHECK(forest.has_value());
  const std::vector<float> values = rows_of(bytes, width);
  std::vector<float> walked(kRows);
  for (std::size_t r = 0; r < kRows; ++r) {
    forest->margins(std::span(values).subspan(r * width, width), 1,
                    std::span(walked).subspan(r, 1), KernelPath::plain);
  }
  for (const KernelPath path : kernel_paths()) {
    std::vector<float> margins(kRows);
    forest->margins(values, kRows, margins, path);
    for (std::size_t r = 0; r < kRows; ++r) {
      const bool same =
          std::bit_cast<std::uint32_t>(margins[r]) == std::bit_cast<std::uint32_t>(walked[r]);
      CHECK(same || (std::isnan(margins[r]) && std::isnan(walked[r])));
    }
  }
  const std::vector<double> row(values.begin(), values.begin() + std::ptrdiff_t(width));
  CHECK(contributions_of(model.trees, row).features.size() == width);
}

}  // namespace

void xgboost_model(std::string_view bytes) {
  const auto model = parse_xgboost(bytes);
  if (!model) {
    CHECK(model.error().code == ErrorCode::invalid || model.error().code == ErrorCode::refused);
    return CHECK(!model.error().message.empty());
  }
  CHECK(check_trees(model->trees, model->feature_count).has_value());
  const auto again =
      parse_xgboost(to_xgboost_json(model->trees, model->feature_count, model->feature_names));
  CHECK(again.has_value() && again->trees == model->trees);
  CHECK(again->feature_names == model->feature_names);
  (void)import_trees(*model, model->feature_names);
  if (model->feature_count <= kFeaturesMax) check_scoring(*model, bytes);
}

}  // namespace tideline::fuzz
