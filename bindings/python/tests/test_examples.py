"""The examples run, and find what they are there to find."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from conftest import ROOT, STEPS_RULES, login

EXAMPLES = ROOT / "examples" / "python"


def run(*arguments: object, stdin: bytes = b"") -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_hunt_shows_a_table() -> None:
    text = run(EXAMPLES / "hunt.py")
    assert "windows_evtx.jsonl:8" in text
    assert "Windows Security Log Cleared" in text
    assert "#" in text


def test_following_goes_on_where_it_stood(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toc"
    rules.write_text(STEPS_RULES)
    state = tmp_path / "state"
    lines = [login(second, action="failed") + b"\n" for second in (1, 2, 3)]
    script = EXAMPLES / "follow.py"
    assert run(script, rules, state, stdin=b"".join(lines[:2])) == ""
    text = run(script, rules, state, stdin=lines[2])
    assert '"rule.id":"many_failures"' in text


def test_what_is_unusual_is_drawn(tmp_path: Path) -> None:
    drawn = tmp_path / "unusual.svg"
    text = run(EXAMPLES / "unusual.py", drawn)
    assert "2026-01-24T03:00:00  score" in text
    assert "203.0.113.66: in 1 of" in text
    root = ElementTree.parse(drawn).getroot()
    circles = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == 1


def test_the_function_prints_what_it_finds() -> None:
    script = """\
import base64, sys
sys.path.insert(0, sys.argv[1])
import lambda_function
data = base64.b64encode(b'{"EventID":1102,"Channel":"Security"}').decode()
record = {"kinesis": {"sequenceNumber": "1", "data": data}}
print(lambda_function.handler({"Records": [record]}, None))
"""
    text = run("-c", script, EXAMPLES)
    assert "Windows Security Log Cleared" in text
    assert "{'batchItemFailures': []}" in text
