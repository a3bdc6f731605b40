#!/usr/bin/env python3
"""Measures correlation in turn with programs written otherwise, as one table.

usage: compare.py --work WORK --tocsin CORRELATE_RUN --floor PROGRAM
                  [--ndjson NDJSON_RUN] [--esper CLASSPATH] [--keys N]
                  [--turns N] [--other PROGRAM]

The peers of a workload take turns on the core that this process is pinned to, CPU
time is what counts, and of what they say against each other medians over turns
are shown: a machine that slows down slows all of them. All must fire at the same
events. Each measurement goes to WORK/correlate.ndjson. --other: another build of
CORRELATE_RUN, to compare two of them. The table at the end has what is reached of
the goals; one that is missed is no failure.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys


ESPER_TURNS = 2
# Of what is measured beside it: how much of it is the goal.
RATIOS = {("order", "floor"): ("of that by hand", 0.5),
          ("order", "esper"): ("of Esper", 10),
          ("late", "floor"): ("late events, of the heap", 1)}


def printed_by(command):
    return subprocess.run([str(word) for word in command], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


class Comparison:
    def __init__(self, options):
        self.options = options
        self.work = pathlib.Path(options.work)
        self.goals = []
        self.log = open(self.work / "correlate.ndjson", "w", encoding="utf-8")

    def note(self, **row):
        print(json.dumps(row), file=self.log, flush=True)

    def events(self, order):
        path = self.work / f"cep-{order}-{self.options.keys}.bin"
        if not path.exists():
            printed_by([self.options.tocsin, "write", self.options.keys, order,
                        path])
        return path

    def tocsin(self, program, workload, run):
        return json.loads(printed_by(
            [program, "speed", workload, self.options.keys, run]))

    def floor(self, workload, run):
        command = [self.options.floor, self.events(run), f"W{workload}", "every"]
        text = printed_by(command + (["30000"] if run == "late" else []))
        found = re.search(r"fired=(\d+) idsum=([0-9a-f]+) +([0-9.]+) Mev/s", text)
        return {"events_per_second": float(found[3]) * 1e6,
                "fired": int(found[1]), "idsum": found[2]}

    def esper(self, workload):
        return json.loads(printed_by(
            ["java", "-XX:+UseSerialGC", "-Xmx4g", "-cp", self.options.esper,
             "EsperTurn", self.events("order"), workload]))

    def measure(self, workload, run):
        rows = {}

        def add(peer, row):
            self.note(peer=peer, workload=workload, run=run, **row)
            rows.setdefault(peer, []).append(row)

        for turn in range(self.options.turns):
            add("floor", self.floor(workload, run))
            add("tocsin", self.tocsin(self.options.tocsin, workload, run))
            if self.options.other:
                add("other", self.tocsin(self.options.other, workload, run))
            # It takes longest, and is furthest from its goal.
            if self.options.esper and run == "order" and turn < ESPER_TURNS:
                add("esper", self.esper(workload))
        answers = {(row["fired"], row["idsum"])
                   for of_peer in rows.values() for row in of_peer}
        if len(answers) != 1:
            sys.exit(f"W{workload}, {run}: peers differ: {answers}")
        return {peer: [row["events_per_second"] for row in of_peer]
                for peer, of_peer in rows.items()}

    def reach(self, what, figure, unit, goal, at_most=False):
        """Notes what was reached of a goal."""
        met = figure <= goal if at_most else figure >= goal
        self.goals.append((what, f"{figure:.2f} {unit}",
                           f"{'at most' if at_most else 'at least'} {goal:g}",
                           "yes" if met else "NO"))
        self.note(goal=what, figure=figure, limit=goal, met=met)

    def show(self, run):
        print(f"\n{run}, {self.options.keys} keys: "
              "millions of events a second, and medians of what is beside it")
        for workload in range(1, 6):
            speeds = self.measure(workload, run)
            ours = speeds["tocsin"]
            cells = [f"W{workload}", f"{statistics.median(ours) / 1e6:6.1f}"]
            for peer, theirs in speeds.items():
                if peer == "tocsin":
                    continue
                ratio = statistics.median(
                    a / b for a, b in zip(ours, theirs))
                cells.append(f"{peer} {statistics.median(theirs) / 1e6:6.2f} "
                             f"({ratio:.2f} x)")
                if (run, peer) in RATIOS:
                    what, goal = RATIOS[run, peer]
                    self.reach(f"W{workload}, {what}", ratio, "x", goal)
            print(" | ".join(cells), flush=True)

    def show_pauses(self):
        print("\none event at a time, ns")
        for workload in range(1, 6):
            row = json.loads(printed_by([self.options.tocsin, "pauses", workload,
                                         self.options.keys]))
            self.note(workload=workload, run="pauses", **row)
            self.reach(f"W{workload}, 99.9 % of events", row["p999_ns"] / 1e3,
                       "us", 5, at_most=True)
            self.reach(f"W{workload}, longest pause", row["longest_ns"] / 1e3,
                       "us", 1000, at_most=True)
            print(f"W{workload}", row, flush=True)

    def show_memory(self):
        print("\na million keys, bytes each")
        for workload in range(1, 6):
            row = json.loads(printed_by(
                [self.options.tocsin, "speed", workload, 1_000_000, "order"]))
            self.note(workload=workload, run="memory", **row)
            self.reach(f"W{workload}, bytes a key", row["bytes_a_key"],
                       "bytes", 200, at_most=True)
            print(f"W{workload}", row, flush=True)

    def show_ndjson(self):
        print("\nfrom NDJSON, all five rules together")
        row = json.loads(printed_by([self.options.ndjson, "speed",
                                     self.options.keys]))
        self.note(run="ndjson", **row)
        self.reach("NDJSON, all five rules",
                   row["events_per_second"] / 1e6, "M events/s", 1)
        print(row, flush=True)
        print("\nten million keys, 256 MB")
        row = json.loads(printed_by([self.options.ndjson, "keys"]))
        self.note(run="keys", **row)
        self.reach("ten million keys, resident",
                   row["resident_mb"] - row["resident_mb_before"], "MB", 256,
                   at_most=True)
        print(row, flush=True)

    def show_goals(self):
        print("\n| what | reached | goal | met |\n|---|---:|---:|---|")
        for row in self.goals:
            print("| " + " | ".join(row) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--tocsin", required=True)
    parser.add_argument("--floor", required=True)
    parser.add_argument("--ndjson")
    parser.add_argument("--esper")
    parser.add_argument("--other")
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=5)
    comparison = Comparison(parser.parse_args())
    comparison.show("order")
    comparison.show("late")
    comparison.show_pauses()
    comparison.show_memory()
    if comparison.options.ndjson:
        comparison.show_ndjson()
    comparison.show_goals()


if __name__ == "__main__":
    main()
