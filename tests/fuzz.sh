#!/bin/sh
# Fuzzes each target for SECONDS (default 600) with clang 19's libFuzzer under
# the address and undefined-behaviour sanitizers.
#
#   tests/fuzz.sh [SECONDS [TARGET...]]    as: tests/fuzz.sh 60 sigma_fuzz
#
# With 0 seconds it only replays what is there.
#
# Starts from tests/fuzz/corpus/TARGET; what it finds is kept below
# build/fuzz/found. An input that breaks a target is written there as well:
# copy it into the corpus, and it is replayed as a plain test from then on.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
seconds=${1:-600}
[ $# -eq 0 ] || shift

if ! command -v clang++-19 >/dev/null 2>&1; then
  echo "fuzz.sh: needs clang++-19 (packages clang-19 libclang-rt-19-dev)" >&2
  exit 3
fi

cd "$root"
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -j "$(nproc)"

if [ $# -eq 0 ]; then
  for target in build/fuzz/tests/fuzz/*_fuzz; do
    [ ! -x "$target" ] || set -- "$@" "$(basename "$target")"
  done
fi

export ASAN_OPTIONS="detect_leaks=1:allocator_may_return_null=1"
export UBSAN_OPTIONS="print_stacktrace=1"
failed=
for target in "$@"; do
  name=${target%_fuzz}
  found=build/fuzz/found/$name
  mkdir -p "$found" "tests/fuzz/corpus/$name"
  dictionary=tests/fuzz/$name.dict
  if [ "$seconds" = 0 ]; then
    effort=-runs=0
  else
    effort="-max_total_time=$seconds -print_final_stats=1"
  fi
  echo "== $target, $seconds s"
  "build/fuzz/tests/fuzz/$target" \
    $effort -timeout=25 -rss_limit_mb=2048 -verbosity=0 \
    -artifact_prefix="$found/" \
    $([ ! -f "$dictionary" ] || echo "-dict=$dictionary") \
    "$found" "tests/fuzz/corpus/$name" || failed="$failed $target"
done
if [ -n "$failed" ]; then
  echo "FAILED:$failed"
  exit 1
fi
echo "no target broke"
