from __future__ import annotations

import datetime
import decimal
import enum
import gzip
import io
import ipaddress
import json
import math
import mmap
import pathlib
import types
import uuid
from pathlib import Path
from typing import Any, Iterator

import pytest
from conftest import ROOT, login, make_engine

import tocsin

LINE = login()
OTHER = login(user="lee")


def expect_login(results: tocsin.Results, line: int = 1) -> None:
    (found,) = results
    assert isinstance(found, tocsin.Detection)
    assert found.rule.title == "Login by Kim"
    assert found.line == line


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        LINE + b"\n",
        LINE + b"\r\n",
        b"  " + LINE + b" \n\n",
        b"\xef\xbb\xbf" + LINE,
        bytearray(LINE),
        memoryview(LINE),
        LINE.decode(),
    ],
)
def test_one_line_of_any_text(engine: tocsin.Engine, text: Any) -> None:
    expect_login(engine.feed(text))


def test_space_around_an_event_leaves_its_id() -> None:
    ids = {
        make_engine().feed(text)[0].id
        for text in (LINE, b" " + LINE + b"\r\n", LINE.decode())
    }
    ids.add(make_engine().feed_event(LINE + b"\n")[0].id)
    assert len(ids) == 1


def test_many_lines_are_as_many_events(engine: tocsin.Engine) -> None:
    results = engine.feed(OTHER + b"\n\n" + LINE + b"\n" + OTHER)
    expect_login(results, line=3)
    assert engine.metrics()["events"] == 3


def test_a_mapped_file_is_read_in_place(
    engine: tocsin.Engine, tmp_path: Path
) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes((OTHER + b"\n") * 2000 + LINE)
    with path.open("rb") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            expect_login(engine.feed(mapped), line=2001)


def test_a_dict_is_an_event(engine: tocsin.Engine) -> None:
    expect_login(engine.feed(json.loads(LINE)))
    expect_login(engine.feed(types.MappingProxyType(json.loads(LINE))))


def test_a_dict_has_the_id_of_its_compact_line() -> None:
    by_line = make_engine().feed(LINE)
    by_dict = make_engine().feed(json.loads(LINE))
    assert by_dict[0].id == by_line[0].id


def test_iterables_hold_events_of_any_kind(engine: tocsin.Engine) -> None:
    def events() -> Iterator[Any]:
        yield json.loads(LINE)
        yield LINE
        yield OTHER + b"\n" + LINE
        yield LINE.decode()
        yield b""
        yield bytearray(LINE)

    results = engine.feed(events())
    assert [found.line for found in results] == [1, 2, 4, 5, 7]


def test_lists_of_lists_are_one_stream(engine: tocsin.Engine) -> None:
    results = engine.feed([[LINE, OTHER], [LINE]])
    assert [found.line for found in results] == [1, 3]


def test_long_iterables_are_fed_in_pieces(engine: tocsin.Engine) -> None:
    events = [OTHER, json.loads(LINE)] * 10_000
    results = engine.feed(events)
    assert len(results) == 10_000
    assert results[-1].line == 20_000


def test_a_list_that_holds_itself_is_an_error(engine: tocsin.Engine) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        engine.feed(endless)
    expect_login(engine.feed(LINE))


@pytest.mark.parametrize("events", [5, [5], [None], 1.5, object()])
def test_what_cannot_be_an_event_is_a_type_error(
    engine: tocsin.Engine, events: Any
) -> None:
    with pytest.raises(TypeError, match="expected events as bytes"):
        engine.feed(events)


def test_what_came_before_an_error_is_not_lost(engine: tocsin.Engine) -> None:
    def events() -> Iterator[bytes]:
        yield LINE
        raise KeyError("source")

    with pytest.raises(KeyError, match="source"):
        engine.feed(events())
    expect_login(engine.feed(b""))
    assert len(engine.feed(b"")) == 0


def test_a_malformed_line_is_an_error_with_its_place(
    engine: tocsin.Engine,
) -> None:
    results = engine.feed(LINE + b'\n  {"a":}\n[]\n' + LINE)
    assert [found.line for found in results] == [1, 4]
    assert [(e.line, e.column) for e in results.errors] == [(2, 8), (3, 1)]
    assert results.errors[1].reason == "not a JSON object"
    assert results.error_count == 2
    assert engine.metrics()["malformed"] == 2


def test_errors_without_end_take_no_memory(engine: tocsin.Engine) -> None:
    results = engine.feed(b"x\n" * 5000)
    assert results.error_count == 5000
    assert len(results.errors) == 1000


def test_finding_nothing_returns_the_same_object(
    engine: tocsin.Engine,
) -> None:
    assert engine.feed(OTHER) is engine.feed(b"{}")
    assert not engine.feed(OTHER)


class Color(enum.IntEnum):
    RED = 3


@pytest.mark.parametrize(
    ("value", "json_text"),
    [
        (None, "null"),
        (True, "true"),
        (-7, "-7"),
        (2**63, "9223372036854775808"),
        (10**30, "1" + "0" * 30),
        (Color.RED, "3"),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (math.nan, "null"),
        (-math.inf, "null"),
        ("", '""'),
        ('"\\\n\t\r\x01', '"\\"\\\\\\n\\t\\r\\u0001"'),
        ("a" * 8 + '"', '"' + "a" * 8 + '\\""'),
        ("ß\U0001f514", '"ß\U0001f514"'),
        ([1, [2], ()], "[1,[2],[]]"),
        ({"a": {}, "b": {"c": 1}}, '{"a":{},"b":{"c":1}}'),
        ({1: 2, None: 3, True: 4}, '{"1":4,"null":3}'),
        (frozenset([5]), "[5]"),
        (decimal.Decimal("1.50"), "1.50"),
        (decimal.Decimal("NaN"), "null"),
        (
            datetime.datetime(2026, 1, 15, tzinfo=datetime.timezone.utc),
            '"2026-01-15T00:00:00+00:00"',
        ),
        (datetime.date(2026, 1, 15), '"2026-01-15"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (ipaddress.ip_address("192.0.2.1"), '"192.0.2.1"'),
        (pathlib.PurePosixPath("/etc"), '"/etc"'),
    ],
)
def test_values_of_python_are_values_of_json(
    value: Any, json_text: str
) -> None:
    engine = make_engine(include_event=True)
    event = {"action": "login", "user": "kim", "value": value}
    (found,) = engine.feed(event)
    assert found.json.endswith(
        '"event":{"action":"login","user":"kim","value":' + json_text + "}}"
    )


def test_other_values_are_a_type_error_that_names_the_type(
    engine: tocsin.Engine,
) -> None:
    with pytest.raises(TypeError, match="a value of type object"):
        engine.feed({"user": object()})
    with pytest.raises(TypeError, match="keys of an event"):
        engine.feed({(1, 2): 3})  # type: ignore[dict-item]
    expect_login(engine.feed(LINE))


def test_a_lone_surrogate_is_invalid_utf8(engine: tocsin.Engine) -> None:
    event = {"action": "login", "user": "kim", "note": "\ud800"}
    expect_login(engine.feed(event))
    expect_login(engine.feed([event]))
    assert engine.metrics()["invalid_utf8"] == 2


def test_an_endless_dict_is_a_malformed_event(engine: tocsin.Engine) -> None:
    endless: dict[str, Any] = {}
    endless["a"] = endless
    results = engine.feed([endless, LINE])
    expect_login(results, line=2)
    assert results.error_count == 1


def test_a_dict_that_changes_while_it_is_read_does_no_harm(
    engine: tocsin.Engine,
) -> None:
    class Emptying:
        def isoformat(self) -> str:
            event.clear()
            return "now"

    event: dict[str, Any] = {"time": Emptying(), "list": [1, 2], "user": "kim"}
    engine.feed(event)
    assert engine.metrics()["events"] == 1


def test_one_event_can_have_an_identity_and_a_place() -> None:
    engine = make_engine()
    time = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
    (found,) = engine.feed_event(
        {"action": "login", "user": "kim"},
        id="offset-17",
        time=time,
        file="topic-3",
        line=17,
    )
    assert found.time == time
    assert found.to_dict()["event.id"] == "offset-17"
    assert found.to_dict()["event.file"] == "topic-3"
    assert found.line == 17
    (again,) = make_engine().feed_event(LINE, id="offset-17")
    assert again.id == found.id


def test_arrival_time_stands_in_for_a_time() -> None:
    event = {"action": "login", "user": "kim"}
    (found,) = make_engine().feed_event(event, arrival_time=5_000_000_000)
    assert found.time_ns == 5_000_000_000
    assert found.to_dict()["time.source"] == "arrival"
    (found,) = make_engine().feed(event)
    assert found.time is None


def test_a_time_without_zone_is_refused(engine: tocsin.Engine) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        engine.feed_event({}, time=datetime.datetime(2026, 1, 2))
    with pytest.raises(TypeError, match="expected a datetime"):
        engine.feed_event({}, time="now")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        LINE + b"\n" + OTHER,
        b"[" + LINE + b"," + OTHER + b"]",
        b'{"Records":[' + LINE + b"]}",
        gzip.compress(LINE) + gzip.compress(b"\n" + OTHER),
        json.dumps(json.loads(LINE), indent=2).encode(),
    ],
)
def test_files_come_in_all_shapes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "events"
    path.write_bytes(content)
    for source in (path, str(path), content, io.BytesIO(content)):
        (found,) = make_engine().feed_file(source)
        assert found.id == make_engine().feed(LINE)[0].id or b"\n  " in content
    (found,) = make_engine().feed_file(path)
    assert found.to_dict()["event.file"] == str(path)


def test_text_lines_become_messages() -> None:
    rule = """\
title: Denied
logsource: {product: example}
detection:
  s: {message|contains: denied}
  condition: s
"""
    engine = make_engine(rule)
    (found,) = engine.feed_file(b"ok\naccess denied\n", format="lines")
    assert found.line == 2


def test_a_file_that_is_not_there_is_an_os_error(
    engine: tocsin.Engine,
) -> None:
    with pytest.raises(FileNotFoundError):
        engine.feed_file("/nowhere/events.ndjson")


def test_what_a_reader_raises_reaches_the_caller(
    engine: tocsin.Engine,
) -> None:
    class Reader:
        pieces = [LINE + b"\n", b"{"]

        def read(self, size: int) -> bytes:
            if not self.pieces:
                raise OSError("connection reset")
            return self.pieces.pop(0)

    with pytest.raises(OSError, match="connection reset"):
        engine.feed_file(Reader())
    expect_login(engine.feed(b""))


def test_a_reader_must_return_bytes(engine: tocsin.Engine) -> None:
    with pytest.raises(TypeError, match="must return bytes"):
        engine.feed_file(io.StringIO("{}"))  # type: ignore[arg-type]


def test_the_events_of_the_examples(engine: tocsin.Engine) -> None:
    rules = tocsin.compile(ROOT / "examples" / "rules")
    path = ROOT / "examples" / "events" / "windows_evtx.jsonl"
    by_file = tocsin.Engine(rules).feed_file(path)
    by_line = tocsin.Engine(rules).feed(path.read_bytes())
    assert len(by_file) > 0
    assert [found.id for found in by_file] == [found.id for found in by_line]


def test_a_stream_yields_what_it_finds_as_it_goes() -> None:
    engine = make_engine()
    taken = []

    def events() -> Iterator[bytes]:
        for second in range(10):
            taken.append(second)
            yield login(second)

    found = tocsin.stream(engine, events(), batch=2)
    assert next(found).line == 1
    assert taken == [0, 1]
    assert len(list(found)) == 9
