# The standard headers that nearly every file reads, parsed once for the modules and once more with
# GoogleTest for their tests: half of what a file takes to compile is reading them. Files still
# include what they use; a build with CMAKE_DISABLE_PRECOMPILE_HEADERS=ON says where one does not.
set(TIDELINE_STANDARD_HEADERS <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath>
  <condition_variable> <cstdint> <cstdio> <cstring> <deque> <filesystem> <fstream> <functional>
  <future> <limits> <map> <memory> <mutex> <numeric> <optional> <set> <span> <sstream> <string>
  <string_view> <thread> <tuple> <unordered_map> <unordered_set> <utility> <variant> <vector>)
file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cc "")

function(tideline_precompiled target)
  add_library(${target} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cc)
  target_link_libraries(${target} PRIVATE tideline_settings tideline_warnings Threads::Threads)
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()

tideline_precompiled(tideline_precompiled_modules ${TIDELINE_STANDARD_HEADERS})
tideline_precompiled(tideline_precompiled_tests ${TIDELINE_STANDARD_HEADERS}
  <gmock/gmock.h> <gtest/gtest.h>)
target_link_libraries(tideline_precompiled_tests PRIVATE GTest::gtest GTest::gmock)
