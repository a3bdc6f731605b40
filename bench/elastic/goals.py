#!/usr/bin/env python3
"""Prints what goals.sh measured beside the goals. Exit code: 0, or 1 if one is missed.

usage: goals.py RESULTS
"""

import json
import pathlib
import sys


def main():
    lines = pathlib.Path(sys.argv[1]).read_text().splitlines()
    rows = {row["task"]: row for row in map(json.loads, lines)}
    goals = [
        ("50 EQL event queries, times the engine in Python",
         rows["endgame"]["times_python"], 100, True),
        ("1,024 EQL and 453 KQL rules, Windows lane, of DOM",
         rows["windows/eql+kql"]["of_dom"], 0.3, True),
        ("time of 1,024 rules over that of 100",
         rows["windows/eql:1024"]["of_100"], 2, False),
    ]
    missed = 0
    for name, value, goal, is_least in goals:
        reached = value >= goal if is_least else value <= goal
        missed += not reached
        print(f"{name:52} {value:8.2f}   goal {'>=' if is_least else '<='} {goal:g}"
              f"   {'reached' if reached else 'missed'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
