# SPDX-License-Identifier: MIT
"""Methods about work units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Optional, Union

from ..constants import AVAILABLE, BLOCKED, FAILED, FINISHED, PENDING, PRI_PRIORITY
from ..exceptions import NoSuchWorkSpec, NoSuchWorkUnit
from ..request import Request, Steps
from ..session import Session
from .updates import update_work_unit

Key = Union[str, bytes]
Data = dict[Any, Any]
Status = Union[int, list[int], tuple[int, ...]]
# (key, data), or with a map of `priority` and `delay` as a third item.
UnitItems = Union[Mapping[Key, Optional[Data]], Iterable[Any]]

STATUS_NAMES = {
    AVAILABLE: "num_available",
    PENDING: "num_pending",
    BLOCKED: "num_blocked",
    FINISHED: "num_finished",
    FAILED: "num_failed",
}


def add_work_units(
    session: Session,
    work_spec_name: str,
    work_unit_key_vals: UnitItems,
    only_new: bool = False,
) -> Steps[bool]:
    """Adds units: a map of keys to data, or an iterable of (key, data) or (key, data, meta) with
    meta a map of `priority` and `delay` (seconds). Returns whether they were added; all or none.

    Units that exist are replaced, or with `only_new` left as they are. Only then can the call be
    sent again when its answer was lost; otherwise AnswerLost is raised. Raises NotOffered for
    `only_new` with a daemon that would not heed it.
    """
    given = work_unit_key_vals
    items: list[Any] = list(given.items() if isinstance(given, Mapping) else given)
    params: tuple[Any, ...] = (work_spec_name, items)
    needs: tuple[str, ...] = ()
    if only_new:
        params, needs = (*params, {"only_new": True}), ("only_new",)
    pair = yield Request("add_work_units", params, again=only_new, needs=needs)
    return bool(session.first_of("add_work_units", pair))


def count_work_units(session: Session, work_spec_name: str) -> Steps[dict[int, int]]:
    """How many units there are of each status; statuses without any may be left out."""
    pair = yield Request("count_work_units", (work_spec_name,))
    counts: dict[int, int] = session.first_of("count_work_units", pair)
    return counts


def status(session: Session, work_spec_name: str) -> Steps[dict[str, int]]:
    """Counts as `num_available`, `num_pending`, `num_blocked`, `num_finished`, `num_failed`, and
    `num_tasks`, their sum. Raises NoSuchWorkSpec."""
    pair = yield Request("count_work_units", (work_spec_name,))
    counts = session.good_of(pair)
    named = {name: counts.get(number, 0) for number, name in STATUS_NAMES.items()}
    return {**named, "num_tasks": sum(counts.values())}


def num_available(session: Session, work_spec_name: str) -> Steps[int]:
    """How many units wait to be done. Raises NoSuchWorkSpec, as all that begin with `num_`."""
    return (yield from status(session, work_spec_name))["num_available"]


def num_pending(session: Session, work_spec_name: str) -> Steps[int]:
    """How many units are being worked on."""
    return (yield from status(session, work_spec_name))["num_pending"]


def num_blocked(session: Session, work_spec_name: str) -> Steps[int]:
    """0: units are never blocked."""
    return (yield from status(session, work_spec_name))["num_blocked"]


def num_finished(session: Session, work_spec_name: str) -> Steps[int]:
    """How many units are finished."""
    return (yield from status(session, work_spec_name))["num_finished"]


def num_failed(session: Session, work_spec_name: str) -> Steps[int]:
    """How many units have failed."""
    return (yield from status(session, work_spec_name))["num_failed"]


def num_tasks(session: Session, work_spec_name: str) -> Steps[int]:
    """How many units there are in all."""
    return (yield from status(session, work_spec_name))["num_tasks"]


def prioritize_work_units(
    session: Session,
    work_spec_name: str,
    work_unit_keys: Iterable[Key],
    priority: Optional[float] = None,
    adjustment: Optional[float] = None,
) -> Steps[bool]:
    """Sets the priority of units, or with `adjustment` adds to it; with neither, sets it to
    PRI_PRIORITY. More goes first. Returns False if there is no such work spec."""
    if priority is None and adjustment is None:
        priority = PRI_PRIORITY
    options: dict[str, Any] = {"work_unit_keys": list(work_unit_keys)}
    if priority is not None:
        options["priority"] = priority
    else:
        options["adjustment"] = adjustment
    request = Request(
        "prioritize_work_units", (work_spec_name, options), again=priority is not None
    )
    return bool(session.first_of("prioritize_work_units", (yield request)))


def get_work_units(
    session: Session,
    work_spec_name: str,
    work_unit_keys: Optional[Iterable[Key]] = None,
    state: Optional[Status] = None,
    limit: Optional[int] = None,
    start: Optional[Key] = None,
) -> Steps[Optional[list[tuple[Key, Optional[Data]]]]]:
    """Pairs of keys and data. With `work_unit_keys`: exactly these, data None for one that does not
    exist. Otherwise those in a `state`, or one of several, in order of the keys, from the key
    `start` on, at most `limit`: 1,000 unless told, 10,000 at most; `iter_work_units` has no limit.
    None if there is no such work spec."""
    options: dict[str, Any] = {}
    if work_unit_keys is not None:
        options["work_unit_keys"] = list(work_unit_keys)
    for name, value in (("state", state), ("limit", limit), ("start", start)):
        if value is not None:
            options[name] = value
    pair = yield Request("get_work_units", (work_spec_name, options))
    found = session.first_of("get_work_units", pair)
    return None if found is None else [(session.shown(k), session.shown(d)) for k, d in found]


def _list(
    session: Session, name: str, start: int, limit: Optional[int], state: Status
) -> Steps[dict[Key, Optional[Data]]]:
    """The units in a state, without the first `start`, at most `limit`: read page by page."""
    wanted = None if limit is None else start + limit
    found: dict[Key, Optional[Data]] = {}
    following: Optional[Key] = None
    while wanted is None or len(found) < wanted:
        page = yield from get_work_units(session, name, None, state, PAGE, following)
        if page is None:
            raise NoSuchWorkSpec(f"no such work spec {name}")
        found.update(page)
        if len(page) < PAGE:
            break
        following = key_after(page[-1][0])
    return dict(list(found.items())[start:wanted])


PAGE = 1000


def key_after(key: Key) -> bytes:
    """The first key that may come after `key` in byte order."""
    return (key.encode() if isinstance(key, str) else key) + b"\0"


def list_work_units(
    session: Session, work_spec_name: str, start: int = 0, limit: Optional[int] = None
) -> Steps[dict[Key, Optional[Data]]]:
    """A map of the available and pending units, without the first `start`, at most `limit`. Raises
    NoSuchWorkSpec, as all that begin with `list_`."""
    return (yield from _list(session, work_spec_name, start, limit, (AVAILABLE, PENDING)))


def list_available_work_units(
    session: Session, work_spec_name: str, start: int = 0, limit: Optional[int] = None
) -> Steps[dict[Key, Optional[Data]]]:
    """A map of the available units, without the first `start`, at most `limit`."""
    return (yield from _list(session, work_spec_name, start, limit, AVAILABLE))


def list_pending_work_units(
    session: Session, work_spec_name: str, start: int = 0, limit: Optional[int] = None
) -> Steps[dict[Key, Optional[Data]]]:
    """A map of the units that are being worked on, without the first `start`, at most `limit`."""
    return (yield from _list(session, work_spec_name, start, limit, PENDING))


def list_blocked_work_units(
    session: Session, work_spec_name: str, start: int = 0, limit: Optional[int] = None
) -> Steps[dict[Key, Optional[Data]]]:
    """An empty map: units are never blocked."""
    return (yield from _list(session, work_spec_name, start, limit, BLOCKED))


def list_finished_work_units(
    session: Session, work_spec_name: str, start: int = 0, limit: Optional[int] = None
) -> Steps[dict[Key, Optional[Data]]]:
    """A map of the finished units, without the first `start`, at most `limit`."""
    return (yield from _list(session, work_spec_name, start, limit, FINISHED))


def list_failed_work_units(
    session: Session, work_spec_name: str, start: int = 0, limit: Optional[int] = None
) -> Steps[dict[Key, Optional[Data]]]:
    """A map of the failed units, without the first `start`, at most `limit`."""
    return (yield from _list(session, work_spec_name, start, limit, FAILED))


def inspect_work_unit(
    session: Session, work_spec_name: str, work_unit_key: Key
) -> Steps[Optional[Data]]:
    """The data of one unit; None if there is none."""
    found = yield from get_work_units(session, work_spec_name, [work_unit_key])
    return found[0][1] if found else None


def del_work_units(
    session: Session,
    work_spec_name: str,
    work_unit_keys: Optional[Iterable[Key]] = None,
    state: Optional[Status] = None,
    all: bool = False,
) -> Steps[int]:
    """Deletes units: `all`, or those of `work_unit_keys` and in `state`, whichever is given; without
    any, none. Returns how many went."""
    options: dict[str, Any] = {}
    if work_unit_keys is not None:
        options["work_unit_keys"] = list(work_unit_keys)
    if state is not None:
        options["state"] = state
    if all:
        options["all"] = True
    pair = yield Request("del_work_units", (work_spec_name, options), again=False)
    count: int = session.first_of("del_work_units", pair)
    return count


def del_work_unit(session: Session, work_spec_name: str, work_unit_key: Key) -> Steps[bool]:
    """Deletes one unit. Returns whether there was one."""
    return (yield from del_work_units(session, work_spec_name, [work_unit_key])) > 0


def get_work_unit_status(
    session: Session, work_spec_name: str, work_unit_keys: Union[Key, Iterable[Key]]
) -> Steps[Any]:
    """For a list of keys a list of maps, None for a unit that does not exist; for a single key its
    map. A map has `status`, `expiration` (seconds since 1970, or None), and where there is one
    `worker_id` and `traceback`. None if there is no such work spec."""
    single = isinstance(work_unit_keys, (str, bytes))
    keys: list[Any] = [work_unit_keys] if single else [*work_unit_keys]
    pair = yield Request("get_work_unit_status", (work_spec_name, keys))
    found = session.shown(session.first_of("get_work_unit_status", pair))
    return found[0] if single and found else found


def get_work_unit_attempts(
    session: Session, work_spec_name: str, work_unit_key: Key, limit: Optional[int] = None
) -> Steps[list[dict[str, Any]]]:
    """Every try at a unit, oldest first, or the newest `limit`: maps of `worker_id`, `status` (text),
    `start`, `end`, `expiration` and `data`. Raises NoSuchWorkSpec, NoSuchWorkUnit."""
    options = {} if limit is None else {"limit": limit}
    pair = yield Request("get_work_unit_attempts", (work_spec_name, work_unit_key, options))
    found = session.good_of(pair)
    if found is None:
        raise NoSuchWorkUnit(f"no such work unit key={work_unit_key!r}")
    return [{**attempt, "data": session.shown(attempt.get("data"))} for attempt in found]


def get_work_unit_meta(
    session: Session, work_spec_name: str, work_unit_key: Key
) -> Steps[dict[str, Any]]:
    """A map of `status` (text), `priority` and `not_before`. Raises NoSuchWorkSpec,
    NoSuchWorkUnit."""
    pair = yield Request("get_work_unit_meta", (work_spec_name, work_unit_key))
    meta: Optional[dict[str, Any]] = session.good_of(pair)
    if meta is None:
        raise NoSuchWorkUnit(f"no such work unit key={work_unit_key!r}")
    return meta


def retry(session: Session, work_spec_name: str, *work_unit_names: Key) -> Steps[bool]:
    """Makes units available again, whatever their status. Returns whether all could be."""
    done = True
    for key in work_unit_names:
        done &= yield from update_work_unit(
            session, work_spec_name, key, lease_time=0, status=AVAILABLE
        )
    return done


def retry_work_units(
    session: Session, work_spec_name: str, work_unit_keys: Optional[Iterable[Key]] = None
) -> Steps[int]:
    """Makes units, or all failed ones, available again in one call. Returns how many. Raises
    NoSuchWorkSpec."""
    options = {} if work_unit_keys is None else {"work_unit_keys": list(work_unit_keys)}
    pair = yield Request("retry_work_units", (work_spec_name, options), again=False)
    count: int = session.good_of(pair)
    return count
