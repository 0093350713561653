// ModelRegistry: the versions of a folder's model, which of them is in production, and which one
// runs in its shadow.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "learning/drift.h"
#include "packs/pack.h"
#include "ports/model_store.h"
#include "ports/state_store.h"
#include "scoring/model.h"

namespace tideline {

// What the versions do now.
struct ModelRoles {
  std::optional<ModelKey> active;  // in production; exactly one once there was any
  std::vector<ModelKey> earlier;   // in production before, the last one newest
  std::optional<ModelKey> shadow;  // scores beside the active one, is not shown
};

struct ModelVersion {
  ModelKey key;
  std::optional<ModelManifest> manifest;  // nullopt: it cannot be read
  std::string problem;                    // why it cannot score here; empty: it can
  bool active = false;
  bool shadow = false;
};

// "marketplace-health-v3"
[[nodiscard]] std::string name_of(const ModelKey& key);

// Thread-safe. Roles change in one synced write, so that there is exactly one active model
// whenever the process ends.
class ModelRegistry {
 public:
  ModelRegistry(const Pack& pack, ModelStore& models, StateStore& state)
      : pack_(pack), models_(models), state_(state) {}

  // By version, oldest first.
  [[nodiscard]] Result<std::vector<ModelVersion>> list();
  // The model in production; nullptr when none was chosen yet. An error when the chosen one is
  // missing, damaged or made for another feature set.
  [[nodiscard]] Result<std::shared_ptr<const Model>> load_active();
  // The same of the shadow; nullptr when there is none.
  [[nodiscard]] Result<std::shared_ptr<const Model>> load_shadow();
  // corrupt: damaged. refused: made for other features or tasks than the pack's, and which.
  [[nodiscard]] Result<std::shared_ptr<const Model>> load(const ModelKey& key);
  // What the model was trained on, for drift; empty for one that brought nothing.
  [[nodiscard]] Result<std::vector<DriftBins>> drift_reference(const ModelKey& key);
  // What a version says of itself, also where it cannot score here.
  [[nodiscard]] Result<ModelManifest> manifest_of(const ModelKey& key);
  // By "v3" or "marketplace-health-v3"; not_found names what there is.
  [[nodiscard]] Result<ModelKey> find(std::string_view version);

  // Stores a version that nobody uses yet; durable when it returns.
  Status add(const ModelKey& key, const ModelFiles& files);
  // Stores a version and puts it into production; durable when it returns.
  Status add_and_activate(const ModelKey& key, const ModelFiles& files);
  // Puts a version into production once it is known to score here. What was in production is the
  // one that roll_back() returns to.
  Status promote(const ModelKey& key);
  // Back to the version that was in production before, and which one that is. refused without one.
  [[nodiscard]] Result<ModelKey> roll_back();
  Status begin_shadow(const ModelKey& key);
  Status end_shadow();

  // The number of the next version.
  [[nodiscard]] Result<int> next_number();
  [[nodiscard]] Result<ModelRoles> roles();
  [[nodiscard]] Result<std::optional<ModelKey>> active();

 private:
  Status write(const ModelRoles& roles);
  Status activate(const ModelKey& key);

  const Pack& pack_;
  ModelStore& models_;
  StateStore& state_;
  std::mutex changing_;  // held over reading and writing the roles
};

}  // namespace tideline
