# SPDX-License-Identifier: MIT
"""Methods about workers, and locks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from .. import codec
from ..request import Request, Steps
from ..session import Session, logger

# A list of labels: what a lock is named by.
LockKey = Sequence[Any]


def worker_heartbeat(
    session: Session,
    worker_id: str,
    mode: Optional[str] = None,
    lifetime: float = 6000,
    environment: Optional[dict[str, Any]] = None,
    parent: Optional[str] = None,
) -> Steps[None]:
    """Says that a worker lives, in which mode, and what it is; unless it says so again within
    `lifetime` seconds it counts as gone."""
    pair = yield Request("worker_heartbeat", (worker_id, mode, lifetime, environment, parent))
    if not session.first_of("worker_heartbeat", pair):
        logger.error("the heartbeat of %s was refused", worker_id)


def worker_register(
    session: Session,
    worker_id: str,
    mode: Optional[str] = None,
    lifetime: float = 6000,
    environment: Optional[dict[str, Any]] = None,
    parent: Optional[str] = None,
) -> Steps[None]:
    """The same as `worker_heartbeat`."""
    yield from worker_heartbeat(session, worker_id, mode, lifetime, environment, parent)


def worker_unregister(
    session: Session, worker_id: str, parent: Optional[str] = None
) -> Steps[None]:
    """Says that a worker is gone. `parent` is not used."""
    pair = yield Request("worker_unregister", (worker_id,))
    session.first_of("worker_unregister", pair)


def workers(session: Session, alive: bool = True) -> Steps[dict[str, Any]]:
    """A map of the workers that live to their modes. `alive` makes no difference, as ever."""
    pair = yield Request("list_worker_modes")
    return {str(codec.as_text(k)): v for k, v in session.first_of("workers", pair).items()}


def get_heartbeat(session: Session, worker_id: str) -> Steps[Optional[dict[str, Any]]]:
    """The environment that a worker sent last, with `age_seconds`; None if it does not live."""
    pair = yield Request("get_worker_info", (worker_id,))
    info: Optional[dict[str, Any]] = session.shown(session.first_of("get_heartbeat", pair))
    return info


def mode_counts(session: Session) -> Steps[dict[Any, int]]:
    """How many workers live in each mode."""
    pair = yield Request("mode_counts")
    counts: dict[Any, int] = session.first_of("mode_counts", pair)
    return counts


def worker_stats(session: Session) -> Steps[dict[str, int]]:
    """`num_workers`, `num_children` (those with a parent) and `num_expirable`."""
    stats: dict[str, int] = yield Request("worker_stats")
    return stats


def lock(session: Session, locker_id: str, timeout: float, keys: Sequence[LockKey]) -> Steps[bool]:
    """Claims locks for `timeout` seconds: all or none. Returns whether they were claimed. Locks are
    not claimed again after a lost answer, since one's own would be found taken: AnswerLost."""
    pair = yield Request("lock", (locker_id, timeout, list(keys)), again=False)
    return bool(session.first_of("lock", pair))


def locksome(
    session: Session, locker_id: str, timeout: float, keys: Sequence[LockKey]
) -> Steps[list[Any]]:
    """Claims as many locks as possible. Returns each key, or None where it could not be had."""
    pair = yield Request("locksome", (locker_id, timeout, list(keys)), again=False)
    claimed: list[Any] = session.first_of("locksome", pair)
    return claimed


def renew(session: Session, locker_id: str, timeout: float, keys: Sequence[LockKey]) -> Steps[bool]:
    """Holds locks for `timeout` seconds more. Returns False unless all are the locker's."""
    pair = yield Request("renew", (locker_id, timeout, list(keys)))
    return bool(session.first_of("renew", pair))


def unlock(session: Session, locker_id: str, keys: Sequence[LockKey]) -> Steps[bool]:
    """Lets locks go. Returns False unless all are the locker's."""
    pair = yield Request("unlock", (locker_id, list(keys)), again=False)
    return bool(session.first_of("unlock", pair))


def readlock(session: Session, keys: Sequence[LockKey]) -> Steps[list[Optional[str]]]:
    """Who holds each of the locks: a locker, or None."""
    owners = yield Request("readlock", (list(keys),))
    return [None if owner is None else str(codec.as_text(owner)) for owner in owners]
