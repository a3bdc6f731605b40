# What every target of Tocsin's own shares: C++20, warnings, sanitizers.

add_library(tocsin_options INTERFACE)
target_compile_features(tocsin_options INTERFACE cxx_std_20)
target_compile_options(tocsin_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  # Leaving a member of an options struct at its default is what they are for.
  -Wno-missing-field-initializers
  # Clang warns of what std::stable_sort of libstdc++ 12 calls inside; g++
  # still tells of ours.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
if(TOCSIN_WERROR)
  target_compile_options(tocsin_options INTERFACE -Werror)
endif()
if(TOCSIN_SANITIZE)
  target_compile_options(tocsin_options INTERFACE
    -fsanitize=${TOCSIN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(tocsin_options INTERFACE -fsanitize=${TOCSIN_SANITIZE})
endif()
if(TOCSIN_FUZZ)
  target_compile_options(tocsin_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
