#!/usr/bin/env python3
"""Lanes for peers: each event with the keys by which they route.

usage: lanes.py < LANE > LANE_WITH_KEYS

Peers take an event's log source from its own product, category and service, so
these are added where a channel, an event source or a stream tells them.
"""

import json
import sys

SYSMON = "Microsoft-Windows-Sysmon/Operational".lower()
SERVICES = {
    SYSMON: "sysmon",
    "security": "security",
    "system": "system",
    "application": "application",
    "windows powershell": "powershell-classic",
    "microsoft-windows-powershell/operational": "powershell",
}
SYSMON_CATEGORIES = {
    1: "process_creation", 2: "file_change", 3: "network_connection",
    5: "process_termination", 6: "driver_load", 7: "image_load",
    8: "create_remote_thread", 9: "raw_access_thread", 10: "process_access",
    11: "file_event", 12: "registry_event", 13: "registry_set",
    14: "registry_rename", 15: "create_stream_hash", 17: "pipe_created",
    18: "pipe_created", 19: "wmi_event", 20: "wmi_event", 21: "wmi_event",
    22: "dns_query", 23: "file_delete", 25: "process_tampering",
    26: "file_delete",
}
OTHER_CATEGORIES = {
    ("security", 4688): "process_creation",
    ("powershell", 4103): "ps_module",
    ("powershell", 4104): "ps_script",
}


def log_source(event):
    channel = event.get("Channel")
    if isinstance(channel, str):
        service = SERVICES.get(channel.lower())
        number = event.get("EventID")
        category = (SYSMON_CATEGORIES.get(number) if service == "sysmon"
                    else OTHER_CATEGORIES.get((service, number)))
        return {"product": "windows", "service": service, "category": category}
    if str(event.get("eventSource", "")).endswith(".amazonaws.com"):
        return {"product": "aws", "service": "cloudtrail"}
    stream = event.get("@stream") or event.get("_path")
    return {"product": "zeek", "service": stream} if stream else {}


def main():
    for line in sys.stdin:
        event = json.loads(line)
        for key, value in log_source(event).items():
            if value is not None:
                event.setdefault(key, value)
        print(json.dumps(event, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
