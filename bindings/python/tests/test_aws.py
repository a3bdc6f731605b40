from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import LOGIN_RULE, login, make_engine

import tocsin
import tocsin.aws
import tocsin.enrich

CONTROL = {
    "messageType": "CONTROL_MESSAGE",
    "logGroup": "",
    "logEvents": [{"id": "", "timestamp": 1, "message": "health"}],
}


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def message(*texts: str, group: str = "/example/app") -> dict[str, Any]:
    return {
        "messageType": "DATA_MESSAGE",
        "logGroup": group,
        "logStream": "s",
        "logEvents": [
            {"id": str(number), "timestamp": 1768471202000, "message": text}
            for number, text in enumerate(texts)
        ],
    }


def zipped(*documents: dict[str, Any]) -> bytes:
    """Each a member of its own, as Firehose joins them."""
    return b"".join(gzip.compress(json.dumps(d).encode()) for d in documents)


def firehose(**records: str) -> dict[str, Any]:
    return {
        "invocationId": "i",
        "deliveryStreamArn": "arn:aws:firehose:eu-north-1:111122223333:x/y",
        "records": [
            {"recordId": name, "data": data} for name, data in records.items()
        ],
    }


def kinesis(*data: str) -> dict[str, Any]:
    return {
        "Records": [
            {"kinesis": {"sequenceNumber": str(number), "data": text}}
            for number, text in enumerate(data)
        ]
    }


def lines_of(answer: dict[str, Any]) -> list[bytes]:
    return base64.b64decode(answer["data"]).splitlines()


def results_of(answer: dict[str, Any]) -> dict[str, str]:
    return {r["recordId"]: r["result"] for r in answer["records"]}


def test_messages_of_a_record_become_lines() -> None:
    json_text = login().decode()
    data = zipped(message(json_text, "plain text\nof two lines"), CONTROL)
    done = tocsin.aws.transform(firehose(a=encode(data)))
    (record,) = done.answer["records"]
    assert record["result"] == "Ok"
    assert lines_of(record) == [login(), b"plain text of two lines"]
    assert record["metadata"] == {"partitionKeys": {"logGroup": "example-app"}}


def test_a_record_of_two_log_groups_has_no_partition_key() -> None:
    data = zipped(message("a", group="/a"), message("b", group="/b"))
    done = tocsin.aws.transform(firehose(a=encode(data)))
    (record,) = done.answer["records"]
    assert lines_of(record) == [b"a", b"b"]
    assert "metadata" not in record


def test_lines_of_json_and_text_stay_as_they_are() -> None:
    data = login() + b"\r\n\n<13>text\n"
    done = tocsin.aws.transform(firehose(a=encode(data)))
    (record,) = done.answer["records"]
    assert lines_of(record) == [login(), b"<13>text"]
    assert "metadata" not in record


def test_a_bad_record_is_handed_back_and_never_raises(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tocsin.aws, "MAX_PAYLOAD", 1 << 16)
    good = zipped(message("text"))
    bomb = gzip.compress(b"\0" * (1 << 17))
    records = {
        "control": encode(zipped(CONTROL)),
        "empty": "",
        "cut": encode(good[:-20]),
        "damaged": encode(good[:20] + b"\xff" * 10 + good[30:]),
        "base64": "%%%",
        "bomb": encode(bomb),
        "shape": encode(json.dumps({**message(), "logEvents": 5}).encode()),
        "good": encode(good),
    }
    done = tocsin.aws.transform(firehose(**records))
    assert results_of(done.answer) == {
        "control": "Dropped",
        "empty": "Dropped",
        "cut": "ProcessingFailed",
        "damaged": "ProcessingFailed",
        "base64": "ProcessingFailed",
        "bomb": "ProcessingFailed",
        "shape": "ProcessingFailed",
        "good": "Ok",
    }
    by_id = {r["recordId"]: r for r in done.answer["records"]}
    assert by_id["cut"]["data"] == records["cut"]


def test_detections_are_attached_to_their_events() -> None:
    data = zipped(message(login(1, user="lee").decode(), login(2).decode()))
    done = tocsin.aws.transform(firehose(a=encode(data)), make_engine())
    plain, hit = lines_of(done.answer["records"][0])
    assert plain == login(1, user="lee")
    (found,) = json.loads(hit)["detections"]
    assert found["id"] == make_engine().feed(login(2))[0].id
    assert found["rule.title"] == "Login by Kim"
    assert [len(results) for results in done.results] == [1]


def test_what_enriches_an_event_can_be_matched() -> None:
    rule = """\
title: Known Address
logsource: {product: example}
detection:
  s: {threatIntel.list: known}
  condition: s
"""

    def enrich(event: dict[str, Any]) -> dict[str, Any] | None:
        if event.get("sourceIPAddress") != "192.0.2.1":
            return None
        return {"threatIntel": {"list": "known"}}

    data = b'{"sourceIPAddress":"192.0.2.1"}\n{"sourceIPAddress":"192.0.2.2"}'
    done = tocsin.aws.transform(
        firehose(a=encode(data)), make_engine(rule), enrich=enrich
    )
    known, other = lines_of(done.answer["records"][0])
    assert json.loads(known)["threatIntel"] == {"list": "known"}
    assert len(json.loads(known)["detections"]) == 1
    assert other == b'{"sourceIPAddress":"192.0.2.2"}'


def test_seven_megabytes_are_split() -> None:
    line = b'{"note":"' + b"x" * 990 + b'"}\n'
    records = {f"r{i}": encode(line * 500) for i in range(11)}
    records["bad"] = "%" * 500_000
    event = firehose(**records)
    assert len(json.dumps(event)) > 7_000_000
    engine = make_engine()
    done = tocsin.aws.transform(event, engine)
    assert [r["recordId"] for r in done.answer["records"]] == list(records)
    assert len(json.dumps(done.answer)) <= tocsin.aws.RESPONSE_BUDGET
    again = [record["recordId"] for record in done.overflow]
    assert again
    for record in done.overflow:
        assert record["data"] == records[record["recordId"]]
    results = results_of(done.answer)
    kept = [name for name in results if results[name] == "Ok"]
    assert sorted(kept + again + ["bad"]) == sorted(records)
    assert engine.metrics()["events"] == 500 * len(kept)
    done.drop_overflow()
    assert {results_of(done.answer)[name] for name in again} == {"Dropped"}


def test_a_small_budget_still_answers_every_record() -> None:
    records = {f"r{i}": encode(login()) for i in range(100)}
    done = tocsin.aws.transform(firehose(**records), budget=8_000)
    assert list(results_of(done.answer)) == list(records)
    assert len(json.dumps(done.answer)) <= 8_000


def test_kinesis_stops_at_the_first_bad_record() -> None:
    engine = make_engine()
    event = kinesis(encode(login(1)), "%", encode(login(2)))
    answer, results = tocsin.aws.feed_kinesis(event, engine)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert [len(found) for found in results] == [1]
    assert engine.metrics()["events"] == 1


def test_a_handler_knows_its_services() -> None:
    sent: list[tocsin.Results] = []
    handler = tocsin.aws.lambda_handler(
        tocsin.compile(LOGIN_RULE), sent.append, routing=False
    )
    data = encode(zipped(message(login().decode())))
    assert handler({"awslogs": {"data": data}}, None) == {"found": 1}
    assert handler(kinesis(data), None) == {"batchItemFailures": []}
    assert results_of(handler(firehose(a=data), None)) == {"a": "Ok"}
    assert len({results[0].id for results in sent}) == 1
    assert len(sent) == 3
    with pytest.raises(ValueError, match="Firehose, Kinesis or CloudWatch"):
        handler({"Records": []}, None)


def test_overflow_goes_back_into_the_stream() -> None:
    again: list[dict[str, Any]] = []
    rules = tocsin.compile(LOGIN_RULE)
    handler = tocsin.aws.lambda_handler(
        rules, reingest=again.extend, budget=500
    )
    event = firehose(a=encode(login() * 10), b=encode(login()))
    answer = handler(event, None)
    assert results_of(answer) == {"a": "Dropped", "b": "Ok"}
    assert [record["recordId"] for record in again] == ["a"]
    answer = tocsin.aws.lambda_handler(rules, budget=500)(event, None)
    assert results_of(answer) == {"a": "ProcessingFailed", "b": "Ok"}


@pytest.fixture
def samples(corpora: Path) -> Path:
    return corpora.parent / "samples"


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_the_sample_of_firehose_gets_its_answer(samples: Path) -> None:
    event = read(samples / "firehose_transform_event.json")
    expected = read(samples / "firehose_transform_response.json")
    done = tocsin.aws.transform(event)
    for mine, theirs in zip(done.answer["records"], expected["records"]):
        if mine["recordId"] == "r-empty":  # Either answer is right.
            assert mine["result"] in ("Dropped", "ProcessingFailed")
        else:
            assert mine == theirs


def test_the_sample_of_kinesis_gets_its_answer(samples: Path) -> None:
    answer, _ = tocsin.aws.feed_kinesis(
        read(samples / "kinesis_lambda_event.json"), make_engine()
    )
    assert answer == read(samples / "kinesis_lambda_response.json")


def test_joined_messages_are_all_read(samples: Path) -> None:
    data = (samples / "cloudwatch_logs_concatenated.json").read_bytes()
    payload = tocsin.aws.decode(data)
    assert len(payload.items) == 6
    assert payload.control_messages == 1
    direct = read(samples / "cloudwatch_logs_lambda_event.json")
    engine = make_engine()
    tocsin.aws.feed_logs(direct, engine)
    assert engine.metrics()["events"] > 0
    assert engine.metrics()["malformed"] == 0


def test_only_what_failed_is_sent_again() -> None:
    firehose_answer = {
        "FailedPutCount": 1,
        "RequestResponses": [
            {"RecordId": "1"},
            {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "slow"},
        ],
    }
    kinesis_answer = {
        "FailedRecordCount": 1,
        "Records": [{"ErrorCode": "Throttled"}, {"SequenceNumber": "2"}],
    }
    assert tocsin.aws.failed_records(firehose_answer, ["a", "b"]) == ["b"]
    assert tocsin.aws.failed_records(kinesis_answer, ["a", "b"]) == ["a"]


def test_gzip_is_told_by_its_first_bytes(samples: Path) -> None:
    engine = make_engine()
    data = (samples / "cloudtrail_records.json.gz").read_bytes()
    engine.feed_file(data)
    assert engine.metrics()["events"] == 7
    assert len(tocsin.aws.decode(data).items) == 7


def test_a_digest_holds_no_event(samples: Path) -> None:
    engine = make_engine()
    results = engine.feed_file(samples / "cloudtrail_digest.json")
    assert engine.metrics()["events"] == 0
    assert results.error_count == 0


def test_bytes_that_are_no_text_cost_nothing() -> None:
    data = b'{"action":"login","user":"kim","bad":"\xff latin1 \xe9"}'
    done = tocsin.aws.transform(firehose(a=encode(data)), make_engine())
    (line,) = lines_of(done.answer["records"][0])
    event = json.loads(line)
    assert event["bad"] == "\ufffd latin1 \ufffd"
    assert len(event["detections"]) == 1


def test_events_are_enriched_for_every_service() -> None:
    rule = """\
title: Known Address
logsource: {product: example}
detection:
  s: {threatIntel.list: known}
  condition: s
"""
    indicators = tocsin.enrich.Indicators()
    indicators.add("192.0.2.0/24", {"list": "known"})
    handler = tocsin.aws.lambda_handler(
        tocsin.compile(rule, strict=True),
        enrich=tocsin.enrich.by_address(indicators),
        routing=False,
    )
    data = encode(zipped(message('{"source":{"ip":"192.0.2.1"}}', "text")))
    assert handler({"awslogs": {"data": data}}, None) == {"found": 1}
    engine = make_engine(rule)
    _, sent = tocsin.aws.feed_kinesis(
        kinesis(data), engine, enrich=tocsin.enrich.by_address(indicators)
    )
    assert [len(results) for results in sent] == [1]
