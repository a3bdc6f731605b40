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

import csv
import io
import ipaddress
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Optional, Protocol, Union

from tocsin._errors import Error
from tocsin._types import Source

ADDRESS_FIELDS = ("sourceIPAddress", "source.ip")
"""Fields that `by_address` looks at: of CloudTrail, and of ECS."""

Known = dict[str, Any]
"""What a list says of one indicator."""

_Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


class TableError(Error, ValueError):
    """A table could not be read; the message names it."""


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


def _network(text: str) -> Optional[_Network]:
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _plain(text: str) -> str:
    """Indicators are compared in lower case, written as in reports
    (`192[.]0[.]2[.]1`, `hxxps://`) or not, domains without their last dot."""
    text = text.strip().lower().replace("[.]", ".").replace("[:]", ":")
    text = re.sub(r"^hxxp", "http", text)
    return text.rstrip(".") if "/" not in text else text


class Indicators:
    """Lists of indicators: addresses, networks, domains, URLs, hashes.

    Of one that stands in several lists, what was added first is found; of
    networks that hold an address, the smallest. A lookup costs a few
    microseconds whatever the size; a million entries some 300 MB.
    """

    def __init__(self) -> None:
        self._exact: dict[str, Known] = {}
        # By IP version and length of the prefix, the network's number.
        self._networks: dict[tuple[int, int], dict[int, Known]] = {}
        self._lengths: list[tuple[int, int]] = []
        self.skipped = 0
        """Entries that were not understood, or had been revoked."""

    def __len__(self) -> int:
        return len(self._exact) + sum(map(len, self._networks.values()))

    def add(self, indicator: str, known: Optional[Mapping[str, Any]] = None) -> None:
        """Adds one indicator and what is known of it."""
        text = _plain(indicator)
        if not text:
            self.skipped += 1
            return
        entry = {"indicator": text, **(known or {})}
        network = _network(text)
        if network is None:
            address = _address(text)
            self._exact.setdefault(str(address) if address else text, entry)
            return
        kind = (network.version, network.prefixlen)
        if kind not in self._networks:
            self._networks[kind] = {}
            self._lengths = sorted(self._networks, reverse=True)
        shift = network.max_prefixlen - network.prefixlen
        number = int(network.network_address) >> shift
        self._networks[kind].setdefault(number, entry)

    def add_text(self, source: Source, name: str = "") -> None:
        """Adds a list with an indicator a line; `#` and `;` begin comments.

        source: a path, or a text with line breaks. name: of the list, which
        is found as `list`; the file's if it is not given.
        """
        text, name = _read(source, name)
        for line in text.splitlines():
            words = re.split(r"[#;]", line, maxsplit=1)[0].split()
            if words:
                self.add(words[0], {"list": name})

    def add_csv(
        self, source: Source, name: str = "", column: str = ""
    ) -> None:
        """Adds a table with a header line; other columns are what is known.

        column: which holds the indicator; the first if it is not given. Raises
        TableError if there is no such column.
        """
        text, name = _read(source, name)
        lines = [line for line in text.splitlines() if line[:1] != "#"]
        rows = csv.DictReader(io.StringIO("\n".join(lines)))
        names = rows.fieldnames or [""]
        column = column or names[0]
        if column not in names:
            raise TableError(f"{name}: no column `{column}`")
        for row in rows:
            known = {
                key: value
                for key, value in row.items()
                if value and key and key != column
            }
            self.add(row[column] or "", {"list": name, **known})

    def add_stix(self, source: Source, name: str = "") -> None:
        """Adds the indicators of a STIX 2 bundle.

        Patterns that are values, or values joined by OR, are understood;
        others are counted in `skipped`. Known are `name`, `indicator_types`,
        `confidence`, `valid_from`, `valid_until` and `stix_id`: whether one is
        still valid at the time of an event is for rules to ask. Raises
        TableError for what is no bundle.
        """
        text, name = _read(source, name)
        try:
            bundle = json.loads(text)
            objects = bundle["objects"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise TableError(f"{name}: not a STIX bundle") from None
        for item in objects:
            if not isinstance(item, dict) or item.get("type") != "indicator":
                continue
            values = list(_pattern_values(str(item.get("pattern", ""))))
            if not values or item.get("revoked") is True:
                self.skipped += 1
                continue
            known = {"list": name, "stix_id": item.get("id", "")}
            for key in (
                "name",
                "indicator_types",
                "confidence",
                "valid_from",
                "valid_until",
            ):
                if key in item:
                    known[key] = item[key]
            for value in values:
                self.add(value, known)

    def find(self, value: str) -> Optional[Known]:
        """What is known of an address, domain, URL or hash, or None.

        The dict has `indicator`, as it stands in the list, and `list`. It is
        shared: copy it before changing it. A domain is found by its parents
        too: `a.example.com` by `example.com`.
        """
        text = _plain(value)
        address = _address(text)
        if address is None:
            return self._find_name(text)
        if (found := self._exact.get(str(address))) is not None:
            return found
        number = int(address)
        for version, length in self._lengths:
            if version == address.version:
                shift = address.max_prefixlen - length
                networks = self._networks[version, length]
                if (found := networks.get(number >> shift)) is not None:
                    return found
        return None

    def _find_name(self, text: str) -> Optional[Known]:
        if (found := self._exact.get(text)) is not None:
            return found
        if "/" in text or len(text) > 253:
            return None
        # A parent of one label would be all of a top-level domain.
        while (text := text.partition(".")[2]).count("."):
            if (found := self._exact.get(text)) is not None:
                return found
        return None


_COMPARISON = re.compile(
    r"\s*(?:ipv[46]-addr|domain-name|url|email-addr|file)"
    r":(?:value|hashes\.(?:'[^']*'|[\w-]+))"
    r"\s*(?:=|ISSUBSET)\s*'((?:[^'\\]|\\.)*)'\s*"
)


def _pattern_values(pattern: str) -> Iterator[str]:
    """The values of a pattern, or none if it says more than `one of these`."""
    values = []
    for part in re.split(r"\]\s*OR\s*\[", pattern.strip()[1:-1]):
        place = 0
        while match := _COMPARISON.match(part, place):
            values.append(re.sub(r"\\(.)", r"\1", match.group(1)))
            place = match.end()
            if place < len(part):
                if not part.startswith("OR", place):
                    return
                place += 2
        if place != len(part):
            return
    yield from values


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


def by_address(
    indicators: Optional[Indicators] = None,
    places: Union[PlaceTable, Iterable[PlaceTable]] = (),
    fields: Iterable[str] = ADDRESS_FIELDS,
) -> Callable[[dict[str, Any]], Optional[dict[str, Any]]]:
    """A function that returns what to add to an event, by its addresses.

    `threatIntel`: what `indicators` know of the first address that they know.
    `geoLocation`: of the first that `places` know: `countryCode`, `country`,
    `city`, `latitude`, `longitude`, `asn`, `organization`, as far as they
    tell. places: databases of MaxMind, opened by the package maxminddb; of
    several, what one knows is added to the others. fields: names of fields
    with addresses; text that is no address is passed over.
    """
    tables = list(places) if isinstance(places, Iterable) else [places]
    names = tuple(fields)

    def enrich(event: dict[str, Any]) -> Optional[dict[str, Any]]:
        added: dict[str, Any] = {}
        for field in names:
            for text in _values(event, field):
                if (address := _address(text)) is None:
                    continue
                if indicators is not None and "threatIntel" not in added:
                    if found := indicators.find(text):
                        added["threatIntel"] = found
                if "geoLocation" not in added:
                    place: Known = {}
                    for table in tables:
                        place = {
                            **(_place(table.get(str(address))) or {}),
                            **place,
                        }
                    if place:
                        added["geoLocation"] = place
        return added or None

    return enrich
