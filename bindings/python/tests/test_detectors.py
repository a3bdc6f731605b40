from __future__ import annotations

import inspect
from typing import Any

import pytest

np = pytest.importorskip("numpy")

import tocsin  # noqa: E402
import tocsin.detectors as detectors  # noqa: E402

START = 1_768_435_200  # 2026-01-15T00:00:00Z


def times(count: int, step: int = 300) -> Any:
    return START + step * np.arange(count)


def wave(count: int) -> Any:
    """A quiet series, without any random number."""
    return 100 + 3 * np.sin(np.arange(count)) + np.cos(7 * np.arange(count))


def test_a_leap_of_a_series_is_unusual() -> None:
    values = wave(500)
    values[400] = 200
    seen = detectors.MetricSeries().update(values, times(500))
    assert np.argmin(seen.probability) == 400
    assert seen.probability[400] < 1e-3
    assert abs(seen.typical[400] - 100) < 10
    assert seen.lower[400] < seen.typical[400] < seen.upper[400] < 200
    assert (seen.probability[:59] == 1).all()


def test_a_series_in_parts_is_the_series() -> None:
    whole = detectors.MetricSeries().update(wave(300), times(300))
    first = detectors.MetricSeries()
    first.update(wave(300)[:123], times(300)[:123])
    second = detectors.MetricSeries()
    second.load(first.save())
    rest = second.update(wave(300)[123:], times(300)[123:])
    for a, b in zip(whole, rest):
        assert (a[123:] == b).all()


def test_a_side_is_chosen() -> None:
    values = wave(300)
    values[200] = 0
    high = detectors.MetricSeries("high").update(values, times(300))
    low = detectors.MetricSeries("low").update(values, times(300))
    assert low.probability[200] < 1e-3 < high.probability[200]


def test_too_many_events_are_unusual() -> None:
    counts = np.full(200, 5) + np.arange(200) % 3
    counts[150] = 60
    model = detectors.CountModel("high")
    seen = model.update(counts, times(200))
    assert np.argmin(seen.probability) == 150
    judged = model.judge([6, 60], times(2))
    assert judged.probability[1] < 1e-3 < judged.probability[0]
    assert (judged.probability == model.judge([6, 60], times(2)).probability).all()


def test_an_hour_of_the_night_is_unusual() -> None:
    days = START + 86_400 * np.arange(100)
    profile = detectors.TimeProfile()
    profile.update(days + 9 * 3600)
    at_night, by_day = profile.judge([START + 3 * 3600, START + 9 * 3600])
    assert at_night < 0.02 < by_day
    assert profile.typical // 3600 in (8, 9)


def test_times_may_be_of_numpy() -> None:
    stamps = np.datetime64("2026-01-15T00:00:00", "ms") + 300_000 * np.arange(100)
    a = detectors.MetricSeries().update(wave(100), stamps)
    b = detectors.MetricSeries().update(wave(100), times(100))
    assert all((x == y).all() for x, y in zip(a, b))


def test_a_new_value_is_rare() -> None:
    values = ["192.0.2.7"] * 500 + ["198.51.100.23"]
    rare = detectors.Rarity().update(values, np.arange(501))
    assert rare.first_occurrence[500]
    assert not rare.first_occurrence[1:500].any()
    assert rare.one_in[500] == 501
    score = detectors.absolute_score(rare.probability[-1:])
    assert int(score[0]) == 53  # As docs/anomaly.md has it.


def test_a_bucket_may_go_on_in_the_next_call() -> None:
    rarity = detectors.Rarity()
    rarity.update(["a", "b"], [1, 1])
    assert rarity.update(["a"], [1]).one_in[0] == 1
    assert rarity.update(["a"], [2]).one_in[0] == 1
    assert len(rarity) == 2
    other = detectors.Rarity()
    other.load(rarity.save())
    other.prune(2)
    assert len(other) == 1
    with pytest.raises(ValueError, match="less than one before"):
        rarity.update(["a", "a"], [9, 8])


def test_different_values_are_counted() -> None:
    counter = detectors.DistinctCounter()
    counter.add(["a", "b", "a"])
    counter.add(np.array([1, 2, 2]))
    assert counter.count == 4
    counter.add(np.arange(10_000))
    assert abs(counter.count - 10_002) < 600
    counter.clear()
    assert counter.count == 0


def test_scores_follow_their_history() -> None:
    scores = detectors.ScoreMap().update(np.r_[np.full(50, 0.2), 1e-6])
    assert (scores[:50] == 0).all()
    assert scores[50] > 75
    assert list(detectors.absolute_score([0.05, 1e-4])) == [0, 100]


def test_only_the_onset_is_passed_on() -> None:
    onset = detectors.Onset(rows=3)
    assert list(onset.update([0, 5, 4, 6, 1, 1, 1, 2])) == [0, 5, 0, 6, 0, 0, 0, 2]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda: detectors.MetricSeries("up"), ValueError),  # type: ignore[arg-type]
        (lambda: detectors.MetricSeries().update([1], times(2)), ValueError),
        (lambda: detectors.MetricSeries().update([[1]], times(1)), ValueError),
        (lambda: detectors.MetricSeries().update([1], [float("nan")]), ValueError),
        (lambda: detectors.Rarity().update(["a"], [1, 2]), ValueError),
        (lambda: detectors.Rarity().update(["a"], [0.5]), TypeError),
        (lambda: detectors.TimeProfile("year"), ValueError),  # type: ignore[arg-type]
        (lambda: detectors.CountModel().load(b"x"), tocsin.SnapshotError),
    ],
)
def test_what_cannot_be_taken_raises(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        wrong()


def test_a_value_that_is_no_number_is_not_taken() -> None:
    values = wave(100)
    values[50] = float("nan")
    seen = detectors.MetricSeries().update(values, times(100))
    assert seen.probability[50] == 1
    assert np.isfinite(seen.typical).all()


def test_every_name_has_a_docstring() -> None:
    for name, item in vars(detectors).items():
        if not inspect.isclass(item) or item.__module__ != detectors.__name__:
            continue
        assert inspect.getdoc(item), name
        for member in vars(item):
            if not member.startswith("_"):
                assert inspect.getdoc(getattr(item, member)), (name, member)
