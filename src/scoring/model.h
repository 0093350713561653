// Model: a bundle of scorers with one champion a task, as it is stored, checked and served.
//
// A model is a handful of files (docs/formats/model.md): manifest.json says what it is and carries
// the xxh3-128 of every other file and of itself, weights.safetensors holds the numbers,
// trees-*.json the trees of a task in XGBoost's own form, golden.json rows with the figures that
// the trainer got. parse() refuses what does not fit: damage is `corrupt`, a pack with other
// features is `refused`.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scoring/calibration.h"
#include "scoring/logistic.h"
#include "scoring/manifest.h"
#include "scoring/network.h"
#include "scoring/purchase_rule.h"
#include "scoring/recency.h"
#include "scoring/trees.h"

namespace tideline {

// The scorers of one model; an absent one is a family that no task needs. Each scores all tasks of
// the model.
struct ModelParts {
  std::optional<Network> network;
  std::optional<Forest> forest;
  std::optional<Regressions> logistic;
  std::optional<PurchaseRule> purchases;  // MBG/NBD
  std::optional<RecencyRule> recency;
  std::optional<ConstantRule> constant;
  // Of the probabilities of the network, the forest and the purchase rule, one a task; empty:
  // those figures stay as they are.
  std::vector<Calibration> calibrations;
  std::vector<Calibration> forest_calibrations;
  std::vector<Calibration> purchase_calibrations;
  // Of each feature over the rows learned from, where it was there; NaN: it never was. What
  // contributions are measured from (contributions.h). Empty: not kept.
  std::vector<double> medians;

  // nullptr: absent, or `none`.
  [[nodiscard]] const Scorer* scorer_of(Champion champion) const;
  // Empty: none.
  [[nodiscard]] std::span<const Calibration> calibrations_of(Champion champion) const;
};

// What golden.json holds.
struct GoldenRows {
  std::size_t rows = 0;
  std::vector<double> features;                // rows x features; NaN: missing
  std::vector<double> days_since_qualifying;   // one a row; infinity and NaN as in ScoringBlock
  std::vector<std::optional<double>> figures;  // rows x tasks
};

class Model {
 public:
  // File name to bytes, as ports/model_store.h keeps them.
  using Files = std::map<std::string, std::string, std::less<>>;

  // corrupt: bytes are not what was written, or golden rows come out otherwise. refused:
  // `feature_hash` (the pack's now) is not the one that the model was trained on, or the format is
  // another one.
  [[nodiscard]] static Result<Model> parse(const Files& files, const Hash128& feature_hash);

  // A model of parts just trained. CHECKs that they are sound and fit the manifest.
  [[nodiscard]] static Model assemble(ModelManifest manifest, ModelParts parts);

  // The files that parse() reads, manifest.files filled in. `golden_inputs` are scored to make
  // golden.json.
  [[nodiscard]] Files to_files(GoldenRows golden_inputs);

  // "marketplace-health-v1", as predictions carry it.
  [[nodiscard]] const std::string& version() const { return manifest_.model_version; }
  [[nodiscard]] const ModelManifest& manifest() const { return manifest_; }
  [[nodiscard]] const ModelParts& parts() const { return parts_; }
  [[nodiscard]] std::size_t task_count() const { return manifest_.tasks.size(); }
  [[nodiscard]] std::size_t feature_count() const { return manifest_.features.size(); }

  // Rows x tasks, row after row; nullopt where no champion can tell (e.g. the recency rule without
  // the days). Figures are finite and in the task's range; a task is never below its not_below.
  // Thread-safe. CHECKs that features.size() is rows x feature_count().
  [[nodiscard]] std::vector<std::optional<double>> score(
      std::span<const double> features, std::size_t rows,
      std::span<const double> days_since_qualifying) const;

 private:
  Model(ModelManifest manifest, ModelParts parts);
  [[nodiscard]] Status fits() const;
  [[nodiscard]] Status check_golden(const GoldenRows& golden) const;

  ModelManifest manifest_;
  ModelParts parts_;
  std::vector<int> not_below_;  // place of the task that a task is never below; -1: none
};

}  // namespace tideline
