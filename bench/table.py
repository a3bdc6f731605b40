#!/usr/bin/env python3
"""One table from the JSON of the benches: medians of all repetitions.

usage: table.py RESULTS.json [--summary]

--summary prints the tables of docs/performance.md instead of every row.
"""

import json
import statistics
import sys


def read_rows(path):
    """Rows in the order they ran: name, median of each number, error."""
    rows = {}
    with open(path, encoding="utf-8") as file:
        for run in json.load(file)["benchmarks"]:
            if run["run_type"] != "iteration":
                continue
            name = run["run_name"].split("/iterations:")[0]
            row = rows.setdefault(name, {"values": {}, "error": ""})
            if run.get("error_occurred"):
                row["error"] = run["error_message"]
                continue
            run["ms"] = run["real_time"]
            for key, value in run.items():
                if isinstance(value, (int, float)):
                    row["values"].setdefault(key, []).append(value)
    for row in rows.values():
        row["median"] = {key: statistics.median(values)
                         for key, values in row["values"].items()}
    return rows


def cells_of(name, row):
    parts = name.split("/")
    task, rest = parts[0].removeprefix("BM_"), parts[1:]
    median = row["median"]
    if task == "LoadRules":
        return ["load", rest[0], "", "", "", f"{median['ms']:.0f} ms", "", "",
                "", f"{median['rules']:.0f} rules, "
                f"{median['resident_mb']:.0f} MB resident"]
    cells = {"NewlineScan": "newlines", "StructureIndex": "structure index",
             "SimdjsonDom": "DOM", "SigmaMatch": "match"}
    labels = dict(part.split(":") for part in rest if ":" in part)
    yes = {"1": "yes", "0": "no", None: ""}
    if row["error"]:
        numbers = ["", "", "", "", "WRONG: " + row["error"]]
    else:
        numbers = [
            f"{median['ns_per_event']:,.0f}",
            f"{median['events_per_second'] / 1e3:,.0f} k",
            f"{median['bytes_per_second'] / 1e6:,.0f}",
            f"{median['of_dom']:.2f}" if "of_dom" in median else "",
            f"{median['matches']:,.0f}" if "matches" in median else "",
        ]
    kind = cells[task] + (f", {rest[-1]}" if task == "SigmaMatch" else "")
    return [rest[0], labels.get("rules", ""), yes[labels.get("routed")],
            yes[labels.get("keyword")], kind, *numbers]


def summary(rows):
    """What docs/performance.md shows, as Markdown."""
    medians = {name: row["median"] for name, row in rows.items()
               if row["median"] and not row["error"]}

    def number(name, key="ns_per_event"):
        value = medians.get(name, {}).get(key)
        if value is None:
            return ""
        return f"{value:.2f}" if key == "of_dom" else f"{value:,.0f}"

    def match(lane, rules, routed, keyword, temperature, key="ns_per_event"):
        return number(f"BM_SigmaMatch/{lane}/rules:{rules}/routed:{routed}/"
                      f"keyword:{keyword}/{temperature}", key)

    lanes = [name.split("/")[1] for name in rows
             if name.startswith("BM_SimdjsonDom/")]
    yield ("| 3,141 rules, ns/event | newlines | structure index | DOM | routed,"
           " cold | routed, warm | of DOM | keyword rule off | of DOM |"
           " not routed | of DOM |")
    yield "|---" + "|---:" * 10 + "|"
    for lane in lanes:
        cells = [lane, *(number(f"BM_{task}/{lane}") for task in
                         ("NewlineScan", "StructureIndex", "SimdjsonDom")),
                 match(lane, 3141, 1, 1, "cold")]
        for routed, keyword in ((1, 1), (1, 0), (0, 1)):
            cells += [match(lane, 3141, routed, keyword, "warm"),
                      match(lane, 3141, routed, keyword, "warm", "of_dom")]
        yield "| " + " | ".join(cells) + " |"
    yield ""
    yield ("| Windows lane, rules | routed, cold | routed, warm | of DOM |"
           " not routed, warm | of DOM | matches, routed | not routed |")
    yield "|---" + "|---:" * 7 + "|"
    for rules in (100, 1000, 3141, 3780, 30000):
        where = ("windows", rules)
        yield "| " + " | ".join([
            f"{rules:,}", match(*where, 1, 1, "cold"),
            match(*where, 1, 1, "warm"), match(*where, 1, 1, "warm", "of_dom"),
            match(*where, 0, 1, "warm"), match(*where, 0, 1, "warm", "of_dom"),
            match(*where, 1, 1, "warm", "matches"),
            match(*where, 0, 1, "warm", "matches")]) + " |"
    yield ""
    yield "| loading | CPU time | resident |"
    yield "|---|---:|---:|"
    for files in (3141, 3780):
        load = medians.get(f"BM_LoadRules/{files}")
        if load:
            yield (f"| {files:,} files | {load['ms']:.0f} ms |"
                   f" {load['resident_mb']:.0f} MB |")


def whole_table(rows):
    table = [["lane", "rules", "routed", "keyword rule", "what", "ns/event",
              "events/s", "MB/s", "of DOM", "matches"]]
    for name, row in rows.items():
        if row["median"] or row["error"]:
            table.append(cells_of(name, row))
    widths = [max(len(cells[i]) for cells in table)
              for i in range(len(table[0]))]
    for cells in table:
        yield "  ".join(cell.ljust(width) if i < 5 else cell.rjust(width)
                        for i, (cell, width) in
                        enumerate(zip(cells, widths))).rstrip()


def main():
    rows = read_rows(sys.argv[1])
    lines = summary(rows) if "--summary" in sys.argv else whole_table(rows)
    for line in lines:
        print(line)
    return 1 if any(row["error"] for row in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
