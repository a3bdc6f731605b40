#!/bin/sh
# Builds the benches, runs them all, and prints one table.
#
#   bench/run.sh [FILTER]      FILTER: a regular expression over the names of
#                              benches, as BM_SigmaMatch/windows
#
# Results go to build/bench/results.json too. REPETITIONS (default: 5) is how
# often each row is measured; medians are shown. CPU names the core to run on
# (default: the last one). TOCSIN_CORPUS names the data (default: ../shared).
# Exit code: 0, or 1 if something did not build or a row was wrong.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
build=$root/build/bench
results=$build/results.json

cd "$root"
cmake --preset bench > /dev/null
cmake --build --preset bench --target match_bench load_rules correlate_bench

pin=
if command -v taskset > /dev/null; then
  pin="taskset -c ${CPU:-$(($(nproc) - 1))}"
fi
# shellcheck disable=SC2086  # $pin is a command and its arguments, or nothing.
$pin "$build/bench/match/match_bench" \
  --benchmark_filter="${1:-.}" \
  --benchmark_repetitions="${REPETITIONS:-5}" \
  --benchmark_out="$results" --benchmark_out_format=json > "$build/bench.log" 2>&1 || {
    cat "$build/bench.log" >&2
    exit 1
  }
python3 "$root/bench/table.py" "$results"
