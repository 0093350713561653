#include "scoring/kernel_path.h"

namespace tideline {

std::string_view name_of(KernelPath path) {
  switch (path) {
    case KernelPath::plain: return "plain";
    case KernelPath::avx2: return "avx2";
    case KernelPath::avx512: return "avx512";
  }
  return "plain";
}

const std::vector<KernelPath>& kernel_paths() {
  static const std::vector<KernelPath> kPaths = [] {
    std::vector<KernelPath> paths;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      paths.push_back(KernelPath::avx512);
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      paths.push_back(KernelPath::avx2);
    }
#endif
    paths.push_back(KernelPath::plain);
    return paths;
  }();
  return kPaths;
}

}  // namespace tideline
