# SPDX-License-Identifier: MIT
"""What the parent has to say to the daemon, on a thread of its own: the parent must not stop looking
after its children while the daemon is away."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Iterable, Sequence
from typing import Any, Callable, Optional, Union

from ..calls.updates import Update
from ..config import Config
from ..exceptions import CoordinateException, Failure, LostLease
from ..task_master import TaskMaster
from .record import UnitName

logger = logging.getLogger("coordinate.worker")


class Errands:
    """Does one errand after the other. Results are handed to `report`, on this thread."""

    def __init__(self, config: Config, report: Callable[..., None]) -> None:
        self._report = report
        self._stopping = threading.Event()
        # A pause between tries must not outlast the worker.
        self._task_master = TaskMaster(config, sleep=self._stopping.wait)
        self._queue: queue.SimpleQueue[Optional[Callable[[], None]]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Ends the thread when all errands are done, or after so many seconds without them."""
        self._queue.put(None)
        self._thread.join(seconds)
        self._stopping.set()
        self._thread.join(seconds)

    def _work(self) -> None:
        errand = self._queue.get()
        while errand is not None:
            try:
                errand()
            except CoordinateException as error:
                logger.error("the daemon does not answer: %s", error)
            errand = self._queue.get()
        self._task_master.close()

    # The errands; each returns at once.

    def heartbeat(
        self, worker_id: str, lifetime: float, environment: dict[str, Any], parent: Optional[str]
    ) -> None:
        mode = self._task_master.get_mode()
        self._queue.put(
            lambda: self._task_master.worker_heartbeat(
                worker_id, mode, lifetime, environment, parent
            )
        )

    def unregister(self, worker_id: str) -> None:
        """A worker may have done so itself before."""

        def errand() -> None:
            with contextlib.suppress(Failure):
                self._task_master.worker_unregister(worker_id)

        self._queue.put(errand)

    def give_back(self, worker_id: str, units: Iterable[UnitName]) -> None:
        """Ends leases of a worker's that is no more, so that others get the units at once."""
        updates = [Update(spec, key, lease_time=-1, worker_id=worker_id) for spec, key in units]
        if updates:
            self._queue.put(lambda: self._log_lost(self._task_master.update_work_units(updates)))

    def renew(
        self, worker_id: str, serial: int, units: Sequence[UnitName], seconds: float, now: float
    ) -> None:
        """Renews leases; the first unit is the one that runs. Reports ("renewed", worker, serial,
        deadline), with None for a deadline if that unit's lease is lost."""
        updates = [
            Update(spec, key, lease_time=seconds, worker_id=worker_id) for spec, key in units
        ]

        def errand() -> None:
            results: Sequence[Union[bool, Exception]] = [True]
            deadline: Optional[float] = 0.0  # none known: it stays as it is
            try:
                results = self._task_master.update_work_units(updates)
                deadline = None if isinstance(results[0], Failure) else now + seconds
            finally:
                self._report("renewed", worker_id, serial, deadline)

        self._queue.put(errand)

    def fail(self, worker_id: str, parent_id: str, name: UnitName, why: str) -> None:
        """Fails a unit of a child that is no more, with `why` as the traceback, if it is still that
        child's."""

        def errand() -> None:
            children = self._task_master.get_child_work_units(parent_id)
            for unit in children.get(worker_id, []):
                if (unit.work_spec_name, unit.key) == name and unit.worker_id == worker_id:
                    unit.fail(why)

        self._queue.put(errand)

    def look_for_lost(self, parent_id: str) -> None:
        """Reports ("shown", {worker: {unit: whether it is still that worker's}})."""

        def errand() -> None:
            children = self._task_master.get_child_work_units(parent_id)
            shown = {
                child: {(u.work_spec_name, u.key): u.worker_id == child for u in units}
                for child, units in children.items()
            }
            self._report("shown", shown)

        self._queue.put(errand)

    @staticmethod
    def _log_lost(results: Sequence[Union[bool, Exception]]) -> None:
        lost = sum(isinstance(result, LostLease) for result in results)
        if lost:
            logger.debug("%d units to give back were others' already", lost)
