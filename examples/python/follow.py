"""Reads events from standard input without an end, and keeps its place.

    tail -F events.ndjson | python examples/python/follow.py RULES STATE

STATE is written when the input ends or is interrupted, and read at the start:
correlations go on where they stood.
"""

import os
import sys
from pathlib import Path

import tocsin


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    state = Path(sys.argv[2])
    engine = tocsin.Engine(tocsin.compile(sys.argv[1]))
    if state.exists():
        report = engine.restore(state.read_bytes())
        print(f"{len(report.kept)} correlations go on", file=sys.stderr)
    try:
        for found in tocsin.stream(engine, sys.stdin.buffer, batch=1):
            print(found.json, flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        new = state.with_suffix(".new")
        new.write_bytes(engine.snapshot())
        os.replace(new, state)


if __name__ == "__main__":
    main()
