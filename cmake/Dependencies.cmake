# Third-party libraries: Debian 12 packages (tools/deps.sh installs them) and DuckDB from npm.
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(simdjson REQUIRED)
find_package(tl-expected REQUIRED)
find_package(date REQUIRED)  # Howard Hinnant's, with the zones that std::chrono lacks here
find_package(OpenSSL REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)      # PkgConfig::libzstd
pkg_check_modules(rocksdb REQUIRED IMPORTED_TARGET rocksdb)      # PkgConfig::rocksdb
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)     # PkgConfig::sodium
pkg_check_modules(libedit REQUIRED IMPORTED_TARGET libedit)      # PkgConfig::libedit
pkg_check_modules(cairo REQUIRED IMPORTED_TARGET cairo-pdf cairo-ft)
pkg_check_modules(pangocairo REQUIRED IMPORTED_TARGET pangocairo pangoft2)
pkg_check_modules(fontconfig REQUIRED IMPORTED_TARGET fontconfig)
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)

# The programs' allocator (docs/adr/0026); sanitizers bring their own.
find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)
add_library(tideline_allocator INTERFACE)
if(NOT TIDELINE_SANITIZE)
  target_link_libraries(tideline_allocator INTERFACE ${JEMALLOC_LIBRARY})
endif()

# Debian's libxgboost-dev; its CMake package asks for more than the C API needs.
find_path(XGBOOST_INCLUDE xgboost/c_api.h REQUIRED)
find_library(XGBOOST_LIBRARY xgboost REQUIRED)
add_library(xgboost SHARED IMPORTED)
set_target_properties(xgboost PROPERTIES IMPORTED_LOCATION ${XGBOOST_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${XGBOOST_INCLUDE})

# DuckDB: the C header of npm's `duckdb`, the library of npm's `@duckdb/node-bindings-linux-x64`.
set(DUCKDB_MODULES ${CMAKE_SOURCE_DIR}/build/tools/duckdb/node_modules)
find_path(DUCKDB_INCLUDE duckdb.h
  PATHS ${DUCKDB_MODULES}/duckdb/src/duckdb/src/include NO_DEFAULT_PATH)
find_file(DUCKDB_LIBRARY libduckdb.so
  PATHS ${DUCKDB_MODULES}/@duckdb/node-bindings-linux-x64 NO_DEFAULT_PATH)
if(DUCKDB_INCLUDE AND DUCKDB_LIBRARY)
  add_library(duckdb SHARED IMPORTED)
  # Beside the program, so that the build folder can be moved.
  configure_file(${DUCKDB_LIBRARY} ${CMAKE_BINARY_DIR}/libduckdb.so COPYONLY)
  set_target_properties(duckdb PROPERTIES IMPORTED_LOCATION ${CMAKE_BINARY_DIR}/libduckdb.so
    INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE} IMPORTED_NO_SONAME TRUE)
else()
  message(FATAL_ERROR "DuckDB is missing: run `make deps`")
endif()
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
