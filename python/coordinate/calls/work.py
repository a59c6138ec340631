# SPDX-License-Identifier: MIT
"""Asking for work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from .. import codec
from ..constants import MAX_LEASE_SECONDS
from ..exceptions import ProgrammerError
from ..request import Request, Steps
from ..session import Session
from .updates import Key, Update, needs_of, results_of, update_work_units

# The daemon holds no answer back for longer.
_WAIT_SECONDS_MAX = 3600


# A work unit as the daemon gave it out: the name of its spec, its key, its data.
Given = tuple[str, Key, Any]


@dataclass
class Wanted:
    """What is asked for; the parameters of `get_work`. Times in seconds."""

    worker_id: str
    lease_time: float
    available_gb: Optional[float] = None
    work_spec_names: Optional[Sequence[str]] = None
    max_jobs: Optional[int] = 1
    wait_seconds: float = 0
    updates: Sequence[Update] = field(default_factory=tuple)

    def check(self) -> None:
        """Raises ProgrammerError."""
        if not self.lease_time <= MAX_LEASE_SECONDS:
            raise ProgrammerError(f"a lease of {self.lease_time} seconds is longer than a day")
        if self.available_gb is not None and not isinstance(self.available_gb, (int, float)):
            raise ProgrammerError(f"available_gb must be a number, and is {self.available_gb!r}")
        if self.max_jobs is not None and not isinstance(self.max_jobs, int):
            raise ProgrammerError(f"max_jobs must be an integer, and is {self.max_jobs!r}")

    def options(self) -> dict[str, Any]:
        given: dict[str, Any] = {"max_jobs": self.max_jobs, "lease_time": self.lease_time}
        if self.available_gb is not None:
            given["available_gb"] = self.available_gb
        if self.work_spec_names is not None:
            given["work_spec_names"] = list(self.work_spec_names)
        return given


@dataclass
class Exchange:
    """What came of asking: the units given, and what became of each update that was carried."""

    given: list[Given]
    results: list[Union[bool, Exception]]
    waited: bool


def exchange(session: Session, wanted: Wanted) -> Steps[Exchange]:
    """Sends updates and asks for units: in one round trip, and held back until there are some, as
    far as the daemon offers that. `waited` tells whether it was held back; if it was not, whoever
    asks again should pause first."""
    wanted.check()
    options = wanted.options()
    wait = min(wanted.wait_seconds, _WAIT_SECONDS_MAX)
    extensions: frozenset[str] = frozenset()
    if wait > 0 or wanted.updates:
        extensions = yield from session.extensions()
    waits = wait > 0 and "wait_seconds" in extensions
    if waits:
        options["wait_seconds"] = wait
    results: list[Union[bool, Exception]] = []
    carries = bool(wanted.updates) and "updates" in extensions
    if carries:
        options["updates"] = [update.item(extensions) for update in wanted.updates]
    elif wanted.updates:
        results = yield from update_work_units(session, wanted.updates)
    request = Request(
        "get_work",
        (wanted.worker_id, options),
        again=not carries or all(one.may_be_sent_again(extensions) for one in wanted.updates),
        needs=(*needs_of(wanted.updates, extensions), "updates") if carries else (),
        wait=wait if waits else 0,
        plain=True,
    )
    answer = session.first_of("get_work", (yield request))
    if carries:
        results = results_of(session, wanted.updates, answer["updates"], request.maybe_done)
        answer = answer["work"]
    return Exchange(_read(session, answer, wanted.max_jobs), results, waits)


def _read(session: Session, answer: Any, max_jobs: Optional[int]) -> list[Given]:
    rows = [answer] if max_jobs is None or max_jobs == 1 else answer
    return [
        (codec.as_text(name), session.shown(key), session.shown(data))
        for name, key, data in rows
        if name is not None and key is not None
    ]


def child_work_units(session: Session, worker_id: str) -> Steps[dict[str, list[dict[str, Any]]]]:
    """The maps that the daemon gives for `get_child_work_units`, of children that have units."""
    pair = yield Request("get_child_work_units", (worker_id,))
    children = session.first_of("get_child_work_units", pair) or {}
    return {
        str(codec.as_text(child)): [
            {
                "work_spec_name": codec.as_text(unit.get("work_spec_name")),
                "work_unit_key": session.shown(unit.get("work_unit_key")),
                "work_unit_data": session.shown(unit.get("work_unit_data")),
                "worker_id": codec.as_text(unit.get("worker_id")),
                "expires": unit.get("expires"),
            }
            for unit in units
        ]
        for child, units in children.items()
        if units
    }
