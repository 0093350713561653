// Realised metrics: what predictions were worth once it is known what happened.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "learning/metrics.h"
#include "packs/pack.h"

namespace tideline {

// One kept prediction with what is known of its outcome by now.
struct RealisedRow {
  std::vector<std::optional<double>> figures;  // one a task, in the pack's order
  std::vector<std::optional<double>> labels;   // nullopt: not yet known, masked or censored
  std::string tier;                            // as it was when it was predicted; may be empty
  bool in_holdout = false;                     // this customer is never shown an action
};

// How one task came out among some of the rows.
struct RealisedMetrics {
  std::string task;
  TaskKind kind = TaskKind::probability;
  std::string group;     // "all", "holdout", or a tier's name
  std::size_t n = 0;     // rows with a figure whose label is known
  double predicted = 0;  // mean of the figures
  double realised = 0;   // mean of the labels
  // Absent while there are fewer than kRealisedRowsMin rows, or only one class.
  std::optional<ProbabilityMetrics> probability;
  std::optional<NumberMetrics> number;
};

inline constexpr std::string_view kGroupAll = "all";
inline constexpr std::string_view kGroupHoldout = "holdout";
inline constexpr std::size_t kRealisedRowsMin = 30;

// For each task: all rows, the holdout (of probabilities: actions change what they forecast), and
// each of the pack's tiers. Groups without a row are left out. The order is the pack's.
[[nodiscard]] std::vector<RealisedMetrics> realised_metrics(const Pack& pack,
                                                            const std::vector<RealisedRow>& rows);

}  // namespace tideline
