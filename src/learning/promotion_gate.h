// The promotion gate: whether a model trained on schedule may take over by itself.
#pragma once

#include <string>
#include <vector>

#include "learning/evaluation.h"
#include "scoring/model.h"

namespace tideline {

// One task's candidate beside the model in production, on rows that the candidate was judged on.
struct GateTask {
  std::string task;
  std::size_t n = 0;
  double candidate = 0;   // mean squared error (of probabilities: the Brier score)
  double production = 0;  // of the model in production, on the same rows
};

struct GateVerdict {
  bool promote = false;
  std::string reason;  // one sentence for people
  std::vector<GateTask> tasks;
};

// A task may become worse by this share at most, while all together become better.
inline constexpr double kGateTaskTolerance = 0.02;

// Compares on the rows of report.predictions: those that production had not learnt from where
// there are any of a task, else all of them, which favours production. Promotes when a learnt
// champion beats the recency rule's Brier score in at least one task and no probability task is
// worse than it, no task is worse than in production by more than kGateTaskTolerance, and the
// errors of all tasks together are smaller. `production` null: there is nothing to beat but the
// rule.
[[nodiscard]] GateVerdict judge_promotion(const SnapshotTable& table,
                                          const EvaluationReport& report, const Pack& pack,
                                          const Model* production);

}  // namespace tideline
