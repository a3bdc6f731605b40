"""Detection engine of a SIEM: rules and events in, detections out.

    import tocsin

    rules = tocsin.compile("rules")
    engine = tocsin.Engine(rules)
    for found in engine.feed(b'{"EventID": 1102, "Channel": "Security"}'):
        print(found.rule.level, found.rule.title)

`compile` and `Compiler` read rules of all formats, `Engine` matches events
against them. docs/python.md is the guide.
"""

from tocsin._compile import compile
from tocsin._core import (
    Anomaly,
    Compiler,
    Detection,
    Diagnostic,
    Engine,
    EventError,
    Incident,
    Job,
    LoadReport,
    Response,
    Results,
    Rule,
    RuleSet,
    Suppressed,
)
from tocsin._core import version as __version__
from tocsin._errors import BusyError, Error, RuleError, SnapshotError
from tocsin._stream import stream

__all__ = [
    "Anomaly",
    "BusyError",
    "Compiler",
    "Detection",
    "Diagnostic",
    "Engine",
    "Error",
    "EventError",
    "Incident",
    "Job",
    "LoadReport",
    "Response",
    "Results",
    "Rule",
    "RuleError",
    "RuleSet",
    "SnapshotError",
    "Suppressed",
    "__version__",
    "compile",
    "stream",
]
