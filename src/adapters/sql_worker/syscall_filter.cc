#include "adapters/sql_worker/syscall_filter.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

namespace tideline {
namespace {

constexpr std::uint32_t kX32Bit = 0x40000000;

// Whatever their arguments are. Files can be opened for reading only (below), so nothing here can
// change one.
constexpr long kAllowed[] = {
    SYS_read,        SYS_write,           SYS_readv,          SYS_writev,
    SYS_pread64,     SYS_preadv,          SYS_close,          SYS_fstat,
    SYS_stat,        SYS_lstat,           SYS_newfstatat,     SYS_statx,
    SYS_lseek,       SYS_getdents64,      SYS_access,         SYS_faccessat,
    SYS_faccessat2,  SYS_readlink,        SYS_readlinkat,     SYS_getcwd,
    SYS_fadvise64,   SYS_munmap,          SYS_madvise,        SYS_mremap,
    SYS_brk,         SYS_futex,           SYS_sched_yield,    SYS_sched_getaffinity,
    SYS_getrandom,   SYS_clock_gettime,   SYS_clock_getres,   SYS_clock_nanosleep,
    SYS_nanosleep,   SYS_gettimeofday,    SYS_time,           SYS_exit,
    SYS_exit_group,  SYS_rt_sigaction,    SYS_rt_sigprocmask, SYS_rt_sigreturn,
    SYS_sigaltstack, SYS_getpid,          SYS_gettid,         SYS_poll,
    SYS_ppoll,       SYS_set_robust_list, SYS_rseq,           SYS_getcpu,
    SYS_uname,       SYS_sysinfo,         SYS_getrusage,      SYS_getuid,
    SYS_geteuid,     SYS_getgid,          SYS_getegid,        SYS_restart_syscall,
};

// An instruction program over seccomp_data, built call by call.
class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    add({BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64});
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS});
    load(offsetof(seccomp_data, nr));
    add({BPF_JMP | BPF_JGE | BPF_K, 0, 1, kX32Bit});
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS});
  }

  void allow(long call) {
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<std::uint32_t>(call)});
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
  }
  void refuse(long call, int error) {
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<std::uint32_t>(call)});
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)});
  }
  // Allowed when (argument & mask) == wanted, of the argument's lower 32 bits; else EPERM.
  void allow_when(long call, int argument, std::uint32_t mask, std::uint32_t wanted) {
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 5, static_cast<std::uint32_t>(call)});
    load(low_half(argument));
    add({BPF_ALU | BPF_AND | BPF_K, 0, 0, mask});
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, wanted});
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM});
  }
  // Allowed when both halves of the argument are 0.
  void allow_when_null(long call, int argument) {
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 6, static_cast<std::uint32_t>(call)});
    load(low_half(argument));
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0});
    load(low_half(argument) + 4);
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0});
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM});
  }

  Status install() {
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM});
    const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) return {};
    return fail(
        ErrorCode::unavailable,
        std::string("the kernel takes no filter of system calls: ") + std::strerror(errno));
  }

 private:
  static std::uint32_t low_half(int argument) {
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + 8 * argument);
  }
  void load(std::size_t offset) {
    add({BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)});
  }
  void add(sock_filter instruction) { code_.push_back(instruction); }
  std::vector<sock_filter> code_;
};

}  // namespace

Status allow_few_syscalls() {
  constexpr std::uint32_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_PATH |
                                     (O_TMPFILE & ~static_cast<std::uint32_t>(O_DIRECTORY));
  constexpr std::uint32_t kThreadFlags =
      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
  constexpr std::uint32_t kNewSpaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                       CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  Filter filter;
  for (const long call : kAllowed) filter.allow(call);
  filter.allow_when(SYS_openat, 2, kWriting, 0);
  filter.allow_when(SYS_open, 1, kWriting, 0);
  filter.allow_when(SYS_mmap, 2, PROT_EXEC, 0);
  filter.allow_when(SYS_mprotect, 2, PROT_EXEC, 0);
  filter.allow_when(SYS_clone, 0, kThreadFlags | kNewSpaces, kThreadFlags);
  filter.refuse(SYS_clone3, ENOSYS);  // its flags lie in memory; glibc goes on with clone
  filter.allow_when(SYS_prctl, 0, ~0u, PR_SET_NAME);
  filter.allow_when(SYS_fcntl, 1, ~0u, F_GETFL);
  filter.allow_when_null(SYS_prlimit64, 2);  // asking, not setting
  return filter.install();
}

}  // namespace tideline
