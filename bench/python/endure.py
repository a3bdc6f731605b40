#!/usr/bin/env python3
"""Whether memory stays as it is over many events, and whether two engines in two
threads do the work of two.

usage: endure.py RULES EVENTS [MILLIONS]

RULES is a folder of rules, EVENTS an NDJSON file that is fed again and again,
until MILLIONS of events (default: 10) have been. A second engine counts by user
over a day of events whose time goes on. Exit code: 0, or 1 if memory grew.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import tocsin

MOST_GROWTH = 8 << 20  # Allocators keep some back; a leak is more in millions.
A_CALL = 4 << 20

COUNTING = """\
rule many_failures {
  severity medium
  failed = any where action == "failed"
  when failed >= 5 within 10m by user
  incident by user idle 1h
}
"""


def memory() -> int:
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def pieces_of(text: bytes) -> list[bytes]:
    """`text` in pieces of whole lines, as a stream worker reads it."""
    pieces = []
    while text:
        end = text.rfind(b"\n", 0, A_CALL) + 1 or len(text)
        pieces.append(text[:end])
        text = text[end:]
    return pieces


def endure(rules: tocsin.RuleSet, pieces: list[bytes], millions: float) -> bool:
    engine = tocsin.Engine(rules)

    def turn() -> None:
        for piece in pieces:
            results = engine.feed(piece)
            for found in results:
                _ = found.id
            _ = results.ndjson

    turn()
    turn()
    begin_events, begin_memory = engine.metrics()["events"], memory()
    begin = time.process_time()
    while engine.metrics()["events"] - begin_events < millions * 1e6:
        turn()
    events = engine.metrics()["events"] - begin_events
    grown = memory() - begin_memory
    speed = events / (time.process_time() - begin)
    print(f"{events:,} events, {speed / 1e3:,.0f} k events/s: memory "
          f"{begin_memory >> 20} MB, and {grown / 2**20:+.1f} MB at the end")
    return grown < MOST_GROWTH


def count_a_day(events: int) -> bool:
    """Events of one day, evenly, of a thousand users."""
    engine = tocsin.Engine(tocsin.compile(COUNTING, format="toc", strict=True))
    start, step, a_call = 1_768_435_200_000, 86_400_000 / events, 10_000

    def call(begin: int) -> bytes:
        return b"\n".join(
            b'{"@timestamp":%d,"action":"failed","user":"user%d"}'
            % (start + int(number * step), number * 7919 % 1000)
            for number in range(begin, begin + a_call)
        )

    reports, begin_memory = 0, 0
    for number in range(0, events, a_call):
        # Users and incidents have come and gone by then.
        if number == events // 4 // a_call * a_call:
            begin_memory = memory()
        reports += engine.feed(call(number)).report_count
    grown = memory() - begin_memory
    print(f"a day of {events:,} events, counted by user: {reports:,} reports, "
          f"{grown / 2**20:+.1f} MB since its first quarter")
    return grown < MOST_GROWTH


def scale(rules: tocsin.RuleSet, pieces: list[bytes]) -> None:
    turns = max(1, (64 << 20) // sum(map(len, pieces)))

    def work(engine: tocsin.Engine) -> None:
        for _ in range(turns):
            for piece in pieces:
                engine.feed(piece)

    def seconds(engines: list[tocsin.Engine]) -> float:
        threads = [threading.Thread(target=work, args=(e,)) for e in engines]
        begin = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - begin

    engines = [tocsin.Engine(rules) for _ in range(2)]
    for engine in engines:
        work(engine)
    best = max(
        2 * seconds(engines[:1]) / seconds(engines) for _ in range(3)
    )
    print(f"two engines in two threads do {best:.2f} times the work of one "
          f"({os.cpu_count()} cores, load {os.getloadavg()[0]:.1f})")


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rules = tocsin.compile(sys.argv[1])
    pieces = pieces_of(Path(sys.argv[2]).read_bytes())
    millions = float(sys.argv[3]) if len(sys.argv) > 3 else 10
    scale(rules, pieces)
    fine = endure(rules, pieces, millions)
    fine = count_a_day(1_000_000) and fine
    sys.exit(0 if fine else "memory grew")


if __name__ == "__main__":
    main()
