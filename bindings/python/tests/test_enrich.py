from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, make_engine
from test_aws import encode, firehose, lines_of

import tocsin.aws
import tocsin.enrich
from tocsin.enrich import Indicators, by_address


def make(text: str) -> Indicators:
    indicators = Indicators()
    indicators.add_text(text + "\n", name="bad")
    return indicators


def test_a_line_is_an_indicator() -> None:
    indicators = make("# bad\n192.0.2.1 ; scanner\n\nevil.example.com # C2\n")
    assert len(indicators) == 2
    assert indicators.find("192.0.2.1") == {
        "indicator": "192.0.2.1",
        "list": "bad",
    }
    assert indicators.find("192.0.2.2") is None


@pytest.mark.parametrize(
    ("entry", "value", "found"),
    [
        ("192.0.2.0/24", "192.0.2.7", True),
        ("192.0.2.7/24", "192.0.2.1", True),
        ("192.0.2.0/24", "192.0.3.7", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::/32", "2001:db8::1%eth0", True),
        ("2001:DB8:0::1", "2001:db8::1", True),
        ("::/0", "192.0.2.1", False),
        ("0.0.0.0/0", "192.0.2.1", True),
        ("192[.]0[.]2[.]1", "192.0.2.1", True),
        ("hxxps://example.com/a", "https://EXAMPLE.com/a", True),
        ("Example.com.", "a.b.example.com", True),
        ("example.com", "badexample.com", False),
        ("com", "example.com", False),
        ("D41D8CD98F00B204E9800998ECF8427E",
         "d41d8cd98f00b204e9800998ecf8427e", True),
        ("192.0.2.1", "", False),
    ],
)
def test_an_indicator_is_found_however_it_is_written(
    entry: str, value: str, found: bool
) -> None:
    assert (make(entry).find(value) is not None) == found


def test_the_smallest_network_counts() -> None:
    indicators = make("192.0.0.0/8\n192.0.2.0/24\n192.0.2.1\n")
    for address, expected in (
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.2", "192.0.2.0/24"),
        ("192.9.9.9", "192.0.0.0/8"),
    ):
        assert (indicators.find(address) or {})["indicator"] == expected


def test_columns_of_a_table_are_known(tmp_path: Path) -> None:
    path = tmp_path / "scanners.csv"
    path.write_text('# made today\nip,kind,note\n192.0.2.1,scan,"a, b"\n,,\n')
    indicators = Indicators()
    indicators.add_csv(path)
    assert indicators.find("192.0.2.1") == {
        "indicator": "192.0.2.1",
        "list": "scanners.csv",
        "kind": "scan",
        "note": "a, b",
    }
    assert indicators.skipped == 1
    with pytest.raises(tocsin.enrich.TableError, match="no column `url`"):
        indicators.add_csv(path, column="url")


STIX = """\
{"type": "bundle", "objects": [
 {"type": "indicator", "id": "indicator--1", "name": "scanner",
  "confidence": 60, "pattern": "[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value ISSUBSET '198.51.100.0/24']"},
 {"type": "indicator", "id": "indicator--2",
  "pattern": "[domain-name:value='evil.example.com'] OR [file:hashes.'SHA-256' = 'aa']"},
 {"type": "indicator", "id": "indicator--3",
  "pattern": "[ipv4-addr:value = '192.0.2.9' AND url:value = 'x']"},
 {"type": "indicator", "id": "indicator--4", "revoked": true,
  "pattern": "[ipv4-addr:value = '192.0.2.8']"},
 {"type": "identity", "id": "identity--5"}]}
"""


def test_indicators_of_stix_are_values_joined_by_or() -> None:
    indicators = Indicators()
    indicators.add_stix(STIX, name="bundle")
    assert len(indicators) == 4
    assert indicators.skipped == 2
    found = indicators.find("198.51.100.7")
    assert found is not None
    assert found["name"] == "scanner"
    assert found["confidence"] == 60
    assert indicators.find("aa") is not None
    for address in ("192.0.2.8", "192.0.2.9"):
        assert indicators.find(address) is None
    with pytest.raises(tocsin.enrich.TableError, match="not a STIX bundle"):
        indicators.add_stix("[]\n")


def test_the_sample_of_stix_is_read(corpora: Path) -> None:
    indicators = Indicators()
    indicators.add_stix(corpora.parent / "samples" / "stix_sighting_bundle.json")
    assert (indicators.find("203.0.113.40") or {})["name"] == "scanner"


class Places:
    """As a database of MaxMind answers."""

    records: dict[str, Any] = {
        "192.0.2.1": {
            "country": {"iso_code": "SE", "names": {"en": "Sweden"}},
            "city": {"names": {"en": "Stockholm"}},
            "location": {"latitude": 59.3, "longitude": 18.1},
        },
    }

    def get(self, ip_address: str) -> Any:
        return self.records.get(ip_address)


class Numbers:
    def get(self, ip_address: str) -> Any:
        return {"autonomous_system_number": 64500}


@pytest.mark.parametrize(
    "event",
    [
        {"sourceIPAddress": "192.0.2.1"},
        {"source.ip": "192.0.2.1"},
        {"source": {"ip": "192.0.2.1"}},
        {"source": {"ip": ["AWS Internal", "192.0.2.1"]}},
    ],
)
def test_events_are_enriched_by_their_addresses(event: dict[str, Any]) -> None:
    enrich = by_address(make("192.0.2.0/24"), [Places(), Numbers()])
    assert enrich(event) == {
        "threatIntel": {"indicator": "192.0.2.0/24", "list": "bad"},
        "geoLocation": {
            "countryCode": "SE",
            "country": "Sweden",
            "city": "Stockholm",
            "latitude": 59.3,
            "longitude": 18.1,
            "asn": 64500,
        },
    }


@pytest.mark.parametrize(
    "event",
    [{}, {"sourceIPAddress": "s3.amazonaws.com"}, {"source": 5},
     {"source": {"ip": None}}, {"sourceIPAddress": "198.51.100.1"}],
)
def test_events_of_nothing_known_stay_as_they_are(
    event: dict[str, Any],
) -> None:
    assert by_address(make("192.0.2.0/24"), Places())(event) is None


def test_rules_see_what_was_added() -> None:
    rule = """\
title: Known Scanner
logsource: {product: example}
detection:
  s: {threatIntel.list: bad}
  condition: s
"""
    data = b'{"sourceIPAddress":"192.0.2.1"}'
    done = tocsin.aws.transform(
        firehose(a=encode(data)),
        make_engine(rule),
        enrich=by_address(make("192.0.2.1")),
    )
    (line,) = lines_of(done.answer["records"][0])
    assert b'"detections":[{' in line


DATABASE = ROOT / "tests" / "enrich" / "places.mmdb"


def test_a_database_of_places_is_opened() -> None:
    places = tocsin.enrich.Places(DATABASE)
    assert places.find("192.0.2.1") == {
        "countryCode": "SE",
        "country": "Sweden",
        "city": "Stockholm",
        "latitude": 59.3,
        "longitude": 18.1,
    }
    assert places.find("203.0.113.1") is None
    with pytest.raises(FileNotFoundError):
        tocsin.enrich.Places("/no/such.mmdb")
    with pytest.raises(tocsin.enrich.TableError, match="not a database"):
        tocsin.enrich.Places(ROOT / "README.md")


def test_lines_and_dicts_are_enriched_alike() -> None:
    enrich = by_address(make("192.0.2.0/24"), tocsin.enrich.Places(DATABASE))
    event = {"n": 1, "source": {"ip": ["AWS Internal", "192.0.2.9"]}}
    assert enrich.line is not None
    line = enrich.line(json.dumps(event).encode())
    assert json.loads(line) == {**event, **(enrich(event) or {})}
    assert enrich.line(b"text") == b"text"
    assert by_address(places=Places()).line is None


def test_what_an_event_claims_is_replaced() -> None:
    enrich = by_address(make("192.0.2.1"))
    assert enrich.line is not None
    line = enrich.line(b'{"threatIntel":"none","source.ip":"192.0.2.1","n":1.50}')
    assert line.startswith(b'{"source.ip":"192.0.2.1","n":1.50,"threatIntel":{')


def test_what_is_known_may_be_anything_of_json() -> None:
    indicators = Indicators()
    indicators.add("example.com", {"score": 7, "tags": ["a", "\u00e9"]})
    assert indicators.find("www.example.com") == {
        "indicator": "example.com",
        "score": 7,
        "tags": ["a", "\u00e9"],
    }
