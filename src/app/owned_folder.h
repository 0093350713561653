// OwnedFolder: a folder that one process owns: its lock, its VERSION, its places.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace tideline {

// What VERSION says. Until 1.0 another format is refused with words; the lake can be imported
// again.
struct FolderVersion {
  int format = 1;
  std::string pack;  // name of a pack that comes with the program, or the path of a pack's folder
  std::uint16_t shards = 16;
};

class OwnedFolder {
 public:
  // Takes the lock of `path`, making the folder with `fresh` when it is new. unavailable with
  // reason "owned" when another process owns it; refused (exit 5) for another format or pack;
  // invalid when it is new and no pack is named.
  [[nodiscard]] static Result<std::unique_ptr<OwnedFolder>> open(
      const std::string& path, const std::optional<std::string>& pack,
      std::uint16_t shards_when_new);
  // Takes the lock of a folder that holds no events and belongs to no pack, making it when it is
  // new: version().pack is empty.
  [[nodiscard]] static Result<std::unique_ptr<OwnedFolder>> open_without_pack(
      const std::string& path);
  // What VERSION says, without taking the lock; nullopt when the folder is new.
  [[nodiscard]] static Result<std::optional<FolderVersion>> peek(const std::string& path);
  // Another process owns the folder now.
  [[nodiscard]] static bool is_owned(const std::string& path);

  ~OwnedFolder();
  OwnedFolder(const OwnedFolder&) = delete;
  OwnedFolder& operator=(const OwnedFolder&) = delete;

  [[nodiscard]] const FolderVersion& version() const { return version_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string log() const { return path_ + "/log"; }
  [[nodiscard]] std::string state() const { return path_ + "/state"; }
  [[nodiscard]] std::string lake() const { return path_ + "/lake"; }
  [[nodiscard]] std::string models() const { return path_ + "/models"; }
  [[nodiscard]] std::string attempts() const { return path_ + "/run/attempts"; }
  [[nodiscard]] std::string scratch() const { return path_ + "/run/scratch"; }
  [[nodiscard]] static std::string control_socket(const std::string& path) {
    return path + "/run/control.sock";
  }

 private:
  OwnedFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;
  FolderVersion version_;
};

}  // namespace tideline
