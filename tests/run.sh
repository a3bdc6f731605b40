#!/bin/sh
# Builds Tocsin and runs all of its tests, on a Debian 12 with nothing but git
# and root or sudo. Works from any folder.
#
#   tests/run.sh [CTEST ARGUMENTS...]      as: tests/run.sh -R base
#
# TOCSIN_CORPUS names the folder with the corpora that some suites need;
# without it, ../shared beside the project is taken.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
jobs=$(nproc)
export CTEST_PARALLEL_LEVEL="$jobs"

say() { printf '\n== %s\n' "$*"; }

"$root/tests/install_packages.sh" build python tests

if [ -z "${TOCSIN_CORPUS:-}" ] && [ -d "$root/../shared/corpora" ]; then
  TOCSIN_CORPUS=$(CDPATH= cd -- "$root/../shared" && pwd)
fi
if [ -n "${TOCSIN_CORPUS:-}" ]; then
  export TOCSIN_CORPUS
fi

say "building (preset dev, $jobs jobs)"
cd "$root"
cmake --preset dev
cmake --build --preset dev -j "$jobs"

# A second compiler, where there is one, with sanitizers: the library and the
# program without warnings, the corpora of the fuzz targets, the examples.
if command -v clang++-19 >/dev/null 2>&1; then
  say "clang 19 with address and undefined-behaviour sanitizers"
  cmake --preset fuzz
  cmake --build build/fuzz -j "$jobs" --target tocsin_program fuzz_targets
  tests/fuzz.sh 0
  build/fuzz/bin/tocsin run -r examples/rules examples/events \
    >build/fuzz/examples.log 2>&1 || { cat build/fuzz/examples.log; exit 1; }
else
  say "SKIPPED: the pass with clang 19 and sanitizers (no clang++-19 here)"
fi

if [ -z "${TOCSIN_CORPUS:-}" ]; then
  say "SKIPPED SUITES: no ../shared and no TOCSIN_CORPUS, so these do not run:"
  tests/conformance.sh --list | grep -v '^cep' | sed 's/^/     /'
fi

say "testing"
ctest --preset dev "$@"
