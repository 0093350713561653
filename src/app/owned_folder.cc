#include "app/owned_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace tideline {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
// Another command that only looks whether the folder is owned (is_owned) holds the lock for
// microseconds; an owner holds it for good.
constexpr auto kLookPause = std::chrono::milliseconds(5);
constexpr int kLooks = 40;

bool take_lock(int fd) {
  for (int look = 0; look < kLooks; ++look) {
    if (look > 0) std::this_thread::sleep_for(kLookPause);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
  }
  return false;
}

Result<FolderVersion> parse_version(const std::string& file, const std::string& text) {
  FolderVersion version;
  std::istringstream in(text);
  std::string word;
  int shards = 0;
  if (!(in >> word >> version.format) || word != "tideline") {
    return fail(ErrorCode::refused, file + " is not a data folder's VERSION file",
                "not_a_data_folder");
  }
  if (version.format != kFormat) {
    return fail(ErrorCode::refused,
                file + " says format " + std::to_string(version.format) +
                    "; this program writes format " + std::to_string(kFormat) +
                    ". Import the old folder's lake/events into a new folder",
                "other_format");
  }
  if (!(in >> word >> shards) || word != "shards" || shards < 1 || shards > 4096) {
    return fail(ErrorCode::corrupt, file + " names no number of shards");
  }
  version.shards = static_cast<std::uint16_t>(shards);
  in >> word >> std::ws;
  std::getline(in, version.pack);
  if (word != "pack" || version.pack.empty())
    return fail(ErrorCode::corrupt, file + " names no pack");
  return version;
}

Status write_version(const std::string& path, const FolderVersion& version) {
  const std::string temporary = path + "/VERSION.tmp";
  {
    std::ofstream out(temporary, std::ios::trunc);
    out << "tideline " << version.format << "\nshards " << version.shards << "\npack "
        << version.pack << "\n";
    out.flush();
    if (!out) return fail(ErrorCode::io_failed, "cannot write " + temporary);
  }
  const int fd = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  std::error_code error;
  if (synced) fs::rename(temporary, path + "/VERSION", error);
  if (!synced || error) return fail(ErrorCode::io_failed, "cannot write " + path + "/VERSION");
  return {};
}

// The same pack, named or by folder.
bool same_pack(const std::string& a, const std::string& b) {
  if (a == b) return true;
  std::error_code error;
  return a.find('/') != std::string::npos && b.find('/') != std::string::npos &&
         fs::equivalent(a, b, error);
}

}  // namespace

Result<std::optional<FolderVersion>> OwnedFolder::peek(const std::string& path) {
  const std::string file = path + "/VERSION";
  std::ifstream in(file);
  if (!in) return std::optional<FolderVersion>();
  std::stringstream text;
  text << in.rdbuf();
  TRY_ASSIGN(FolderVersion version, parse_version(file, text.str()));
  return std::optional(std::move(version));
}

bool OwnedFolder::is_owned(const std::string& path) {
  const int fd = ::open((path + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  // Shared, so that two who look do not take each other for an owner.
  const bool owned = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);  // gives the lock back where it was free
  return owned;
}

Result<std::unique_ptr<OwnedFolder>> OwnedFolder::open(const std::string& path,
                                                       const std::optional<std::string>& pack,
                                                       std::uint16_t shards_when_new) {
  TRY_ASSIGN(auto version, peek(path));
  if (!version && !pack) {
    return fail(
        ErrorCode::invalid,
        path + " is new: name its pack with --pack (marketplace, commerce, learning or a folder)",
        "pack_missing");
  }
  TRY_ASSIGN(auto folder, open_without_pack(path));
  if (!version) {
    version = FolderVersion{kFormat, *pack, shards_when_new};
    TRY(write_version(path, *version));
  } else if (pack && !same_pack(*pack, version->pack)) {
    return fail(ErrorCode::refused,
                path + " belongs to the pack " + version->pack + ", not " + *pack, "other_pack");
  }
  folder->version_ = *version;
  return folder;
}

Result<std::unique_ptr<OwnedFolder>> OwnedFolder::open_without_pack(const std::string& path) {
  std::error_code error;
  fs::create_directories(path + "/run", error);
  const int fd = ::open((path + "/LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (error || fd < 0)
    return fail(ErrorCode::io_failed, "cannot use " + path + ": " + std::strerror(errno));
  std::unique_ptr<OwnedFolder> folder(new OwnedFolder(path, fd));
  if (!take_lock(fd)) {
    return fail(ErrorCode::unavailable, path + " is in use by another process", "owned");
  }
  return folder;
}

OwnedFolder::~OwnedFolder() { ::close(lock_); }

}  // namespace tideline
