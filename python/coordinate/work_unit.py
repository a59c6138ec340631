# SPDX-License-Identifier: MIT
"""A work unit in the hands of a worker: what run functions are given."""

from __future__ import annotations

import marshal
import traceback as tracebacks
from typing import TYPE_CHECKING, Any, Optional, Union

from . import codec
from .calls.updates import Key, Update
from .constants import FAILED, FINISHED, MAX_LEASE_SECONDS
from .exceptions import NoSuchWorkSpec, ProgrammerError
from .workunit_run import run as run_work_unit

if TYPE_CHECKING:
    from .task_master import TaskMaster


def describe(exc: Union[BaseException, str, None]) -> Optional[str]:
    """The traceback of an exception as text; text as it is."""
    if exc is None or isinstance(exc, str):
        return exc
    return "".join(tracebacks.format_exception(type(exc), exc, exc.__traceback__))


# Of this version because it has no references, which depend on how often an object is used.
_MARSHAL_VERSION = 2


def snapshot(data: Any) -> tuple[bool, bytes]:
    """Something that differs where data differ, also in the kinds of values. `marshal` (True) knows
    the common kinds and takes a fraction of what CBOR does."""
    try:
        return True, marshal.dumps(data, _MARSHAL_VERSION)
    except ValueError:
        return False, codec.encode(data)


class UnitState:
    """The data of a unit and what has become of it, without any I/O."""

    def __init__(
        self,
        work_spec_name: str,
        key: Key,
        data: Any,
        worker_id: Optional[str] = None,
        expires: Optional[float] = None,
        default_lease_time: float = 900,
    ) -> None:
        #: Name of the work spec.
        self.work_spec_name = work_spec_name
        #: Name of the unit, of the kind that came: the daemon sends bytes.
        self.key = key
        #: The unit's data, to read and to change; `output` in it makes units of the next work spec.
        self.data = data
        #: The worker that has the unit.
        self.worker_id = worker_id
        #: When its lease ends, in seconds since 1970, where that is known.
        self.expires = expires
        #: Seconds by which `update` extends the lease unless told.
        self.default_lease_time = default_lease_time
        #: FINISHED or FAILED once it has been ended through this object.
        self.ended: Optional[int] = None
        self._known = snapshot(data)

    def __str__(self) -> str:
        return f"work unit {self.work_spec_name!r} {self.key!r} {self.data!r}"

    def __repr__(self) -> str:
        return (
            f"WorkUnit(work_spec_name={self.work_spec_name!r}, key={self.key!r}, "
            f"worker_id={self.worker_id!r}, expires={self.expires!r}, "
            f"default_lease_time={self.default_lease_time!r}, data={self.data!r})"
        )

    def change(self, status: Optional[int] = None, lease_time: Optional[float] = None) -> Update:
        """The update that tells the daemon the status, the lease, and the data if they changed.
        Raises ProgrammerError for data that cannot be sent."""
        changed = snapshot(self.data) != self._known
        # Encoded so that what cannot be sent is refused here.
        size = len(codec.encode(self.data)) if changed else 0
        if size > codec.DATA_BYTES_MAX:
            raise ProgrammerError(f"{size} bytes of data are too many for a message")
        return Update(
            self.work_spec_name,
            self.key,
            lease_time=lease_time,
            status=status,
            data=self.data if changed else None,
            worker_id=self.worker_id,
            size=size,
        )

    def told(self, update: Update) -> None:
        """Notes that an update of this unit was sent and answered."""
        if update.data is not None:
            self._known = snapshot(self.data)
        if update.status in (FINISHED, FAILED):
            self.ended = update.status

    def restore(self) -> None:
        """Makes the data what the daemon was last known to have."""
        marshalled, encoded = self._known
        self.data = marshal.loads(encoded) if marshalled else codec.decode(encoded)

    def note_failure(self, exc: Union[BaseException, str, None]) -> None:
        """Puts the traceback into the data."""
        text = describe(exc)
        if text:
            if self.data is None:
                self.data = {}
            self.data["traceback"] = text

    def lease(self, lease_time: Optional[float]) -> float:
        """The lease to ask for: the default unless told, and a day at most."""
        wanted = self.default_lease_time if lease_time is None else lease_time
        return min(wanted, MAX_LEASE_SECONDS)


class WorkUnit(UnitState):
    """A unit of work. Run functions are given one; `TaskMaster.get_work` returns them.

    `update`, `finish` and `fail` return whether the daemon did it. Where it offers `only_if_owner`
    they raise LostLease, and change nothing, if another has the unit by now.
    """

    def __init__(
        self,
        taskmaster: Optional[TaskMaster],
        work_spec_name: str,
        key: Key,
        data: Any,
        worker_id: Optional[str] = None,
        expires: Optional[float] = None,
        default_lease_time: float = 900,
    ) -> None:
        super().__init__(work_spec_name, key, data, worker_id, expires, default_lease_time)
        #: The client that the unit came from.
        self.taskmaster = taskmaster
        self._spec: Optional[dict[str, Any]] = None

    @property
    def spec(self) -> dict[str, Any]:
        """The definition of the work spec, asked for once. Raises NoSuchWorkSpec."""
        if self._spec is None:
            if self.taskmaster is not None:
                self._spec = self.taskmaster.get_work_spec(self.work_spec_name)
            if self._spec is None:
                raise NoSuchWorkSpec(f"no such work spec {self.work_spec_name}")
        return self._spec

    @spec.setter
    def spec(self, value: dict[str, Any]) -> None:
        self._spec = value

    def update(self, lease_time: Optional[float] = None) -> bool:
        """Extends the lease, by default by `default_lease_time` seconds from now, and stores the
        data. 0 or less gives the unit up."""
        return self.send(self.change(lease_time=self.lease(lease_time)))

    def finish(self) -> bool:
        """Marks the unit as finished and stores the data."""
        return self.send(self.change(status=FINISHED))

    def fail(self, exc: Union[BaseException, str, None] = None) -> bool:
        """Marks the unit as failed and stores the data, with the traceback of `exc` in it."""
        self.note_failure(exc)
        return self.send(self.change(status=FAILED))

    def run(self) -> Any:
        """Runs the function that the work spec names, and finishes the unit. Returns what the
        function returned."""
        return run_work_unit(self, self.spec)

    def send(self, update: Update) -> bool:
        """Has an update of this unit carried out."""
        if self.taskmaster is None:
            raise ProgrammerError("this work unit has no TaskMaster")
        done = self.taskmaster.apply_update(update)
        self.told(update)
        return done
