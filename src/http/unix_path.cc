#include "http/unix_path.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tideline::http {
namespace {

constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;

bool somebody_answers(const std::string& bindable) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, bindable.c_str(), bindable.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const int code = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const bool answers = code == 0 || errno == EAGAIN;  // EAGAIN: its backlog is full
  ::close(fd);
  return answers;
}

}  // namespace

Result<UnixPath> UnixPath::open(const std::string& path) {
  if (path.size() <= kPathBytesMax) return UnixPath(path, -1);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const int fd = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return fail(ErrorCode::not_found,
                "cannot open the folder of the socket " + path + ": " + std::strerror(errno));
  }
  UnixPath out("/proc/self/fd/" + std::to_string(fd) + "/" + name, fd);
  if (out.path_.size() > kPathBytesMax) {
    return fail(ErrorCode::invalid, "the name of the socket " + name + " is too long");
  }
  return out;
}

UnixPath::~UnixPath() {
  if (folder_fd_ >= 0) ::close(folder_fd_);
}

Status remove_stale_socket(const std::string& path) {
  struct stat entry {};
  if (::lstat(path.c_str(), &entry) != 0) return {};
  if (!S_ISSOCK(entry.st_mode)) {
    return fail(ErrorCode::conflict, path + " is there and is no socket; move it away");
  }
  TRY_ASSIGN(const UnixPath place, UnixPath::open(path));
  if (somebody_answers(place.bindable())) {
    return fail(ErrorCode::conflict, "another process serves " + path);
  }
  ::unlink(path.c_str());
  return {};
}

}  // namespace tideline::http
