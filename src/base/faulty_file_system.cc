#include "base/faulty_file_system.h"

namespace tideline {

class FaultyFileSystem::FaultyFile final : public File {
 public:
  FaultyFile(FaultyFileSystem& files, std::unique_ptr<File> under, std::string path)
      : files_(files), under_(std::move(under)), path_(std::move(path)) {}

  Result<std::size_t> write_some(std::uint64_t offset, std::string_view bytes) override {
    TRY(files_.pass(FileCall::write, path_));
    const std::size_t most = files_.write_max_;
    return under_->write_some(offset, most > 0 ? bytes.substr(0, most) : bytes);
  }
  Result<std::size_t> read_some(std::uint64_t offset, std::span<char> into) override {
    TRY(files_.pass(FileCall::read, path_));
    return under_->read_some(offset, into);
  }
  Status sync() override {
    TRY(files_.pass(FileCall::sync, path_));
    return under_->sync();
  }
  Status allocate(std::uint64_t bytes) override {
    TRY(files_.pass(FileCall::allocate, path_));
    return under_->allocate(bytes);
  }
  Status truncate(std::uint64_t bytes) override {
    TRY(files_.pass(FileCall::truncate, path_));
    return under_->truncate(bytes);
  }
  Result<std::uint64_t> size() override { return under_->size(); }
  void forget_cached() override { under_->forget_cached(); }

 private:
  FaultyFileSystem& files_;
  std::unique_ptr<File> under_;
  std::string path_;
};

void FaultyFileSystem::fail_call(FileCall call, std::uint64_t nth, ErrorCode code, bool for_good) {
  const std::lock_guard lock(mutex_);
  faults_[call] = Fault{nth, code, for_good};
}

void FaultyFileSystem::fail_any_call(std::uint64_t nth, ErrorCode code) {
  const std::lock_guard lock(mutex_);
  any_ = Fault{nth, code, false};
}

bool FaultyFileSystem::armed() const {
  const std::lock_guard lock(mutex_);
  return any_.has_value() || !faults_.empty();
}

void FaultyFileSystem::heal() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
  any_.reset();
  write_max_ = 0;
}

std::uint64_t FaultyFileSystem::calls(FileCall call) const {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

Status FaultyFileSystem::pass(FileCall call, const std::string& path) {
  const std::lock_guard lock(mutex_);
  ++calls_[call];
  if (any_ && --any_->calls_left == 0) {
    const ErrorCode code = any_->code;
    any_.reset();
    return fail(code, "a planned fault at " + path);
  }
  const auto found = faults_.find(call);
  if (found == faults_.end()) return {};
  Fault& fault = found->second;
  if (fault.calls_left > 1) {
    --fault.calls_left;
    return {};
  }
  const ErrorCode code = fault.code;
  if (!fault.for_good) faults_.erase(found);
  return fail(code, "a planned fault at " + path);
}

Result<std::unique_ptr<File>> FaultyFileSystem::open(const std::string& path, OpenMode mode) {
  TRY(pass(FileCall::open, path));
  TRY_ASSIGN(auto file, under_.open(path, mode));
  return std::make_unique<FaultyFile>(*this, std::move(file), path);
}

Status FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  TRY(pass(FileCall::rename, from));
  return under_.rename(from, to);
}

Status FaultyFileSystem::remove(const std::string& path) {
  TRY(pass(FileCall::remove, path));
  return under_.remove(path);
}

Result<std::vector<std::string>> FaultyFileSystem::list(const std::string& folder) {
  TRY(pass(FileCall::list, folder));
  return under_.list(folder);
}

Status FaultyFileSystem::make_folder(const std::string& folder) {
  TRY(pass(FileCall::make_folder, folder));
  return under_.make_folder(folder);
}

Status FaultyFileSystem::sync_folder(const std::string& folder) {
  TRY(pass(FileCall::sync_folder, folder));
  return under_.sync_folder(folder);
}

Result<std::uint64_t> FaultyFileSystem::free_bytes(const std::string& path) {
  TRY(pass(FileCall::free_bytes, path));
  return under_.free_bytes(path);
}

}  // namespace tideline
