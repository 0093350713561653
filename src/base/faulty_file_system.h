// FaultyFileSystem: another file system that fails on demand: the n-th call of a kind, or every
// one from then on, answers an error; writes can be short. For tests and the fault kit.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

#include "base/file.h"

namespace tideline {

enum class FileCall : std::uint8_t {
  open,
  write,
  read,
  sync,
  allocate,
  truncate,
  rename,
  remove,
  list,
  make_folder,
  sync_folder,
  free_bytes,
};

class FaultyFileSystem final : public FileSystem {
 public:
  // `under` must outlive this one and its files.
  explicit FaultyFileSystem(FileSystem& under) : under_(under) {}

  // The `nth` call of that kind from now on (1: the next one) fails with `code`, and with
  // `for_good` every later one too. A failed write writes nothing, a failed sync syncs nothing.
  void fail_call(FileCall call, std::uint64_t nth, ErrorCode code, bool for_good = false);
  // The `nth` call of any kind from now on fails, and none after it.
  void fail_any_call(std::uint64_t nth, ErrorCode code);
  // Whether a call that was to fail has not come yet.
  [[nodiscard]] bool armed() const;
  // No write takes more than `bytes` at once; 0: no limit.
  void limit_writes(std::size_t bytes) { write_max_ = bytes; }
  void heal();
  [[nodiscard]] std::uint64_t calls(FileCall call) const;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Status make_folder(const std::string& folder) override;
  Status sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;

 private:
  class FaultyFile;
  struct Fault {
    std::uint64_t calls_left = 0;
    ErrorCode code = ErrorCode::io_failed;
    bool for_good = false;
  };
  // Counts the call and answers the error it is to fail with, if any.
  Status pass(FileCall call, const std::string& path);

  FileSystem& under_;
  std::atomic<std::size_t> write_max_{0};
  mutable std::mutex mutex_;
  std::map<FileCall, Fault> faults_;
  std::optional<Fault> any_;
  std::map<FileCall, std::uint64_t> calls_;
};

}  // namespace tideline
