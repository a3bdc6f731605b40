#!/bin/sh
# From a bare Debian 12 (git, and root or sudo) to detections: installs the
# packages that are missing, builds the program, and matches the rules of
# examples/rules against the events of examples/events. Works from any folder.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
build=$root/build/release
detections=$build/detections.ndjson

"$root/tests/install_packages.sh" build

cd "$root"
echo "== building (preset release)"
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)"

echo
echo "== tocsin run -r examples/rules examples/events"
"$build/bin/tocsin" run -r examples/rules examples/events

"$build/bin/tocsin" run -r examples/rules --format ndjson -o "$detections" \
  examples/events 2>/dev/null
echo
echo "== the same as NDJSON: $(wc -l <"$detections") detections in"
echo "   $detections"
head -n 1 "$detections"
