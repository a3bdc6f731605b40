#!/usr/bin/env python3
"""Fifty event queries in EQL by the engine in Python (pip install eql) and by Tocsin.

usage: eql_python.py BENCH [EVENTS]

BENCH is build/bench/bench/elastic/elastic_bench; it is run with the same queries
and events, in turn with the other. TOCSIN_CORPUS names the data (default: ../shared).
Both begin with lines of JSON; Python is measured a second time with events that
were read beforehand. CPU time counts, medians of five turns are shown. All answers
are checked. Exit code: 0, or 1 if one is wrong.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import eql
import eql.parser
import eql.utils

QUERIES = 50
TURNS = 5


def corpus():
    given = os.environ.get("TOCSIN_CORPUS")
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    return pathlib.Path(given) if given else root.parent / "shared"


def queries():
    """The same that elastic_bench chooses, and how many events each is true of."""
    chosen = []
    for line in (corpus() / "conformance/eql/queries.jsonl").open():
        query = json.loads(line)
        if (query["kind"] == "event" and query["dataset"] == "events-endgame"
                and query.get("python_eql_1_0_1") == "agrees"
                and "|" not in query["query"] and "expected_ids" in query):
            chosen.append((query["query"], len(query["expected_ids"])))
    return chosen[:QUERIES]


def main():
    bench = sys.argv[1]
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 30_000
    chosen = queries()
    lines = (corpus() / "conformance/eql/events-endgame.ndjson").open().readlines()
    rounds = max(1, wanted // len(lines))
    events = [eql.Event.from_data(json.loads(line)) for line in lines]
    expected = sum(count for _, count in chosen) * rounds

    found = 0

    def count(_):
        nonlocal found
        found += 1

    eql.utils.CASE_INSENSITIVE = False  # As Elasticsearch compares.
    engine = eql.PythonEngine()
    with eql.parser.elasticsearch_syntax:
        for text, _ in chosen:
            engine.add_query(eql.parse_query(text))
    engine.add_output_hook(count)

    def run_python(make_events):
        nonlocal found
        found = 0
        begin = time.process_time()
        for _ in range(rounds):
            engine.stream_events(make_events(), finalize=False)
        seconds = time.process_time() - begin
        if found != expected:
            sys.exit(f"expected {expected} matches, found {found} in Python")
        return rounds * len(events) / seconds

    def run_tocsin():
        printed = subprocess.run([bench, "endgame", str(wanted * 30)], check=True,
                                 stdout=subprocess.PIPE).stdout
        return json.loads(printed)["events_per_second"]

    speeds = {"python": [], "read": [], "tocsin": []}
    for _ in range(TURNS):
        speeds["python"].append(run_python(
            lambda: [eql.Event.from_data(json.loads(line)) for line in lines]))
        speeds["tocsin"].append(run_tocsin())
        speeds["read"].append(run_python(lambda: events))
    median = {name: statistics.median(values) for name, values in speeds.items()}
    ratio = {name: statistics.median(t / p for t, p in
                                     zip(speeds["tocsin"], speeds[name]))
             for name in ("python", "read")}
    print(json.dumps({
        "task": "endgame", "rules": len(chosen),
        "tocsin_events_per_second": round(median["tocsin"]),
        "python_events_per_second": round(median["python"]),
        "python_read_beforehand": round(median["read"]),
        "times_python": round(ratio["python"], 1),
        "times_python_read_beforehand": round(ratio["read"], 1)}))


if __name__ == "__main__":
    main()
