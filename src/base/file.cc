#include "base/file.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

namespace tideline {
namespace {

ErrorCode code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return ErrorCode::disk_full;
    case ENOENT: return ErrorCode::not_found;
    case EEXIST: return ErrorCode::conflict;
    default: return ErrorCode::io_failed;
  }
}

tl::unexpected<Error> refuse(const std::string& doing, const std::string& path, int error) {
  return fail(code_of(error),
              "cannot " + doing + " " + path + ": " + std::generic_category().message(error));
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(descriptor_); }

  Result<std::size_t> write_some(std::uint64_t offset, std::string_view bytes) override {
    for (;;) {
      const auto n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n > 0 || bytes.empty()) return static_cast<std::size_t>(std::max<ssize_t>(n, 0));
      if (n == 0) return refuse("write to", path_, EIO);
      if (errno != EINTR) return refuse("write to", path_, errno);
    }
  }

  Result<std::size_t> write_pieces(std::uint64_t offset,
                                   std::span<const std::string_view> pieces) override {
    std::vector<iovec> vectors;
    vectors.reserve(pieces.size());
    for (const std::string_view piece : pieces) {
      vectors.push_back({const_cast<char*>(piece.data()), piece.size()});
    }
    for (;;) {
      const auto n = ::pwritev(descriptor_, vectors.data(), static_cast<int>(vectors.size()),
                               static_cast<off_t>(offset));
      if (n > 0) return static_cast<std::size_t>(n);
      if (n == 0) return refuse("write to", path_, EIO);
      if (errno != EINTR) return refuse("write to", path_, errno);
    }
  }

  void begin_sync(std::uint64_t offset, std::uint64_t bytes) override {
    ::sync_file_range(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(bytes),
                      SYNC_FILE_RANGE_WRITE);
  }

  Result<std::size_t> read_some(std::uint64_t offset, std::span<char> into) override {
    for (;;) {
      const auto n = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return refuse("read", path_, errno);
    }
  }

  Status sync() override {
    // Not repeated on EINTR either: what an interrupted sync has done is as unknown as a failed
    // one.
    if (::fdatasync(descriptor_) != 0) return refuse("sync", path_, errno);
    return {};
  }

  Status allocate(std::uint64_t bytes) override {
    const int error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
    if (error != 0) return refuse("allocate space for", path_, error);
    return {};
  }

  Status truncate(std::uint64_t bytes) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
      return refuse("truncate", path_, errno);
    }
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return refuse("look at", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  void forget_cached() override { ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED); }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace

Result<std::unique_ptr<File>> PosixFileSystem::open(const std::string& path, OpenMode mode) {
  int flags = O_CLOEXEC | (mode == OpenMode::read ? O_RDONLY : O_RDWR);
  if (mode == OpenMode::create) flags |= O_CREAT | O_EXCL;
  const int descriptor = ::open(path.c_str(), flags, 0644);
  if (descriptor < 0) return refuse(mode == OpenMode::create ? "create" : "open", path, errno);
  return std::make_unique<PosixFile>(descriptor, path);
}

Status PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return refuse("rename " + from + " to", to, errno);
  return {};
}

Status PosixFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return refuse("remove", path, errno);
  return {};
}

Result<std::vector<std::string>> PosixFileSystem::list(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  auto entry = std::filesystem::directory_iterator(folder, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    if (entry->is_regular_file(error)) names.push_back(entry->path().filename().string());
    if (!error) entry.increment(error);
  }
  if (error) return refuse("list", folder, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Status PosixFileSystem::make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return refuse("make the folder", folder, error.value());
  return {};
}

Status PosixFileSystem::sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return refuse("open the folder", folder, errno);
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (error != 0) return refuse("sync the folder", folder, error);
  return {};
}

Result<std::uint64_t> PosixFileSystem::free_bytes(const std::string& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) return refuse("ask for free space at", path, errno);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

Result<std::size_t> File::write_pieces(std::uint64_t offset,
                                       std::span<const std::string_view> pieces) {
  return write_some(offset, pieces.front());
}

Status write_all(File& file, std::uint64_t offset, std::vector<std::string_view> pieces) {
  constexpr std::size_t kPiecesMax = 1'024;
  std::erase_if(pieces, [](std::string_view piece) { return piece.empty(); });
  for (auto rest = std::span(pieces); !rest.empty();) {
    const auto now = rest.first(std::min(rest.size(), kPiecesMax));
    TRY_ASSIGN(std::size_t written, file.write_pieces(offset, now));
    offset += written;
    while (!rest.empty() && written >= rest.front().size()) {
      written -= rest.front().size();
      rest = rest.subspan(1);
    }
    if (written > 0) rest.front().remove_prefix(written);
  }
  return {};
}

Status write_all(File& file, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    TRY_ASSIGN(const std::size_t written, file.write_some(offset, bytes));
    bytes.remove_prefix(written);
    offset += written;
  }
  return {};
}

Status replace_file(const std::string& path, std::string_view bytes) {
  PosixFileSystem files;
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) TRY(files.make_folder(folder));
  const std::string unfinished = path + ".new";
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  TRY_ASSIGN(const auto file, files.open(unfinished, OpenMode::create));
  TRY(write_all(*file, 0, bytes));
  TRY(file->sync());
  return files.rename(unfinished, path);
}

Result<std::size_t> read_up_to(File& file, std::uint64_t offset, std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    TRY_ASSIGN(const std::size_t read, file.read_some(offset + done, into.subspan(done)));
    if (read == 0) break;
    done += read;
  }
  return done;
}

}  // namespace tideline
