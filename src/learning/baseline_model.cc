#include "learning/baseline_model.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "learning/baselines.h"
#include "learning/evaluation_run.h"

namespace tideline {
namespace {

constexpr std::size_t kGoldenRows = 24;

TaskReport report_of(const Dataset& data, std::size_t k, const ModelParts& parts) {
  TaskReport report;
  report.task = data.tasks[k].name;
  report.kind = data.tasks[k].kind;
  for (std::size_t r = 0; r < data.all.rows; ++r)
    report.n += std::isnan(data.all.label(r, k)) ? 0 : 1;
  report.rate = parts.constant->figures[k];
  if (!parts.recency->tasks[k].probabilities.empty()) {
    report.champion = Champion::recency;
  } else if (std::isfinite(report.rate)) {
    report.champion = Champion::base_rate;
  }
  return report;
}

GoldenRows golden_rows(const Dataset& data) {
  GoldenRows golden;
  golden.rows = std::min(kGoldenRows, data.all.rows);
  const auto cells = static_cast<std::ptrdiff_t>(golden.rows * data.all.width);
  golden.features.assign(data.all.features.begin(), data.all.features.begin() + cells);
  golden.days_since_qualifying.assign(
      data.all.days_since_qualifying.begin(),
      data.all.days_since_qualifying.begin() + static_cast<std::ptrdiff_t>(golden.rows));
  return golden;
}

}  // namespace

Result<TrainedModel> train_baseline(const SnapshotTable& table, const Pack& pack,
                                    const TrainOptions& options) {
  TRY_ASSIGN(const Dataset data, dataset_of(table, pack, pack.tasks(), options.population));
  ModelParts parts;
  parts.recency = fit_recency(data.all, data.tasks);
  parts.constant = fit_constant(data.all);
  parts.calibrations.resize(data.tasks.size());
  ModelManifest manifest;
  manifest.name = model_name(pack);
  manifest.version = fmt::format("v{}", options.version);
  manifest.model_version = model_version(pack, options.version);
  manifest.pack = pack.name();
  manifest.program_version = TIDELINE_VERSION;
  manifest.features = feature_names_of(pack);
  manifest.feature_hash = pack.feature_hash();
  manifest.seed = options.seed;
  manifest.training_rows = data.all.rows;
  manifest.known_until = table.now;
  manifest.data_hash = data.hash();
  manifest.settings = "{}";
  EvaluationReport report;
  report.rows = data.all.rows;
  for (std::size_t k = 0; k < data.tasks.size(); ++k) {
    const TaskSpec& task = data.tasks[k];
    report.tasks.push_back(report_of(data, k, parts));
    manifest.tasks.push_back(ModelTask{task.name, task.kind, task.min, task.max, task.not_below,
                                       task.definition, task.horizon, report.tasks[k].champion});
  }
  for (const Snapshot* row : data.snapshots) {
    manifest.training_from = std::min(manifest.training_from.value_or(row->as_of), row->as_of);
    manifest.training_to = std::max(manifest.training_to.value_or(row->as_of), row->as_of);
  }
  manifest.evaluation = to_json(report);
  Model model = Model::assemble(std::move(manifest), std::move(parts));
  Model::Files files = model.to_files(golden_rows(data));
  return TrainedModel{std::move(files), model.manifest(), std::move(report)};
}

}  // namespace tideline
