from __future__ import annotations

import datetime
import gc
import resource
import threading
import weakref
from typing import Any, Iterator

import pytest
from conftest import (
    LOGIN_RULE,
    STEPS_RULES,
    login,
    make_engine,
    make_steps_engine,
)

import tocsin

FAILURES = [login(second, action="failed") for second in (1, 2, 3)]


def test_three_failures_are_an_incident(steps_engine: tocsin.Engine) -> None:
    assert not steps_engine.feed(FAILURES[:2])
    (found,) = steps_engine.feed(FAILURES[2:])
    assert isinstance(found, tocsin.Incident)
    assert found.rule.id == "many_failures"
    assert found.change == "opened"
    assert found.keys == {"user": "kim"}
    assert found.values["failed.count"] == 3
    assert found.time is not None and found.time.second == 3
    assert found.to_dict()["kind"] == "incident"


def test_what_waits_is_decided_when_time_moves(
    steps_engine: tocsin.Engine,
) -> None:
    steps_engine.feed(FAILURES[0])
    at = datetime.datetime(2026, 1, 15, 10, 5, tzinfo=datetime.timezone.utc)
    assert not steps_engine.advance_to(at)
    later = at + datetime.timedelta(minutes=10)
    assert [i.rule.id for i in steps_engine.advance_to(later)] == ["no_login"]


def test_flush_decides_all_that_waits(steps_engine: tocsin.Engine) -> None:
    steps_engine.feed(FAILURES[0])
    assert [i.rule.id for i in steps_engine.flush()] == ["no_login"]
    assert not steps_engine.flush()


def test_a_snapshot_goes_on_where_it_was_taken() -> None:
    first = make_steps_engine()
    first.feed(FAILURES[:2])
    bytes_ = first.snapshot(note="offset 2")
    second = make_steps_engine()
    report = second.restore(bytes_)
    assert report.note == "offset 2"
    assert report.kept == ["many_failures", "no_login"]
    assert (report.changed, report.added, report.dropped) == ([], [], [])
    (a,), (b,) = first.feed(FAILURES[2]), second.feed(FAILURES[2])
    assert a.id == b.id


@pytest.mark.parametrize("bytes_", [b"", b"rubbish", b"\0" * 100])
def test_a_bad_snapshot_changes_nothing(bytes_: bytes) -> None:
    engine = make_steps_engine()
    engine.feed(FAILURES[:2])
    with pytest.raises(tocsin.SnapshotError):
        engine.restore(bytes_)
    assert len(engine.feed(FAILURES[2])) == 1


def test_one_key_moves_to_another_engine() -> None:
    a = make_steps_engine(state_secret="s")
    b = make_steps_engine(state_secret="s")
    a.feed(FAILURES[:2])
    b.load_key(a.save_key({"user": "kim"}))
    a.drop_key({"user": "kim"})
    assert not a.feed(FAILURES[2])
    assert len(b.feed(FAILURES[2])) == 1


def test_reload_keeps_the_state_of_rules_that_stay() -> None:
    engine = make_steps_engine()
    engine.feed(FAILURES[:2])
    rules = tocsin.compile(
        STEPS_RULES + "rule new { detect any where user == null }\n",
        format="toc",
        strict=True,
    )
    assert engine.reload(rules).kept == ["many_failures", "no_login"]
    (found,) = engine.feed(FAILURES[2])
    assert found.rule in rules.rules


def test_results_that_wait_keep_their_rules_over_a_reload() -> None:
    def failing() -> Iterator[bytes]:
        yield login()
        raise KeyError

    engine = make_engine()
    with pytest.raises(KeyError):
        engine.feed(failing())
    renamed = LOGIN_RULE.replace("Login by Kim", "Kim Logs In")
    engine.reload(tocsin.compile(renamed))
    results = engine.feed(login())
    assert [found.rule.title for found in results] == [
        "Login by Kim",
        "Kim Logs In",
    ]


def test_an_alert_is_for_rules_that_read_alerts() -> None:
    engine = tocsin.Engine(
        tocsin.compile(
            'found = alerts where rule.id == "elsewhere"\n'
            "rule watch { when found >= 1 within 1m }\n",
            format="toc",
            strict=True,
        )
    )
    found = engine.feed_alert({"rule.id": "elsewhere"}, 1_768_471_202 * 10**9)
    assert [f.rule.id for f in found] == ["watch"]


def test_metrics_count() -> None:
    engine = make_steps_engine()
    engine.feed([*FAILURES, b"{", b'{"a":1}'])
    metrics = engine.metrics()
    assert metrics["events"] == 5
    assert metrics["malformed"] == 1
    assert metrics["incidents"] == 1
    assert metrics["incidents_open"] == 1
    assert metrics["without_time"] == 1
    assert metrics["rules"] == {"many_failures": 1}
    assert metrics["correlations"]["many_failures"]["incidents"] == 1
    assert metrics["rule_costs"] == {}


def test_costs_of_rules_are_counted_on_request() -> None:
    engine = make_engine(collect_rule_costs=True)
    engine.feed(login())
    (cost,) = engine.metrics()["rule_costs"].values()
    assert cost["matches"] == 1
    assert cost["bytes"] > 0


def test_options_are_checked() -> None:
    rules = tocsin.compile(LOGIN_RULE)
    wrong: list[dict[str, Any]] = [
        {"rooting": False},
        {"routing": 1},
        {"lateness": 5},
        {"state_budget_bytes": "much"},
        {"log_source": {"produkt": "windows"}},
        {"recognizers": [{"conditions": [{"is": "a"}]}]},
        {"on_detection": 5},
    ]
    for options in wrong:
        with pytest.raises(TypeError):
            tocsin.Engine(rules, **options)
    with pytest.raises(ValueError, match="time_format"):
        tocsin.Engine(rules, time_format="hours")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="log_source"):
        tocsin.Engine(rules, log_source="produkt=windows")


def test_options_reach_the_engine() -> None:
    rules = tocsin.compile(LOGIN_RULE)
    event = {"when": 1768471202, "action": "login", "user": "kim"}
    assert not tocsin.Engine(rules).feed(event)
    (found,) = tocsin.Engine(
        rules,
        log_source="product=example",
        time_field="when",
        time_format="epoch_seconds",
        lateness=datetime.timedelta(minutes=1),
    ).feed(event)
    assert found.time_ns == 1_768_471_202 * 10**9
    recognizer = {
        "name": "example",
        "conditions": [{"field": "act", "starts_with": "log"}],
        "products": ["example"],
        "renames": {"act": "action"},
    }
    engine = tocsin.Engine(rules, recognizers=[recognizer])
    assert len(engine.feed({"act": "login", "user": "kim"})) == 1


def test_callbacks_get_what_is_found() -> None:
    detections: list[tocsin.Detection] = []
    engine = make_engine(on_detection=detections.append)
    results = engine.feed([login(1), login(2)])
    assert detections == list(results)


def test_a_block_flushes_for_callbacks() -> None:
    incidents: list[tocsin.Incident] = []
    with make_steps_engine(on_incident=incidents.append) as engine:
        engine.feed(FAILURES[0])
    assert [incident.rule.id for incident in incidents] == ["no_login"]
    with pytest.raises(KeyError):
        with make_steps_engine(on_incident=incidents.append) as engine:
            engine.feed(FAILURES[0])
            raise KeyError
    assert len(incidents) == 1


def test_what_a_callback_raises_loses_nothing() -> None:
    seen = []

    def callback(found: tocsin.Detection) -> None:
        seen.append(found.line)
        if seen == [1]:
            raise LookupError("not now")

    engine = make_engine(on_detection=callback)
    with pytest.raises(LookupError, match="not now"):
        engine.feed([login(1), login(2)])
    assert seen == [1]
    results = engine.feed(b"")
    assert seen == [1, 2]
    assert [found.line for found in results] == [1, 2]
    assert not engine.feed(b"")


def test_a_callback_may_feed_the_engine() -> None:
    seen = []

    def callback(found: tocsin.Detection) -> None:
        seen.append(found.time_ns)
        if len(seen) == 1:
            assert not engine.feed(login(9))

    engine = make_engine(on_detection=callback)
    assert len(engine.feed([login(1), login(2)])) == 3
    assert len(seen) == 3


def test_another_thread_may_not_feed_during_a_callback() -> None:
    seen: list[type[Exception]] = []

    def other() -> None:
        try:
            engine.feed(login())
        except tocsin.BusyError as error:
            seen.append(type(error))

    def callback(found: tocsin.Detection) -> None:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    engine = make_engine(on_detection=callback)
    assert len(engine.feed(login())) == 1
    assert seen == [tocsin.BusyError]


def test_an_iterator_may_not_feed_the_engine_it_is_fed_to() -> None:
    engine = make_engine()

    def events() -> Iterator[bytes]:
        engine.feed(login())
        yield login()

    with pytest.raises(tocsin.BusyError):
        engine.feed(events())
    assert len(engine.feed(login())) == 1


def test_a_second_thread_is_told_that_the_engine_runs() -> None:
    engine = make_engine()
    lines = login(user="lee") + b"\n"
    busy = threading.Event()
    stop = threading.Event()

    def other() -> None:
        while not stop.is_set():
            try:
                engine.feed(lines * 1000)
            except tocsin.BusyError:
                busy.set()

    thread = threading.Thread(target=other)
    thread.start()
    for _ in range(100_000):
        try:
            engine.feed(lines * 1000)
        except tocsin.BusyError:
            busy.set()
        if busy.is_set():
            break
    stop.set()
    thread.join()
    assert busy.is_set()
    assert len(engine.feed(login())) == 1


def test_two_engines_run_in_two_threads() -> None:
    rules = tocsin.compile(LOGIN_RULE)
    lines = b"\n".join(
        login(i % 60, user="kim" if i % 100 == 0 else "lee")
        for i in range(20_000)
    )
    found: list[list[str]] = [[], []]

    def run(number: int) -> None:
        engine = tocsin.Engine(rules, routing=False)
        for _ in range(5):
            found[number] += [d.id for d in engine.feed(lines)]

    threads = [threading.Thread(target=run, args=(i,)) for i in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found[0]) == 1000
    assert found[0] == found[1]


def test_an_engine_that_its_callback_holds_is_collected() -> None:
    class Host:
        def __init__(self) -> None:
            self.engine = make_engine(on_detection=self.on_detection)

        def on_detection(self, found: tocsin.Detection) -> None:
            pass

    host = weakref.ref(Host())
    gc.collect()
    assert host() is None


def memory_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_memory_stays_as_it_is() -> None:
    engine = make_engine()
    lines = b"\n".join(login(i % 60) for i in range(500)) + b"\nbad\n"
    events = [{"action": "login", "user": "kim", "n": i} for i in range(500)]

    def work(rounds: int) -> None:
        for _ in range(rounds):
            for found in engine.feed(lines):
                found.rule.title
            engine.feed(events).to_dicts()

    work(50)
    before = memory_kb()
    work(300)
    assert memory_kb() - before < 4 << 10
