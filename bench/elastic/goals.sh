#!/bin/sh
# Elastic's rules against their goals, in some two minutes:
#
#   bench/elastic/goals.sh
#
# Fifty event queries in EQL beside the engine in Python (`eql`, from PyPI, put
# into build/peers), from the same lines of JSON; public rules over the Windows lane
# beside a DOM parse of it, and 1,024 rules beside 100. What is compared takes turns
# in one run; medians are shown, and all answers are checked. Builds the bench
# preset. TOCSIN_CORPUS names the data (default: ../shared); CPU the core to run on
# (default: the last one); ROUNDS how many turns the Windows lane takes (default:
# 21). Exit code: 0 all goals reached, 1 some missed, 2 something did not build or
# another answer was found than should be.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
TOCSIN_CORPUS=${TOCSIN_CORPUS:-$root/../shared}
export TOCSIN_CORPUS
python=$root/build/peers/eql-python/bin/python
bench=$root/build/bench/bench/elastic/elastic_bench
results=$root/build/bench/elastic_goals.ndjson

cd "$root"
{
  cmake --preset bench && cmake --build --preset bench --target elastic_bench
} >&2 || exit 2
if [ ! -x "$python" ]; then
  python3 -m venv "$root/build/peers/eql-python" >&2 || exit 2
  "$python" -m pip install -q eql==1.0.1 >&2 || exit 2
fi
pin=
if command -v taskset > /dev/null; then
  pin="taskset -c ${CPU:-$(($(nproc) - 1))}"
fi
# shellcheck disable=SC2086  # $pin is a command and its arguments, or nothing.
{
  $pin "$bench" windows "${ROUNDS:-21}" > "$results" || exit 2
  $pin "$python" bench/peers/eql_python.py "$bench" >> "$results" || exit 2
}
cat "$results" >&2
"$python" "$here/goals.py" "$results"
