#include "learning/forest_training.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "learning/jobs.h"

namespace tideline {
namespace {

// From this many rows on trees may be deeper.
constexpr std::size_t kManyRows = 6'000;

// Shallow and slow, for customers are few and their behaviour is noisy.
std::vector<TreeOptions> candidates(const TaskSpec& task, std::size_t rows, std::uint64_t seed) {
  TreeOptions plain;
  plain.objective = tree_objective_of(task);
  plain.depth_max = 3;
  plain.rounds_max = 400;
  plain.patience = 25;
  plain.learning_rate = rows < kManyRows ? 0.04 : 0.06;
  plain.row_share = 0.7;
  plain.feature_share = 0.6;
  plain.cover_min = 5;
  plain.penalty = 3;
  plain.cuts_max = 128;
  plain.seed = seed;
  TreeOptions other = plain;
  other.depth_max = rows < kManyRows ? 2 : 5;
  if (rows >= kManyRows) {
    other.cover_min = 20;
    other.penalty = 10;
  }
  return {plain, other};
}

// Trees know no infinity; what lies beyond a float is the largest one.
TrainingRows finite(const TrainingRows& rows) {
  constexpr double kLargest = 1e30;
  TrainingRows out = rows;
  for (double& x : out.features) {
    if (!std::isnan(x)) x = std::clamp(x, -kLargest, kLargest);
  }
  return out;
}

// The rows with features that a task may not use taken away; nullopt: it may use all.
std::optional<TrainingRows> masked(const TrainingRows& rows, const TreeMaking& making,
                                   std::size_t task) {
  if (task >= making.allowed.size() || making.allowed[task].empty()) return std::nullopt;
  TrainingRows out = rows;
  for (std::size_t i = 0; i < out.features.size(); ++i) {
    if (!making.allowed[task][i % rows.width])
      out.features[i] = std::numeric_limits<double>::quiet_NaN();
  }
  return out;
}

bool has_labels(const TrainingRows& rows, std::size_t task) {
  for (std::size_t r = 0; r < rows.rows; ++r) {
    if (!std::isnan(rows.label(r, task))) return true;
  }
  return false;
}

std::optional<Forest> forest_of(std::size_t width, std::vector<std::optional<BoostedTrees>> trees,
                                std::vector<ForestTrouble>& troubles) {
  const bool none = std::none_of(trees.begin(), trees.end(), [](const auto& t) { return !!t; });
  if (none) return std::nullopt;
  auto forest = Forest::make(width, std::move(trees));
  if (forest) return std::move(*forest);
  troubles.push_back({0, forest.error().message});
  return std::nullopt;
}

void note(std::vector<ForestTrouble>& troubles, const std::vector<std::string>& messages) {
  for (std::size_t k = 0; k < messages.size(); ++k) {
    if (!messages[k].empty()) troubles.push_back({k, messages[k]});
  }
}

}  // namespace

TreeObjective tree_objective_of(const TaskSpec& task) {
  if (task.kind == TaskKind::probability) return TreeObjective::logistic;
  const bool counts = task.min && *task.min >= 0 && !task.max;
  return counts ? TreeObjective::poisson : TreeObjective::squared_error;
}

ForestChoice choose_forest(const TreeMaking& making, const TrainingRows& learn,
                           const TrainingRows& judge, std::span<const TaskSpec> tasks,
                           std::uint64_t seed, std::vector<ForestTrouble>& troubles,
                           std::optional<Forest>* fitted) {
  ForestChoice choice(tasks.size());
  if (making.trainer == nullptr) return choice;
  const TrainingRows taught = finite(learn);
  const TrainingRows judged = finite(judge);
  std::vector<std::string> messages(tasks.size());
  std::vector<std::optional<BoostedTrees>> trees(tasks.size());
  run_jobs(tasks.size(), making.threads, [&](std::size_t k) {
    if (!has_labels(taught, k) || !has_labels(judged, k)) return;
    const auto few = masked(taught, making, k);
    double least = std::numeric_limits<double>::infinity();
    for (TreeOptions options : candidates(tasks[k], taught.rows, seed)) {
      if (few) options.feature_share = 1;  // or most trees would draw few of those that are left
      auto fit = making.trainer->fit(few ? *few : taught, judged, k, options);
      if (!fit) {
        messages[k] = fit.error().message;
        return;
      }
      if (!(fit->validation_loss < least)) continue;
      least = fit->validation_loss;
      choice[k] = options;
      choice[k]->rounds_max = std::max<std::size_t>(1, fit->trees.trees.size());
      choice[k]->patience = 0;
      trees[k] = std::move(fit->trees);
    }
  });
  note(troubles, messages);
  if (fitted != nullptr) *fitted = forest_of(learn.width, std::move(trees), troubles);
  return choice;
}

std::optional<Forest> fit_forest(const TreeMaking& making, const TrainingRows& rows,
                                 const ForestChoice& choice,
                                 std::vector<ForestTrouble>& troubles) {
  if (making.trainer == nullptr) return std::nullopt;
  const TrainingRows taught = finite(rows);
  const TrainingRows nobody{0, rows.width, rows.tasks, {}, {}, {}};
  std::vector<std::string> messages(choice.size());
  std::vector<std::optional<BoostedTrees>> trees(choice.size());
  run_jobs(choice.size(), making.threads, [&](std::size_t k) {
    if (!choice[k] || !has_labels(taught, k)) return;
    const auto few = masked(taught, making, k);
    auto fit = making.trainer->fit(few ? *few : taught, nobody, k, *choice[k]);
    if (fit)
      trees[k] = std::move(fit->trees);
    else
      messages[k] = fit.error().message;
  });
  note(troubles, messages);
  return forest_of(rows.width, std::move(trees), troubles);
}

}  // namespace tideline
