#include "adapters/sql_worker/confine.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "adapters/sql_worker/syscall_filter.h"

namespace tideline {
namespace {

constexpr uid_t kNobody = 65534;
constexpr std::uint64_t kFilesMax = 65'536;  // DuckDB holds a query's files open

// Of the kernel's header of Landlock, which may be older than the kernel.
struct LandlockRules {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scoped;
};
struct [[gnu::packed]] LandlockBeneath {
  std::uint64_t allowed;
  std::int32_t folder;
};
constexpr std::uint64_t kReadFile = 1ULL << 2;
constexpr std::uint64_t kReadFolder = 1ULL << 3;
constexpr int kBeneath = 1;
constexpr unsigned kAskVersion = 1;

std::string why() { return std::strerror(errno); }

void note(Confinement& done, const std::string& what) {
  done.missing += (done.missing.empty() ? "" : "; ") + what;
}

bool set_limit(int which, std::uint64_t limit) {
  struct rlimit old = {};
  if (::getrlimit(static_cast<__rlimit_resource>(which), &old) != 0) return false;
  const rlim_t allowed = std::min<rlim_t>(limit, old.rlim_max);  // RLIM_INFINITY is the greatest
  const struct rlimit wanted = {allowed, allowed};
  return ::setrlimit(static_cast<__rlimit_resource>(which), &wanted) == 0;
}

// Libraries and reserved address space count in AS, written memory in DATA. A sanitizer reserves
// more than any limit.
bool limit_memory(const ConfineOptions& options) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return options.memory_bytes > 0;
#else
  return set_limit(RLIMIT_DATA, options.memory_bytes) &&
         set_limit(RLIMIT_AS, 4 * options.memory_bytes + (4ULL << 30));
#endif
}

Status set_limits(const ConfineOptions& options) {
  const bool set = limit_memory(options) && set_limit(RLIMIT_CPU, options.cpu_s) &&
                   set_limit(RLIMIT_FSIZE, 0) && set_limit(RLIMIT_CORE, 0) &&
                   set_limit(RLIMIT_MEMLOCK, 0) && set_limit(RLIMIT_MSGQUEUE, 0) &&
                   set_limit(RLIMIT_NOFILE, kFilesMax);
  if (set) return {};
  return fail(ErrorCode::unavailable, "the worker cannot limit itself: " + why());
}

bool write_text(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return written;
}

// Spaces of its own. Where it is not root it becomes that in a user namespace which holds nobody
// else, so that it can leave the network and the file system.
void leave_spaces(Confinement& done) {
  const bool root = ::geteuid() == 0;
  const std::string user = std::to_string(::geteuid()), group = std::to_string(::getegid());
  constexpr int kSpaces = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  if (::unshare(kSpaces | (root ? 0 : CLONE_NEWUSER)) != 0) {
    return note(done, "no network namespace of its own (" + why() + "); it can make no socket");
  }
  done.own_network = true;
  if (root) return;
  write_text("/proc/self/setgroups", "deny");
  write_text("/proc/self/uid_map", "0 " + user + " 1");
  write_text("/proc/self/gid_map", "0 " + group + " 1");
}

void leave_file_system(const ConfineOptions& options, Confinement& done) {
  if (::chroot(options.folder.c_str()) == 0 && ::chdir("/") == 0) {
    done.own_root = true;
    done.folder.clear();
  } else {
    note(done, "the file system is closed by Landlock alone (" + why() + ")");
  }
}

// Whether that user may list the folder and read what is in it.
bool readable_by_others(const std::string& folder) {
  struct stat found = {};
  return ::stat(folder.c_str(), &found) == 0 && (found.st_mode & 05) == 05;
}

void leave_user(bool possible, Confinement& done) {
  if (::getuid() != 0 || !done.own_root) {
    return note(done, "it keeps the server's user, without its rights");
  }
  if (!possible) {
    return note(done,
                "it keeps the server's user, without its rights: others may not read the "
                "lake's folder");
  }
  if (::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
      ::setresuid(kNobody, kNobody, kNobody) == 0) {
    done.own_user = true;
  } else {
    note(done, "it keeps the server's user (" + why() + ")");
  }
}

// A file of root that others cannot read stays readable for root alone, capabilities or not.
void drop_capabilities() {
  __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  ::syscall(SYS_capset, &head, none);
}

// Of the file rights that each version of Landlock knows, all; none but reading is given back.
void close_by_landlock(Confinement& done) {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  if (abi < 1) return note(done, "no Landlock in this kernel (" + why() + ")");
  LandlockRules rules = {};
  const int rights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
  rules.files = (1ULL << rights) - 1;
  if (abi >= 4) rules.network = 3;  // bind and connect
  if (abi >= 6) rules.scoped = 3;   // abstract sockets, signals
  const std::size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const long set = ::syscall(SYS_landlock_create_ruleset, &rules, size, 0);
  const int folder = ::open(done.own_root ? "/" : done.folder.c_str(), O_PATH | O_CLOEXEC);
  const LandlockBeneath beneath = {kReadFile | kReadFolder, folder};
  const bool closed = set >= 0 && folder >= 0 &&
                      ::syscall(SYS_landlock_add_rule, set, kBeneath, &beneath, 0) == 0 &&
                      ::syscall(SYS_landlock_restrict_self, set, 0) == 0;
  if (!closed) note(done, "Landlock refuses (" + why() + ")");
  if (closed) done.landlock_abi = static_cast<unsigned>(abi);
  if (folder >= 0) ::close(folder);
  if (set >= 0) ::close(static_cast<int>(set));
}

}  // namespace

std::string Confinement::words() const {
  std::string text = own_user ? "own user" : "the server's user";
  text += own_network ? ", own empty network" : ", no network of its own";
  text += own_root ? ", the lake as root folder" : "";
  text += landlock_abi > 0 ? ", Landlock " + std::to_string(landlock_abi) : "";
  return text + ", few system calls, limits of memory and time";
}

Result<Confinement> confine(const ConfineOptions& options) {
  Confinement done;
  done.folder = options.folder;
  const bool readable = readable_by_others(options.folder);
  ::umask(077);
  leave_spaces(done);
  leave_file_system(options, done);
  leave_user(readable, done);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail(ErrorCode::unavailable, "the worker cannot refuse new privileges: " + why());
  }
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  close_by_landlock(done);
  if (!done.own_root && done.landlock_abi == 0) {
    return fail(ErrorCode::unavailable,
                "untrusted SQL cannot be run here: the kernel offers neither Landlock nor a root "
                "folder of its own",
                "sql_not_confined");
  }
  drop_capabilities();
  TRY(set_limits(options));
  TRY(allow_few_syscalls());
  return done;
}

}  // namespace tideline
