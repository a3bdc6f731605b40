"""What functions of the package take."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, Union

Event = Union[bytes, bytearray, memoryview, mmap.mmap, str, Mapping[str, Any]]
"""One event, as JSON text or a mapping."""


class ArrowArray(Protocol):
    """A column or record batch of Arrow."""

    def __arrow_c_array__(self) -> tuple[object, object]:
        """Capsules of a schema and an array."""
        ...


class ArrowStream(Protocol):
    """A chunked column or table of Arrow."""

    def __arrow_c_stream__(self) -> object:
        """A capsule of a stream."""
        ...


Events = Union[Event, ArrowArray, ArrowStream, Iterable["Events"]]
"""Events of one call: lines of NDJSON, a mapping, Arrow, or an iterable of
these."""

Source = Union[str, "os.PathLike[str]"]
"""A path, or the text of rules."""


class BinaryReader(Protocol):
    """A file opened for reading bytes, or what behaves like one."""

    def read(self, size: int, /) -> bytes:
        """Returns up to `size` bytes; none at the end."""
        ...
