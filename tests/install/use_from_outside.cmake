# Configures, builds and runs consumer/ with Tocsin taken in by WAY.

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    string(REPLACE ";" " " command "${ARGN}")
    message(FATAL_ERROR "${command}\nexit code ${code}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

set(arguments
  -G ${GENERATOR}
  -DCMAKE_BUILD_TYPE=${CONFIG}
  -DCMAKE_CXX_COMPILER=${COMPILER}
  -DCMAKE_CXX_COMPILER_LAUNCHER=${CCACHE}
  "-DCMAKE_CXX_FLAGS=${FLAGS}"
  "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=${FLAGS_RELWITHDEBINFO}"
  -DCMAKE_POSITION_INDEPENDENT_CODE=${POSITION_INDEPENDENT}
  -DCMAKE_CXX_VISIBILITY_PRESET=${VISIBILITY}
  -DCMAKE_VISIBILITY_INLINES_HIDDEN=${VISIBILITY_INLINES_HIDDEN})

if(WAY STREQUAL "find_package")
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${FOLDER}/prefix)
  list(APPEND arguments -DCMAKE_PREFIX_PATH=${FOLDER}/prefix)
else()
  # Same sources, same flags: a compiler cache that does not look at the folder
  # of the build has these objects already.
  set(ENV{CCACHE_NOHASHDIR} 1)
  list(APPEND arguments -DTOCSIN_SOURCE=${SOURCE} -DTOCSIN_WERROR=${WERROR})
endif()
if(SANITIZE)
  list(APPEND arguments -DCMAKE_EXE_LINKER_FLAGS=-fsanitize=${SANITIZE})
  if(WAY STREQUAL "add_subdirectory")
    list(APPEND arguments -DTOCSIN_SANITIZE=${SANITIZE})
  endif()
endif()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${FOLDER}/build
    ${arguments})
run(${CMAKE_COMMAND} --build ${FOLDER}/build)
run(${FOLDER}/build/whole)
if(NOT output MATCHES "Login by kim at 2026-01-15T10:20:30Z")
  message(FATAL_ERROR "unexpected output of the program:\n${output}")
endif()
run(${FOLDER}/build/headers_only)
run(${FOLDER}/build/runtime_only)

# Nothing but the two libraries is built into a parent: no tests, no program.
if(EXISTS ${FOLDER}/build/tocsin/bin OR EXISTS ${FOLDER}/build/tocsin/tests)
  message(FATAL_ERROR "tests or the program were built for a parent project")
endif()
