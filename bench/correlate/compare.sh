#!/bin/sh
# All figures of correlation, in one run: beside a program written by hand and
# beside Esper, pauses, memory, from NDJSON; then a table of goals. Five minutes
# on a machine that does nothing else, and what building takes.
#
#   bench/correlate/compare.sh [WORK]   WORK: where all is put (default:
#                                       build/correlate)
#
# The program by hand is peers/cep/cpp of the shared data (TOCSIN_CORPUS, default
# ../shared). Esper is fetched from its registry by maven and driven by
# esper/EsperTurn.java; without maven and a JDK it is left out, and said so.
# TURNS (default: 5) is how often each is measured, KEYS (default: 100000) how
# many keys events have. CPU names the core to run on (default: the last one).
# Exit code: 0, or 1 if something did not build, or did not fire as expected.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
corpus=${TOCSIN_CORPUS:-$root/../shared}
work=${1:-$root/build/correlate}
mkdir -p "$work"

cd "$root"
cmake --preset bench > /dev/null
cmake --build --preset bench --target correlate_run ndjson_run >&2
g++ -O3 -march=native -std=c++20 "$corpus/peers/cep/cpp/cep_floor.cpp" \
  -o "$work/floor"

esper=
if command -v mvn > /dev/null && command -v javac > /dev/null; then
  [ -s "$work/esper.classpath" ] ||
    mvn -q -B -f "$here/esper/pom.xml" dependency:build-classpath \
      "-Dmdep.outputFile=$work/esper.classpath" >&2
  javac -d "$work" -cp "$(cat "$work/esper.classpath")" \
    "$here/esper/EsperTurn.java"
  esper=$(cat "$work/esper.classpath"):$work
else
  echo "compare.sh: no maven or no JDK; Esper is left out" >&2
fi

pin=
if command -v taskset > /dev/null; then
  pin="taskset -c ${CPU:-$(($(nproc) - 1))}"
fi
# shellcheck disable=SC2086  # $pin is a command and its arguments, or nothing.
$pin python3 "$here/compare.py" --work "$work" --floor "$work/floor" \
  --tocsin "$root/build/bench/bench/correlate/correlate_run" \
  --ndjson "$root/build/bench/bench/correlate/ndjson_run" \
  --esper "$esper" --keys "${KEYS:-100000}" --turns "${TURNS:-5}"
