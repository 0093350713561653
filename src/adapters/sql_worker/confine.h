// Confinement of a worker of untrusted SQL: what the operating system lets it do, beside what
// DuckDB's own settings do (docs/adr/0017-sql-in-a-confined-process.md).
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tideline {

struct ConfineOptions {
  std::string folder;              // all that it may read; absolute
  std::uint64_t memory_bytes = 0;  // writable memory of the process
  std::uint64_t cpu_s = 0;         // processor time of all its threads
};

// What was possible here.
struct Confinement {
  std::string folder;        // the folder's path as the process sees it now; empty: it is the root
  bool own_user = false;     // an unprivileged user that owns nothing
  bool own_network = false;  // a network namespace with nothing in it
  bool own_root = false;     // the folder is the root of the file system
  unsigned landlock_abi = 0;  // 0: the kernel has no Landlock
  std::string missing;        // in words what was not possible and why; empty: nothing is missing

  [[nodiscard]] std::string words() const;
};

// Gives up everything that answering a query does not need, for good. Call it while the process
// has one thread. Always: limits of memory, processor time and files (nothing can be written), no
// new privileges, no capabilities, few system calls. unavailable when the file system cannot be
// closed (neither own root nor Landlock) or system calls cannot be filtered: such a process must
// not run untrusted SQL.
[[nodiscard]] Result<Confinement> confine(const ConfineOptions& options);

}  // namespace tideline
