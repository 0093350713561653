// KernelPath: which of the ways to do the same arithmetic runs on this processor.
//
// Every kernel of this module exists for each path and gives the same bytes on all of them; the
// choice changes the time only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tideline {

enum class KernelPath : std::uint8_t { plain, avx2, avx512 };
// "plain", "avx2", "avx512".
[[nodiscard]] std::string_view name_of(KernelPath path);

// What this processor can run, the fastest first; plain is always there. avx2 needs FMA as well,
// avx512 needs F, BW, DQ and VL.
[[nodiscard]] const std::vector<KernelPath>& kernel_paths();
[[nodiscard]] inline KernelPath best_kernel_path() { return kernel_paths().front(); }

}  // namespace tideline
