"""What the package raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin._core import Diagnostic


class Error(Exception):
    """Any failure of this package that no exception of Python fits better."""


class RuleError(Error):
    """Rules could not be loaded, and were to be: `strict=True`.

    The message has every error with its place, as the program shows it.
    """

    diagnostics: list[Diagnostic]
    """All that the compiler had to say, warnings too."""

    def __init__(self, message: str, diagnostics: list[Diagnostic]) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics


class SnapshotError(Error):
    """A snapshot is damaged, or does not fit the engine."""


class BusyError(Error):
    """An engine was used while another call was using it."""


class PayloadError(Error, ValueError):
    """A record could not be decoded."""


class TableError(Error, ValueError):
    """A table could not be read; the message names it."""
