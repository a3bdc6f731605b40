"""What the headers of C++ have, Python has: by the names of their members."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT, login, make_steps_engine

import tocsin

INCLUDE = ROOT / "include" / "tocsin"


def struct(header: str, name: str) -> set[str]:
    """Names of the data members of a struct."""
    text = (INCLUDE / header).read_text()
    match = re.search(rf"^struct {name} {{\n(.*?)^}};", text, re.M | re.S)
    assert match, name
    body = re.sub(r"//.*|(?s:  bool ok\(\).*)", "", match.group(1))
    return set(re.findall(r"(\w+)(?: =[^;]*)?;", body))


def accessors(header: str, name: str) -> set[str]:
    """Names of the public accessors of a class."""
    text = (INCLUDE / header).read_text()
    match = re.search(rf"^class {name} {{\n(.*?)^}};", text, re.M | re.S)
    assert match, name
    return set(re.findall(r"^  [\w:<>& ]+ (\w+)\(\) const", match.group(1), re.M))


def test_every_option_of_an_engine_can_be_given() -> None:
    stub = Path(tocsin.__file__).with_name("_core.pyi").read_text()
    match = re.search(r"class Engine:.*?def __init__\((.*?)\) -> None", stub, re.S)
    assert match
    given = set(re.findall(r"(\w+): ", match.group(1)))
    # The clock is the module's own.
    assert struct("engine.h", "EngineOptions") - {"clock"} <= given


def test_every_counter_is_a_metric() -> None:
    engine = make_steps_engine()
    engine.feed(login(action="failed"))
    metrics = engine.metrics()
    assert struct("engine.h", "EngineStats") <= set(metrics)
    for counters in metrics["correlations"].values():
        assert struct("engine.h", "CorrelationStats") == set(counters)
    jobs = (ROOT / "bindings" / "python" / "src" / "metrics.cc").read_text()
    for name in struct("engine.h", "JobStats"):
        assert f'one["{name}"]' in jobs


@pytest.mark.parametrize(
    ("header", "name", "type_", "others"),
    [
        ("detection.h", "Detection", tocsin.Detection, {"event"}),
        # Those stand in alert documents, which the program writes.
        ("incident.h", "Incident", tocsin.Incident, {"indicators", "is_sequence"}),
        ("response.h", "Response", tocsin.Response, set()),
        ("suppressed.h", "Suppressed", tocsin.Suppressed, set()),
    ],
)
def test_every_member_of_a_report_can_be_read(
    header: str, name: str, type_: type, others: set[str]
) -> None:
    missing = accessors(header, name) - others - set(dir(type_))
    assert not missing


def test_every_way_into_a_compiler_is_there() -> None:
    text = (INCLUDE / "compiler.h").read_text()
    names = set(re.findall(r"^  (?:void|absl::Status) (\w+)\(", text, re.M))
    spelt = {re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower() for name in names}
    assert spelt
    assert spelt <= set(dir(tocsin.Compiler))


def test_every_member_of_a_rule_can_be_read() -> None:
    # Threats stand in alert documents, which the program writes.
    assert struct("rule_set.h", "RuleInfo") - {"threats"} <= set(dir(tocsin.Rule))
    assert struct("rule_set.h", "JobInfo") <= set(dir(tocsin.Job))


def test_every_report_to_a_sink_is_a_callback() -> None:
    text = (INCLUDE / "sink.h").read_text()
    reports = set(re.findall(r"virtual void On(\w+)\(", text))
    assert reports == {"Detection", "Incident", "Response", "Suppressed", "Anomalies"}
