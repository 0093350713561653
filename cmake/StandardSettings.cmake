# Flags of every target live on two interface targets: tideline_settings and tideline_warnings.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON)  # __int128
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

find_program(CCACHE ccache)
if(CCACHE)
  # Without this ccache keeps nothing that reads a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

option(TIDELINE_FAULTS "Compile named crash points and planted bugs in (tests only)" ON)
option(TIDELINE_FUZZ "Build the harnesses of tests/fuzz for libFuzzer; needs clang" OFF)

add_library(tideline_settings INTERFACE)
target_include_directories(tideline_settings INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(tideline_settings INTERFACE
  TIDELINE_VERSION="${PROJECT_VERSION}" $<$<BOOL:${TIDELINE_FAULTS}>:TIDELINE_FAULTS=1>)
if(TIDELINE_SANITIZE)
  target_compile_options(tideline_settings INTERFACE
    -fsanitize=${TIDELINE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(tideline_settings INTERFACE -fsanitize=${TIDELINE_SANITIZE})
  if(TIDELINE_SANITIZE STREQUAL "thread")
    # gcc 12 warns at each fence of Asio's that it does not follow fences.
    target_compile_options(tideline_settings INTERFACE -Wno-tsan)
  endif()
endif()
if(TIDELINE_COVERAGE)
  target_compile_options(tideline_settings INTERFACE --coverage)
  target_link_options(tideline_settings INTERFACE --coverage)
endif()

add_library(tideline_warnings INTERFACE)
target_compile_options(tideline_warnings INTERFACE -Wall -Wextra -Wshadow=local -Wnon-virtual-dtor
  -Woverloaded-virtual -Werror=unused-result -Werror=return-type -Wno-missing-field-initializers)
