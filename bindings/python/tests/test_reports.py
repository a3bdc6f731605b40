"""What is reported beside detections and firings."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from conftest import login

import tocsin

pyarrow = pytest.importorskip("pyarrow")

RULES = """\
action require_mfa(user: string, for: duration)

rule kim_logs_in {
  title "Login by Kim"
  severity medium
  severity high if action == "login"
  message "{user} did {action}"
  next_steps "call kim"
  detect any where user == "kim"
  suppress 1h by user
  respond require_mfa(user = user, for = 1h) needs approval
}
"""

FAILURES = """\
rule failures {
  severity medium
  failed = any where action == "failed"
  when failed >= 2 within 1m by user
  incident by user idle 5m max 10m
}
"""


def make(text: str, **options: Any) -> tocsin.Engine:
    rules = tocsin.compile(text, format="toc", strict=True)
    return tocsin.Engine(rules, **options)


def test_what_a_rule_asks_for_is_handed_out() -> None:
    results = make(RULES).feed(login())
    (found,) = results
    (response,) = results.responses
    assert response.action == "require_mfa"
    assert response.arguments == {"user": "kim", "for": "1h"}
    assert response.needs_approval
    assert response.detection_id == found.id
    assert response.time == found.time
    assert response.rule == found.rule
    assert response.to_dict()["kind"] == "response"
    assert repr(response) == f"<Response {response.id} medium Login by Kim>"


def test_what_only_counted_is_handed_out_when_its_time_is_over() -> None:
    engine = make(RULES)
    (found,) = engine.feed(login(0))
    assert not engine.feed([login(1), login(2)])
    results = engine.flush()
    assert not results
    (suppressed,) = results.suppressed
    assert suppressed.count == 2
    assert suppressed.detection_id == found.id
    assert suppressed.keys == {"user": "kim"}
    assert suppressed.first_time.second == 1
    assert suppressed.last_time.second == 2
    assert suppressed.time == suppressed.last_time
    assert not suppressed.ended_early
    assert results.report_count == 1
    assert engine.metrics()["suppressed"] == 2


def test_a_detection_has_the_texts_of_its_clauses() -> None:
    (found,) = make(RULES).feed(login())
    assert isinstance(found, tocsin.Detection)
    assert found.level == "high"
    assert found.rule.level == "medium"
    assert found.message == "kim did login"
    assert found.rule.next_steps == ["call kim"]
    assert found.time_source == "field"


def test_an_incident_tells_what_its_json_does() -> None:
    engine = make(FAILURES, include_event=True)
    events = [login(n, action="failed") for n in range(3)]
    opened, updated = engine.feed(events[:2]), engine.feed(events[2:])
    (first,) = opened.incidents
    assert first.level == "medium"
    assert first.message == "failures: user kim"
    assert first.incident_id == first.id
    assert first.firings == 1
    assert first.first_time.second == 0
    assert first.incident_begin.second == 0
    assert first.incident_end.second == 1
    assert [e["event"] for e in first.events] == list(map(json.loads, events[:2]))
    assert first.has_all_events
    assert first.exact and not first.revised and not first.closed_early
    assert all(found.incident_id == first.id for found in updated.incidents)


def test_an_incident_is_closed_when_time_has_passed_it() -> None:
    engine = make(FAILURES)
    engine.feed([login(n, action="failed") for n in range(2)])
    at = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.timezone.utc)
    results = engine.advance_to(at)
    assert not results
    (closed,) = results.closed
    assert closed.change == "closed"
    assert closed.message == ""
    assert closed.keys == {"user": "kim"}
    assert closed.values == {}
    assert closed.events == []


def test_that_the_stream_ends_closes_no_incident() -> None:
    engine = make(FAILURES)
    engine.feed([login(n, action="failed") for n in range(2)])
    assert engine.flush().report_count == 0


def test_tables_hold_all_reports_in_their_order() -> None:
    results = make(RULES).feed(login())
    assert len(results) == 1
    assert results.report_count == 2
    kinds = [row.get("kind", "detection") for row in results.to_dicts()]
    assert kinds == ["detection", "response"]
    assert len(results.ndjson.splitlines()) == 2
    assert pyarrow.table(results)["kind"].to_pylist() == kinds


def test_each_report_has_its_callback() -> None:
    heard: list[str] = []

    def hear(name: str) -> Any:
        return lambda report: heard.append(f"{name} {type(report).__name__}")

    engine = make(
        RULES + FAILURES,
        on_detection=hear("detection"),
        on_incident=hear("incident"),
        on_closed=hear("closed"),
        on_response=hear("response"),
        on_suppressed=hear("suppressed"),
    )
    engine.feed([login(n, action="failed") for n in range(2)])
    engine.advance_to(2_000_000_000 * 10**9)
    assert sorted(heard) == [
        "closed Incident",
        "detection Detection",
        "incident Incident",
        "response Response",
        "suppressed Suppressed",
    ]


def test_bounds_of_reports_can_be_chosen() -> None:
    engine = make(
        FAILURES,
        max_open_incidents=1,
        max_suppressed_keys=1,
        sample_bytes=0,
        sample_events=0,
    )
    closed: list[tocsin.Incident] = []
    for user in ("kim", "lee"):
        for second in (1, 2):
            results = engine.feed(login(second, user=user, action="failed"))
            closed += results.closed
            assert all(found.events == [] for found in results.incidents)
    assert [found.closed_early for found in closed] == [True]


def test_an_engine_may_only_count() -> None:
    engine = make(RULES, count_only=True)
    assert engine.feed([login(0), login(1)]).report_count == 0
    assert engine.metrics()["detections"] == 1
    assert engine.metrics()["suppressed"] == 1


JOB = """\
{"job_id": "logons",
 "analysis_config": {"bucket_span": "15m", "detectors": [{"function": "high_count"}]},
 "data_description": {"time_field": "@timestamp"}}
"""


def test_what_jobs_find_is_handed_out() -> None:
    rules = tocsin.compile(JOB, format="elastic", strict=True)
    assert [job.id for job in rules.jobs] == ["logons"]
    heard: list[tocsin.Anomaly] = []
    engine = tocsin.Engine(rules, on_anomaly=heard.append)
    start, anomalies = 1_768_435_200, []
    for bucket in range(300):
        time = (start + 900 * bucket) * 1000
        count = 200 if bucket == 250 else 5 + bucket % 3
        results = engine.feed([{"@timestamp": time, "n": n} for n in range(count)])
        assert not results
        anomalies += results.anomalies
    assert heard == anomalies
    (record,) = [one for one in anomalies if one.result_type == "record"]
    assert record.job_id == "logons"
    assert record.time_ns == (start + 900 * 250) * 10**9
    assert record.score > 75
    assert len(record.id) == 32
    assert record.to_dict()["actual"] == [200]
    assert repr(record).startswith("<Anomaly {")
    assert engine.metrics()["jobs"]["logons"]["records"] == 1


def test_scores_from_elsewhere_count() -> None:
    engine = make("""\
rule over_limit {
  severity high
  given = risks
  when sum(risk.score) of given >= 50 within 1h by risk.entity
}
""")
    risk = {"risk.score": 60, "risk.entity": "user.name:kim"}
    (found,) = engine.feed_risk(risk, 1_768_471_200 * 10**9)
    assert found.to_dict()["keys"] == [
        {"field": "risk.entity", "value": "user.name:kim"}
    ]
