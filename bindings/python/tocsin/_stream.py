"""Events without an end, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Union

from tocsin._core import Detection, Engine, Incident
from tocsin._types import Event


def stream(
    engine: Engine, events: Iterable[Event], batch: int = 1000
) -> Iterator[Union[Detection, Incident]]:
    """Feeds `events` to `engine` as they come, and yields what it finds.

    Takes `batch` events at a time; use 1 where each should be answered before
    the next is waited for. Does not flush the engine. Events that could not be
    read are in `engine.metrics()["malformed"]`.
    """
    if batch < 1:
        raise ValueError("batch: expected a number from 1 on")
    source = iter(events)
    while piece := list(islice(source, batch)):
        yield from engine.feed(piece)
