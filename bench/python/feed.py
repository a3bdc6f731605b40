#!/usr/bin/env python3
"""How fast events go in by each way of the Python package, beside the program.

usage: feed.py RULES EVENTS...

RULES is a folder of rules, EVENTS are NDJSON files. Run it with the Python of
an environment that has the package, and pyarrow for two of the ways. Each way
is measured REPETITIONS times (default: 7), in turn with the others; the median
of CPU time counts. Ways that do not find the same are an error.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import tocsin

REPETITIONS = int(os.environ.get("REPETITIONS", "7"))
LEAST_EVENTS = 20_000  # Shorter files are repeated.


def ways_of(text: bytes) -> dict[str, object]:
    lines = text.splitlines()
    records = [json.loads(line) for line in lines]
    ways: dict[str, object] = {
        "bytes": text,
        "str": text.decode("utf-8", "replace"),
        "list of bytes": lines,
        "list of dicts": records,
    }
    try:
        import pyarrow
    except ImportError:
        return ways
    ways["Arrow, JSON"] = pyarrow.array(
        [line.decode("utf-8", "replace") for line in lines],
        pyarrow.large_string(),
    )
    return ways


def program_ns(rules: str, events: str) -> float:
    """What `tocsin bench` tells of the warm engine, in ns an event."""
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", "bench", "-r", rules, events],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"^warm.* ([\d,]+) ns/event", done.stdout, re.MULTILINE)
    assert found, done.stdout
    return float(found.group(1).replace(",", ""))


def measure(rules: tocsin.RuleSet, path: str, rule_path: str) -> None:
    text = Path(path).read_bytes()
    count = len(text.splitlines())
    text *= max(1, LEAST_EVENTS // count)
    count = len(text.splitlines())
    ways = ways_of(text)
    engines = {way: tocsin.Engine(rules) for way in ways}
    found = {way: len(engines[way].feed(ways[way])) for way in ways}
    assert len(set(found.values())) == 1, found
    times: dict[str, list[float]] = {way: [] for way in ways}
    program = []
    for _ in range(REPETITIONS):
        program.append(program_ns(rule_path, path))
        for way, events in ways.items():
            begin = time.process_time()
            engines[way].feed(events)
            times[way].append((time.process_time() - begin) / count * 1e9)
    base = statistics.median(program)
    print(f"{Path(path).name}: {count:,} events, {found['bytes']} detections")
    print(f"  {'program, warm':16} {base:8,.0f} ns/event")
    for way, taken in times.items():
        ns = statistics.median(taken)
        print(
            f"  {way:16} {ns:8,.0f} ns/event {1e6 / ns:8,.0f} k events/s"
            f"  {base / ns:5.2f} x the program"
        )


def measure_call() -> None:
    """What a call costs beyond its event: one line a call, and many."""
    engine = tocsin.Engine(tocsin.compile("title: a\n" + RULE))
    line, count = b'{"a":"b","c":"d"}', 200_000
    many = b"\n".join([line] * count)

    def one_by_one() -> None:
        feed = engine.feed
        for _ in range(count):
            feed(line)

    alone, together = [], []
    for _ in range(REPETITIONS):
        begin = time.process_time()
        one_by_one()
        middle = time.process_time()
        engine.feed(many)
        end = time.process_time()
        alone.append((middle - begin) / count * 1e9)
        together.append((end - middle) / count * 1e9)
    a, b = statistics.median(alone), statistics.median(together)
    print(
        f"feed(bytes): {a:.0f} ns for a call of one small event, of which "
        f"{a - b:.0f} are not the engine's"
    )


RULE = """\
logsource: {product: x}
detection:
  s: {a: c}
  condition: s
"""


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rules = tocsin.compile(sys.argv[1])
    print(f"{len(rules):,} rules; load {os.getloadavg()[0]:.1f}")
    measure_call()
    for path in sys.argv[2:]:
        measure(rules, path, sys.argv[1])


if __name__ == "__main__":
    main()
