#!/usr/bin/env python3
"""Measures peers in turn and prints one table; run.sh builds what it needs.

usage: measure.py --work WORK --drivers FOLDER --rsigma PROGRAM --tocsin BENCH
                  [--repetitions N] [--sample N]

Everything runs on the core that this process is pinned to, CPU time of the
process that does the work is what counts, and the peers of a lane take turns, so
that a machine that slows down slows all of them. Each measurement goes to
WORK/results.ndjson.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

# The lane's file, its name in the benches of Tocsin, and the matches that all
# engines agree on where rules are not routed.
LANES = (("windows-sysmon", "windows", 97_959),
         ("cloudtrail", "cloudtrail", 3_470),
         ("network-linux-other", "network-linux", 6_487))

# What one measurement evaluates at least. The program is told apart from its
# loading by a difference, so that it needs more to rise above the noise.
LIBRARY_EVENTS = 60_000
PROGRAM_EVENTS = 100_000


def say(text):
    print(text, file=sys.stderr, flush=True)


def cpu_seconds(command, lane, output=None):
    """User and system time of one command that reads `lane`."""
    with open(lane, "rb") as events, open(output or os.devnull, "wb") as out:
        process = subprocess.Popen(command, stdin=events, stdout=out,
                                   stderr=subprocess.PIPE)
        complaint = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed: {complaint.decode(errors='replace')}")
    return used.ru_utime + used.ru_stime


def run_driver(command, routed=None):
    """The JSON object that a driver prints."""
    environment = dict(os.environ)
    if routed is not None:
        environment["ROUTING"] = str(int(routed))
    printed = subprocess.run(command, env=environment, check=True,
                             stdout=subprocess.PIPE).stdout
    return json.loads(printed)


class Measurement:
    def __init__(self, options):
        self.options = options
        self.work = pathlib.Path(options.work)
        self.rules = str(self.work / "rules" / "rules")
        self.rows = []
        self.log = open(self.work / "results.ndjson", "w", encoding="utf-8")

    def add(self, lane, row):
        row = {"lane": lane, **row}
        self.rows.append(row)
        print(json.dumps(row), file=self.log, flush=True)

    def run(self):
        for lane, bench_name, unrouted_matches in LANES:
            events = self.work / f"{lane}.ndjson"
            with open(events, "rb") as lines:
                count = sum(1 for _ in lines)
            for turn in range(self.options.repetitions):
                say(f"{lane}: turn {turn + 1} of {self.options.repetitions}")
                self.measure_tocsin(lane, bench_name)
                self.measure_library(lane, events, count)
                self.measure_program(lane, events, count)
            if self.options.sample > 0:
                say(f"{lane}: slow peers")
                self.measure_slow(lane, events, count)
            self.check(lane, unrouted_matches)

    def measure_tocsin(self, lane, bench_name):
        printed = subprocess.run(
            [self.options.tocsin, "--benchmark_format=json",
             f"--benchmark_filter=BM_SigmaMatch/{bench_name}/rules:3141/"
             "routed:[01]/keyword:1/warm"],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for run in json.loads(printed)["benchmarks"]:
            if run.get("error_occurred"):
                sys.exit(f"{run['name']}: {run['error_message']}")
            routed = "/routed:1/" in run["name"]
            self.add(lane, {
                "peer": "Tocsin" + (", routed" if routed else ""),
                "matches": round(run["matches"]),
                "events_per_second": run["events_per_second"]})

    def measure_library(self, lane, events, count):
        driver = os.path.join(self.options.drivers, "rsigma_library")
        passes = str(LIBRARY_EVENTS // count + 1)
        for routed in (True, False):
            self.add(lane, run_driver(
                [driver, self.rules, str(events), passes], routed))

    def measure_program(self, lane, events, count):
        # Without its two filters: on these lanes, routed, --bloom-prefilter
        # made no difference beyond noise, and --cross-rule-ac cost two fifths
        # of the speed or more.
        command = [self.options.rsigma, "engine", "eval", "-r", self.rules,
                   "--quiet", "--output-format", "ndjson"]
        passes = PROGRAM_EVENTS // count + 1
        repeated = self.work / "repeated.ndjson"
        text = events.read_bytes()
        with open(repeated, "wb") as out:
            for _ in range(passes):
                out.write(text)
        for routing in (["--logsource-routing"], []):
            found = self.work / "found.ndjson"
            cpu_seconds(command + routing, events, found)
            with open(found, "rb") as lines:
                matches = sum(1 for _ in lines)
            load = cpu_seconds(command + routing, os.devnull)
            whole = cpu_seconds(command + routing, repeated)
            self.add(lane, {
                "peer": "rsigma program" + (", routed" if routing else ""),
                "load_s": load, "events": count * passes, "matches": matches,
                "events_per_second": count * passes / (whole - load)})
        repeated.unlink()
        found.unlink()

    def measure_slow(self, lane, events, count):
        step = count // self.options.sample + 1
        sample = self.work / "sample.ndjson"
        with open(events, "rb") as lines, open(sample, "wb") as out:
            for number, line in enumerate(lines, 1):
                if number % step == 0:
                    out.write(line)
        driver = os.path.join(self.options.drivers, "sigma_rust")
        self.add(lane, run_driver([driver, self.rules, str(sample), "1"]))
        python = str(self.work / "python" / "bin" / "python")
        script = str(pathlib.Path(__file__).with_name("sqlite_batch.py"))
        self.add(lane, run_driver([python, script, self.rules, str(sample)]))

    def check(self, lane, unrouted_matches):
        """Exits unless all that should agree does."""
        matches = {}
        for row in self.rows:
            if row["lane"] == lane:
                matches.setdefault(row["peer"], set()).add(row["matches"])
        for peer in ("Tocsin", "rsigma library", "rsigma program"):
            if matches[peer] != {unrouted_matches}:
                sys.exit(f"{lane}, {peer}: {matches[peer]} matches, expected "
                         f"{unrouted_matches}")
        library = matches["rsigma library, routed"]
        program = matches["rsigma program, routed"]
        if library != program or len(library) != 1:
            sys.exit(f"{lane}: rsigma's library finds {library} matches, its "
                     f"program {program}")

    def print_table(self):
        print(f"{'lane':22}{'peer':28}{'events/s':>12}{'spread':>8}"
              f"{'matches':>10}{'Tocsin is':>12}")
        groups = {}
        for row in self.rows:
            groups.setdefault((row["lane"], row["peer"]), []).append(row)
        median = {key: statistics.median(r["events_per_second"] for r in rows)
                  for key, rows in groups.items()}
        for (lane, peer), rows in groups.items():
            speeds = [row["events_per_second"] for row in rows]
            spread = (max(speeds) - min(speeds)) / median[lane, peer]
            routed = ", routed" if peer.endswith(", routed") else ""
            ratio = median[lane, "Tocsin" + routed] / median[lane, peer]
            print(f"{lane:22}{peer:28}{median[lane, peer]:12,.0f}"
                  f"{100 * spread:7.0f}%{rows[0]['matches']:>10,}"
                  f"{ratio:11.1f}x")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--drivers", required=True)
    parser.add_argument("--rsigma", required=True)
    parser.add_argument("--tocsin", required=True)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--sample", type=int, default=1000)
    measurement = Measurement(parser.parse_args())
    measurement.run()
    measurement.print_table()


if __name__ == "__main__":
    main()
