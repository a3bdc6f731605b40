"""What the package is to tools: names, stubs, documentation."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import tocsin


def test_every_public_name_has_a_docstring() -> None:
    for name in tocsin.__all__:
        item = getattr(tocsin, name)
        if name == "__version__":
            continue
        assert inspect.getdoc(item), name
        if not inspect.isclass(item) or issubclass(item, Exception):
            continue
        for member in vars(item):
            if not member.startswith("_"):
                assert inspect.getdoc(getattr(item, member)), (name, member)


def test_types_are_complete() -> None:
    """mypy, strict, over the package as installed and over its tests."""
    package = Path(tocsin.__file__).parent
    assert (package / "py.typed").exists()
    tests = Path(__file__).parent
    for target in (["-p", "tocsin"], [str(tests)]):
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", *target],
            cwd=tests,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
