# SPDX-License-Identifier: MIT
"""What many tests of methods need."""

import math
import time

from client import folded
from daemon import eventually

AVAILABLE, BLOCKED, PENDING, FINISHED, FAILED = 1, 2, 3, 4, 5
NO_WORK = (None, None, None)


def spec(client, name="s", **definition):
    """Sets a work spec."""
    assert client.good("set_work_spec", {"name": name, **definition}) is True


def add(client, *items, to="s"):
    """Adds units: names, (name, data) tuples or longer ones."""
    units = [item if isinstance(item, tuple) else (item, {}) for item in items]
    assert client.good("add_work_units", to, units) is True


def take(client, count=1, worker="w", **options):
    """Gets up to `count` units; returns their names as text."""
    work = client.good("get_work", worker, {"max_jobs": count, **options})
    if count == 1:
        work = [] if work == NO_WORK else [work]
    return [folded(key) for _, key, _ in work]


def units(client, name="s", **options):
    """The units as a map of key to data, in the order given."""
    return dict(client.good("get_work_units", name, options))


def status(client, key="u", name="s"):
    """The status map of one unit, strings as text."""
    return folded(client.good("get_work_unit_status", name, [key])[0])


def state(client, key="u", name="s"):
    return status(client, key, name)["status"]


def meta(client, key="u", name="s"):
    return folded(client.good("get_work_unit_meta", name, key))


def update(client, options, key="u", name="s"):
    """The pair of update_work_unit."""
    return client.pair("update_work_unit", name, key, options)


def counts(client, name="s"):
    """Statuses with their counts, zeroes left out."""
    return {key: count for key, count in client.good("count_work_units", name).items() if count}


def lapse(client, key="u", name="s"):
    """Lets the lease of a pending unit run out by the clock."""
    assert update(client, {"lease_time": 0.01}, key, name) == (True, None)
    eventually(lambda: state(client, key, name) == AVAILABLE, f"the lease of {key} to end")


def heartbeat(client, worker="w", mode="RUN", seconds=600, data=None, parent=None):
    return client.pair("worker_heartbeat", worker, mode, seconds, data or {}, parent)


def is_about(moment, seconds_from_now, slack=60):
    """True if a wire time is about so many seconds from now: tells leases apart, not latencies."""
    return math.isclose(moment, time.time() + seconds_from_now, abs_tol=slack)
