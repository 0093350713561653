// Training: from a table of snapshots to the files of a model.
#pragma once

#include <string>

#include "learning/dataset.h"
#include "learning/evaluation.h"
#include "scoring/model.h"

namespace tideline {

struct TrainOptions {
  int version = 1;  // N of "marketplace-health-vN"
  std::uint64_t seed = 1;
  Population population = Population::served;
  FoldsBy folds = FoldsBy::ladder;
  const TreeTrainer* trees = nullptr;  // borrowed; null: no boosted trees compete
  std::size_t select = 0;              // features that trees of a task may use; 0: all
  int threads = 1;                     // how many changes no byte
  ProgressCallback progress;
};

struct TrainedModel {
  Model::Files files;  // manifest.json, weights.safetensors, golden.json
  ModelManifest manifest;
  EvaluationReport report;  // the honest figures behind the champions
};

// The same table, pack and options give the same bytes. Too little data is no error: such a task's
// champion is the recency rule or the base rate, or none where nothing at all is known. refused as
// refuse_leaks() says.
[[nodiscard]] Result<TrainedModel> train(const SnapshotTable& table, const Pack& pack,
                                         const TrainOptions& options);

// The same from rows that are a dataset already. `head` says who the model is: its names, pack,
// features with their hash, and known_until; the rest is filled in. `pack` null: no tiers.
[[nodiscard]] Result<TrainedModel> train_dataset(const Dataset& data, ModelManifest head,
                                                 const Pack* pack, const TrainOptions& options);

// The ModelStore key and the name that predictions carry.
[[nodiscard]] std::string model_name(const Pack& pack);                  // "marketplace-health"
[[nodiscard]] std::string model_version(const Pack& pack, int version);  // "marketplace-health-v1"

}  // namespace tideline
