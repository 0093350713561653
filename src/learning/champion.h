// Champion: which model's figure is shown for a task, and the warnings about how it was judged.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "learning/dataset.h"
#include "learning/evaluation.h"

namespace tideline {

// One task's judged rows; all vectors of one length, or empty where nobody predicted.
struct Judged {
  TaskKind kind = TaskKind::probability;
  std::vector<double> labels;
  std::array<std::vector<double>, kRivals> figures;  // by Champion
  std::vector<double> past;
  std::vector<double> recency_scores;  // orders rows as the recency rule does
  std::vector<std::uint64_t> groups;   // rows of one customer share it

  [[nodiscard]] const std::vector<double>& of(Champion champion) const {
    return figures[std::size_t(champion)];
  }
  // The models with their metrics, in the order of the report; those that predicted nothing are
  // left out.
  [[nodiscard]] std::vector<ModelScore> scores(std::uint64_t seed) const;
};

// The network when it is not worse than the best of trees and regression beyond noise (two
// standard errors of the paired difference of losses); what does not beat the recency rule's AUC
// and the base rate's error out of sample is passed over. Without any of them the better of
// MBG/NBD and the recency rule.
// `trees_first`: trees that beat the baselines are taken, whatever else does better.
[[nodiscard]] Champion choose_champion(const Judged& judged, std::span<const ModelScore> scores,
                                       bool trees_first = false);

// The figures of a champion; of `none` the base rate's.
[[nodiscard]] const std::vector<double>& figures_of(const Judged& judged, Champion champion);

// AUC above 0.97, or one feature alone above 0.95: nobody is that good without knowing the answer.
[[nodiscard]] std::vector<Warning> leakage_warnings(const Dataset& data, std::size_t task,
                                                    std::span<const std::string> feature_names,
                                                    std::span<const ModelScore> scores);

// Rows of different customers that are (nearly) the same row, so that folds share what they must
// not.
[[nodiscard]] std::vector<Warning> near_duplicate_warnings(const Dataset& data);

}  // namespace tideline
