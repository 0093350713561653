// ModelRegistry: the versions of a folder's model, and which of them is in production.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "packs/pack.h"
#include "ports/model_store.h"
#include "ports/state_store.h"
#include "scoring/model.h"

namespace tideline {

struct ModelVersion {
  ModelKey key;
  std::optional<ModelManifest> manifest;  // nullopt: it cannot be read
  std::string problem;                    // then why
  bool active = false;
};

class ModelRegistry {
 public:
  ModelRegistry(const Pack& pack, ModelStore& models, StateStore& state)
      : pack_(pack), models_(models), state_(state) {}

  // By version, oldest first.
  [[nodiscard]] Result<std::vector<ModelVersion>> list();
  // The model in production; nullptr when none was chosen yet. An error when the chosen one is
  // missing, damaged or made for another feature set.
  [[nodiscard]] Result<std::shared_ptr<const Model>> load_active();
  [[nodiscard]] Result<std::shared_ptr<const Model>> load(const ModelKey& key);
  // Stores a version and puts it into production; durable when it returns.
  Status add_and_activate(const ModelKey& key, const ModelFiles& files);
  // The number of the next version.
  [[nodiscard]] Result<int> next_number();
  [[nodiscard]] Result<std::optional<ModelKey>> active();

 private:
  const Pack& pack_;
  ModelStore& models_;
  StateStore& state_;
};

}  // namespace tideline
