// The confinement, tried from inside: each case forks, confines itself and tries one thing.
#include "adapters/sql_worker/confine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "adapters/duckdb/test_folder.h"

namespace tideline {
namespace {

constexpr int kSucceeded = 42;  // what must not be possible was
constexpr int kUnconfined = 77;

// The status with which a confined process ends that runs `deed` (true: it succeeded).
int confined(const std::string& folder, const std::function<bool(const Confinement&)>& deed) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool there = ::chdir(folder.c_str()) == 0;
    const auto done = confine({folder, 256ULL << 20, 20});
    if (!done || !there) ::_exit(kUnconfined);
    ::_exit(deed(*done) ? kSucceeded : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

class ConfineTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(lake());
    std::filesystem::permissions(lake(), std::filesystem::perms(0755));
    std::ofstream(lake() + "/inside") << "may be read";
    std::ofstream(folder_.path("outside")) << "may not";
    if (confined(lake(), [](const Confinement&) { return false; }) == kUnconfined)
      GTEST_SKIP() << "this kernel cannot confine a process";
  }
  [[nodiscard]] std::string lake() const { return folder_.path("lake"); }
  TestFolder folder_;
};

TEST_F(ConfineTest, ReadsTheFolder) {
  EXPECT_EQ(confined(lake(),
                     [](const Confinement& done) {
                       const std::string file = done.folder + "/inside";
                       char text[16];
                       const int fd = ::open(file.c_str(), O_RDONLY);
                       return fd >= 0 && ::read(fd, text, sizeof text) == 11;
                     }),
            kSucceeded);
}

TEST_F(ConfineTest, StartsThreads) {
  EXPECT_EQ(confined(lake(),
                     [](const Confinement&) {
                       int sum = 0;
                       std::thread([&] { sum = 1; }).join();
                       return sum == 1;
                     }),
            kSucceeded);
}

struct Deed {
  const char* name;
  bool (*succeeds)();
};

bool opens(const char* path, int flags) { return ::open(path, flags, 0600) >= 0; }

const Deed kDeeds[] = {
    {"reads a file of the system", [] { return opens("/etc/passwd", O_RDONLY); }},
    {"goes up by a path", [] { return opens("../outside", O_RDONLY); }},
    {"goes up by the root", [] { return opens("/../outside", O_RDONLY); }},
    {"reads its own memory map", [] { return opens("/proc/self/maps", O_RDONLY); }},
    {"reads its environment", [] { return opens("/proc/self/environ", O_RDONLY); }},
    {"lists the root", [] { return opens("/usr", O_RDONLY | O_DIRECTORY); }},
    {"writes in the folder", [] { return opens("inside", O_WRONLY); }},
    {"appends in the folder", [] { return opens("inside", O_RDWR | O_APPEND); }},
    {"truncates in the folder", [] { return opens("inside", O_RDONLY | O_TRUNC); }},
    {"makes a file", [] { return opens("made", O_WRONLY | O_CREAT); }},
    {"makes a file without a name", [] { return opens(".", O_TMPFILE | O_RDWR); }},
    {"makes a folder", [] { return ::mkdir("made", 0700) == 0; }},
    {"removes a file", [] { return ::unlink("inside") == 0; }},
    {"renames a file", [] { return ::rename("inside", "other") == 0; }},
    {"links a file", [] { return ::symlink("/etc", "etc") == 0; }},
    {"changes rights", [] { return ::chmod("inside", 0777) == 0; }},
    {"makes an internet socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
    {"makes a socket of IPv6", [] { return ::socket(AF_INET6, SOCK_DGRAM, 0) >= 0; }},
    {"makes a local socket", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }},
    {"makes a pair of sockets",
     [] {
       int ends[2];
       return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0;
     }},
    {"starts a process", [] { return ::fork() >= 0; }},
    {"runs a program",
     [] {
       char* nothing[] = {nullptr};
       return ::execve("/bin/true", nothing, nothing) == 0;
     }},
    {"kills its parent", [] { return ::kill(::getppid(), 0) == 0; }},
    {"traces its parent", [] { return ::syscall(SYS_ptrace, 16, ::getppid(), 0, 0) == 0; }},
    {"reads another process",
     [] { return ::syscall(SYS_process_vm_readv, ::getppid(), 0, 0, 0, 0, 0) >= 0; }},
    {"becomes another user", [] { return ::setresuid(1, 1, 1) == 0; }},
    {"raises a limit",
     [] {
       const unsigned long more[2] = {~0UL, ~0UL};
       return ::syscall(SYS_prlimit64, 0, 9, more, nullptr) == 0;
     }},
    {"leaves the root folder", [] { return ::chroot(".") == 0; }},
    {"mounts", [] { return ::syscall(SYS_mount, "none", "/", "tmpfs", 0, nullptr) == 0; }},
    {"makes a user namespace", [] { return ::syscall(SYS_unshare, 0x10000000) == 0; }},
    {"makes memory executable",
     [] {
       return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
              MAP_FAILED;
     }},
    {"makes a file in memory", [] { return ::syscall(SYS_memfd_create, "x", 0) >= 0; }},
    {"opens by handle", [] { return ::syscall(SYS_open_by_handle_at, 0, nullptr, 0) >= 0; }},
    {"opens by openat2", [] { return ::syscall(SYS_openat2, -100, "inside", nullptr, 0) >= 0; }},
    {"uses io_uring", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr) >= 0; }},
    {"loads a program into the kernel", [] { return ::syscall(SYS_bpf, 0, nullptr, 0) >= 0; }},
    {"drives a device", [] { return ::syscall(SYS_ioctl, 0, 0x5401, nullptr) == 0; }},
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which need room without end
    {"takes two gigabytes",
     [] {
       return ::mmap(nullptr, 2ULL << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                     0) != MAP_FAILED;
     }},
#endif
};

TEST_F(ConfineTest, DoesNothingElse) {
  for (const Deed& deed : kDeeds) {
    EXPECT_EQ(confined(lake(), [&](const Confinement&) { return deed.succeeds(); }), 0)
        << deed.name;
  }
}

TEST_F(ConfineTest, ALoopEndsAtItsProcessorTime) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!confine({lake(), 256ULL << 20, 1})) ::_exit(kUnconfined);
    for (volatile unsigned i = 0;; i = i + 1) {}
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
}

}  // namespace
}  // namespace tideline
