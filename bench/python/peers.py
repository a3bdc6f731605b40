#!/usr/bin/env python3
"""The package beside Python's other engines: pySigma with SQLite, and eql.

usage: peers.py RULES EVENTS

RULES is a folder of Sigma rules, EVENTS an NDJSON file; SAMPLE (default: 1000) is
how many of its events, from its beginning on, SQLite gets. What is not installed
(pysigma with pysigma-backend-sqlite; eql) is left out, and it is said so.
TOCSIN_CORPUS names the data of the queries in EQL (default: ../shared). CPU time
counts; loading rules does not.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tocsin

HERE = Path(__file__).resolve().parent
CORPUS = Path(os.environ.get("TOCSIN_CORPUS", HERE.parents[2] / "shared"))
SAMPLE = int(os.environ.get("SAMPLE", "1000"))
QUERIES = 50
LEAST_SECONDS = 3.0
FIELDS = """\
fields:
  - logsource: {product: endgame}
    map: {event.category: event_type}
"""


def speed_of(engine: tocsin.Engine, text: bytes) -> float:
    """Events a second of CPU time, warm."""
    engine.feed(text)
    before, begin = engine.metrics()["events"], time.process_time()
    while time.process_time() - begin < LEAST_SECONDS:
        engine.feed(text)
    seconds = time.process_time() - begin
    return float((engine.metrics()["events"] - before) / seconds)


def tell(name: str, theirs: float, ours: float) -> None:
    print(f"{name}: {theirs:,.0f} events/s, tocsin {ours:,.0f}: "
          f"{ours / theirs:,.0f} times as many")


def beside_sqlite(rule_path: str, event_path: str) -> None:
    if importlib.util.find_spec("sigma") is None:
        print("SKIPPED: pySigma with SQLite (pip install pysigma "
              "pysigma-backend-sqlite)")
        return
    lines = Path(event_path).read_bytes().splitlines(keepends=True)[:SAMPLE]
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as sample:
        sample.write(b"".join(lines))
        sample.flush()
        done = subprocess.run(
            [sys.executable, HERE.parent / "peers" / "sqlite_batch.py", rule_path,
             sample.name],
            capture_output=True, check=True, text=True,
        )
    peer = json.loads(done.stdout)
    ours = speed_of(tocsin.Engine(tocsin.compile(rule_path)), b"".join(lines))
    tell(f"pySigma and SQLite, {peer['rules']:,} rules over {len(lines):,} events",
         peer["events_per_second"], ours)


def beside_eql() -> None:
    if importlib.util.find_spec("eql") is None:
        print("SKIPPED: eql (pip install eql)")
        return
    folder = CORPUS / "conformance" / "eql"
    if not folder.is_dir():
        print("SKIPPED: eql (no ../shared and no TOCSIN_CORPUS)")
        return
    import eql
    import eql.parser
    import eql.utils

    queries = []
    for line in (folder / "queries.jsonl").open():
        query = json.loads(line)
        if (query["kind"] == "event" and query["dataset"] == "events-endgame"
                and query.get("python_eql_1_0_1") == "agrees"
                and "|" not in query["query"] and "expected_ids" in query):
            queries.append((query["query"], len(query["expected_ids"])))
    queries = queries[:QUERIES]
    expected = sum(count for _, count in queries)
    text = (folder / "events-endgame.ndjson").read_bytes()
    events = [eql.Event.from_data(json.loads(line)) for line in text.splitlines()]

    eql.utils.CASE_INSENSITIVE = False  # As Elasticsearch compares.
    engine = eql.PythonEngine()
    with eql.parser.elasticsearch_syntax:
        for source, _ in queries:
            engine.add_query(eql.parse_query(source))
    found = 0

    def count(_: object) -> None:
        nonlocal found
        found += 1

    engine.add_output_hook(count)
    fed, begin = 0, time.process_time()
    while time.process_time() - begin < LEAST_SECONDS:
        engine.stream_events(events, finalize=False)
        fed += 1
    theirs = fed * len(events) / (time.process_time() - begin)
    assert found == fed * expected, (found, fed * expected)

    compiler = tocsin.Compiler()
    compiler.add_fields_text(FIELDS)
    for number, (source, _) in enumerate(queries):
        compiler.add_text(source, f"query{number}.eql")
    ours = tocsin.Engine(
        compiler.compile(strict=True), log_source="product=endgame"
    )
    mine = len(ours.feed(text))
    assert mine == expected, (mine, expected)
    tell(f"eql, {len(queries)} queries", theirs, speed_of(ours, text))


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(f"load {os.getloadavg()[0]:.1f}")
    beside_eql()
    beside_sqlite(sys.argv[1], sys.argv[2])


if __name__ == "__main__":
    main()
