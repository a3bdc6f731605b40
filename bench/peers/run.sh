#!/bin/sh
# Other Sigma engines over the lanes of bench/match: events per second of one
# core, rules loaded beforehand.
#
#   bench/peers/run.sh [WORK]      WORK: where all is put (default: build/peers)
#
# Fetches rsigma and sigma-rust from crates.io, pySigma from PyPI; nothing of it
# is part of the project, its tests or its releases. Needs cargo (rustc 1.96 or
# newer for rsigma; `cargo +nightly` is used if the default one is older), zstd
# and python3. RSIGMA names the rsigma program, where it is installed, as by
#   cargo install rsigma --version 0.26.0 --no-default-features \
#     --features daachorse-index
# SAMPLE (default: 1000) is how many events, spread over a lane, the slow peers
# get. CPU names the core to run on (default: the last one).
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
corpus=${TOCSIN_CORPUS:-$root/../shared}
work=${1:-$root/build/peers}
sample=${SAMPLE:-1000}
pin=
if command -v taskset > /dev/null; then
  pin="taskset -c ${CPU:-$(($(nproc) - 1))}"
fi

mkdir -p "$work/rules"
[ -d "$work/rules/rules" ] ||
  zstd -qdc --long=27 "$corpus/corpora/sigma-rules.tar.zst" | tar -x -C "$work/rules"

cargo=cargo
minor=$(rustc --version | sed 's/^rustc 1\.\([0-9]*\).*/\1/')
[ "$minor" -ge 96 ] || cargo="cargo +nightly"
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/target}
export CARGO_TARGET_DIR
nice -n 19 $cargo build --release -j1 --manifest-path "$here/rust/Cargo.toml" >&2
bin=$CARGO_TARGET_DIR/release

if [ ! -x "$work/python/bin/python" ]; then
  python3 -m venv "$work/python"
  "$work/python/bin/pip" install -q pysigma==2.0.1 pysigma-backend-sqlite==2.1.1 >&2
fi

# Seconds of user and system time of a command that reads `$1`.
seconds_of() {
  input=$1
  shift
  /usr/bin/env python3 - "$input" "$@" << 'PY'
import resource, subprocess, sys
with open(sys.argv[1], "rb") as lane:
    subprocess.run(sys.argv[2:], stdin=lane, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime)
PY
}

results=$work/results.ndjson
: > "$results"
note() { sed "s/^{/{\"lane\": \"$1\", /" >> "$results"; }

for lane in windows-sysmon cloudtrail network-linux-other; do
  file=$work/$lane.ndjson
  [ -s "$file" ] ||
    zstd -qdc --long=27 "$corpus/corpora/$lane.ndjson.zst" |
    python3 "$here/lanes.py" > "$file"
  events=$(wc -l < "$file")
  passes=$((60000 / events + 1))
  step=$((events / sample + 1))
  awk -v step=$step 'NR % step == 0' "$file" > "$work/sample.ndjson"
  rules=$work/rules/rules

  ROUTING=1 $pin "$bin/rsigma_library" "$rules" "$file" "$passes" | note $lane
  ROUTING=0 $pin "$bin/rsigma_library" "$rules" "$file" 1 | note $lane
  if [ -n "${RSIGMA:-}" ]; then
    # What loading takes is taken off: a run without events.
    whole=$(seconds_of "$file" $pin "$RSIGMA" engine eval -r "$rules" \
      --logsource-routing --quiet --output-format ndjson)
    load=$(seconds_of /dev/null $pin "$RSIGMA" engine eval -r "$rules" \
      --logsource-routing --quiet --output-format ndjson)
    awk -v n="$events" -v s="$whole" -v l="$load" 'BEGIN {
      printf "{\"peer\": \"rsigma program, routed\", \"events\": %d, \"load_s\": %f, \"events_per_second\": %f}\n", n, l, n / (s - l) }' | note $lane
  fi
  $pin "$bin/sigma_rust" "$rules" "$work/sample.ndjson" 1 | note $lane
  $pin "$work/python/bin/python" "$here/sqlite_batch.py" "$rules" \
    "$work/sample.ndjson" | note $lane
done

python3 - "$results" << 'PY'
import json, sys
print(f"{'lane':22}{'peer':28}{'events/s':>12}{'events':>10}{'matches':>10}")
for line in open(sys.argv[1], encoding="utf-8"):
    row = json.loads(line)
    print(f"{row['lane']:22}{row['peer']:28}{row['events_per_second']:12,.0f}"
          f"{row['events']:10,}{row.get('matches', ''):>10}")
PY
