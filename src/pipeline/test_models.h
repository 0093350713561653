// For tests: models of a pack that need no training.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "learning/drift.h"
#include "ports/model_store.h"
#include "scoring/model.h"

namespace tideline {

// Each task's figure grows (or falls) with the first feature, within the task's range: the same
// linear sum for all of them, `slope` a unit.
inline Model linear_model(const Pack& pack, const std::string& version, double slope = -0.5,
                          bool of_table = false) {
  ModelManifest manifest;
  manifest.name = pack.name() + "-health";
  manifest.version = version;
  manifest.model_version = manifest.name + "-" + version;
  manifest.pack = of_table ? "" : pack.name();
  manifest.program_version = "test";
  manifest.feature_hash = pack.feature_hash();
  for (const FeatureSpec& feature : pack.features()) manifest.features.push_back(feature.name);
  ModelParts parts;
  Regressions& regressions = parts.logistic.emplace();
  regressions.encoding.feature_count = pack.features().size();
  regressions.encoding.inputs = {{0, Transform::identity, 0, 1}};
  for (const TaskSpec& spec : pack.tasks()) {
    ModelTask task;
    task.name = spec.name;
    task.kind = spec.kind;
    task.min = spec.min;
    task.max = spec.max;
    task.not_below = spec.not_below;
    task.definition = spec.definition;
    task.horizon = spec.horizon;
    task.champion = Champion::logistic;
    manifest.tasks.push_back(task);
    const bool probability = spec.kind == TaskKind::probability;
    regressions.tasks.push_back({true,
                                 probability ? HeadKind::probability : HeadKind::linear,
                                 {probability ? slope : -10 * slope},
                                 probability ? 1.0 : 10.0,
                                 spec.min.value_or(0),
                                 spec.max.value_or(1e9)});
  }
  manifest.settings = "{}";
  manifest.evaluation = R"({"tasks":[]})";
  parts.calibrations.assign(pack.tasks().size(), Calibration{});
  return Model::assemble(std::move(manifest), std::move(parts));
}

// The files of such a model, drift.json too.
inline ModelFiles files_of(const Pack& pack, const std::string& version, double slope = -0.5) {
  Model model = linear_model(pack, version, slope);
  const std::size_t width = pack.features().size();
  GoldenRows golden{2, std::vector<double>(2 * width, 1.0), {5, 9}, {}};
  ModelFiles files = model.to_files(golden);
  std::vector<DriftBins> reference;
  for (const FeatureSpec& feature : pack.features())
    reference.push_back(drift_bins(feature.name, {1, 2, 3}));
  for (const TaskSpec& task : pack.tasks()) reference.push_back(drift_bins(task.name, {1, 2, 3}));
  files.emplace(kDriftFile, to_json(reference));
  return files;
}

}  // namespace tideline
