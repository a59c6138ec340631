# SPDX-License-Identifier: MIT
"""Where programs for the original import workers from."""

from __future__ import annotations

from typing import Any, Optional

from .config import Config, get_global_config
from .task_master import TaskMaster
from .worker.parent import Parent
from .worker.single import LoopWorker, SingleWorker, Worker

__all__ = ["ForkWorker", "LoopWorker", "SingleWorker", "Worker", "run_worker"]


class ForkWorker(Worker):
    """The parent of several children; see `coordinate.worker.parent`. It registers itself."""

    def __init__(self, config: Config, task_master: Optional[TaskMaster] = None) -> None:
        super().__init__(config, task_master)
        self._parent = Parent(lambda: {**get_global_config(), "coordinate": dict(config)})

    def register(self, parent: Optional[str] = None) -> str:
        """The id, of which the daemon hears when it runs."""
        self.worker_id = self._parent.worker_id
        return self.worker_id

    def unregister(self) -> None:
        """Does nothing: the daemon has been told when `run` returns."""
        self.worker_id = None

    def run(self) -> int:
        """Works until told to stop by a signal; returns an exit code."""
        return self._parent.run()


def run_worker(worker_class: type[Worker], *args: Any, **kwargs: Any) -> Any:
    """Makes a worker, registers it, runs it, unregisters it. Returns what `run` returned."""
    worker = worker_class(*args, **kwargs)
    worker.register()
    try:
        return worker.run()
    finally:
        worker.unregister()
