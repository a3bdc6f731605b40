# Finds the libraries Tocsin stands on. Used by the build and, installed, by
# find_package(tocsin). A target that a parent project has already made wins.

find_package(Threads REQUIRED)
if(NOT TARGET absl::flat_hash_map)
  find_package(absl CONFIG REQUIRED)
endif()
if(NOT TARGET simdjson::simdjson)
  find_package(simdjson CONFIG REQUIRED)
endif()

find_package(PkgConfig REQUIRED)

# RE2 has a CMake package in vcpkg, Conan and new releases; Debian 12 ships a
# pkg-config file only, whose version says 0.0.0.
if(NOT TARGET re2::re2)
  find_package(re2 CONFIG QUIET)
endif()
if(NOT TARGET re2::re2)
  pkg_check_modules(TOCSIN_RE2 REQUIRED IMPORTED_TARGET GLOBAL re2)
  add_library(re2::re2 ALIAS PkgConfig::TOCSIN_RE2)
endif()

pkg_check_modules(TOCSIN_YAML REQUIRED IMPORTED_TARGET GLOBAL yaml-0.1)
pkg_check_modules(TOCSIN_SODIUM REQUIRED IMPORTED_TARGET GLOBAL libsodium)
find_package(ZLIB REQUIRED)

# Optional: without it a .zst input is a clear error.
pkg_check_modules(TOCSIN_ZSTD QUIET IMPORTED_TARGET GLOBAL libzstd)
