// MemoryFileSystem: files in memory, with the difference between written and synced, so that a
// test can cut the power: what was not synced is lost, sector by sector, in any order.
#pragma once

#include <map>
#include <mutex>

#include "base/file.h"
#include "base/rng.h"

namespace tideline {

class MemoryFileSystem final : public FileSystem {
 public:
  // A disk writes this many bytes as a whole or not at all.
  static constexpr std::size_t kSectorBytes = 512;

  MemoryFileSystem();
  ~MemoryFileSystem() override;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Status make_folder(const std::string& folder) override;
  Status sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;

  // The power fails: each sector that differs from its synced state is kept or lost by chance, and
  // so is each name that was not synced with its folder. Close all files first.
  void cut_power(Rng& rng);

  // The disk's whole size; 1 TiB at first. Writing past it is disk_full.
  void set_capacity(std::uint64_t bytes);

  // For tests that damage or inspect files: the bytes as a reader sees them; they count as synced.
  [[nodiscard]] std::string content(const std::string& path);
  void set_content(const std::string& path, std::string bytes);
  // The same files, names and bytes, all synced: to try many damages on one state.
  [[nodiscard]] std::map<std::string, std::string> contents();
  void set_contents(const std::map<std::string, std::string>& contents);

 private:
  struct Node;
  class MemoryFile;
  [[nodiscard]] std::uint64_t used() const;

  std::mutex mutex_;
  std::uint64_t capacity_ = 1ULL << 40;
  std::map<std::string, std::shared_ptr<Node>> names_;
  std::map<std::string, std::shared_ptr<Node>> synced_names_;
};

}  // namespace tideline
