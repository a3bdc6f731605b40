#!/bin/sh
# Where the cycles of matching go, by stage. Needs Linux perf.
#
#   bench/profile.sh RULES EVENTS     both as for `tocsin bench`
#
# Functions are put to stages by their names; what they call in the C library
# is a line of its own, since it cannot be told whom it was for.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
build=$root/build/bench
cd "$root"
cmake --preset bench > /dev/null
cmake --build --preset bench --target tocsin_program > /dev/null
perf record -q -o "$build/profile.data" \
  "$build/bin/tocsin" bench -r "$1" "$2" --passes 100 --top 1 > /dev/null
perf report -i "$build/profile.data" --no-children --stdio 2> /dev/null |
  python3 "$root/bench/stages.py"
