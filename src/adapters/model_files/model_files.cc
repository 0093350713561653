#include "adapters/model_files/model_files.h"

#include <algorithm>
#include <filesystem>

#include "base/check.h"
#include "base/fault.h"

namespace tideline {
namespace {

namespace fs = std::filesystem;

// No version starts with a dot, so these are never listed.
constexpr const char* kSaving = ".saving-";
constexpr const char* kRemoving = ".removing-";

// Names of the folders in a folder, sorted; empty when it cannot be read.
Result<std::vector<std::string>> folders_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator at(folder, error);
  while (!error && at != fs::directory_iterator()) {
    if (at->is_directory(error)) names.push_back(at->path().filename().string());
    at.increment(error);
  }
  if (error) return fail(ErrorCode::io_failed, "cannot list " + folder + ": " + error.message());
  std::sort(names.begin(), names.end());
  return names;
}

Status sweep(const std::string& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) return fail(ErrorCode::io_failed, "cannot remove " + folder + ": " + error.message());
  return {};
}

tl::unexpected<Error> unknown(const ModelKey& key) {
  return fail(ErrorCode::not_found,
              "there is no version " + key.version + " of model " + key.name);
}

}  // namespace

Result<std::unique_ptr<ModelFilesStore>> ModelFilesStore::open(Options options) {
  CHECK(options.files != nullptr);
  TRY(options.files->make_folder(options.folder));
  TRY_ASSIGN(const auto names, folders_in(options.folder));
  for (const std::string& name : names) {
    TRY_ASSIGN(const auto versions, folders_in(options.folder + "/" + name));
    for (const std::string& version : versions) {
      const bool left_over = version.starts_with(kSaving) || version.starts_with(kRemoving);
      if (left_over) TRY(sweep(options.folder + "/" + name + "/" + version));
    }
  }
  return std::unique_ptr<ModelFilesStore>(new ModelFilesStore(std::move(options)));
}

std::string ModelFilesStore::folder_of(const ModelKey& key) const {
  return options_.folder + "/" + key.name + "/" + key.version;
}

bool ModelFilesStore::exists(const ModelKey& key) const {
  std::error_code ignored;
  return is_valid_part(key.name) && is_valid_part(key.version) &&
         fs::is_directory(folder_of(key), ignored);
}

Status ModelFilesStore::write_file(const std::string& path, const std::string& bytes) {
  TRY_ASSIGN(const auto file, options_.files->open(path, OpenMode::create));
  if (!bytes.empty()) TRY(write_all(*file, 0, bytes));
  return file->sync();
}

Status ModelFilesStore::write_bundle(const std::string& folder, const ModelFiles& files) {
  TRY(options_.files->make_folder(folder));
  for (const auto& [name, bytes] : files) TRY(write_file(folder + "/" + name, bytes));
  return options_.files->sync_folder(folder);
}

Status ModelFilesStore::save(const ModelKey& key, const ModelFiles& files) {
  TRY(check_bundle(key, files));
  const std::lock_guard lock(mutex_);
  if (exists(key)) {
    return fail(ErrorCode::conflict,
                "model " + key.name + " has a version " + key.version + " already");
  }
  const std::string parent = options_.folder + "/" + key.name;
  const std::string hidden = parent + "/" + kSaving + key.version;
  TRY(options_.files->make_folder(parent));
  TRY(options_.files->sync_folder(options_.folder));
  TRY(sweep(hidden));
  Status written = write_bundle(hidden, files);
  fault::crash_point("model.before_rename");
  if (written) written = options_.files->rename(hidden, folder_of(key));
  if (!written) {
    // Best effort: what stays is swept by the next open().
    std::error_code ignored;
    fs::remove_all(hidden, ignored);
    return fail(written.error().in("model " + key.name + " " + key.version + " was not saved"));
  }
  return options_.files->sync_folder(parent);
}

Result<ModelFiles> ModelFilesStore::load(const ModelKey& key) {
  const std::lock_guard lock(mutex_);
  if (!exists(key)) return unknown(key);
  const std::string folder = folder_of(key);
  TRY_ASSIGN(const auto names, options_.files->list(folder));
  ModelFiles files;
  for (const std::string& name : names) {
    // Whatever else people put there (an editor's copy) is no part of the model.
    if (!is_valid_part(name)) continue;
    TRY_ASSIGN(const auto file, options_.files->open(folder + "/" + name, OpenMode::read));
    TRY_ASSIGN(const std::uint64_t size, file->size());
    std::string bytes(size, '\0');
    TRY_ASSIGN(const std::size_t read, read_up_to(*file, 0, bytes));
    bytes.resize(read);
    files.emplace(name, std::move(bytes));
  }
  if (!files.contains("manifest.json")) {
    return fail(ErrorCode::corrupt, folder + " has no manifest.json");
  }
  return files;
}

Result<std::vector<ModelKey>> ModelFilesStore::list() {
  const std::lock_guard lock(mutex_);
  std::vector<ModelKey> keys;
  TRY_ASSIGN(const auto names, folders_in(options_.folder));
  for (const std::string& name : names) {
    if (!is_valid_part(name)) continue;
    TRY_ASSIGN(const auto versions, folders_in(options_.folder + "/" + name));
    for (const std::string& version : versions) {
      if (is_valid_part(version)) keys.push_back(ModelKey{name, version});
    }
  }
  std::sort(keys.begin(), keys.end(), comes_before);
  return keys;
}

Status ModelFilesStore::remove(const ModelKey& key) {
  const std::lock_guard lock(mutex_);
  if (!exists(key)) return unknown(key);
  const std::string parent = options_.folder + "/" + key.name;
  const std::string hidden = parent + "/" + kRemoving + key.version;
  TRY(sweep(hidden));
  TRY(options_.files->rename(folder_of(key), hidden));
  TRY(options_.files->sync_folder(parent));
  return sweep(hidden);
}

}  // namespace tideline
