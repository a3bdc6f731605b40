"""`python -m tocsin` is the program `tocsin`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("bin") / "tocsin"


def main() -> None:
    """Becomes the program; its exit code is the process's."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(PROGRAM, [str(PROGRAM), *sys.argv[1:]])


if __name__ == "__main__":
    main()
