# SPDX-License-Identifier: MIT
"""What the parent knows of one child, and what follows from it. Nothing here does I/O or reads a
clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from ..calls.updates import Key
from .settings import WorkerSettings

UnitName = tuple[str, Key]


@dataclass
class Running:
    """The unit that a child runs. `serial` tells it from others of that child."""

    name: UnitName
    serial: int
    begun: float
    deadline: float


@dataclass
class ChildRecord:
    """See the module. Times are of the monotonic clock."""

    worker_id: str
    settings: WorkerSettings
    started: float
    running: Optional[Running] = None
    #: Units in hand that have not been begun.
    waiting: set[UnitName] = field(default_factory=set)
    #: True once the child has asked for work.
    useful: bool = False
    #: Why it ends of itself, if it has said so.
    leaving: Optional[str] = None
    #: Why the parent has killed it.
    killed: Optional[str] = None
    draining: bool = False
    renewing: bool = False
    serials: int = 0

    def heard(self, message: list[Any], now: float) -> None:
        """Takes in a message of the child's; see `channel`."""
        kind = message[0]
        self.useful = True
        if kind == "begun":
            self.serials += 1
            name = (message[1], message[2])
            self.waiting.discard(name)
            self.running = Running(name, self.serials, now, message[3])
        elif kind == "taken":
            self.waiting.update((spec, key) for spec, key, _ in message[1])
        elif kind == "lease":
            if self.running is not None:
                self.running.deadline = message[1]
        elif kind == "ended":
            self.running = None
        elif kind == "idle":
            self.running = None
            self.waiting.clear()
        elif kind == "leaving":
            self.leaving = message[1]

    def overdue(self, now: float) -> bool:
        """Whether its unit's lease has run out, or is so near to it that the child is to be killed
        now."""
        running = self.running
        return running is not None and now >= running.deadline - self.settings.early

    def renewal_due(self, now: float) -> bool:
        """Whether the leases of what it has in hand are to be renewed now: half of one is over, and
        the unit has not run for too long in all."""
        running, longest = self.running, self.settings.max_unit_seconds
        if running is None or longest is None or self.renewing:
            return False
        if now - running.begun >= longest:
            return False
        return now >= running.deadline - self.settings.lease / 2

    def renewal(self, now: float) -> float:
        """Seconds that a lease is to be renewed for: a whole one, or what is left of the time that
        the unit may take in all."""
        assert self.running is not None, "something runs"
        longest = self.settings.max_unit_seconds or self.settings.lease
        left = self.running.begun + longest - now + self.settings.early
        return min(self.settings.lease, left)

    def renewed(self, serial: int, deadline: float) -> bool:
        """Notes that the leases were renewed, if the unit of that serial still runs."""
        self.renewing = False
        if self.running is None or self.running.serial != serial:
            return False
        self.running.deadline = max(self.running.deadline, deadline)
        return True

    def next_event(self) -> Optional[float]:
        """When something may have to be done."""
        running = self.running
        if running is None:
            return None
        overdue = running.deadline - self.settings.early
        if self.settings.max_unit_seconds is None or self.renewing:
            return overdue
        return min(overdue, running.deadline - self.settings.lease / 2)
