// UnixPath: a socket path of any length as one that fits sockaddr_un. Internal to src/http.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace tideline::http {

// sockaddr_un holds 107 bytes. A longer path is reached through its folder, held open, as
// /proc/self/fd/N/name; that name is good as long as the UnixPath lives.
class UnixPath {
 public:
  // Errors: not_found (no such folder), invalid (the file's own name is too long).
  [[nodiscard]] static Result<UnixPath> open(const std::string& path);
  UnixPath(UnixPath&& other) noexcept
      : path_(std::move(other.path_)), folder_fd_(std::exchange(other.folder_fd_, -1)) {}
  UnixPath& operator=(UnixPath&&) = delete;
  ~UnixPath();

  [[nodiscard]] const std::string& bindable() const { return path_; }

 private:
  UnixPath(std::string path, int folder_fd) : path_(std::move(path)), folder_fd_(folder_fd) {}
  std::string path_;
  int folder_fd_ = -1;  // owned; -1: the path was short enough
};

// Takes away the socket file of a process that is gone. Errors: conflict when somebody answers on
// it or it is no socket.
[[nodiscard]] Status remove_stale_socket(const std::string& path);

}  // namespace tideline::http
