# SPDX-License-Identifier: MIT
"""A child of the worker: takes units, runs them, reports them, until told to leave.

It is started as a fresh interpreter, is given a channel to its parent, and reads its settings from
standard input.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import pickle
import select
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Callable, Optional, Union

from ..calls.updates import Key, Update
from ..calls.work import Wanted
from ..config import set_global_config
from ..constants import FAILED
from ..exceptions import CoordinateException, Failure, RpcError
from ..task_master import TaskMaster
from ..work_iterator import log_results
from ..work_unit import WorkUnit
from . import logs
from .channel import TAKEN_MAX, Channel
from .environment import resident_mb
from .running import run_unit
from .settings import WorkerSettings

logger = logging.getLogger("coordinate.worker")

# How long a definition is used before it is asked for again.
_SPEC_SECONDS = 1.0
# How long a child may wait for work at a time, since it cannot be told to leave meanwhile.
_WAIT_SECONDS_MAX = 5.0
# How long results of a batch may be kept back to be sent together.
_REPORT_SECONDS = 0.5
# How many bytes of data they may have, far below what a message may have.
_REPORT_BYTES = 8 << 20
PARENT_GONE = "the parent is gone"


@dataclasses.dataclass(frozen=True)
class ChildOrder:
    """What a child is started with."""

    config: dict[str, Any]
    settings: WorkerSettings
    worker_id: str
    parent_id: str
    environment: dict[str, Any]
    log_path: Optional[str]
    import_path: Sequence[str]


class ChildUnit(WorkUnit):
    """A unit that tells the child when its function has ended it or renewed its lease."""

    note: Callable[[ChildUnit, Optional[float]], None]

    def send(self, update: Update) -> bool:
        begun = time.monotonic()
        done = super().send(update)
        if self.ended is not None:
            self.note(self, None)
        elif update.lease_time is not None and done:
            self.note(self, begun + update.lease_time)
        return done


class ChildTaskMaster(TaskMaster):
    """A client that makes such units."""

    note: Callable[[ChildUnit, Optional[float]], None]

    def make_unit(
        self,
        work_spec_name: str,
        key: Key,
        data: Any,
        worker_id: Optional[str],
        expires: Optional[float],
        default_lease_time: float,
    ) -> WorkUnit:
        unit = ChildUnit(self, work_spec_name, key, data, worker_id, expires, default_lease_time)
        unit.note = self.note
        return unit


def refusal(update: Update, why: Union[bool, Exception]) -> Update:
    """What is sent instead of an update whose data the daemon refuses: the unit fails."""
    data = {"traceback": f"the data were refused: {why}"}
    # Refused too, it would be sent for ever: without data there is nothing left to refuse.
    again = update.data is not None and set(update.data) == {"traceback"}
    return dataclasses.replace(update, status=FAILED, data=None if again else data, size=0)


class Child:
    """The loop of one child process."""

    def __init__(self, order: ChildOrder, channel: Channel) -> None:
        self._order = order
        self._settings = order.settings
        self._channel = channel
        self._task_master = ChildTaskMaster(order.config["coordinate"], sleep=self._pause)
        self._task_master.note = self._note
        self._fetched: deque[WorkUnit] = deque()
        # When the leases of all units in hand run out, as far as is known.
        self._deadline = 0.0
        # When that of the unit that runs does, and which unit that is.
        self._running_until = 0.0
        self._running: Optional[WorkUnit] = None
        self._updates: list[Update] = []
        self._updates_since = 0.0
        self._specs: dict[str, tuple[float, dict[str, Any]]] = {}
        self._leaving: Optional[str] = None
        self._started = time.monotonic()
        self._done = 0

    def run(self) -> None:
        """Works until told to leave."""
        threading.Thread(target=self._outlive_parent, daemon=True).start()
        while self._leaving is None and not self._tried(self._register):
            self._pause(self._settings.poll_interval)
        while self._leaving is None:
            unit = self._next_unit()
            if unit is not None:
                self._run(unit)
                self._leaving = self._leaving or self._reason_to_leave()
        self._give_back()
        self._tried(self._report)
        while self._updates and self._leaving != PARENT_GONE:
            self._pause(min(self._settings.poll_interval, _WAIT_SECONDS_MAX))
            self._tried(self._report)
        self._tried(lambda: self._task_master.worker_unregister(self._order.worker_id))
        self._task_master.close()
        self._channel.send("leaving", self._leaving)

    def drain(self) -> None:
        self._leaving = self._leaving or "told to"

    # Getting and running units.

    def _register(self) -> None:
        order, lifetime = self._order, self._settings.heartbeat_lifetime
        mode = self._task_master.get_mode()
        environment = {**order.environment, "pid": os.getpid()}
        self._task_master.worker_register(
            order.worker_id, mode, lifetime, environment, parent=order.parent_id
        )

    def _next_unit(self) -> Optional[WorkUnit]:
        """The next unit in hand, or taken now; None if there is none."""
        self._hear()
        if not self._fetched and self._leaving is None:
            try:
                self._fetch()
            except RpcError as error:
                logger.error("cannot get work: %s", error)
                self._tried(self._report_singly)
                self._pause(self._settings.poll_interval)
            except CoordinateException as error:
                logger.error("cannot get work: %s", error)
                self._pause(self._settings.poll_interval)
        if not self._fetched or self._leaving is not None:
            return None
        unit = self._fetched.popleft()
        if time.monotonic() >= self._deadline:
            logger.warning("%r %r: its lease ran out unused", unit.work_spec_name, unit.key)
            return None
        return unit

    def _fetch(self) -> None:
        settings = self._settings
        wanted = Wanted(
            self._order.worker_id,
            settings.lease,
            work_spec_names=settings.work_spec_names,
            max_jobs=settings.fetch,
            wait_seconds=min(settings.poll_interval, _WAIT_SECONDS_MAX),
            updates=self._updates,
        )
        given, exchange = self._task_master.exchange_work(wanted)
        self._take_results(exchange.results)
        self._fetched.extend(given)
        if given:
            # The lease began when the answer was made. What the answer took to come is far less than
            # the time by which the parent is early.
            self._deadline = time.monotonic() + settings.lease
            self._tell_taken()
            return
        self._channel.send("idle")
        if not exchange.waited:
            self._pause(settings.poll_interval)

    def _tell_taken(self) -> None:
        """Tells the parent of a batch; a single unit is begun at once."""
        if len(self._fetched) < 2:
            return
        units = [(unit.work_spec_name, unit.key, self._deadline) for unit in self._fetched]
        for first in range(0, len(units), TAKEN_MAX):
            self._channel.send("taken", units[first : first + TAKEN_MAX])

    def _run(self, unit: WorkUnit) -> None:
        self._channel.send("begun", unit.work_spec_name, unit.key, self._deadline)
        try:
            unit.spec = self._spec(unit.work_spec_name)
        except CoordinateException as error:
            logger.error("%r %r: %s", unit.work_spec_name, unit.key, error)
        self._running_until = self._deadline
        self._running = unit
        update = run_unit(unit)
        self._running = None
        self._channel.send("ended")
        self._done += 1
        if update is not None:
            if not self._updates:
                self._updates_since = time.monotonic()
            self._updates.append(update)
        if self._updates and self._report_is_due():
            self._tried(self._report)

    def _report_is_due(self) -> bool:
        """Whether results must not wait for the next units to be taken."""
        if sum(update.size for update in self._updates) > _REPORT_BYTES:
            return True
        return bool(self._fetched) and time.monotonic() - self._updates_since > _REPORT_SECONDS

    def _note(self, unit: ChildUnit, deadline: Optional[float]) -> None:
        """A unit was ended (None), or its lease renewed, by its function."""
        if unit is not self._running:
            return
        if deadline is None:
            self._channel.send("ended")
        else:
            self._running_until = deadline
            self._channel.send("lease", deadline)

    def _spec(self, name: str) -> dict[str, Any]:
        now = time.monotonic()
        known = self._specs.get(name)
        if known is None or now - known[0] > _SPEC_SECONDS:
            found = self._task_master.get_work_spec(name)
            known = self._specs[name] = (now, found or {})
        return known[1]

    # Ending.

    def _reason_to_leave(self) -> Optional[str]:
        settings = self._settings
        if settings.child_units is not None and self._done >= settings.child_units:
            return f"has done {self._done} units"
        if settings.child_lifetime is not None:
            if time.monotonic() - self._started >= settings.child_lifetime:
                return f"is older than {settings.child_lifetime} seconds"
        if settings.child_memory_mb is not None:
            resident = resident_mb()
            if resident > settings.child_memory_mb:
                return f"has {resident:.0f} MB"
        return None

    def _give_back(self) -> None:
        """Has what was not begun given to others."""
        self._updates += [unit.change(lease_time=-1) for unit in self._fetched]
        self._fetched.clear()

    def _report(self) -> None:
        if not self._updates:
            return
        try:
            results = self._task_master.update_work_units(self._updates)
        except RpcError:
            self._report_singly()
        else:
            self._take_results(results)

    def _take_results(self, results: Sequence[Union[bool, Exception]]) -> None:
        """Notes what became of the updates that were sent. Units whose data were refused are to
        fail instead."""
        updates, self._updates = self._updates, []
        log_results(updates, results)
        self._updates += [
            refusal(update, result)
            for update, result in zip(updates, results)
            if update.data is not None and type(result) in (Failure, RpcError)
        ]

    def _report_singly(self) -> None:
        """After a refusal of several: has each told alone, and fails the one that is refused."""
        results: list[Union[bool, Exception]] = []
        for update in self._updates:
            try:
                results.append(self._task_master.apply_update(update))
            except (Failure, RpcError) as error:
                results.append(error)
        self._take_results(results)

    def _tried(self, errand: Callable[[], object]) -> bool:
        """Does something that needs the daemon; False if that does not answer."""
        try:
            errand()
        except CoordinateException as error:
            logger.error("the daemon does not answer: %s", error)
            return False
        return True

    # The parent.

    def _hear(self) -> None:
        """Takes in what the parent has said."""
        try:
            message = self._channel.receive()
            while message is not None:
                if message[0] == "drain":
                    self.drain()
                elif message[0] == "leases":
                    self._deadline = max(self._deadline, message[1])
                    self._running_until = max(self._running_until, message[1])
                message = self._channel.receive()
        except EOFError:
            self._leaving = self._leaving or PARENT_GONE

    def _pause(self, seconds: float) -> None:
        """Waits, but not longer than until the parent says something."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        poll.poll(seconds * 1000)
        self._hear()
        if self._leaving == PARENT_GONE:
            # The channel stays readable, so that the wait above has become none.
            threading.Event().wait(seconds)

    def _outlive_parent(self) -> None:
        """Runs on a thread of its own. Nobody is left to kill a child without a parent, so it ends
        itself when the lease of what it runs is over."""
        poll = select.poll()
        poll.register(self._channel, 0)  # tells of a hang-up alone
        poll.poll()
        while self._running is None or time.monotonic() < self._running_until:
            threading.Event().wait(0.1)
        logger.critical("the parent is gone and the lease ran out")
        os._exit(1)


def main(descriptor: int) -> None:
    """The process of a child: reads its order from standard input and works."""
    channel = Channel(socket.socket(fileno=descriptor))
    order: ChildOrder = pickle.load(sys.stdin.buffer)
    sys.stdin = open(os.devnull, encoding="utf-8")
    sys.path += [path for path in order.import_path if path not in sys.path]
    logs.set_up(order.settings.log_format, order.settings.log_level, order.log_path)
    set_global_config(order.config)
    child = Child(order, channel)
    signal.signal(signal.SIGTERM, lambda *_: child.drain())
    signal.signal(signal.SIGINT, lambda *_: child.drain())
    try:
        child.run()
    except BaseException:
        logger.critical("this child dies", exc_info=True)
        raise
