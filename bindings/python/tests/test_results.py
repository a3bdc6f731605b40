from __future__ import annotations

import datetime
import gc
import json

import pytest
from conftest import login, make_engine

import tocsin


def two_logins() -> tocsin.Results:
    return make_engine().feed(login(1) + b"\n" + login(2))


def test_results_behave_as_a_sequence() -> None:
    results = two_logins()
    assert len(results) == 2
    assert [found.line for found in results] == [1, 2]
    assert results[-1] == results[1]
    assert results[0] != results[1]
    assert results[::-1] == [results[1], results[0]]
    assert results[5:] == []
    with pytest.raises(IndexError):
        results[2]
    assert results[1] in results
    assert list(reversed(results)) == results[::-1]


def test_a_detection_tells_what_its_json_does() -> None:
    found = two_logins()[1]
    assert isinstance(found, tocsin.Detection)
    body = json.loads(found.json)
    assert found.to_dict() == body
    assert found.id == body["id"]
    assert len(found.id) == 32
    assert found.time == datetime.datetime(
        2026, 1, 15, 10, 0, 2, tzinfo=datetime.timezone.utc
    )
    assert found.time_ns == 1_768_471_202_000_000_000
    assert body["event.line"] == found.line
    assert body["rule.title"] == found.rule.title
    assert [test["field"] for test in found.matched] == ["action", "user"]


def test_results_outlive_their_engine() -> None:
    results = two_logins()
    found = results[0]
    iterator = iter(results)
    del results
    gc.collect()
    assert found.rule.title == "Login by Kim"
    assert len(list(iterator)) == 2


def test_all_results_are_ndjson_too() -> None:
    results = two_logins()
    lines = results.ndjson.splitlines()
    assert [json.loads(line) for line in lines] == results.to_dicts()
    assert results.ndjson.endswith(b"}\n")


def test_detections_have_a_short_form() -> None:
    results = two_logins()
    assert repr(results) == "<Results: 2 detections, 0 incidents, 0 errors>"
    assert repr(results[0]) == f"<Detection {results[0].id} high Login by Kim>"
    assert len({results[0], results[0], results[1]}) == 2


def test_results_are_of_one_kind_or_another() -> None:
    results = two_logins()
    assert results.detections == list(results)
    assert results.incidents == []
    assert results.errors == []
