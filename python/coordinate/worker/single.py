# SPDX-License-Identifier: MIT
"""Workers in this process: one unit, or several, without children. For debugging, and for programs
that have their own idea of processes."""

from __future__ import annotations

import abc
import logging
import os
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Optional

from ..config import Config
from ..exceptions import LostLease, ProgrammerError, RpcError
from ..task_master import TaskMaster
from ..work_unit import WorkUnit
from .environment import describe_machine, describe_worker
from .running import run_unit
from .settings import WorkerSettings

logger = logging.getLogger("coordinate.worker")


class Worker(abc.ABC):
    """What all workers have; `config` is the `coordinate` section."""

    def __init__(self, config: Config, task_master: Optional[TaskMaster] = None) -> None:
        self.config = config
        self.task_master = TaskMaster(config) if task_master is None else task_master
        #: Set by `register`.
        self.worker_id: Optional[str] = None
        self.parent: Optional[str] = None
        #: Seconds within which `heartbeat` must be called again.
        self.lifetime: float = 6000

    def environment(self) -> dict[str, Any]:
        """What heartbeats tell about this worker."""
        return describe_worker(describe_machine(), self.worker_id or "", self.parent, os.getpid())

    def register(self, parent: Optional[str] = None) -> str:
        """Gives this worker an id, and tells the daemon. Raises ProgrammerError unless it is the
        first time, or `unregister` was called since."""
        if self.worker_id is not None:
            raise ProgrammerError("register was called twice without unregister")
        self.parent = parent
        self.worker_id = self.task_master.worker_id = uuid.uuid4().hex
        self.heartbeat()
        return self.worker_id

    def unregister(self) -> None:
        """Tells the daemon that this worker is gone."""
        if self.worker_id is not None:
            self.task_master.worker_unregister(self.worker_id)
        self.worker_id = self.task_master.worker_id = None

    def heartbeat(self) -> str:
        """Tells the daemon that this worker lives. Returns its mode."""
        mode = self.task_master.get_mode()
        self.task_master.worker_heartbeat(
            self.worker_id or "", mode, self.lifetime, self.environment(), parent=self.parent
        )
        return mode

    @abc.abstractmethod
    def run(self) -> Any:
        """Does the work."""


class SingleWorker(Worker):
    """Runs one unit, or one batch of `worker_job_fetch` (or `max_jobs`) units."""

    def __init__(
        self,
        config: Config,
        task_master: Optional[TaskMaster] = None,
        work_spec_names: Optional[Sequence[str]] = None,
        max_jobs: Optional[int] = None,
    ) -> None:
        super().__init__(config, task_master)
        settings = WorkerSettings.read(config)
        self.work_spec_names = work_spec_names or settings.work_spec_names
        self.max_jobs = settings.fetch if max_jobs is None else max_jobs

    def run(self, set_title: bool = False) -> bool:
        """As `run_one`. `set_title` makes no difference."""
        return self.run_one()

    def run_one(self, set_title: bool = False) -> bool:
        """Takes units once and runs them. Returns whether there were any, failed ones too."""
        if self.worker_id is None:
            raise ProgrammerError("register was not called")
        found = self.task_master.get_work(
            self.worker_id, work_spec_names=self.work_spec_names, max_jobs=self.max_jobs
        )
        units: list[WorkUnit] = found if isinstance(found, list) else [found] if found else []
        for unit in units:
            update = run_unit(unit)
            try:
                if update is not None:
                    unit.send(update)
            except LostLease:
                logger.warning("%r %r: the lease was lost", unit.work_spec_name, unit.key)
            except RpcError as refused:
                logger.error("%r %r: refused: %s", unit.work_spec_name, unit.key, refused)
                unit.restore()
                unit.fail(f"refused: {refused}")
        return bool(units)


class LoopWorker(SingleWorker):
    """Runs units until there are none, or it has worked for `fork_worker: child_lifetime` seconds,
    by default 10."""

    def __init__(
        self,
        config: Config,
        task_master: Optional[TaskMaster] = None,
        work_spec_names: Optional[Sequence[str]] = None,
        max_jobs: Optional[int] = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config, task_master, work_spec_names, max_jobs)
        self._clock = clock
        self._seconds = WorkerSettings.read(config).child_lifetime or 10

    def run(self, set_title: bool = False) -> bool:
        """Returns whether there was work the last time."""
        end = self._clock() + self._seconds
        found = True
        while found and self._clock() < end:
            found = self.run_one()
        return found
