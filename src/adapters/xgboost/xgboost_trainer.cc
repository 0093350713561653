#include "adapters/xgboost/xgboost_trainer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "adapters/xgboost/handles.h"
#include "scoring/heads.h"
#include "scoring/xgboost_model.h"

namespace tideline {
namespace {

// libxgboost refuses infinity; beyond this a feature counts as this, which keeps its order.
constexpr float kFeatureLimit = 1e30F;
constexpr double kBaseShareMin = 1e-4;   // of the base score of a probability, from 0 and from 1
constexpr double kBaseFigureMin = 1e-6;  // of the base score under exp

// The rows of a task that have a label.
struct LabelledRows {
  std::size_t rows = 0;
  std::vector<float> features;
  std::vector<float> labels;
};

LabelledRows labelled(const TrainingRows& from, std::size_t task) {
  LabelledRows found;
  for (std::size_t r = 0; r < from.rows; ++r) found.rows += !std::isnan(from.label(r, task));
  found.features.reserve(found.rows * from.width);
  found.labels.reserve(found.rows);
  for (std::size_t r = 0; r < from.rows; ++r) {
    const double label = from.label(r, task);
    if (std::isnan(label)) continue;
    found.labels.push_back(float(label));
    for (std::size_t f = 0; f < from.width; ++f) {
      // NaN passes clamp unchanged.
      const auto value = float(from.features[r * from.width + f]);
      found.features.push_back(std::clamp(value, -kFeatureLimit, kFeatureLimit));
    }
  }
  return found;
}

tl::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::invalid, "training of trees: " + what, "bad_training");
}

Status check_options(const TreeOptions& options) {
  const auto share = [](double x) { return x > 0 && x <= 1; };
  const auto amount = [](double x) { return std::isfinite(x) && x >= 0; };
  if (options.depth_max < 1 || options.depth_max > 16) return invalid("depth_max is not 1 to 16");
  if (options.rounds_max > kTreesMax) return invalid("too many rounds");
  if (!share(options.learning_rate)) return invalid("learning_rate is not above 0, at most 1");
  if (!share(options.row_share)) return invalid("row_share is not above 0, at most 1");
  if (!share(options.feature_share)) return invalid("feature_share is not above 0, at most 1");
  if (!amount(options.cover_min) || !amount(options.gain_min) || !amount(options.penalty)) {
    return invalid("cover_min, gain_min or penalty is negative");
  }
  if (options.cuts_max < 2 || options.cuts_max > 256) return invalid("cuts_max is not 2 to 256");
  if (options.threads < 1) return invalid("threads is below 1");
  return {};
}

Status check_labels(const LabelledRows& rows, TreeObjective objective) {
  for (const float label : rows.labels) {
    bool fits = std::isfinite(label);
    switch (objective) {
      case TreeObjective::logistic: fits = fits && label >= 0 && label <= 1; break;
      case TreeObjective::squared_error: break;
      case TreeObjective::poisson:
      case TreeObjective::tweedie: fits = fits && label >= 0; break;
      case TreeObjective::gamma: fits = fits && label > 0; break;
    }
    if (!fits) {
      return invalid("the label " + std::to_string(label) + " does not fit " +
                     std::string(name_of(objective)));
    }
  }
  return {};
}

double base_score_of(const LabelledRows& rows, const TreeOptions& options) {
  if (options.base_score) return *options.base_score;
  double sum = 0;
  for (const float label : rows.labels) sum += double(label);
  const double mean = sum / double(rows.labels.size());
  switch (options.objective) {
    case TreeObjective::logistic: return std::clamp(mean, kBaseShareMin, 1 - kBaseShareMin);
    case TreeObjective::squared_error: return mean;
    case TreeObjective::poisson:
    case TreeObjective::gamma:
    case TreeObjective::tweedie: return std::max(mean, kBaseFigureMin);
  }
  return mean;
}

// What the objective makes small, of one row.
double loss_of(TreeObjective objective, double margin, double label) {
  switch (objective) {
    case TreeObjective::logistic: return softplus(margin) - label * margin;
    case TreeObjective::squared_error: return (margin - label) * (margin - label);
    case TreeObjective::poisson: return std::exp(margin) - label * margin;
    case TreeObjective::gamma: return label * std::exp(-margin) + margin;
    case TreeObjective::tweedie:  // of variance power 1.5, libxgboost's default
      return 2 * label * std::exp(-margin / 2) + 2 * std::exp(margin / 2);
  }
  return 0;
}

Result<Matrix> matrix_of(LabelledRows& rows, std::size_t width, int threads) {
  DMatrixHandle handle = nullptr;
  TRY(checked(
      XGDMatrixCreateFromMat_omp(rows.features.data(), rows.rows, width, NAN, &handle, threads)));
  Matrix matrix(handle);
  rows.features = {};  // the matrix has its own copy
  TRY(checked(XGDMatrixSetFloatInfo(handle, "label", rows.labels.data(), rows.labels.size())));
  return matrix;
}

// With an exponent always: the library reads long numbers without one wrongly.
std::string text_of(double value) {
  char text[40];
  const auto end =
      std::to_chars(std::begin(text), std::end(text), value, std::chars_format::scientific).ptr;
  return {text, end};
}

Status configure(BoosterHandle booster, const TreeOptions& options, double base_score) {
  constexpr std::uint64_t kSeedMask = 0x7fffffffffffffffULL;  // it reads a signed number
  const std::pair<const char*, std::string> parameters[] = {
      {"verbosity", "0"},
      {"disable_default_eval_metric", "1"},
      {"booster", "gbtree"},
      {"tree_method", "hist"},
      {"objective", std::string(name_of(options.objective))},
      {"base_score", text_of(base_score)},
      {"max_depth", std::to_string(options.depth_max)},
      {"eta", text_of(options.learning_rate)},
      {"subsample", text_of(options.row_share)},
      {"colsample_bytree", text_of(options.feature_share)},
      {"min_child_weight", text_of(options.cover_min)},
      {"gamma", text_of(options.gain_min)},
      {"lambda", text_of(options.penalty)},
      {"max_bin", std::to_string(options.cuts_max)},
      {"seed", std::to_string(options.seed & kSeedMask)},
      {"nthread", std::to_string(options.threads)},
  };
  for (const auto& [name, value] : parameters) {
    TRY(checked(XGBoosterSetParam(booster, name, value.c_str())));
  }
  return {};
}

Result<double> mean_loss(BoosterHandle booster, DMatrixHandle matrix, const LabelledRows& rows,
                         TreeObjective objective) {
  constexpr int kMargin = 1;
  bst_ulong size = 0;
  const float* margins = nullptr;
  TRY(checked(XGBoosterPredict(booster, matrix, kMargin, 0, 0, &size, &margins)));
  if (size != rows.labels.size()) return fail(ErrorCode::internal, "libxgboost lost rows");
  double sum = 0;
  for (std::size_t r = 0; r < rows.labels.size(); ++r) {
    sum += loss_of(objective, double(margins[r]), double(rows.labels[r]));
  }
  return sum / double(rows.labels.size());
}

// Boosts; returns how many rounds to keep and their loss.
struct Boosting {
  std::size_t rounds = 0;
  double validation_loss = std::numeric_limits<double>::quiet_NaN();
};
Result<Boosting> boost(BoosterHandle booster, DMatrixHandle train, DMatrixHandle judge,
                       const LabelledRows& judged, const TreeOptions& options) {
  Boosting best;
  if (judge == nullptr) {
    for (; best.rounds < options.rounds_max; ++best.rounds) {
      TRY(checked(XGBoosterUpdateOneIter(booster, int(best.rounds), train)));
    }
    return best;
  }
  TRY_ASSIGN(best.validation_loss, mean_loss(booster, judge, judged, options.objective));
  for (std::size_t round = 1; round <= options.rounds_max; ++round) {
    TRY(checked(XGBoosterUpdateOneIter(booster, int(round - 1), train)));
    TRY_ASSIGN(const double loss, mean_loss(booster, judge, judged, options.objective));
    if (loss < best.validation_loss) best = {round, loss};
    if (options.patience > 0 && round - best.rounds >= options.patience) break;
  }
  return best;
}

Result<BoostedTrees> trees_of(BoosterHandle booster, std::size_t rounds) {
  bst_ulong size = 0;
  const char* bytes = nullptr;
  TRY(checked(XGBoosterSaveModelToBuffer(booster, R"({"format":"ubj"})", &size, &bytes)));
  auto model = parse_xgboost(std::string_view(bytes, size));
  if (!model) return fail(model.error().in("libxgboost's own model"));
  model->trees.trees.resize(std::min(model->trees.trees.size(), rounds));
  return std::move(model->trees);
}

}  // namespace

Result<TreeFit> XgboostTrainer::fit(const TrainingRows& train, const TrainingRows& validation,
                                    std::size_t task, const TreeOptions& options) const {
  TRY(check_options(options));
  LabelledRows learned = labelled(train, task);
  if (learned.rows == 0 || train.width == 0) return invalid("no row with a label, or no feature");
  TRY(check_labels(learned, options.objective));
  LabelledRows judged = validation.rows > 0 ? labelled(validation, task) : LabelledRows{};
  if (judged.rows > 0 && validation.width != train.width) {
    return invalid("the validation rows have another width");
  }
  TRY(check_labels(judged, options.objective));

  // Both are the calling thread's own, as is the last error.
  TRY(checked(XGBRegisterLogCallback([](const char*) {})));
  TRY(checked(XGBSetGlobalConfig(R"({"verbosity":0})")));
  const double base_score = base_score_of(learned, options);
  TRY_ASSIGN(const Matrix matrix, matrix_of(learned, train.width, options.threads));
  Matrix judge;
  if (judged.rows > 0) {
    TRY_ASSIGN(judge, matrix_of(judged, train.width, options.threads));
  }
  const DMatrixHandle cached[] = {matrix.get(), judge.get()};
  BoosterHandle handle = nullptr;
  TRY(checked(XGBoosterCreate(cached, judge ? 2 : 1, &handle)));
  const Booster booster(handle);
  TRY(configure(handle, options, base_score));
  TRY_ASSIGN(const Boosting kept, boost(handle, matrix.get(), judge.get(), judged, options));
  TreeFit fit;
  fit.validation_loss = kept.validation_loss;
  if (kept.rounds == 0) {
    // The library saves no model without a tree.
    fit.trees = BoostedTrees{options.objective, float(base_score), {}};
  } else {
    TRY_ASSIGN(fit.trees, trees_of(handle, kept.rounds));
  }
  TRY(check_trees(fit.trees, train.width));
  return fit;
}

std::string xgboost_version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  XGBoostVersion(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace tideline
