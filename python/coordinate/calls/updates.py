# SPDX-License-Identifier: MIT
"""Changes of work units that a worker has, one or many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from .. import codec
from ..constants import AVAILABLE, MAX_LEASE_SECONDS
from ..exceptions import Failure, LostLease, ProgrammerError, RpcError, failure
from ..request import Request, Steps
from ..session import Session

Key = Union[str, bytes]
LOST_LEASE = "lost lease"


@dataclass
class Update:
    """One change of one work unit; what is None stays as it is. With `worker_id` it is done only
    while the unit is that worker's, if the daemon offers that. Times are seconds."""

    work_spec_name: str
    work_unit_key: Key
    lease_time: Optional[float] = None
    status: Optional[int] = None
    data: Optional[dict[Any, Any]] = None
    worker_id: Optional[str] = None
    delay: Optional[float] = None
    #: Bytes of the encoded data, where somebody has encoded them.
    size: int = 0

    def options(self, extensions: frozenset[str]) -> dict[str, Any]:
        """The options map of the call, tuples tagged. Raises ProgrammerError for a lease of over a day."""
        lease = self.lease_time
        if lease is not None and lease > MAX_LEASE_SECONDS:
            raise ProgrammerError(f"a lease of {lease} seconds is longer than a day")
        options: dict[str, Any] = {}
        if lease is not None:
            options["lease_time"] = lease
        if self.status is not None:
            options["status"] = self.status
        if self.data is not None:
            options["data"] = codec.tuples_tagged(self.data)
        if self.worker_id is not None:
            options["worker_id"] = self.worker_id
            if "only_if_owner" in extensions:
                options["only_if_owner"] = True
        if self.delay is not None and "delay" in extensions:
            options["delay"] = self.delay
        return options

    def item(self, extensions: frozenset[str]) -> tuple[str, Key, dict[str, Any]]:
        return self.work_spec_name, self.work_unit_key, self.options(extensions)

    def may_be_sent_again(self, extensions: frozenset[str]) -> bool:
        """Making a unit available again must not be repeated when somebody else may have it."""
        owned = self.worker_id is not None and "only_if_owner" in extensions
        return owned or self.status != AVAILABLE


def done(session: Session, update: Update, pair: Any, maybe_done: bool) -> bool:
    """Whether an update was done, by its pair. Raises LostLease, and with a strict client whatever
    else the message says.

    `maybe_done`: it had been sent before, and the answer was lost. A daemon that did it then finds
    nothing left to do, which is no failure.
    """
    value, message = pair
    text = str(codec.as_text(message or ""))
    if text == LOST_LEASE:
        raise LostLease(f"{update.work_spec_name} {update.work_unit_key!r}: {text}")
    if not value and maybe_done and not text and update.status is not None:
        return True
    return bool(session.first_of("update_work_unit", pair))


def needs_of(updates: Sequence[Update], extensions: frozenset[str]) -> tuple[str, ...]:
    """Without `only_if_owner` a late worker would end a unit that another has been given since."""
    owned = any(update.worker_id is not None for update in updates)
    return ("only_if_owner",) if owned and "only_if_owner" in extensions else ()


def update_work_unit(
    session: Session,
    work_spec_name: str,
    work_unit_key: Key,
    lease_time: Optional[float] = None,
    status: Optional[int] = None,
    data: Optional[dict[Any, Any]] = None,
    worker_id: Optional[str] = None,
    delay: Optional[float] = None,
) -> Steps[bool]:
    """Changes the lease, the status or the data of a unit. Returns whether that was done.

    With `worker_id`, and a daemon that offers `only_if_owner`, nothing is changed and LostLease is
    raised unless the unit is that worker's. `delay`: with AVAILABLE, seconds until it may be given
    out again.
    """
    update = Update(work_spec_name, work_unit_key, lease_time, status, data, worker_id, delay)
    return (yield from apply_update(session, update))


def apply_update(session: Session, update: Update) -> Steps[bool]:
    extensions: frozenset[str] = frozenset()
    if update.worker_id is not None or update.delay is not None:
        extensions = yield from session.extensions()
    request = Request(
        "update_work_unit",
        update.item(extensions),
        again=update.may_be_sent_again(extensions),
        needs=needs_of([update], extensions),
        plain=True,
    )
    pair = yield request
    return done(session, update, pair, request.maybe_done)


def results_of(
    session: Session, updates: Sequence[Update], pairs: Sequence[Any], maybe_done: bool
) -> list[Union[bool, Exception]]:
    """For each update whether it was done, or the exception that says why not."""
    results: list[Union[bool, Exception]] = []
    for update, (value, message) in zip(updates, pairs):
        if message and not value:
            results.append(failure(str(codec.as_text(message))))
        else:
            results.append(done(session, update, (value, message), maybe_done))
    return results


def update_work_units(
    session: Session, updates: Sequence[Update]
) -> Steps[list[Union[bool, Exception]]]:
    """Carries out many updates, in one message and one transaction where the daemon offers that.
    Returns for each whether it was done, or the exception that says why not, LostLease say; none
    stops the others."""
    extensions = yield from session.extensions()
    if "update_work_units" not in extensions:
        return (yield from _one_by_one(session, updates))
    request = Request(
        "update_work_units",
        ([update.item(extensions) for update in updates],),
        again=all(update.may_be_sent_again(extensions) for update in updates),
        needs=needs_of(updates, extensions),
        plain=True,
    )
    pairs = yield request
    return results_of(session, updates, pairs, request.maybe_done)


def _one_by_one(session: Session, updates: Sequence[Update]) -> Steps[list[Union[bool, Exception]]]:
    results: list[Union[bool, Exception]] = []
    for update in updates:
        try:
            results.append((yield from apply_update(session, update)))
        except (Failure, RpcError) as error:
            results.append(error)
    return results
