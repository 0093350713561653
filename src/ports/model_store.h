// ModelStore: models as bundles of files. Two implementations: files in a folder
// (adapters/model_files) and MemoryModelStore (ports/memory_model_store.h); one contract suite
// over both (ports/model_store_contract.h).
//
// The store keeps bytes; what they mean and whether they are whole is said by the bundle's own
// manifest (scoring/model.h). Which version is in production is the caller's setting, not the
// store's.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace tideline {

// File name (no folders) to bytes: "manifest.json", "weights.safetensors", "golden.json", …
using ModelFiles = std::map<std::string, std::string, std::less<>>;

// Lower-case letters, digits, '.', '_' and '-', not starting with '.'; at most 128 bytes each.
struct ModelKey {
  std::string name;     // "marketplace-health"
  std::string version;  // "v1"
  auto operator<=>(const ModelKey&) const = default;
};
[[nodiscard]] bool is_valid_part(const std::string& part);

class ModelStore {
 public:
  virtual ~ModelStore() = default;

  // All files become visible together and are durable when this returns. conflict: the version
  // exists already; invalid: a key or file name that is not allowed, or no manifest.json.
  virtual Status save(const ModelKey& key, const ModelFiles& files) = 0;
  // not_found without such a version; corrupt when it has no manifest.json.
  [[nodiscard]] virtual Result<ModelFiles> load(const ModelKey& key) = 0;
  // Every version of every name: by name, then by the number in the version ("v2" before "v10").
  [[nodiscard]] virtual Result<std::vector<ModelKey>> list() = 0;
  // not_found without such a version.
  virtual Status remove(const ModelKey& key) = 0;
};

// What save() refuses as `invalid`, the same in every store.
[[nodiscard]] Status check_bundle(const ModelKey& key, const ModelFiles& files);

// Orders as list() does.
[[nodiscard]] bool comes_before(const ModelKey& a, const ModelKey& b);

}  // namespace tideline
