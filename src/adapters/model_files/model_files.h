// ModelFilesStore: the ModelStore as files: FOLDER/NAME/VERSION/{manifest.json,
// weights.safetensors, …}.
//
// A version is written into a hidden folder beside its place, every file and the folder synced,
// and then renamed, so a version is there whole or not at all; what a crash left over is swept by
// open().
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/file.h"
#include "ports/model_store.h"

namespace tideline {

// Thread-safe. One process at a time: the data folder's LOCK sees to that.
class ModelFilesStore final : public ModelStore {
 public:
  struct Options {
    std::string folder;           // "…/models"; made when it is not there
    FileSystem* files = nullptr;  // must outlive the store
  };
  [[nodiscard]] static Result<std::unique_ptr<ModelFilesStore>> open(Options options);

  Status save(const ModelKey& key, const ModelFiles& files) override;
  Result<ModelFiles> load(const ModelKey& key) override;
  Result<std::vector<ModelKey>> list() override;
  Status remove(const ModelKey& key) override;

 private:
  explicit ModelFilesStore(Options options) : options_(std::move(options)) {}

  [[nodiscard]] std::string folder_of(const ModelKey& key) const;
  [[nodiscard]] bool exists(const ModelKey& key) const;
  Status write_file(const std::string& path, const std::string& bytes);
  Status write_bundle(const std::string& folder, const ModelFiles& files);

  std::mutex mutex_;
  Options options_;
};

}  // namespace tideline
