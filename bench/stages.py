#!/usr/bin/env python3
"""Sums the functions of a `perf report` by stage of matching."""

import re
import sys

# The first that fits a function's name, in this order.
STAGES = [
    ("structure index (simdjson, stage 1)", r"::stage1"),
    ("layout, or walk over keys",
     r"EventLayout|KindOfScalar|RawEvent|FieldIndex|Walker"),
    ("class and time of the event",
     r"::Route|Classif|FindShape|FollowSteps|EventTime|FindTime|ValueKey"),
    ("guards anywhere in values", r"GramScanner|HidesText|HidesAscii|ScanText"),
    ("guards of whole values, starts and ends; memo",
     r"RuleIndex|LiteralFinder|ValueMemo|LowLevelHash|hash_internal"),
    ("evaluation",
     r"Matcher|MatchesPattern|FindByRareBytes|EventValues|Unescape|Fold|"
     r"libre2|memmem|TestedValue|Pattern"),
    ("copies, comparisons and searches of the C library",
     r"__mem|mem(chr|cmp|cpy|move)|malloc|free"),
]


def main():
    shares = {}
    for line in sys.stdin:
        found = re.match(r"\s*([0-9.]+)%\s+\S+\s+(.*)", line)
        if not found:
            continue
        stage = next((name for name, pattern in STAGES
                      if re.search(pattern, found[2])), "all else")
        shares[stage] = shares.get(stage, 0) + float(found[1])
    for name in [name for name, _ in STAGES] + ["all else"]:
        print(f"{shares.get(name, 0):5.1f} %  {name}")


if __name__ == "__main__":
    main()
