"""Tries a wheel that was installed into the environment this runs in: that it
brings every library which is not part of any Linux, and that it works.

    python -I bindings/python/try_wheel.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tocsin

# What PEP 600 lets a wheel of manylinux_2_34 take from the system.
SYSTEM = (
    "ld-linux", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so",
    "libstdc++.so", "libgcc_s.so", "libz.so.1", "linux-vdso",
)


def foreign_libraries(file: Path, package: Path) -> list[str]:
    """Libraries of `file` that are neither the wheel's nor every system's."""
    done = subprocess.run(["ldd", file], capture_output=True, text=True, check=True)
    inside = package.parent / "tocsin.libs"
    foreign = []
    for line in done.stdout.splitlines():
        # As "libz.so.1 => /lib/libz.so.1 (0x7f)", or without an arrow.
        name, _, found = line.strip().partition(" => ")
        place = Path(found.partition(" (")[0]).resolve()
        if not Path(name).name.startswith(SYSTEM) and inside not in place.parents:
            foreign.append(line.strip())
    return foreign


def main() -> None:
    package = Path(tocsin.__file__).parent
    (module,) = package.glob("_core*.so")
    program = package / "bin" / "tocsin"
    for file in (module, program):
        foreign = foreign_libraries(file, package)
        assert not foreign, (file, foreign)

    rules = tocsin.compile(
        """
title: Security Log Cleared
level: high
logsource: {product: windows, service: security}
detection:
  cleared: {EventID: 1102}
  condition: cleared
""",
        strict=True,
    )
    (found,) = tocsin.Engine(rules).feed({"EventID": 1102, "Channel": "Security"})
    assert found.rule.title == "Security Log Cleared"

    done = subprocess.run(
        [sys.executable, "-m", "tocsin", "version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert tocsin.__version__ in done.stdout
    print(f"tocsin {tocsin.__version__}: found {found.id}")


if __name__ == "__main__":
    main()
