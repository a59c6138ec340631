# SPDX-License-Identifier: MIT
"""What a worker tells about itself in its heartbeats."""

from __future__ import annotations

import os
import socket
from importlib import metadata
from typing import Any, Optional

from ..version import VERSION


def memory() -> dict[str, int]:
    """`total` and `available` bytes of this machine; empty where /proc is missing."""
    found: dict[str, int] = {}
    names = {"MemTotal:": "total", "MemAvailable:": "available"}
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                words = line.split()
                if words[0] in names:
                    found[names[words[0]]] = int(words[1]) * 1024
    except OSError:
        pass
    return found


def resident_mb() -> float:
    """The resident memory of this process; 0 where /proc is missing."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0


def describe_machine() -> dict[str, Any]:
    """What stays the same for all workers of one parent. May ask the network for names."""
    hostname = socket.gethostname()
    try:
        hostname, aliases, addresses = socket.gethostbyaddr(socket.gethostbyname(hostname))
    except OSError:
        aliases, addresses = [], []
    return {
        "hostname": hostname,
        "aliases": tuple(aliases),
        "ipaddrs": tuple(addresses),
        "fqdn": socket.getfqdn(),
        "version": VERSION,
        "working_set": sorted(
            (str(one.metadata["Name"]), one.version) for one in metadata.distributions()
        ),
    }


def describe_worker(
    machine: dict[str, Any], worker_id: str, parent: Optional[str], pid: int
) -> dict[str, Any]:
    """The environment of one worker."""
    own = {"worker_id": worker_id, "parent": parent, "pid": pid, "memory": memory()}
    return {**machine, **own}
