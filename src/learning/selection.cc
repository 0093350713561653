#include "learning/selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "learning/forest_training.h"
#include "learning/jobs.h"
#include "learning/metrics.h"

namespace tideline {
namespace {

constexpr std::size_t kRowsForOneFeature = 40'000;  // more teach a single feature nothing new

using Columns = std::vector<std::size_t>;

// The rows with a label of the task, with that label and some of the features; at most `rows_max`
// of them, evenly.
TrainingRows narrowed(const TrainingRows& rows, const Columns& columns, std::size_t task,
                      std::size_t rows_max) {
  TrainingRows out{0, columns.size(), 1, {}, {}, {}};
  const std::size_t step =
      std::max<std::size_t>(1, rows.rows / std::max<std::size_t>(1, rows_max));
  for (std::size_t r = 0; r < rows.rows; r += step) {
    const double label = rows.label(r, task);
    if (std::isnan(label)) continue;
    for (const std::size_t c : columns) {
      const double x = rows.features[r * rows.width + c];
      out.features.push_back(std::isinf(x) ? std::copysign(1e30, x) : x);
    }
    out.labels.push_back(label);
    out.days_since_qualifying.push_back(rows.days_since_qualifying[r]);
    ++out.rows;
  }
  return out;
}

TreeOptions options_for(const TaskSpec& task, std::uint64_t seed, std::size_t features) {
  TreeOptions options;
  options.objective = tree_objective_of(task);
  options.depth_max = features == 1 ? 3 : 5;
  options.rounds_max = features == 1 ? 80 : 300;
  options.patience = 15;
  options.learning_rate = 0.1;
  options.row_share = 0.7;
  options.feature_share = features < 8 ? 1.0 : 0.6;
  options.cover_min = 10;
  options.penalty = 5;
  options.cuts_max = 128;
  options.seed = seed;
  return options;
}

struct Step {
  double score = 0;
  std::vector<double> gains;  // one a column
};

Result<Step> grow(const TreeTrainer& trainer, const SelectionRows& rows, const TaskSpec& task,
                  std::size_t place, const Columns& columns, std::uint64_t seed) {
  const std::size_t most = columns.size() == 1 ? kRowsForOneFeature : rows.learn.rows;
  const TrainingRows learn = narrowed(rows.learn, columns, place, most);
  const TrainingRows judge = narrowed(rows.judge, columns, place, most);
  const TrainingRows test = narrowed(rows.test, columns, place, rows.test.rows);
  TRY_ASSIGN(const TreeFit fit,
             trainer.fit(learn, judge, 0, options_for(task, seed, columns.size())));
  Step step;
  step.gains.assign(columns.size(), 0.0);
  for (const auto& tree : fit.trees.trees) {
    for (const auto& node : tree) {
      if (!node.is_leaf()) step.gains[std::size_t(node.feature)] += double(node.gain);
    }
  }
  TRY_ASSIGN(const Forest forest, Forest::make(columns.size(), {fit.trees}));
  std::vector<double> figures(test.rows);
  forest.score(test.block(), figures);
  if (task.kind == TaskKind::number) {
    const auto metrics = number_metrics(test.labels, figures);
    step.score = metrics ? metrics->r2 : 0;
  } else {
    step.score = roc_auc(test.labels, figures).value_or(0.5);
  }
  return step;
}

// From all features down to one, `wanted` among them.
std::vector<std::size_t> sizes_to_try(std::size_t all, std::size_t wanted) {
  std::vector<std::size_t> sizes = {all, wanted};
  for (const std::size_t size : {48, 32, 24, 18, 14, 10, 7, 5, 3, 2, 1}) {
    if (size < all) sizes.push_back(size);
  }
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

Columns best_first(const Columns& columns, const std::vector<double>& gains) {
  std::vector<std::size_t> order(columns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return gains[a] > gains[b]; });
  Columns sorted;
  for (const std::size_t i : order) sorted.push_back(columns[i]);
  return sorted;
}

}  // namespace

Result<FeatureSelection> select_features(const TreeTrainer& trainer, const SelectionRows& rows,
                                         const TaskSpec& task, std::size_t place,
                                         std::span<const std::string> names, std::size_t wanted,
                                         std::uint64_t seed, int threads) {
  FeatureSelection out;
  const std::size_t all = rows.learn.width;
  wanted = std::clamp<std::size_t>(wanted, 1, all);
  out.is_chosen.assign(all, false);
  Columns columns(all);
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  for (const std::size_t size : sizes_to_try(all, wanted)) {
    columns.resize(size);
    std::sort(columns.begin(), columns.end());
    TRY_ASSIGN(const Step step, grow(trainer, rows, task, place, columns, seed));
    out.curve.push_back({size, step.score});
    columns = best_first(columns, step.gains);
    if (size != wanted) continue;
    for (const std::size_t c : columns) {
      out.names.push_back(names[c]);
      out.is_chosen[c] = true;
    }
    out.loss = out.curve.front().score - step.score;
  }
  std::vector<double> alone(all, -1);
  run_jobs(all, threads, [&](std::size_t c) {
    const auto step = grow(trainer, rows, task, place, {c}, seed);
    if (step) alone[c] = step->score;  // a constant column has none
  });
  const auto best = std::max_element(alone.begin(), alone.end());
  out.best_alone = names[std::size_t(best - alone.begin())];
  out.best_alone_score = *best;
  return out;
}

}  // namespace tideline
