#include "telemetry/thread_time.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace tideline {

int id_of_thread() { return ::gettid(); }

std::optional<ThreadTime> time_of_thread(int id) {
  std::ifstream file("/proc/self/task/" + std::to_string(id) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // proc_pid_stat(5): the name, which may hold anything, ends with the last parenthesis; then the
  // state, ten numbers, and the ticks that the thread ran for itself and in the kernel.
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  char state = 0;
  fields >> state;
  std::string skipped;
  for (int i = 0; i < 10; ++i) fields >> skipped;
  long own = 0;
  long kernel = 0;
  fields >> own >> kernel;
  const long ticks_a_second = ::sysconf(_SC_CLK_TCK);
  if (!fields || ticks_a_second <= 0) return std::nullopt;
  return ThreadTime{Duration((own + kernel) * 1000 / ticks_a_second), state == 'R'};
}

}  // namespace tideline
