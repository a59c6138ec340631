# SPDX-License-Identifier: MIT
"""The numbers and words of the protocol, named as in the original."""

from __future__ import annotations

# Statuses of work units. Delayed units count as available; blocked is never used.
AVAILABLE = 1
BLOCKED = 2
PENDING = 3
FINISHED = 4
FAILED = 5

WORK_UNIT_STATUS_BY_NAME = {
    "AVAILABLE": AVAILABLE,
    "BLOCKED": BLOCKED,
    "PENDING": PENDING,
    "FINISHED": FINISHED,
    "FAILED": FAILED,
}
WORK_UNIT_STATUS_NAMES_BY_NUMBER = {
    number: name for name, number in WORK_UNIT_STATUS_BY_NAME.items()
}

# Priorities of work units; any other number will do.
PRI_GENERATED = -1
PRI_STANDARD = 0
PRI_PRIORITY = 1

# States of work specs.
RUNNABLE = 1
PAUSED = 2

WORK_SPEC_STATUS_BY_NAME = {"RUNNABLE": RUNNABLE, "PAUSED": PAUSED}
WORK_SPEC_STATUS_NAMES_BY_NUMBER = {
    number: name for name, number in WORK_SPEC_STATUS_BY_NAME.items()
}

# Modes of workers.
RUN = "RUN"
IDLE = "IDLE"
TERMINATE = "TERMINATE"

# Leases, in seconds. The daemon takes 300 where more than a day is asked for. It gives shorter ones
# than the minimum too, but a renewal may come too late for them.
MAX_LEASE_SECONDS = 24 * 3600
MIN_LEASE_SECONDS = 10
DEFAULT_LEASE_SECONDS = 300

DEFAULT_PORT = 5932
