#!/bin/sh
# Other Sigma engines and Tocsin over the lanes of bench/match: events per second
# of one core, rules loaded beforehand.
#
#   bench/peers/run.sh [WORK]      WORK: where all is put (default: build/peers)
#
# Fetches rsigma, library and program, and sigma-rust from crates.io, pySigma from
# PyPI; nothing of it is part of the project, its tests or its releases. Needs
# cargo (rustc 1.96 or newer for rsigma; `cargo +nightly` is used if the default
# one is older), zstd and python3. The first run builds for a quarter of an hour.
#
# REPETITIONS (default: 5) is how often each peer is measured, in turn with the
# others; medians are shown. SAMPLE (default: 1000) is how many events, spread
# over a lane, the slow peers get; SAMPLE=0 leaves them out. CPU names the core to
# run on (default: the last one). RSIGMA names an rsigma program to measure
# instead of the one that is built. WORK/results.ndjson holds each measurement.
# Exit code: 0, or 1 if something did not build or matches are not the expected
# ones.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
corpus=${TOCSIN_CORPUS:-$root/../shared}
work=${1:-$root/build/peers}

mkdir -p "$work/rules"
[ -d "$work/rules/rules" ] ||
  zstd -qdc --long=27 "$corpus/corpora/sigma-rules.tar.zst" | tar -x -C "$work/rules"
for lane in windows-sysmon cloudtrail network-linux-other; do
  [ -s "$work/$lane.ndjson" ] ||
    zstd -qdc --long=27 "$corpus/corpora/$lane.ndjson.zst" |
    python3 "$here/lanes.py" > "$work/$lane.ndjson"
done

cargo=cargo
minor=$(rustc --version | sed 's/^rustc 1\.\([0-9]*\).*/\1/')
[ "$minor" -ge 96 ] || cargo="cargo +nightly"
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/target}
export CARGO_TARGET_DIR
nice -n 19 $cargo build --release -j1 --manifest-path "$here/rust/Cargo.toml" >&2

# The program with the same optimisation as the library gets, and the features
# that evaluating asks for. Not --locked: its lock names crates that are gone.
program=${RSIGMA:-$work/program/bin/rsigma}
if [ ! -x "$program" ]; then
  CARGO_PROFILE_RELEASE_LTO=thin CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
    nice -n 19 $cargo install rsigma --version 0.26.0 --no-default-features \
    --features daachorse-index --root "$work/program" -j1 >&2
fi

if [ ! -x "$work/python/bin/python" ]; then
  python3 -m venv "$work/python"
  "$work/python/bin/pip" install -q pysigma==2.0.1 pysigma-backend-sqlite==2.1.1 >&2
fi

cd "$root"
cmake --preset bench > /dev/null
cmake --build --preset bench --target match_bench >&2

TOCSIN_CORPUS=$corpus
export TOCSIN_CORPUS
pin=
if command -v taskset > /dev/null; then
  pin="taskset -c ${CPU:-$(($(nproc) - 1))}"
fi
# shellcheck disable=SC2086  # $pin is a command and its arguments, or nothing.
$pin python3 "$here/measure.py" --work "$work" \
  --drivers "$CARGO_TARGET_DIR/release" --rsigma "$program" \
  --tocsin "$root/build/bench/bench/match/match_bench" \
  --repetitions "${REPETITIONS:-5}" --sample "${SAMPLE:-1000}"
