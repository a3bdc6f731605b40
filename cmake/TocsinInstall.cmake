# Install and export: `find_package(tocsin)` then gives tocsin::core,
# tocsin::runtime and tocsin::tocsin.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(tocsin_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tocsin)

install(TARGETS tocsin_core tocsin_runtime tocsin_tocsin EXPORT tocsin-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tocsin
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT tocsin-targets NAMESPACE tocsin:: DESTINATION ${tocsin_config_dir})

if(TARGET tocsin_external::zstd)
  set(TOCSIN_NEEDS_ZSTD ON)
else()
  set(TOCSIN_NEEDS_ZSTD OFF)
endif()
if(TARGET tocsin_external::maxminddb)
  set(TOCSIN_NEEDS_MAXMINDDB ON)
else()
  set(TOCSIN_NEEDS_MAXMINDDB OFF)
endif()
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/tocsin-config.cmake.in
  ${PROJECT_BINARY_DIR}/tocsin-config.cmake
  INSTALL_DESTINATION ${tocsin_config_dir})
# Before 1.0 a minor version may break its users.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/tocsin-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/tocsin-config.cmake
  ${PROJECT_BINARY_DIR}/tocsin-config-version.cmake
  ${PROJECT_SOURCE_DIR}/cmake/TocsinDependencies.cmake
  DESTINATION ${tocsin_config_dir})

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/tocsin)
if(TOCSIN_CLI)
  install(TARGETS tocsin_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
