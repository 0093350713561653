// FileSystem and File: the disk, passed in, so that tests can make it fail, fill up or lose power.
// Implementations: PosixFileSystem (here), MemoryFileSystem (base/memory_file_system.h) with power
// cuts, FaultyFileSystem (base/faulty_file_system.h) which wraps another one and fails on demand.
//
// Errors: disk_full (no space, quota), not_found (no such file), conflict (it exists already),
// io_failed (all else); messages name the path and the operating system's reason.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tideline {

// An open file; closed by its destructor. Reads and writes at stated offsets are thread-safe.
class File {
 public:
  virtual ~File() = default;

  // Writes some of `bytes`, at least one (as pwrite may: fewer than given is not an error).
  virtual Result<std::size_t> write_some(std::uint64_t offset, std::string_view bytes) = 0;
  // As write_some, of several pieces that follow each other in the file, at most 1,024 of them.
  virtual Result<std::size_t> write_pieces(std::uint64_t offset,
                                           std::span<const std::string_view> pieces);
  // Asks for written bytes to be brought to the disk now, without waiting: a later sync() has less
  // to wait for. A wish, not a duty; what fails here, sync() tells.
  virtual void begin_sync(std::uint64_t /*offset*/, std::uint64_t /*bytes*/) {}
  // Reads up to into.size() bytes; 0 at the end of the file.
  virtual Result<std::size_t> read_some(std::uint64_t offset, std::span<char> into) = 0;
  // All bytes written so far, and a changed size, are on disk. After an error nothing is known of
  // them: a second call may succeed without having written anything, so do not make one.
  virtual Status sync() = 0;
  // Makes the file at least `bytes` long and its space its own; new bytes read as zero.
  virtual Status allocate(std::uint64_t bytes) = 0;
  virtual Status truncate(std::uint64_t bytes) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() = 0;
  // Synced bytes leave the page cache, so that the next read comes from the disk. A wish, not a
  // duty.
  virtual void forget_cached() = 0;
};

enum class OpenMode : std::uint8_t {
  read,        // must exist
  read_write,  // must exist
  create,      // must not exist; read and write
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                           OpenMode mode) = 0;
  // Replaces `to` when it exists. Durable after sync_folder.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;
  // Names of the regular files in a folder, sorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  // Makes the folder and its parents; no error when it is there.
  virtual Status make_folder(const std::string& folder) = 0;
  // Creations, renames and removals in the folder are on disk.
  virtual Status sync_folder(const std::string& folder) = 0;
  // Bytes an ordinary user may still write on the disk that holds `path`.
  [[nodiscard]] virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Status make_folder(const std::string& folder) override;
  Status sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;
};

// All of `bytes`, in as many writes as it takes.
Status write_all(File& file, std::uint64_t offset, std::string_view bytes);
Status write_all(File& file, std::uint64_t offset, std::vector<std::string_view> pieces);
// Up to into.size() bytes, fewer only at the end of the file.
[[nodiscard]] Result<std::size_t> read_up_to(File& file, std::uint64_t offset,
                                             std::span<char> into);

// Makes a file of `bytes`, its folder too where it is not there. Written beside, synced, renamed:
// whoever reads finds the old one or the new one.
Status replace_file(const std::string& path, std::string_view bytes);

}  // namespace tideline
