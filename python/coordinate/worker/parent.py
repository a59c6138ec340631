# SPDX-License-Identifier: MIT
"""The parent of the worker: starts children, looks after their leases, and ends them."""

from __future__ import annotations

import collections
import logging
import os
import select
import signal
import socket
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any, Callable, Optional

from ..exceptions import ProgrammerError
from .child import ChildOrder
from .environment import describe_machine, describe_worker
from .errands import Errands
from .process import ChildProcess
from .record import ChildRecord
from .settings import WorkerSettings

logger = logging.getLogger("coordinate.worker")

# A child that dies before it has asked for work makes the next one wait, ever longer.
_RESTART_SECONDS_MIN = 0.5
_RESTART_SECONDS_MAX = 30.0
# How long the last errands may take once all children are gone.
_FAREWELL_SECONDS = 10.0

EXIT_DRAINED = 0
EXIT_KILLED = 2


class Child:
    """A child's process and what is known of it."""

    def __init__(self, process: ChildProcess, record: ChildRecord) -> None:
        self.process = process
        self.record = record
        #: True once its end of the channel is closed: SIGCHLD tells when it has ended.
        self.hung_up = False


class Parent:
    """See the module. `load` returns the whole configuration; it is called again on SIGHUP. Signals
    are handled on the main thread, where `run` must be called."""

    def __init__(self, load: Callable[[], dict[str, Any]], log_path: Optional[str] = None) -> None:
        """Raises ProgrammerError for a configuration that is wrong."""
        self._load = load
        self._log_path = log_path
        self.worker_id = uuid.uuid4().hex
        self._config = load()
        self._settings = WorkerSettings.read(self._config["coordinate"])
        self._machine = describe_machine()
        self._children: dict[str, Child] = {}
        self._inbox: collections.deque[tuple[Any, ...]] = collections.deque()
        self._wake, self._waker = socket.socketpair()
        for end in (self._wake, self._waker):
            end.setblocking(False)
        self._errands = Errands(self._config["coordinate"], self._report)
        self._stops = 0
        self._stops_told = 0
        self._reload = False
        self._heartbeat_due = 0.0
        self._start_due = 0.0
        self._early_deaths = 0
        self._asked_about: dict[str, int] = {}

    def run(self) -> int:
        """Works until told to stop; returns the exit code."""
        previous = self._handle_signals()
        logger.info("worker %s: %d children", self.worker_id, self._settings.num_workers)
        try:
            self._turn()
            while self._children or not self._stops:
                self._wait()
                self._turn()
        finally:
            for child in self._children.values():
                child.process.kill()
            self._errands.unregister(self.worker_id)
            self._errands.finish(_FAREWELL_SECONDS)
            for number, handler in previous.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(-1)
        logger.info("worker %s: stopped", self.worker_id)
        return EXIT_DRAINED if self._stops == 1 else EXIT_KILLED

    def _turn(self) -> None:
        """One turn of the loop: all that is due."""
        now = time.monotonic()
        self._take_reports(now)
        for child in list(self._children.values()):
            self._look_after(child, now)
        if self._reload:
            self._reload = False
            self._read_again()
        if self._stops:
            self._stop_children()
        elif len(self._children) < self._settings.num_workers and now >= self._start_due:
            self._start(now)
        if now >= self._heartbeat_due:
            self._heartbeat_due = now + self._settings.heartbeat_interval
            self._send_heartbeats()

    # Waiting.

    def _due_times(self) -> Iterator[float]:
        yield self._heartbeat_due
        if not self._stops and len(self._children) < self._settings.num_workers:
            yield self._start_due
        for child in self._children.values():
            event = child.record.next_event()
            if event is not None and child.record.killed is None:
                yield event

    def _wait(self) -> None:
        """Until something is due, a child or the daemon says something, or a signal comes."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        for child in self._children.values():
            if not child.hung_up:
                poll.register(child.process.channel, select.POLLIN)
        poll.poll(max(0.0, min(self._due_times()) - time.monotonic()) * 1000 + 1)
        try:
            while self._wake.recv(4096):
                pass
        except BlockingIOError:
            pass

    def _report(self, *report: Any) -> None:
        """Called on the thread of the errands."""
        self._inbox.append(report)
        try:
            self._waker.send(b"r")
        except BlockingIOError:
            pass  # enough has been written to wake it

    # Children.

    def _start(self, now: float) -> None:
        """Starts one child."""
        worker_id = uuid.uuid4().hex
        environment = describe_worker(self._machine, worker_id, self.worker_id, 0)
        order = ChildOrder(
            self._config,
            self._settings,
            worker_id,
            self.worker_id,
            environment,
            self._log_path,
            list(sys.path),
        )
        process = ChildProcess(order)
        self._children[worker_id] = Child(process, ChildRecord(worker_id, self._settings, now))
        self._start_due = now + self._settings.spawn_interval
        logger.debug("child %d is worker %s", process.pid, worker_id)

    def _look_after(self, child: Child, now: float) -> None:
        record = child.record
        self._hear(child, now)
        if child.process.ended():
            self._bury(child, now)
            return
        if record.killed is not None or record.running is None:
            return
        if record.overdue(now):
            self._kill(child, "job expired")
        elif record.renewal_due(now):
            record.renewing = True
            units = [record.running.name, *record.waiting]
            seconds = record.renewal(now)
            self._errands.renew(record.worker_id, record.running.serial, units, seconds, now)

    def _hear(self, child: Child, now: float) -> None:
        """Takes in what a child has said."""
        try:
            message = child.process.channel.receive()
            while message is not None:
                child.record.heard(message, now)
                message = child.process.channel.receive()
        except EOFError:
            child.hung_up = True

    def _kill(self, child: Child, why: str) -> None:
        child.record.killed = why
        child.process.kill()
        running = child.record.running
        what = running.name if running is not None else "nothing"
        logger.warning("child %d is killed, running %r: %s", child.process.pid, what, why)

    def _bury(self, child: Child, now: float) -> None:
        """Clears up after a child that has ended."""
        record, process = child.record, child.process
        self._hear(child, now)
        process.channel.close()
        del self._children[record.worker_id]
        if record.leaving is not None:
            logger.debug("child %d has left: %s", process.pid, record.leaving)
            # It has done so itself, but a heartbeat for it may have been on its way.
            self._errands.unregister(record.worker_id)
            return
        how = process.how_it_ended()
        logger.warning("child %d died: %s", process.pid, record.killed or how)
        units = set(record.waiting)
        running = record.running
        if running is not None and record.killed == "stopped":
            units.add(running.name)
        self._errands.give_back(record.worker_id, units)
        if running is not None and record.killed == "job expired":
            self._errands.fail(record.worker_id, self.worker_id, running.name, record.killed)
        # What it ran without our having killed it stays leased: it may have left something behind,
        # and a unit that kills its process must not do so without pause.
        self._errands.unregister(record.worker_id)
        self._delay_start(record, now)

    def _delay_start(self, record: ChildRecord, now: float) -> None:
        self._early_deaths = 0 if record.useful else self._early_deaths + 1
        if self._early_deaths:
            pause = _RESTART_SECONDS_MIN * 2.0 ** min(self._early_deaths, 10)
            self._start_due = now + min(pause, _RESTART_SECONDS_MAX)

    def _drain(self, child: Child) -> None:
        if not child.record.draining:
            child.record.draining = True
            child.process.channel.send("drain")

    # The daemon.

    def _send_heartbeats(self) -> None:
        lifetime = self._settings.heartbeat_lifetime
        own = describe_worker(self._machine, self.worker_id, None, os.getpid())
        self._errands.heartbeat(self.worker_id, lifetime, own, None)
        self._asked_about = {}
        for child in self._children.values():
            record = child.record
            if not record.useful:
                continue
            environment = describe_worker(
                self._machine, record.worker_id, self.worker_id, child.process.pid
            )
            self._errands.heartbeat(record.worker_id, lifetime, environment, self.worker_id)
            if record.running is not None:
                self._asked_about[record.worker_id] = record.running.serial
        if self._asked_about:
            self._errands.look_for_lost(self.worker_id)

    def _take_reports(self, now: float) -> None:
        while self._inbox:
            kind, *details = self._inbox.popleft()
            if kind == "renewed":
                self._renewed(*details)
            elif kind == "shown":
                self._shown(details[0], now)

    def _renewed(self, worker_id: str, serial: int, deadline: Optional[float]) -> None:
        child = self._children.get(worker_id)
        if child is None:
            return
        if child.record.renewed(serial, deadline or 0.0):
            if deadline is None:
                self._kill(child, "lost its lease")
            elif deadline > 0:
                child.process.channel.send("leases", deadline)

    def _shown(self, shown: dict[str, dict[Any, bool]], now: float) -> None:
        """Kills children whose unit is another's by now, or gone: if they still run the unit that
        they ran when the question was put."""
        for worker_id, serial in self._asked_about.items():
            child = self._children.get(worker_id)
            if child is None or child.record.killed is not None:
                continue
            self._hear(child, now)
            running = child.record.running
            if running is None or running.serial != serial:
                continue
            if not shown.get(worker_id, {}).get(running.name, False):
                self._kill(child, "lost its lease")

    # Signals.

    def _handle_signals(self) -> dict[int, Any]:
        """Returns what was there before."""
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        handlers: dict[int, Callable[..., None]] = {
            signal.SIGTERM: self._on_stop,
            signal.SIGINT: self._on_stop,
            signal.SIGABRT: self._on_scram,
            signal.SIGHUP: self._on_reload,
            signal.SIGCHLD: lambda *_: None,
        }
        return {number: signal.signal(number, handler) for number, handler in handlers.items()}

    def _on_stop(self, *_: Any) -> None:
        self._stops += 1

    def _on_scram(self, *_: Any) -> None:
        self._stops += 2

    def _on_reload(self, *_: Any) -> None:
        self._reload = True

    def _stop_children(self) -> None:
        if self._stops != self._stops_told:
            self._stops_told = self._stops
            logger.info(
                "stopping: %s",
                "the units that run are finished; a second signal kills them"
                if self._stops == 1
                else "the units that run are given back",
            )
        for child in self._children.values():
            if self._stops == 1:
                self._drain(child)
            elif child.record.killed is None:
                self._kill(child, "stopped")

    def _read_again(self) -> None:
        """Reads the configuration; children go on with the old one until their unit is done."""
        try:
            config = self._load()
            settings = WorkerSettings.read(config["coordinate"])
            errands = Errands(config["coordinate"], self._report)
        except (OSError, ProgrammerError) as error:
            logger.error("the configuration stays as it was: %s", error)
            return
        self._errands.finish(0)
        self._config, self._settings, self._errands = config, settings, errands
        self._heartbeat_due = 0.0
        logger.info("the configuration was read again: %d children", settings.num_workers)
        for child in self._children.values():
            self._drain(child)
