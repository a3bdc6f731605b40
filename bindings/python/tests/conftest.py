"""What tests have in common: rules and events of their own, and places."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import tocsin

ROOT = Path(__file__).resolve().parents[3]

LOGIN_RULE = """\
title: Login by Kim
id: 0c1d2e3f-0000-4000-8000-000000000001
level: high
tags: [attack.t1078]
logsource: {product: example}
detection:
  login: {action: login, user: kim}
  condition: login
"""

# Three failures of a user within a minute, and a login that never followed.
STEPS_RULES = """\
failed = any where action == "failed"
login  = any where action == "login"

rule many_failures {
  severity medium
  when failed >= 3 within 1m by user
}

rule no_login {
  when failed then not login within 10m by user
}
"""


def login(second: int = 0, user: str = "kim", action: str = "login") -> bytes:
    """One event as a line without its newline."""
    time = f"2026-01-15T10:00:{second:02}Z"
    return (
        f'{{"@timestamp":"{time}","action":"{action}","user":"{user}"}}'
    ).encode()


def make_engine(text: str = LOGIN_RULE, **options: Any) -> tocsin.Engine:
    """An engine over Sigma rules, for which any event will do."""
    rules = tocsin.compile(text, strict=True)
    options.setdefault("routing", False)
    return tocsin.Engine(rules, **options)


def make_steps_engine(**options: Any) -> tocsin.Engine:
    rules = tocsin.compile(STEPS_RULES, format="toc", strict=True)
    return tocsin.Engine(rules, **options)


@pytest.fixture
def engine() -> tocsin.Engine:
    return make_engine()


@pytest.fixture
def steps_engine() -> tocsin.Engine:
    return make_steps_engine()


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of outside data, where it is at hand."""
    folder = Path(os.environ.get("TOCSIN_CORPUS", ROOT.parent / "shared"))
    if not (folder / "corpora").is_dir():
        pytest.skip("no ../shared and no TOCSIN_CORPUS")
    return folder / "corpora"
