// run_sql_worker: the process that answers one query of untrusted SQL and ends.
#pragma once

#include <cstdint>
#include <string>

namespace tideline {

struct SqlWorkerOptions {
  std::string folder;  // the lake; absolute
  int socket = 3;      // to the server
  unsigned threads = 2;
  std::uint64_t memory_bytes = 512ULL << 20;  // DuckDB's; the process gets half a gigabyte more
  std::uint64_t cpu_s = 120;                  // processor time of all threads in its life
  // For tests of the confinement alone: every statement is run, and DuckDB's own switches stay
  // open.
  bool switches_open = false;
};

// Confines itself, then waits for the query. 0 when the server got an answer or is gone.
[[nodiscard]] int run_sql_worker(const SqlWorkerOptions& options);

}  // namespace tideline
