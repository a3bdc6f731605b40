"""Handlers for AWS Lambda: Firehose, Kinesis and CloudWatch Logs in front of an
engine.

    import tocsin, tocsin.aws

    handler = tocsin.aws.lambda_handler(tocsin.compile("rules"), send)

`handler` takes what Lambda hands in and answers as the service wants it. The
engine lives as long as the function stays warm; it is one stream, so give the
function one concurrent execution a shard, or rules over single events only.
No call of this module reaches for the network.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from tocsin._core import (
    Detection,
    Engine,
    Incident,
    Results,
    RuleSet,
    decode_base64_payload,
    decode_payload,
)
from tocsin._errors import PayloadError as PayloadError

RESPONSE_BUDGET = 6_000_000
"""Bytes that an answer may have: Lambda takes 6 MB, and refuses more."""

MAX_PAYLOAD = 64 << 20
"""Bytes that one record may unpack to; more is a bomb."""

Enrich = Callable[[dict[str, Any]], Optional[dict[str, Any]]]
"""Returns what is to be added to an event, or nothing."""


@dataclass
class Item:
    """One event of a record."""

    line: bytes
    """What goes on: the message of a log event, else the line itself."""
    event: bytes
    """What the engine is fed: the line, or the log event around a text."""


@dataclass
class Payload:
    """The content of one record."""

    items: list[Item] = field(default_factory=list)
    control_messages: int = 0
    log_groups: set[str] = field(default_factory=set)


def _parse(line: bytes) -> Optional[dict[str, Any]]:
    """The JSON object that a line is, if it is one."""
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        event = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def decode(data: bytes) -> Payload:
    """Reads the content of one record.

    data: as it comes out of base64: plain, gzip (several members too) or zstd;
    messages of CloudWatch Logs, of which each log event is an item; the
    `Records` of CloudTrail; or lines of JSON or text.

    Raises PayloadError for what is damaged, cut short or too large.
    """
    return _payload(decode_payload(data, MAX_PAYLOAD))


def _decode_base64(text: str) -> Payload:
    return _payload(decode_base64_payload(text, MAX_PAYLOAD))


def _payload(parts: tuple[list[tuple[bytes, bytes]], int, list[str]]) -> Payload:
    items, control_messages, log_groups = parts
    return Payload(
        [Item(line, event) for line, event in items],
        control_messages,
        set(log_groups),
    )


@dataclass
class Transformed:
    """What `transform` made of a batch of Firehose."""

    answer: dict[str, Any]
    """For Firehose: each recordId once."""
    results: list[Results]
    """What the engine found, a batch a record."""
    overflow: list[dict[str, Any]]
    """Records of the request that had no room in the answer, which calls them
    failed. Put them into the stream again, then `drop_overflow`."""

    def drop_overflow(self) -> None:
        """The overflow was put into the stream again: it is dropped here."""
        again = {record["recordId"] for record in self.overflow}
        for record in self.answer["records"]:
            if record["recordId"] in again:
                record["result"] = "Dropped"


def failed_records(answer: dict[str, Any], records: list[Any]) -> list[Any]:
    """Those of `records` that a service did not take, to be sent again.

    answer: of `put_record_batch` (Firehose) or `put_records` (Kinesis), which
    succeed as calls where single records fail.
    """
    results = answer.get("RequestResponses", answer.get("Records", []))
    return [
        record
        for record, result in zip(records, results)
        if result.get("ErrorCode")
    ]


def _partition_keys(payload: Payload) -> dict[str, Any]:
    """For Firehose's dynamic partitioning, where all is of one log group."""
    groups = payload.log_groups
    name = next(iter(groups)) if len(groups) == 1 else ""
    name = name.strip("/").replace("/", "-")
    return {"metadata": {"partitionKeys": {"logGroup": name}}} if name else {}


def _brief(found: Union[Detection, Incident]) -> dict[str, str]:
    return {
        "id": found.id,
        "rule.id": found.rule.id,
        "rule.title": found.rule.title,
        "rule.level": found.rule.level,
    }


def _with(line: bytes, additions: Optional[dict[str, Any]]) -> bytes:
    """The line with members added; the very bytes where there are none, or
    where it is no JSON object."""
    event = _parse(line) if additions else None
    if event is None or not additions:
        return line
    event.update(additions)
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def _enrich(payload: Payload, enrich: Optional[Enrich]) -> None:
    if enrich is None:
        return
    by_line = getattr(enrich, "line", None)  # Of tables: no dict is made.
    for item in payload.items:
        if by_line is not None:
            line = by_line(item.line)
        else:
            event = _parse(item.line)
            line = item.line if event is None else _with(item.line, enrich(event))
        if line is not item.line:
            item.line = item.event = line


def _ok(record_id: str, lines: list[bytes], payload: Payload) -> dict[str, Any]:
    data = base64.b64encode(b"\n".join(lines) + b"\n").decode()
    return {
        "recordId": record_id,
        "result": "Ok",
        "data": data,
        **_partition_keys(payload),
    }


def _size(answer: dict[str, Any]) -> int:
    return len(json.dumps(answer)) + 2  # And what stands between two.


def transform(
    event: dict[str, Any],
    engine: Optional[Engine] = None,
    *,
    enrich: Optional[Enrich] = None,
    budget: int = RESPONSE_BUDGET,
) -> Transformed:
    """Answers a transformation request of Firehose.

    event: as Lambda hands it in.
    engine: is fed every event that is answered `Ok`. What it finds is added to
    JSON events as `detections`, as long as there is room.
    enrich: returns what to add to a JSON event, before the engine sees it.
    budget: most bytes of the answer.

    Each record is answered once: `Ok` with its events, a line each;
    `Dropped` if it holds none (control messages, empty); `ProcessingFailed`
    with its own data if it cannot be decoded. No record raises. Records that
    have no room in the answer are in `overflow`; the engine has not seen them.
    """
    records = event["records"]
    answers: list[dict[str, Any]] = []
    results: list[Results] = []
    overflow: list[dict[str, Any]] = []
    # Each record that is yet to come needs room to be called failed.
    least = {
        record["recordId"]: _size(
            {"recordId": record["recordId"], "result": "ProcessingFailed"}
        )
        for record in records
    }
    room = budget - sum(least.values()) - _size({"records": []})
    for record in records:
        record_id = record["recordId"]
        answer = {"recordId": record_id, "result": "ProcessingFailed"}
        payload = None
        try:
            payload = _decode_base64(record.get("data", ""))
        except PayloadError:
            whole = {**answer, "data": record.get("data", "")}
            if _size(whole) - least[record_id] <= room:
                answer = whole
        if payload is not None and not payload.items:
            answer = {"recordId": record_id, "result": "Dropped"}
        elif payload is not None:
            _enrich(payload, enrich)
            whole = _ok(record_id, [item.line for item in payload.items], payload)
            if _size(whole) - least[record_id] > room:
                overflow.append(record)
            else:
                answer = whole
                if engine is not None:
                    found = engine.feed(item.event for item in payload.items)
                    if found.report_count or found.error_count:
                        results.append(found)
                    longer = _with_detections(record_id, payload, found)
                    if _size(longer) - least[record_id] <= room:
                        answer = longer
        room -= _size(answer) - least[record_id]
        answers.append(answer)
    return Transformed({"records": answers}, results, overflow)


def _with_detections(
    record_id: str, payload: Payload, found: Results
) -> dict[str, Any]:
    by_line: dict[int, list[dict[str, str]]] = {}
    for one in found:
        by_line.setdefault(one.line, []).append(_brief(one))
    lines = [item.line for item in payload.items]
    for number, briefs in by_line.items():
        lines[number - 1] = _with(lines[number - 1], {"detections": briefs})
    return _ok(record_id, lines, payload)


def feed_kinesis(
    event: dict[str, Any], engine: Engine, *, enrich: Optional[Enrich] = None
) -> tuple[dict[str, Any], list[Results]]:
    """Feeds the records of a Kinesis event, in their order.

    Returns the answer (`batchItemFailures`, for an event source mapping that
    reports them) and what was found. Stops at the first record that cannot
    be decoded and names it: Lambda delivers it and all behind it again.
    """
    results: list[Results] = []
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        kinesis = record["kinesis"]
        try:
            payload = _decode_base64(kinesis["data"])
        except PayloadError:
            failures.append({"itemIdentifier": kinesis["sequenceNumber"]})
            break
        _enrich(payload, enrich)
        found = engine.feed(item.event for item in payload.items)
        if found.report_count:
            results.append(found)
    return {"batchItemFailures": failures}, results


def feed_logs(
    event: dict[str, Any], engine: Engine, *, enrich: Optional[Enrich] = None
) -> Results:
    """Feeds a subscription event of CloudWatch Logs; PayloadError if it is
    damaged."""
    payload = _decode_base64(event["awslogs"]["data"])
    _enrich(payload, enrich)
    return engine.feed(item.event for item in payload.items)


def lambda_handler(
    rules: RuleSet,
    send: Optional[Callable[[Results], object]] = None,
    *,
    enrich: Optional[Enrich] = None,
    reingest: Optional[Callable[[list[dict[str, Any]]], object]] = None,
    budget: int = RESPONSE_BUDGET,
    **options: Any,
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """A handler for Lambda: `handler = lambda_handler(rules, send)`.

    send: is called with Results that have reports, before the answer is
    returned; what it raises fails the invocation, which the service repeats.
    enrich, budget: as for `transform`. reingest: puts records of a Firehose
    request that had no room in the answer into the stream again; without it
    they are answered as failed, and Firehose keeps them in its error folder.
    options: of Engine.

    Takes Firehose transformations, Kinesis events and CloudWatch Logs
    subscriptions; ValueError for anything else.
    """
    engine = Engine(rules, **options)

    def deliver(results: list[Results]) -> None:
        for found in results:
            if send is not None and found.report_count:
                send(found)

    def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
        if "deliveryStreamArn" in event:
            done = transform(event, engine, enrich=enrich, budget=budget)
            deliver(done.results)
            if done.overflow and reingest is not None:
                reingest(done.overflow)
                done.drop_overflow()
            return done.answer
        if "awslogs" in event:
            found = feed_logs(event, engine, enrich=enrich)
            deliver([found])
            return {"found": len(found)}
        records = event.get("Records") or [{}]
        if "kinesis" in records[0]:
            answer, results = feed_kinesis(event, engine, enrich=enrich)
            deliver(results)
            return answer
        raise ValueError(
            "expected an event of Firehose, Kinesis or CloudWatch Logs"
        )

    return handle
