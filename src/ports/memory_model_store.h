// MemoryModelStore: the ModelStore that keeps models in memory, for tests.
#pragma once

#include <mutex>

#include "ports/model_store.h"

namespace tideline {

// Thread-safe.
class MemoryModelStore final : public ModelStore {
 public:
  Status save(const ModelKey& key, const ModelFiles& files) override;
  Result<ModelFiles> load(const ModelKey& key) override;
  Result<std::vector<ModelKey>> list() override;
  Status remove(const ModelKey& key) override;

 private:
  std::mutex mutex_;
  std::map<ModelKey, ModelFiles> models_;
};

}  // namespace tideline
