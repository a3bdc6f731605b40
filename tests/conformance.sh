#!/bin/sh
# Runs conformance suites over the corpora, from an existing build.
#
#   tests/conformance.sh [SUITE...]        all but large suites, or those named
#   tests/conformance.sh --list            the suites there are
#
# Prints one line a suite, `SUITE passed / total`. TOCSIN_BUILD names the build
# folder (default: build/dev), TOCSIN_CORPUS the corpora (default: ../shared).
# Exit code: 0 all passed, 1 some did not, 3 unknown suite or no build,
# 77 skipped for want of the corpora.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
suites="sigma-load sigma-regression sigma-oracle public-bugs correlation-bugs cep eql-expressions eql-queries eql-series kql elastic-rules endpoint-rules ml-jobs ml-engine auth28d nab"
# Minutes each; run only when named.
large_suites="cep-large"

list() { for suite in $suites $large_suites; do echo "$suite"; done; }

if [ "${1:-}" = --list ]; then
  list
  exit 0
fi

for wanted in "$@"; do
  known=no
  for suite in $suites $large_suites; do
    [ "$suite" != "$wanted" ] || known=yes
  done
  if [ "$known" = no ]; then
    echo "conformance.sh: unknown suite '$wanted'; the suites are:" >&2
    list >&2
    exit 3
  fi
done
[ $# -gt 0 ] || set -- $suites

program=${TOCSIN_BUILD:-$root/build/dev}/tests/conformance/tocsin_conformance
if [ ! -x "$program" ]; then
  echo "conformance.sh: no $program; build it first (cmake --preset dev &&" \
       "cmake --build --preset dev), or set TOCSIN_BUILD" >&2
  exit 3
fi
if [ -z "${TOCSIN_CORPUS:-}" ] && [ -d "$root/../shared" ]; then
  TOCSIN_CORPUS=$(CDPATH= cd -- "$root/../shared" && pwd)
  export TOCSIN_CORPUS
fi

worst=0
for suite in "$@"; do
  code=0
  "$program" "$suite" || code=$?
  # A failure outweighs a suite that was skipped.
  if [ "$worst" = 0 ] || { [ "$worst" = 77 ] && [ "$code" != 0 ]; }; then
    worst=$code
  fi
done
exit "$worst"
