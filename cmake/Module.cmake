# tideline_module(NAME DEPENDS other modules... LIBRARIES third-party targets...)
# makes the static library tideline_NAME of the folder's *.cc, and of its *_test.cc one test
# program NAME_test, listed by ctest and run by tools/run_tests.py. A module's contract suites are
# headers (*_contract.h).
function(tideline_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;PRIVATE_LIBRARIES;TEST_DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(scope PUBLIC)
  if(NOT sources)
    add_library(tideline_${name} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(tideline_${name} STATIC ${sources})
    target_link_libraries(tideline_${name} PRIVATE tideline_warnings ${ARG_PRIVATE_LIBRARIES})
    target_precompile_headers(tideline_${name} REUSE_FROM tideline_precompiled_modules)
  endif()
  list(TRANSFORM ARG_DEPENDS PREPEND tideline_)
  target_link_libraries(tideline_${name} ${scope} tideline_settings ${ARG_DEPENDS}
    ${ARG_LIBRARIES})
  if(tests)
    list(TRANSFORM ARG_TEST_DEPENDS PREPEND tideline_)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE tideline_warnings tideline_${name}
      ${ARG_TEST_DEPENDS} ${ARG_PRIVATE_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_options(${name}_test PRIVATE $<$<CONFIG:Release>:-O1>)  # it is compiled sooner
    target_precompile_headers(${name}_test REUSE_FROM tideline_precompiled_tests)
    target_compile_definitions(${name}_test PRIVATE TIDELINE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()
endfunction()
