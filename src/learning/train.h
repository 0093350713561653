// Training: from a table of snapshots to the files of a model.
#pragma once

#include <string>

#include "learning/evaluation.h"
#include "scoring/model.h"

namespace tideline {

struct TrainOptions {
  int version = 1;  // N of "marketplace-health-vN"
  std::uint64_t seed = 1;
  Population population = Population::served;
  FoldsBy folds = FoldsBy::ladder;
  ProgressCallback progress;
};

struct TrainedModel {
  Model::Files files;  // manifest.json, weights.safetensors, golden.json
  ModelManifest manifest;
  EvaluationReport report;  // the honest figures behind the champions
};

// The same table, pack and options give the same bytes. Too little data is no error: such a task's
// champion is the recency rule or the base rate, or none where nothing at all is known.
[[nodiscard]] Result<TrainedModel> train(const SnapshotTable& table, const Pack& pack,
                                         const TrainOptions& options);

// The ModelStore key and the name that predictions carry.
[[nodiscard]] std::string model_name(const Pack& pack);                  // "marketplace-health"
[[nodiscard]] std::string model_version(const Pack& pack, int version);  // "marketplace-health-v1"

}  // namespace tideline
