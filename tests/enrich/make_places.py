#!/usr/bin/env python3
"""Writes places.mmdb: a database in MaxMind's form, of addresses that
documentation uses.

    tests/enrich/make_places.py > tests/enrich/places.mmdb

The form is described at https://maxmind.github.io/MaxMind-DB/.
"""

from __future__ import annotations

import ipaddress
import struct
import sys
from typing import Any

PLACES: dict[str, dict[str, Any]] = {
    "192.0.2.0/24": {
        "country": {"iso_code": "SE", "names": {"en": "Sweden", "de": "Schweden"}},
        "city": {"names": {"en": "Stockholm"}},
        "location": {"latitude": 59.3, "longitude": 18.1},
    },
    "198.51.100.0/25": {
        "autonomous_system_number": 64500,
        "autonomous_system_organization": "Example Net",
    },
    "2001:db8::/32": {"country": {"iso_code": "NO"}, "city": 5},
}


class Uint16(int):
    pass


class Uint64(int):
    pass


def encode(value: Any) -> bytes:
    def head(kind: int, size: int) -> bytes:
        more = bytes([size - 29]) if size >= 29 else b""
        size = min(size, 29)
        if kind < 8:
            return bytes([kind << 5 | size]) + more
        return bytes([size, kind - 7]) + more

    if isinstance(value, str):
        data = value.encode()
        return head(2, len(data)) + data
    if isinstance(value, float):
        return head(3, 8) + struct.pack(">d", value)
    if isinstance(value, dict):
        parts = [encode(key) + encode(one) for key, one in value.items()]
        return head(7, len(value)) + b"".join(parts)
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(map(encode, value))
    kind = 5 if isinstance(value, Uint16) else 9 if isinstance(value, Uint64) else 6
    data = value.to_bytes(8, "big").lstrip(b"\0")
    return head(kind, len(data)) + data


def main() -> None:
    nodes: list[list[Any]] = [[None, None]]
    data = b""
    for network, record in PLACES.items():
        parsed = ipaddress.ip_network(network)
        # Addresses of IPv4 lie below ::/96.
        shift = 96 if parsed.version == 4 else 0
        number = int(parsed.network_address)
        bits = f"{number:0128b}"[: shift + parsed.prefixlen]
        node = 0
        for bit in map(int, bits[:-1]):
            if nodes[node][bit] is None:
                nodes.append([None, None])
                nodes[node][bit] = len(nodes) - 1
            node = nodes[node][bit]
        nodes[node][int(bits[-1])] = ("data", len(data))
        data += encode(record)

    def record_of(entry: Any) -> bytes:
        if entry is None:
            number = len(nodes)
        elif isinstance(entry, tuple):
            number = len(nodes) + 16 + entry[1]
        else:
            number = entry
        return struct.pack(">I", number)[1:]

    tree = b"".join(record_of(left) + record_of(right) for left, right in nodes)
    metadata = {
        "node_count": len(nodes),
        "record_size": Uint16(24),
        "ip_version": Uint16(6),
        "database_type": "Example-City",
        "languages": ["en"],
        "binary_format_major_version": Uint16(2),
        "binary_format_minor_version": Uint16(0),
        "build_epoch": Uint64(1768472430),
        "description": {"en": "Example"},
    }
    out = tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encode(metadata)
    sys.stdout.buffer.write(out)


if __name__ == "__main__":
    main()
