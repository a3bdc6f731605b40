"""Every Python example of a page runs, from the root of the project."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "python.md",
    ROOT / "bindings" / "python" / "README.md",
]
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_examples_of_a_page_run_in_their_order(
    page: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    text = page.read_text()
    names: dict[str, Any] = {}
    found = list(FENCE.finditer(text))
    assert found
    for match in found:
        line = text.count("\n", 0, match.start(1))
        source = "\n" * line + textwrap.dedent(match.group(1))
        exec(compile(source, str(page), "exec"), names)
    assert "Windows Security Log Cleared" in capsys.readouterr().out
