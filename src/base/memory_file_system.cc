#include "base/memory_file_system.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/check.h"

namespace tideline {

// Shared by the names that lead to it and the files that are open on it, as an inode is.
struct MemoryFileSystem::Node {
  std::string bytes;
  std::string synced;
  std::set<std::uint64_t> dirty;  // sectors written since the last sync
};

namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

tl::unexpected<Error> no_file(const std::string& path) {
  return fail(ErrorCode::not_found, "cannot open " + path + ": No such file or directory");
}

}  // namespace

class MemoryFileSystem::MemoryFile final : public File {
 public:
  MemoryFile(MemoryFileSystem& files, std::shared_ptr<Node> node, std::string path)
      : files_(files), node_(std::move(node)), path_(std::move(path)) {}

  Result<std::size_t> write_some(std::uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(files_.mutex_);
    TRY(grow(offset + bytes.size()));
    std::memcpy(node_->bytes.data() + offset, bytes.data(), bytes.size());
    if (bytes.empty()) return 0;
    const auto last = (offset + bytes.size() - 1) / kSectorBytes;
    for (auto sector = offset / kSectorBytes; sector <= last; ++sector) {
      node_->dirty.insert(sector);
    }
    return bytes.size();
  }

  Result<std::size_t> read_some(std::uint64_t offset, std::span<char> into) override {
    const std::lock_guard lock(files_.mutex_);
    if (offset >= node_->bytes.size()) return 0;
    const auto n = std::min<std::size_t>(into.size(), node_->bytes.size() - offset);
    std::memcpy(into.data(), node_->bytes.data() + offset, n);
    return n;
  }

  Status sync() override {
    const std::lock_guard lock(files_.mutex_);
    node_->synced.resize(node_->bytes.size(), '\0');
    for (const auto sector : node_->dirty) {
      const auto from = sector * kSectorBytes;
      if (from >= node_->bytes.size()) continue;
      const auto n = std::min<std::size_t>(kSectorBytes, node_->bytes.size() - from);
      std::memcpy(node_->synced.data() + from, node_->bytes.data() + from, n);
    }
    node_->dirty.clear();
    return {};
  }

  Status allocate(std::uint64_t bytes) override {
    const std::lock_guard lock(files_.mutex_);
    return grow(bytes);
  }

  Status truncate(std::uint64_t bytes) override {
    const std::lock_guard lock(files_.mutex_);
    if (bytes > node_->bytes.size()) return grow(bytes);
    node_->bytes.resize(bytes);
    return {};
  }

  Result<std::uint64_t> size() override {
    const std::lock_guard lock(files_.mutex_);
    return node_->bytes.size();
  }

  void forget_cached() override {}

 private:
  Status grow(std::uint64_t bytes) {
    if (bytes <= node_->bytes.size()) return {};
    if (files_.used() + (bytes - node_->bytes.size()) > files_.capacity_) {
      return fail(ErrorCode::disk_full, "cannot write to " + path_ + ": No space left on device");
    }
    node_->bytes.resize(bytes, '\0');
    return {};
  }

  MemoryFileSystem& files_;
  std::shared_ptr<Node> node_;
  std::string path_;
};

MemoryFileSystem::MemoryFileSystem() = default;
MemoryFileSystem::~MemoryFileSystem() = default;

std::uint64_t MemoryFileSystem::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, node] : names_) bytes += node->bytes.size();
  return bytes;
}

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, OpenMode mode) {
  const std::lock_guard lock(mutex_);
  auto found = names_.find(path);
  if (mode == OpenMode::create) {
    if (found != names_.end()) {
      return fail(ErrorCode::conflict, "cannot create " + path + ": File exists");
    }
    found = names_.emplace(path, std::make_shared<Node>()).first;
  }
  if (found == names_.end()) return no_file(path);
  return std::make_unique<MemoryFile>(*this, found->second, path);
}

Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(from);
  if (found == names_.end()) return no_file(from);
  auto node = found->second;
  names_.erase(found);
  names_[to] = std::move(node);
  return {};
}

Status MemoryFileSystem::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (names_.erase(path) == 0) return no_file(path);
  return {};
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [path, node] : names_) {
    if (folder_of(path) == folder) names.push_back(path.substr(folder.size() + 1));
  }
  return names;
}

Status MemoryFileSystem::make_folder(const std::string&) { return {}; }

Status MemoryFileSystem::sync_folder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  std::erase_if(synced_names_,
                [&](const auto& entry) { return folder_of(entry.first) == folder; });
  for (const auto& [path, node] : names_) {
    if (folder_of(path) == folder) synced_names_[path] = node;
  }
  return {};
}

Result<std::uint64_t> MemoryFileSystem::free_bytes(const std::string&) {
  const std::lock_guard lock(mutex_);
  const auto taken = used();
  return taken < capacity_ ? capacity_ - taken : 0;
}

void MemoryFileSystem::cut_power(Rng& rng) {
  const std::lock_guard lock(mutex_);
  // Names: the synced ones, each unsynced change by chance. A rename is one change, so a node that
  // has lost its old name and not yet gained its new one falls back to the old one.
  auto after = synced_names_;
  for (const auto& [path, node] : names_) {
    const auto synced = synced_names_.find(path);
    if (synced != synced_names_.end() && synced->second == node) continue;
    if (!rng.chance(0.5)) continue;
    std::erase_if(after, [&node = node](const auto& entry) { return entry.second == node; });
    after[path] = node;
  }
  for (const auto& [path, node] : synced_names_) {
    const bool gone =
        std::none_of(names_.begin(), names_.end(),
                     [&node = node](const auto& entry) { return entry.second == node; });
    if (gone && rng.chance(0.5)) after.erase(path);
  }
  names_ = after;
  for (auto& [path, node] : names_) {
    std::string kept = node->synced;
    for (const auto sector : node->dirty) {
      if (!rng.chance(0.5)) continue;
      const auto from = sector * kSectorBytes;
      if (from >= node->bytes.size()) continue;
      const auto n = std::min<std::size_t>(kSectorBytes, node->bytes.size() - from);
      if (kept.size() < from + n) kept.resize(from + n, '\0');
      std::memcpy(kept.data() + from, node->bytes.data() + from, n);
    }
    node->bytes = kept;
    node->synced = std::move(kept);
    node->dirty.clear();
  }
  synced_names_ = names_;
}

void MemoryFileSystem::set_capacity(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

std::string MemoryFileSystem::content(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(path);
  CHECK(found != names_.end());
  return found->second->bytes;
}

void MemoryFileSystem::set_content(const std::string& path, std::string bytes) {
  const std::lock_guard lock(mutex_);
  auto node = std::make_shared<Node>();
  node->bytes = bytes;
  node->synced = std::move(bytes);
  names_[path] = node;
  synced_names_[path] = node;
}

std::map<std::string, std::string> MemoryFileSystem::contents() {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> all;
  for (const auto& [path, node] : names_) all[path] = node->bytes;
  return all;
}

void MemoryFileSystem::set_contents(const std::map<std::string, std::string>& contents) {
  {
    const std::lock_guard lock(mutex_);
    names_.clear();
    synced_names_.clear();
  }
  for (const auto& [path, bytes] : contents) set_content(path, bytes);
}

}  // namespace tideline
