// Boosted trees, one ensemble a task: which settings, how many rounds, and the fit.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "learning/tree_training.h"
#include "packs/pack.h"

namespace tideline {

// How trees are made; `trainer` null: there are none.
struct TreeMaking {
  const TreeTrainer* trainer = nullptr;  // borrowed
  int threads = 1;                       // tasks at a time
  // One a task, by place of the feature: which ones its trees may use. Empty: all, of all tasks
  // or of one.
  std::vector<std::vector<bool>> allowed;
};

// What trees of a task are fitted to.
[[nodiscard]] TreeObjective tree_objective_of(const TaskSpec& task);

// Chosen settings, one a task; rounds_max is the chosen length. nullopt: the task gets no trees.
using ForestChoice = std::vector<std::optional<TreeOptions>>;

// What a fit that did not come about says; the task goes on without trees.
struct ForestTrouble {
  std::size_t task = 0;
  std::string message;
};

// For each task with labels on both sides the candidate that is best on `judge`, stopped early
// there. `fitted`, where given, gets the trees of the choice.
[[nodiscard]] ForestChoice choose_forest(const TreeMaking& making, const TrainingRows& learn,
                                         const TrainingRows& judge,
                                         std::span<const TaskSpec> tasks, std::uint64_t seed,
                                         std::vector<ForestTrouble>& troubles,
                                         std::optional<Forest>* fitted = nullptr);

// Trees of all `rows`, as the choice says; nullopt when no task has any.
[[nodiscard]] std::optional<Forest> fit_forest(const TreeMaking& making, const TrainingRows& rows,
                                               const ForestChoice& choice,
                                               std::vector<ForestTrouble>& troubles);

}  // namespace tideline
