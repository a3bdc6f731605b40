#!/bin/sh
# All benches of the Python package, some five minutes on a quiet machine.
#
#   bench/python/run.sh PYTHON [WORK]
#
# PYTHON is that of an environment that has the package tocsin (tests/python/
# install.sh makes one: build/dev/tests/python/venv/bin/python); with pyarrow,
# eql and pysigma-backend-sqlite in it, all is measured. WORK (default:
# build/peers) holds rules and lanes, which are unpacked from TOCSIN_CORPUS
# (default: ../shared) where they are missing.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
TOCSIN_CORPUS=${TOCSIN_CORPUS:-$root/../shared}
export TOCSIN_CORPUS
python=$1
work=${2:-$root/build/peers}

mkdir -p "$work/rules"
[ -d "$work/rules/rules" ] ||
  zstd -qdc --long=27 "$TOCSIN_CORPUS/corpora/sigma-rules.tar.zst" |
  tar -x -C "$work/rules"
for lane in windows-sysmon cloudtrail; do
  [ -s "$work/$lane.ndjson" ] ||
    zstd -qdc --long=27 "$TOCSIN_CORPUS/corpora/$lane.ndjson.zst" |
    python3 "$root/bench/peers/lanes.py" > "$work/$lane.ndjson"
done

REPETITIONS=${REPETITIONS:-3} "$python" "$here/feed.py" "$work/rules/rules" \
  "$work/windows-sysmon.ndjson" "$work/cloudtrail.ndjson"
"$python" "$here/endure.py" "$work/rules/rules" "$work/cloudtrail.ndjson" \
  "${MILLIONS:-10}"
SAMPLE=${SAMPLE:-200} "$python" "$here/peers.py" "$work/rules/rules" \
  "$work/cloudtrail.ndjson"
