"""What is unusual: the detectors of Tocsin over arrays of numpy.

    import numpy as np
    import tocsin.detectors

    series = tocsin.detectors.MetricSeries(side="high")
    seen = series.update(bytes_sent, times)      # Both of shape (n,).
    worst = np.argsort(seen.probability)[:10]

They are the pieces that stand behind detectors of rules, alone: no engine, no
events. Each keeps a small state, so that a stream may come in parts: feeding
two halves is feeding the whole. Values are judged by those before them, then
learned. Nothing is random, and no clock is read.

Values are what `numpy.asarray` takes, of shape (n,). Times are of the bucket a
value stands for: `datetime64` of any unit, or numbers, seconds since 1970 in
UTC. A few hundred nanoseconds a value; other threads run meanwhile. An object
is one thread's at a time.

Needs numpy: `pip install tocsin[numpy]`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, Union

import numpy as np
import numpy.typing as npt

from tocsin import _core

Floats = npt.NDArray[np.float64]
"""An array of shape (n,)."""

Side = Literal["both", "high", "low"]
"""Which values are unusual."""

_SIDES = ("both", "high", "low")


def _side(side: Side) -> int:
    if side not in _SIDES:
        raise ValueError(f"side: expected one of {', '.join(_SIDES)}")
    return _SIDES.index(side)


def _floats(values: npt.ArrayLike) -> Floats:
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"expected an array of shape (n,), found {array.shape}")
    return array


def _integers(values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    array = np.asarray(values)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"expected integers, found {array.dtype}")
    return np.ascontiguousarray(array.reshape(-1), dtype=np.int64)


def _seconds(times: npt.ArrayLike) -> npt.NDArray[np.int64]:
    array = np.asarray(times)
    if np.issubdtype(array.dtype, np.datetime64):
        if np.isnat(array).any():
            raise ValueError("times: NaT is no time")
        array = array.astype("datetime64[s]").astype(np.int64)
    elif not np.isfinite(array.astype(np.float64)).all():
        raise ValueError("times: NaN is no time")
    if array.ndim != 1:
        raise ValueError(f"expected an array of shape (n,), found {array.shape}")
    return np.ascontiguousarray(np.floor(array), dtype=np.int64)


def _same_length(*arrays: npt.NDArray[Any]) -> None:
    if len({len(array) for array in arrays}) > 1:
        lengths = ", ".join(str(len(array)) for array in arrays)
        raise ValueError(f"arrays differ in length: {lengths}")


class Observations(NamedTuple):
    """What a series says of its values: an array of shape (n,) each."""

    probability: Floats
    """Of a value like this one in this series; 1 while little is known."""
    window_probability: Floats
    """Of the last values together."""
    surprise: Floats
    """What all views say, in nats: 0 is usual, 20 is worth a look."""
    typical: Floats
    """What was expected."""
    lower: Floats
    """Between here and `upper`, 95 % of values would lie."""
    upper: Floats
    """See `lower`."""


class MetricSeries:
    """How unusual each value of a series is: a sum, a mean, a rate, one value
    a bucket. Levels, steps, spread and the season of the day are learned.

    side: which values are unusual. slow_half_life, fast_half_life: values
    after which one counts half, for the slow level and for the fast one.
    warm_up: values before the first that can be unusual.
    """

    def __init__(
        self,
        side: Side = "both",
        *,
        slow_half_life: float = 1400,
        fast_half_life: float = 60,
        warm_up: int = 60,
    ) -> None:
        self._state = _core.MetricSeriesState(
            _side(side), slow_half_life, fast_half_life, warm_up
        )

    def update(self, values: npt.ArrayLike, times: npt.ArrayLike) -> Observations:
        """Judges values, in the order of their times, and learns them.

        values, times: of shape (n,). A value that is not finite is not taken:
        its probability is 1.
        """
        array, seconds = _floats(values), _seconds(times)
        _same_length(array, seconds)
        out = np.empty((len(array), 6))
        self._state.update(array, seconds, out)
        return Observations(*out.T)

    def save(self) -> bytes:
        """The state as bytes."""
        return self._state.save()

    def load(self, state: bytes) -> None:
        """Goes on from `save`; SnapshotError if the bytes are of none."""
        self._state.load(state)


class Counts(NamedTuple):
    """What a model says of counts: an array of shape (n,) each."""

    probability: Floats
    """Of a count this unusual."""
    typical: Floats
    """What was expected."""
    lower: Floats
    """Between here and `upper`, 95 % of counts would lie."""
    upper: Floats
    """See `lower`."""


class CountModel:
    """How unusual a number of events in a bucket is; hours of weekdays and
    weekends are learned. For series that are mostly empty leave the empty
    buckets out.

    side: which counts are unusual. half_life: buckets after which one counts
    half.
    """

    def __init__(self, side: Side = "both", *, half_life: float = 1400) -> None:
        self._state = _core.CountModelState(_side(side), half_life)

    def update(self, counts: npt.ArrayLike, times: npt.ArrayLike) -> Counts:
        """Judges counts, in the order of their times, and learns them.

        counts, times: of shape (n,). A count that is negative or not finite is
        not taken.
        """
        return self._run(self._state.update, counts, times)

    def judge(self, counts: npt.ArrayLike, times: npt.ArrayLike) -> Counts:
        """The same, and learns nothing."""
        return self._run(self._state.judge, counts, times)

    def _run(self, run: Any, counts: npt.ArrayLike, times: npt.ArrayLike) -> Counts:
        array, seconds = _floats(counts), _seconds(times)
        _same_length(array, seconds)
        out = np.empty((len(array), 4))
        run(array, seconds, out)
        return Counts(*out.T)

    def save(self) -> bytes:
        """The state as bytes."""
        return self._state.save()

    def load(self, state: bytes) -> None:
        """Goes on from `save`; SnapshotError if the bytes are of none."""
        self._state.load(state)


class TimeProfile:
    """How unusual a time of the day, or of the week, is. Days are of UTC.

    cycle: `day` or `week`. half_life: events after which one counts half.
    """

    def __init__(
        self, cycle: Literal["day", "week"] = "day", *, half_life: float = 20_000
    ) -> None:
        if cycle not in ("day", "week"):
            raise ValueError("cycle: expected day or week")
        self._state = _core.TimeProfileState(cycle == "week")
        self._half_life = half_life

    def update(self, times: npt.ArrayLike) -> Floats:
        """The probability of times this unusual, of shape (n,), each judged by
        those before it, then learned."""
        seconds = _seconds(times)
        out = np.empty(len(seconds))
        self._state.update(seconds, self._half_life, out)
        return out

    def judge(self, times: npt.ArrayLike) -> Floats:
        """The same, and learns nothing."""
        seconds = _seconds(times)
        out = np.empty(len(seconds))
        self._state.judge(seconds, out)
        return out

    @property
    def typical(self) -> int:
        """The most frequent time, in seconds of the day or week."""
        return self._state.typical

    def save(self) -> bytes:
        """The state as bytes."""
        return self._state.save()

    def load(self, state: bytes) -> None:
        """Goes on from `save`; SnapshotError if the bytes are of none."""
        self._state.load(state)


class Rare(NamedTuple):
    """How rarely values occur: an array of shape (n,) each."""

    probability: Floats
    """That of all values no more frequent than this one."""
    first_occurrence: npt.NDArray[np.bool_]
    """It has not been seen before."""
    one_in: Floats
    """Seen in one of so many buckets."""
    relative_rarity: Floats
    """Times less frequent than the value in the middle of all."""


class Rarity:
    """How unusual it is that a value occurs, of all values of one field. A
    value counts once a bucket, however often it occurs in it.

    bucket_seconds: the length of a bucket; what was learned fades by it.
    """

    def __init__(self, bucket_seconds: int = 900) -> None:
        self._state = _core.RarityState(bucket_seconds)

    def __len__(self) -> int:
        return len(self._state)

    def update(self, values: Iterable[object], buckets: npt.ArrayLike) -> Rare:
        """Learns values and judges them, a bucket at a time.

        values: n texts, or what has one (`str`). buckets: numbers of shape
        (n,) that never go back, as `times // bucket_seconds`. All values of a
        bucket are learned before one of it is judged; a bucket may go on in
        the next call, as long as its number stands there.
        """
        texts = [str(value) for value in values]
        numbers = _integers(buckets)
        if len(texts) != len(numbers):
            raise ValueError(
                f"arrays differ in length: {len(texts)}, {len(numbers)}"
            )
        out = np.empty((len(texts), 4))
        self._state.update(texts, numbers, out)
        probability, first, one_in, relative = out.T
        return Rare(probability, first != 0, one_in, relative)

    def prune(self, bucket: int) -> None:
        """Forgets values last seen before this bucket."""
        self._state.prune(bucket)

    def save(self) -> bytes:
        """The state as bytes. The bucket at hand is over."""
        return self._state.save()

    def load(self, state: bytes) -> None:
        """Goes on from `save`; SnapshotError if the bytes are of none."""
        self._state.load(state)


class DistinctCounter:
    """How many different values there were: exact up to 32, above within 3 %
    (one standard deviation), in a kilobyte."""

    def __init__(self) -> None:
        self._state = _core.DistinctCounterState()

    def add(self, values: Union[npt.ArrayLike, Iterable[object]]) -> None:
        """Adds values: an array of integers, or texts (what is neither goes by
        its `str`). 1 and "1" are two values."""
        array = np.asarray(values)
        if array.size and np.issubdtype(array.dtype, np.integer):
            self._state.add_numbers(_integers(array))
        else:
            self._state.add_texts([str(value) for value in array.reshape(-1)])

    @property
    def count(self) -> float:
        """How many there were."""
        return self._state.count()

    def clear(self) -> None:
        """Begins anew, as for the next bucket."""
        self._state.clear()

    def save(self) -> bytes:
        """The state as bytes."""
        return self._state.save()

    def load(self, state: bytes) -> None:
        """Goes on from `save`; SnapshotError if the bytes are of none."""
        self._state.load(state)


def absolute_score(probability: npt.ArrayLike) -> Floats:
    """The greatest score in [0, 100] that probabilities, of shape (n,), can
    have: 0 at 0.05, 30 at 0.01, 65 at 0.001, 100 at 0.0001."""
    array = _floats(probability)
    out = np.empty(len(array))
    _core.absolute_scores(array, out)
    return out


class ScoreMap:
    """Probabilities as scores in [0, 100] by their own history, so that what is
    odd every day does not ring every day. One a job, or a user.

    half_life: results after which one counts half.
    """

    def __init__(self, *, half_life: float = 20_000) -> None:
        self._state = _core.ScoreMapState(half_life)

    def update(self, probability: npt.ArrayLike) -> Floats:
        """The scores of probabilities, of shape (n,), each judged by those
        before it, then learned."""
        array = _floats(probability)
        out = np.empty(len(array))
        self._state.update(array, out)
        return out

    def save(self) -> bytes:
        """The state as bytes."""
        return self._state.save()

    def load(self, state: bytes) -> None:
        """Goes on from `save`; SnapshotError if the bytes are of none."""
        self._state.load(state)


class Onset:
    """Passes a score on only where it begins, or one trouble would be many
    alerts: 0 for one that is not above all of the last `rows`."""

    def __init__(self, rows: int = 100) -> None:
        self._state = _core.OnsetState(rows)

    def update(self, scores: npt.ArrayLike) -> Floats:
        """The scores of shape (n,), or 0."""
        array = _floats(scores)
        out = np.empty(len(array))
        self._state.update(array, out)
        return out
