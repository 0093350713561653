// The entry of a libFuzzer program; TIDELINE_HARNESS names the harness it runs.
#include <cstddef>

#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  tideline::fuzz::TIDELINE_HARNESS({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
