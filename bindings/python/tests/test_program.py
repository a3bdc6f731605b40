"""The package finds what the program finds, and carries the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

import tocsin


def run_program(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "tocsin", *arguments],
        capture_output=True,
        check=False,
    )


def test_the_module_is_the_program() -> None:
    done = run_program("--version")
    assert done.stdout.decode() == f"tocsin {tocsin.__version__}\n"
    assert run_program("--nonsense").returncode == 3


def test_the_command_is_the_program() -> None:
    command = Path(sys.executable).with_name("tocsin")
    done = subprocess.run([command, "--version"], capture_output=True)
    assert done.stdout.decode() == f"tocsin {tocsin.__version__}\n"


def expect_the_same(
    folder: Path, rules: tocsin.RuleSet, events: Path
) -> list[str]:
    """Both find the same in the same file; returns the ids."""
    done = run_program(
        "run", "--format", "ndjson", "-r", str(folder), str(events)
    )
    engine = tocsin.Engine(rules)
    results = engine.feed_file(events)
    assert results.ndjson + engine.flush().ndjson == done.stdout
    assert len(results) > 0
    return [found.id for found in results]


@pytest.mark.parametrize(
    "events", sorted((ROOT / "examples" / "events").iterdir()), ids=str
)
def test_the_examples_give_what_the_program_gives(events: Path) -> None:
    folder = ROOT / "examples" / "rules"
    expect_the_same(folder, tocsin.compile(folder), events)


@pytest.fixture(scope="module")
def sigma_rules(
    corpora: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("sigma")
    archive = corpora / "sigma-rules.tar.zst"
    subprocess.run(
        ["tar", "--zstd", "-xf", archive, "-C", folder], check=True
    )
    return next(folder.rglob("rules"))


@pytest.fixture(scope="module")
def compiled(sigma_rules: Path) -> tocsin.RuleSet:
    return tocsin.compile(sigma_rules)


@pytest.mark.parametrize(
    "lane",
    [
        "cloudtrail",
        "network-linux-other",
        "sigma-regression-flat",
        "windows-sysmon",
    ],
)
def test_real_events_give_what_the_program_gives(
    corpora: Path, sigma_rules: Path, compiled: tocsin.RuleSet, lane: str
) -> None:
    events = corpora / f"{lane}.ndjson.zst"
    expected = expect_the_same(sigma_rules, compiled, events)
    # Read as bytes, whole and in lines, the ids are the same too.
    plain = subprocess.run(
        ["zstd", "-dc", events], capture_output=True, check=True
    ).stdout
    lines = plain.splitlines(keepends=True)
    for form in (plain, lines):
        results = tocsin.Engine(compiled).feed(form)
        assert [found.id for found in results] == expected
