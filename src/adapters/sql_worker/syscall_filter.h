// The system calls that a worker of untrusted SQL may make; all others are refused by the kernel.
#pragma once

#include "base/result.h"

namespace tideline {

// From now on this process, and threads it starts, can read and map files, start threads, and read
// and write what is open already: no sockets, no programs, no writing of files, no executable
// memory, no looking at other processes. What is not allowed answers EPERM. For good.
// Needs no-new-privileges. unavailable where the kernel has no seccomp filters.
[[nodiscard]] Status allow_few_syscalls();

}  // namespace tideline
