# SPDX-License-Identifier: MIT
"""Work as an iterator."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Optional, Union

from .calls.updates import Update
from .calls.work import Wanted
from .constants import FINISHED
from .exceptions import LostLease

if TYPE_CHECKING:
    from .task_master import TaskMaster
    from .work_unit import WorkUnit

logger = logging.getLogger("coordinate")


def log_results(updates: Sequence[Update], results: Sequence[Union[bool, Exception]]) -> None:
    """Tells of updates that were not done."""
    for update, result in zip(updates, results):
        if result is not True:
            name, key = update.work_spec_name, update.work_unit_key
            logger.warning("work unit %r %r was not changed: %s", name, key, result or "no need")


class WorkIterator:
    """See `TaskMaster.iter_work`. Not for several threads at once."""

    def __init__(self, task_master: TaskMaster, wanted: Wanted) -> None:
        self._task_master = task_master
        self._wanted = wanted
        self._fetched: deque[WorkUnit] = deque()
        self._current: Optional[WorkUnit] = None
        self._updates: list[Update] = []

    def __iter__(self) -> Iterator[WorkUnit]:
        return self

    def __next__(self) -> WorkUnit:
        self._finish_current()
        if not self._fetched:
            self._wanted.updates = self._updates
            given, exchange = self._task_master.exchange_work(self._wanted)
            log_results(self._updates, exchange.results)
            self._updates = []
            self._fetched.extend(given)
        if not self._fetched:
            raise StopIteration
        self._current = self._fetched.popleft()
        return self._current

    def __enter__(self) -> WorkIterator:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        """Ends what is in hand and gives back what was not begun."""
        if error is not None and self._current is not None and self._current.ended is None:
            unit, self._current = self._current, None
            try:
                unit.fail(error)
            except LostLease:
                logger.warning("%s: the lease was lost", unit)
        self._finish_current()
        self._updates += [unit.change(lease_time=-1) for unit in self._fetched]
        self._fetched.clear()
        if self._updates:
            updates, self._updates = self._updates, []
            log_results(updates, self._task_master.update_work_units(updates))

    def _finish_current(self) -> None:
        unit, self._current = self._current, None
        if unit is not None and unit.ended is None:
            self._updates.append(unit.change(status=FINISHED))
