// What the measuring programs share: a stopwatch of wall and CPU time, the line that a round
// prints, and the guard that ends the program when a result is wrong.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

namespace tideline::bench {

// Seconds of wall clock, and of CPU over all threads of the process.
struct Elapsed {
  double wall_s = 0;
  double cpu_s = 0;
};

class Stopwatch {
 public:
  [[nodiscard]] Elapsed elapsed() const { return {wall_s(), cpu_now() - cpu_}; }
  [[nodiscard]] double wall_s() const { return wall_now() - wall_; }

 private:
  static double wall_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  static double cpu_now() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  }

  double wall_ = wall_now();
  double cpu_ = cpu_now();
};

// One line of JSON on stdout, read by bench/run.py. `units`: how many events, records, customers
// or rows were done.
inline void print_round(const std::string& name, std::uint64_t units, Elapsed elapsed) {
  std::printf("{\"case\":\"%s\",\"units\":%lu,\"wall_s\":%.9f,\"cpu_s\":%.9f}\n", name.c_str(),
              static_cast<unsigned long>(units), elapsed.wall_s, elapsed.cpu_s);
  std::fflush(stdout);
}

// A measurement whose output is wrong is no measurement.
inline void require(bool condition, const std::string& what) {
  if (condition) return;
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

}  // namespace tideline::bench
