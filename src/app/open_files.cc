#include "app/open_files.h"

#include <sys/resource.h>

#include <algorithm>

namespace tideline {
namespace {

// Where the system says "no limit": more would only cost memory.
constexpr std::uint64_t kEnough = 1 << 20;

}  // namespace

std::uint64_t raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  rlimit wanted = limit;
  wanted.rlim_cur = std::max<rlim_t>(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, kEnough));
  if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
  return std::min<std::uint64_t>(limit.rlim_cur, kEnough);
}

}  // namespace tideline
