#!/usr/bin/env python3
"""pySigma turns rules into SQL; SQLite runs each over a table of all events.

usage: sqlite_batch.py RULES LANE

Prints one JSON object, as the other drivers do. Loading rules is timed apart;
reading events, filling the table and the queries are what is measured.
"""

import json
import pathlib
import re
import sqlite3
import sys
import time

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection


def load_queries(folder):
    backend = sqliteBackend()
    queries = []
    for path in sorted(pathlib.Path(folder).rglob("*.yml")):
        try:
            rules = SigmaCollection.from_yaml(path.read_text(encoding="utf-8"))
            queries.append([text for rule in rules
                            for text in backend.convert_rule(rule)])
        except Exception:  # A rule that cannot be said in SQL.
            continue
    return queries


def flatten(value, name, into):
    if isinstance(value, dict):
        for key, inner in value.items():
            flatten(inner, f"{name}.{key}" if name else key, into)
        return
    if isinstance(value, list):
        value = json.dumps(value)
    if isinstance(value, int) and abs(value) >= 2**63:
        value = str(value)
    into.setdefault(name.lower(), value)  # SQL has no case in its names.


def fill(database, lane):
    events = []
    with open(lane, encoding="utf-8") as file:
        for line in file:
            event = {}
            flatten(json.loads(line), "", event)
            events.append(event)
    columns = sorted({name for event in events for name in event})[:1900]
    quoted = ["`" + name.replace("`", "") + "`" for name in columns]
    database.execute("CREATE TABLE logs (" + ",".join(
        name + " TEXT COLLATE NOCASE" for name in quoted) + ")")
    marks = ",".join("?" * len(columns))
    database.executemany(
        f"INSERT INTO logs VALUES ({marks})",
        ([event.get(name) for name in columns] for event in events))
    return len(events)


def main():
    begin = time.process_time()
    queries = load_queries(sys.argv[1])
    load = time.process_time() - begin

    database = sqlite3.connect(":memory:")
    database.create_function(
        "regexp", 2,
        lambda pattern, text: text is not None
        and re.search(pattern, str(text)) is not None)
    begin = time.process_time()
    events = fill(database, sys.argv[2])
    matches = 0
    for rule in queries:
        for query in rule:
            try:
                matches += len(database.execute(
                    query.replace("<TABLE_NAME>", "logs")).fetchall())
            except (sqlite3.Error, re.error):  # A field that no event has.
                continue
    spent = time.process_time() - begin
    print(json.dumps({
        "peer": "pySigma and SQLite", "rules": len(queries), "load_s": load,
        "events": events, "matches": matches,
        "events_per_second": events / spent}))


if __name__ == "__main__":
    main()
