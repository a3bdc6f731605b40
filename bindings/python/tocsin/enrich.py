"""What is known of addresses, domains and hashes, from tables in memory.

    indicators = tocsin.enrich.Indicators()
    indicators.add_csv("feeds/scanners.csv")
    enrich = tocsin.enrich.by_address(indicators)
    event.update(enrich(event) or {})

`by_address` makes the function that `tocsin.aws.lambda_handler(enrich=...)`
takes: it adds `threatIntel` and `geoLocation` to events by their addresses.
Nothing of this module reaches for the network.
"""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Optional, Protocol, Union

from tocsin._core import Enricher, IndicatorTable
from tocsin._core import Places as Places
from tocsin._errors import TableError as TableError
from tocsin._types import Source

ADDRESS_FIELDS = ("sourceIPAddress", "source.ip")
"""Fields that `by_address` looks at: of CloudTrail, and of ECS."""

Known = dict[str, Any]
"""What a list says of one indicator."""

_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


def _read(source: Source, name: str) -> tuple[str, str]:
    """The text of a file or, if it has a line break, of `source` itself; and
    what the list is called."""
    text = os.fspath(source)
    if "\n" in text:
        return text, name or "text"
    with open(text, encoding="utf-8-sig") as file:
        return file.read(), name or os.path.basename(text)


def _address(text: str) -> Optional[_Address]:
    # An IPv6 zone names an interface of the machine that saw the address.
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address


class Indicators:
    """Lists of indicators: addresses, networks, domains, URLs, hashes.

    Of one that stands in several lists, what was added first is found; of
    networks that hold an address, the smallest. A lookup costs about a
    microsecond whatever the size; a million entries some 200 MB.
    """

    def __init__(self) -> None:
        self._table = IndicatorTable()

    def __len__(self) -> int:
        return len(self._table)

    @property
    def skipped(self) -> int:
        """Entries that were not understood, or had been revoked."""
        return self._table.skipped

    def add(self, indicator: str, known: Optional[Mapping[str, Any]] = None) -> None:
        """Adds one indicator and what is known of it, as JSON can hold it."""
        self._table.add(indicator, json.dumps(dict(known or {}))[1:-1])

    def add_text(self, source: Source, name: str = "") -> None:
        """Adds a list with an indicator a line; `#` and `;` begin comments.

        source: a path, or a text with line breaks. name: of the list, which
        is found as `list`; the file's if it is not given.
        """
        self._table.add_text(*_read(source, name))

    def add_csv(
        self, source: Source, name: str = "", column: str = ""
    ) -> None:
        """Adds a table with a header line; other columns are what is known.

        column: which holds the indicator; the first if it is not given. Raises
        TableError if there is no such column.
        """
        self._table.add_csv(*_read(source, name), column)

    def add_stix(self, source: Source, name: str = "") -> None:
        """Adds the indicators of a STIX 2 bundle.

        Patterns that are values, or values joined by OR, are understood;
        others are counted in `skipped`. Known are `name`, `indicator_types`,
        `confidence`, `valid_from`, `valid_until` and `stix_id`: whether one is
        still valid at the time of an event is for rules to ask. Raises
        TableError for what is no bundle.
        """
        self._table.add_stix(*_read(source, name))

    def find(self, value: str) -> Optional[Known]:
        """What is known of an address, domain, URL or hash, or None.

        The dict has `indicator`, as it stands in the list, and `list`; it is a
        new one each time. A domain is found by its parents too:
        `a.example.com` by `example.com`.
        """
        return self._table.find(value)


class PlaceTable(Protocol):
    """A table of places, as `maxminddb.open_database(path)` returns it."""

    def get(self, ip_address: str, /) -> Any:
        """The record of an address, or None."""
        ...


def _place(record: Any) -> Optional[Known]:
    """The parts of a record of MaxMind's City, Country or ASN databases."""
    if not isinstance(record, dict):
        return None
    country = record.get("country") or {}
    location = record.get("location") or {}
    parts = {
        "countryCode": country.get("iso_code"),
        "country": (country.get("names") or {}).get("en"),
        "city": ((record.get("city") or {}).get("names") or {}).get("en"),
        "latitude": location.get("latitude"),
        "longitude": location.get("longitude"),
        "asn": record.get("autonomous_system_number"),
        "organization": record.get("autonomous_system_organization"),
    }
    known = {key: value for key, value in parts.items() if value is not None}
    return known or None


def _values(event: Mapping[str, Any], field: str) -> Iterator[str]:
    """The texts of a field: its literal key first, then its path."""
    value: Any = event.get(field)
    if value is None:
        value = event
        for part in field.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one


class ByAddress:
    """A function of an event that returns what to add to it: see
    `by_address`."""

    def __init__(
        self,
        indicators: Optional[Indicators],
        places: list[Union[Places, PlaceTable]],
        fields: list[str],
    ) -> None:
        self._indicators = indicators
        self._places = places
        self._fields = fields
        databases = [table for table in places if isinstance(table, Places)]
        self.line: Optional[Callable[[bytes], bytes]] = None
        """The same for an event as a line, which it returns with what is to be
        added: many times as fast. None if there is a table of Python's."""
        if len(databases) == len(places):
            lists = [indicators._table] if indicators is not None else []
            self.line = Enricher(fields, lists, databases).enrich

    def __call__(self, event: Mapping[str, Any], /) -> Optional[dict[str, Any]]:
        """What to add to the event, or None."""
        added: dict[str, Any] = {}
        for field in self._fields:
            for text in _values(event, field):
                if (address := _address(text)) is not None:
                    self._look_up(str(address), added)
        return added or None

    def _look_up(self, address: str, added: dict[str, Any]) -> None:
        if self._indicators is not None and "threatIntel" not in added:
            if found := self._indicators.find(address):
                added["threatIntel"] = found
        if "geoLocation" in added:
            return
        place: Known = {}
        for table in self._places:
            if isinstance(table, Places):
                known = table.find(address)
            else:
                known = _place(table.get(address))
            place = {**(known or {}), **place}
        if place:
            added["geoLocation"] = place


def by_address(
    indicators: Optional[Indicators] = None,
    places: Union[Places, PlaceTable, Iterable[Union[Places, PlaceTable]]] = (),
    fields: Iterable[str] = ADDRESS_FIELDS,
) -> ByAddress:
    """A function that returns what to add to an event, by its addresses.

    `threatIntel`: what `indicators` know of the first address that they know.
    `geoLocation`: of the first that `places` know: `countryCode`, `country`,
    `city`, `latitude`, `longitude`, `asn`, `organization`, as far as they
    tell. places: `Places`, or databases that the package maxminddb opened; of
    several, what one knows is added to the others. fields: names of fields
    with addresses; text that is no address is passed over.
    """
    tables = list(places) if isinstance(places, Iterable) else [places]
    return ByAddress(indicators, tables, list(fields))
