#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace tideline {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "tideline: %s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace tideline
