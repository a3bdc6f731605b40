# Finds the libraries Tocsin stands on. Used by the build and, installed, by
# find_package(tocsin). A target that a parent project has already made wins.

include(CMakeFindDependencyMacro)

# In a build of Tocsin a missing library is an error; for find_package(tocsin)
# it means that Tocsin was not found, and its caller decides.
macro(tocsin_find)
  if(CMAKE_FIND_PACKAGE_NAME)
    find_dependency(${ARGN})
  else()
    find_package(${ARGN} REQUIRED)
  endif()
endmacro()

# tocsin_external(NAME MODULE TARGETS...): makes tocsin_external::NAME, which
# is the first of TARGETS that exists, else what pkg-config says of MODULE.
# TARGETS are the names that vcpkg, Conan and the upstream builds use.
macro(tocsin_external name module)
  if(NOT TARGET tocsin_external::${name})
    set(_tocsin_target "")
    foreach(_tocsin_candidate ${ARGN})
      if(NOT _tocsin_target AND TARGET ${_tocsin_candidate})
        set(_tocsin_target ${_tocsin_candidate})
      endif()
    endforeach()
    if(NOT _tocsin_target)
      find_package(PkgConfig QUIET)
      if(PkgConfig_FOUND)
        pkg_check_modules(TOCSIN_${name} QUIET IMPORTED_TARGET GLOBAL ${module})
        if(TARGET PkgConfig::TOCSIN_${name})
          set(_tocsin_target PkgConfig::TOCSIN_${name})
        endif()
      endif()
    endif()
    if(_tocsin_target)
      add_library(tocsin_external::${name} INTERFACE IMPORTED GLOBAL)
      target_link_libraries(tocsin_external::${name} INTERFACE ${_tocsin_target})
    endif()
  endif()
endmacro()

macro(tocsin_require name hint)
  if(NOT TARGET tocsin_external::${name})
    if(NOT CMAKE_FIND_PACKAGE_NAME)
      message(FATAL_ERROR "Tocsin needs ${name}: ${hint}")
    endif()
    set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
    set(${CMAKE_FIND_PACKAGE_NAME}_NOT_FOUND_MESSAGE
        "Tocsin needs ${name}: ${hint}")
    return()
  endif()
endmacro()

if(NOT TARGET Threads::Threads)
  tocsin_find(Threads)
endif()
if(NOT TARGET absl::flat_hash_map)
  tocsin_find(absl CONFIG)
endif()
if(NOT TARGET simdjson::simdjson)
  tocsin_find(simdjson CONFIG)
endif()
if(NOT TARGET ZLIB::ZLIB)
  tocsin_find(ZLIB)
endif()
if(NOT TARGET OpenSSL::Crypto)
  tocsin_find(OpenSSL COMPONENTS Crypto)
endif()

# RE2 has a CMake package in vcpkg, Conan and new releases; Debian 12 ships a
# pkg-config file only, whose version says 0.0.0.
if(NOT TARGET re2::re2)
  find_package(re2 CONFIG QUIET)
endif()
tocsin_external(re2 re2 re2::re2)
tocsin_require(re2 "libre2-dev, or a target re2::re2")

tocsin_external(yaml yaml-0.1 yaml yaml::yaml)
tocsin_require(yaml "libyaml-dev, or a target yaml")

# Its headers only, and only to build: the library that Debian has beside them
# throws.
if(NOT CMAKE_FIND_PACKAGE_NAME)
  find_path(TOCSIN_TOMLPLUSPLUS_INCLUDE toml++/toml.h)
  if(NOT TOCSIN_TOMLPLUSPLUS_INCLUDE)
    message(FATAL_ERROR "Tocsin needs toml++: libtomlplusplus-dev, or "
                        "TOCSIN_TOMLPLUSPLUS_INCLUDE, its include folder")
  endif()
  add_library(tocsin_tomlplusplus INTERFACE IMPORTED GLOBAL)
  set_target_properties(tocsin_tomlplusplus PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${TOCSIN_TOMLPLUSPLUS_INCLUDE}")
endif()

tocsin_external(sodium libsodium unofficial-sodium::sodium libsodium::libsodium)
tocsin_require(sodium "libsodium-dev, or a target libsodium::libsodium")

# Optional: without it a .zst input is a clear error. An installed Tocsin that
# was built with it sets TOCSIN_NEEDS_ZSTD.
tocsin_external(zstd libzstd zstd::libzstd_shared zstd::libzstd_static
                zstd::libzstd)
if(TOCSIN_NEEDS_ZSTD)
  tocsin_require(zstd "libzstd-dev, or a target zstd::libzstd_shared")
endif()

# Optional likewise, for databases of places.
tocsin_external(maxminddb libmaxminddb maxminddb::maxminddb)
if(TOCSIN_NEEDS_MAXMINDDB)
  tocsin_require(maxminddb "libmaxminddb-dev, or a target maxminddb::maxminddb")
endif()
