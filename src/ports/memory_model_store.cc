#include "ports/memory_model_store.h"

#include <algorithm>

namespace tideline {

Status MemoryModelStore::save(const ModelKey& key, const ModelFiles& files) {
  TRY(check_bundle(key, files));
  const std::lock_guard lock(mutex_);
  if (!models_.emplace(key, files).second) {
    return fail(ErrorCode::conflict,
                "model " + key.name + " has a version " + key.version + " already");
  }
  return {};
}

Result<ModelFiles> MemoryModelStore::load(const ModelKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = models_.find(key);
  if (found == models_.end()) {
    return fail(ErrorCode::not_found,
                "there is no version " + key.version + " of model " + key.name);
  }
  return found->second;
}

Result<std::vector<ModelKey>> MemoryModelStore::list() {
  const std::lock_guard lock(mutex_);
  std::vector<ModelKey> keys;
  for (const auto& [key, files] : models_) keys.push_back(key);
  std::sort(keys.begin(), keys.end(), comes_before);
  return keys;
}

Status MemoryModelStore::remove(const ModelKey& key) {
  const std::lock_guard lock(mutex_);
  if (models_.erase(key) == 0) {
    return fail(ErrorCode::not_found,
                "there is no version " + key.version + " of model " + key.name);
  }
  return {};
}

}  // namespace tideline
