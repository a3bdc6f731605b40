"""Events from Arrow and results to Arrow, with pyarrow as the other side."""

from __future__ import annotations

import datetime
import decimal
import json
from typing import Any

import pytest
from conftest import login, make_engine

import tocsin

pa = pytest.importorskip("pyarrow")

TEXTS = [login(1).decode(), None, login(2, user="lee").decode(), "", "{"]
UTC = datetime.timezone.utc


def events_of(column: Any) -> list[dict[str, Any]]:
    """What an engine reads in the rows of a column."""
    rule = """\
title: Any
logsource: {product: example}
detection:
  s: {nothing|exists: false}
  condition: s
"""
    engine = make_engine(rule, include_event=True)
    return [found.to_dict()["event"] for found in engine.feed(column)]


@pytest.mark.parametrize(
    "kind",
    ["string", "large_string", "string_view", "binary", "large_binary"],
)
def test_a_column_of_json_is_read_in_place(kind: str) -> None:
    column = pa.array(TEXTS, pa.string()).cast(getattr(pa, kind)())
    engine = make_engine()
    results = engine.feed(column)
    assert [found.line for found in results] == [1]
    assert [(error.line, error.column) for error in results.errors] == [(5, 2)]
    assert engine.metrics()["events"] == 3
    assert results[0].id == make_engine().feed(TEXTS[0] or "")[0].id


def test_short_texts_of_views_lie_in_the_view() -> None:
    column = pa.array(['{"a":1}', '{"a":"long enough"}'], pa.string_view())
    assert events_of(column) == [{"a": 1}, {"a": "long enough"}]


def test_a_part_of_a_column_is_that_part() -> None:
    column = pa.array(TEXTS * 3).slice(4, 3)
    results = make_engine().feed(column)
    assert [found.line for found in results] == [2]
    assert [error.line for error in results.errors] == [1]


def test_chunks_and_tables_are_streams() -> None:
    chunked = pa.chunked_array([TEXTS, TEXTS])
    assert [found.line for found in make_engine().feed(chunked)] == [1, 6]
    table = pa.table({"raw": chunked})
    assert len(make_engine().feed(table["raw"])) == 2


def test_dictionary_columns_are_read_through() -> None:
    column = pa.array(TEXTS).dictionary_encode()
    assert [found.line for found in make_engine().feed(column)] == [1]


def test_rows_of_a_table_are_records() -> None:
    table = pa.table({"action": ["login", "login"], "user": ["lee", "kim"]})
    assert [found.line for found in make_engine().feed(table)] == [2]
    (batch,) = table.to_batches()
    assert [found.line for found in make_engine().feed(batch)] == [2]
    assert [found.line for found in make_engine().feed([batch, batch])] == [
        2,
        4,
    ]


VALUES: list[tuple[Any, Any, Any]] = [
    (pa.bool_(), True, True),
    (pa.int8(), -128, -128),
    (pa.uint8(), 255, 255),
    (pa.int16(), -5, -5),
    (pa.uint16(), 65535, 65535),
    (pa.int32(), -5, -5),
    (pa.uint32(), 2**32 - 1, 2**32 - 1),
    (pa.int64(), -(2**63), -(2**63)),
    (pa.uint64(), 2**64 - 1, 2**64 - 1),
    (pa.float32(), 0.1, 0.1),
    (pa.float64(), 1e300, 1e300),
    (pa.decimal128(10, 2), decimal.Decimal("-1.50"), -1.5),
    (pa.decimal128(10, 0), decimal.Decimal("7"), 7),
    (pa.string(), 'a "b"\n', 'a "b"\n'),
    (pa.binary(3), b"abc", "abc"),
    (
        pa.timestamp("us", "Europe/Berlin"),
        datetime.datetime(2026, 1, 15, 10, 0, 0, 250000, UTC),
        "2026-01-15T10:00:00.250Z",
    ),
    (
        pa.timestamp("s"),
        datetime.datetime(2026, 1, 15, 10),
        "2026-01-15T10:00:00",
    ),
    (pa.date32(), datetime.date(2026, 1, 15), "2026-01-15"),
    (pa.date64(), datetime.date(1969, 12, 31), "1969-12-31"),
    (pa.time32("ms"), datetime.time(10, 20, 30), "10:20:30"),
    (pa.time64("ns"), datetime.time(0, 0, 1), "00:00:01"),
    (pa.duration("ms"), datetime.timedelta(seconds=2), 2000),
    (pa.list_(pa.int32()), [1, None, 3], [1, None, 3]),
    (pa.large_list(pa.string()), [], []),
    (pa.list_(pa.int32(), 2), [1, 2], [1, 2]),
    (pa.struct([("b", pa.string()), ("c", pa.int8())]), {"b": "x"}, {"b": "x"}),
    (pa.map_(pa.string(), pa.int32()), [("k", 5)], {"k": 5}),
    (pa.list_(pa.struct([("b", pa.int8())])), [{"b": 1}], [{"b": 1}]),
]


@pytest.mark.parametrize(
    ("kind", "value", "expected"), VALUES, ids=lambda value: str(value)[:30]
)
def test_values_of_arrow_are_values_of_json(
    kind: Any, value: Any, expected: Any
) -> None:
    # A null and a neighbour on either side: places are counted right.
    column = pa.array([None, value, value, None], kind)
    table = pa.table({"a": column, "n": [1, 2, 3, 4]})
    assert events_of(table.slice(1)) == [
        {"a": expected, "n": 2},
        {"a": expected, "n": 3},
        {"n": 4},
    ]
    rows = pa.StructArray.from_arrays([column, table["n"].chunk(0)], ["a", "n"])
    assert events_of(rows.slice(2, 1)) == [{"a": expected, "n": 3}]


def test_a_null_row_is_no_event() -> None:
    rows = pa.array([{"a": 1}, None, {"a": 3}])
    assert events_of(rows) == [{"a": 1}, {"a": 3}]


def test_dictionary_fields_are_read_through() -> None:
    column = pa.array(["x", None, "y"]).dictionary_encode()
    assert events_of(pa.table({"a": column})) == [{"a": "x"}, {}, {"a": "y"}]


def test_columns_without_json_are_a_type_error() -> None:
    union = pa.UnionArray.from_sparse(
        pa.array([0], pa.int8()), [pa.array([1])]
    )
    table = pa.table({"a": [{"deep": 1}], "odd": union})
    with pytest.raises(TypeError, match="of column odd"):
        make_engine().feed(table)
    with pytest.raises(TypeError, match="Arrow's type `l`"):
        make_engine().feed(pa.array([1, 2]))


def test_an_error_of_the_stream_reaches_the_caller() -> None:
    def batches() -> Any:
        yield pa.record_batch({"action": ["login"], "user": ["kim"]})
        raise OSError("connection reset")

    schema = pa.schema([("action", pa.string()), ("user", pa.string())])
    reader = pa.RecordBatchReader.from_batches(schema, batches())
    engine = make_engine()
    with pytest.raises((OSError, ValueError), match="connection reset"):
        engine.feed(reader)
    assert len(engine.feed(b"")) == 1


def test_results_go_to_arrow() -> None:
    engine = make_engine()
    no_time = b'{"action":"login","user":"kim"}'
    results = engine.feed(login(1) + b"\n" + no_time)
    table = pa.table(results)
    assert table.num_rows == 2
    assert table["kind"].to_pylist() == ["detection", "detection"]
    assert table["id"].to_pylist() == [found.id for found in results]
    assert table["time"].to_pylist()[1] is None
    assert table["time"].cast(pa.timestamp("us", "UTC")).to_pylist()[0] == (
        results[0].time
    )
    assert table["rule_title"].to_pylist() == ["Login by Kim"] * 2
    assert table["line"].to_pylist() == [1, 2]
    assert [json.loads(text) for text in table["json"].to_pylist()] == (
        results.to_dicts()
    )
    table.validate(full=True)


def test_no_results_are_an_empty_table() -> None:
    table = pa.table(make_engine().feed(b"{}"))
    table.validate(full=True)
    assert table.num_rows == 0
    assert table.column_names[0] == "kind"


def test_polars_is_another_side() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"raw": TEXTS[:3], "user": ["kim", None, "lee"]})
    assert [found.line for found in make_engine().feed(frame["raw"])] == [1]
    results: tocsin.Results = make_engine().feed(frame["raw"])
    assert polars.DataFrame(results)["rule_level"].to_list() == ["high"]
    assert events_of(frame.select("user")) == [
        {"user": "kim"},
        {},
        {"user": "lee"},
    ]
