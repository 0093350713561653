#include "learning/realised.h"

#include <functional>
#include <numeric>

namespace tideline {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

using Belongs = std::function<bool(const RealisedRow&)>;

void add_group(std::vector<RealisedMetrics>& found, const std::vector<RealisedRow>& rows,
               const TaskSpec& task, std::size_t place, std::string_view group,
               const Belongs& belongs) {
  std::vector<double> figures, labels;
  for (const RealisedRow& row : rows) {
    if (!row.figures[place] || !row.labels[place] || !belongs(row)) continue;
    figures.push_back(*row.figures[place]);
    labels.push_back(*row.labels[place]);
  }
  if (figures.empty()) return;
  RealisedMetrics metrics;
  metrics.task = task.name;
  metrics.kind = task.kind;
  metrics.group = group;
  metrics.n = figures.size();
  metrics.predicted = mean_of(figures);
  metrics.realised = mean_of(labels);
  if (metrics.n >= kRealisedRowsMin) {
    if (task.kind == TaskKind::probability) {
      metrics.probability = probability_metrics(labels, figures, figures);
    } else {
      metrics.number = number_metrics(labels, figures);
    }
  }
  found.push_back(std::move(metrics));
}

}  // namespace

std::vector<RealisedMetrics> realised_metrics(const Pack& pack,
                                              const std::vector<RealisedRow>& rows) {
  std::vector<RealisedMetrics> found;
  for (std::size_t k = 0; k < pack.tasks().size(); ++k) {
    const TaskSpec& task = pack.tasks()[k];
    const auto add = [&](std::string_view group, const Belongs& belongs) {
      add_group(found, rows, task, k, group, belongs);
    };
    add(kGroupAll, [](const RealisedRow&) { return true; });
    if (task.kind == TaskKind::probability)
      add(kGroupHoldout, [](const RealisedRow& row) { return row.in_holdout; });
    for (const std::string& tier : pack.tiers()) {
      add(tier, [&](const RealisedRow& row) { return row.tier == tier; });
    }
  }
  return found;
}

}  // namespace tideline
