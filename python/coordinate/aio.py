# SPDX-License-Identifier: MIT
"""The client for asyncio: the same names, arguments and results as the blocking one, to be awaited.

    from coordinate.aio import TaskMaster

    async with TaskMaster({"address": "127.0.0.1:5932"}) as task_master:
        unit = await task_master.get_work("worker-1", wait_seconds=60)
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from types import TracebackType
from typing import Any, Callable, Optional, TypeVar, Union

from .aio_connection import Connection, Pool
from .calls import specs, units, updates, work
from .calls import workers as worker_calls
from .calls.units import PAGE, Data, Key, Status, UnitItems, key_after
from .calls.updates import Update
from .calls.work import Exchange, Wanted
from .config import Config
from .constants import FAILED, FINISHED
from .exceptions import ConnectionLost, NoSuchWorkSpec, NotOffered, ProgrammerError, RpcError
from .methods import awaiting
from .request import Request, Steps, Tries, offers_all, read_extensions
from .session import Session
from .work_unit import UnitState
from .workunit_run import call_function

T = TypeVar("T")


class WorkUnit(UnitState):
    """A unit of work, whose methods are to be awaited. See `coordinate.WorkUnit`."""

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
        self.taskmaster = taskmaster
        self._spec: Optional[dict[str, Any]] = None

    async def spec(self) -> dict[str, Any]:
        """The definition of the work spec, asked for once. Raises NoSuchWorkSpec."""
        if self._spec is None:
            if self.taskmaster is not None:
                self._spec = await self.taskmaster.get_work_spec(self.work_spec_name)
            if self._spec is None:
                raise NoSuchWorkSpec(f"no such work spec {self.work_spec_name}")
        return self._spec

    async def update(self, lease_time: Optional[float] = None) -> bool:
        """Extends the lease, by default by `default_lease_time` seconds from now, and stores the
        data. 0 or less gives the unit up."""
        return await self.send(self.change(lease_time=self.lease(lease_time)))

    async def finish(self) -> bool:
        """Marks the unit as finished and stores the data."""
        return await self.send(self.change(status=FINISHED))

    async def fail(self, exc: Union[BaseException, str, None] = None) -> bool:
        """Marks the unit as failed and stores the data, with the traceback of `exc` in it."""
        self.note_failure(exc)
        return await self.send(self.change(status=FAILED))

    async def run(self) -> Any:
        """Calls the function that the work spec names with this unit, awaits what it returns if that
        can be awaited, and finishes the unit."""
        result = call_function(self, await self.spec())
        if inspect.isawaitable(result):
            result = await result
        await self.finish()
        return result

    async def send(self, update: Update) -> bool:
        """Has an update of this unit carried out."""
        if self.taskmaster is None:
            raise ProgrammerError("this work unit has no TaskMaster")
        done = await self.taskmaster.apply_update(update)
        self.told(update)
        return done


class TaskMaster(Session):
    """A client for the tasks of one event loop, each of whose calls has a connection to itself while
    it lasts. See `coordinate.TaskMaster`. A call that is cancelled may or may not have been done.
    """

    def __init__(
        self, config: Config, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        super().__init__(config)
        self._sleep = sleep
        self._pool = Pool(self.settings, self._rng)

    async def __aenter__(self) -> TaskMaster:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections that are not in use."""
        await self._pool.close()

    # How steps are taken; `coordinate.TaskMaster` has the same without `await`.

    async def run(self, steps: Steps[T]) -> T:
        """Takes steps to their end; what they return."""
        try:
            request = next(steps)
            while True:
                try:
                    result = await self._exchange(request)
                except RpcError as error:
                    request = steps.throw(error)
                else:
                    request = steps.send(result)
        except StopIteration as stop:
            value: T = stop.value
            return value

    async def rpc(self, method: str, params: Sequence[Any] = (), again: bool = False) -> Any:
        """Any method by name; what the daemon returns, as it came. `again`: it may be sent again
        after a lost answer."""
        return await self._exchange(Request(method, tuple(params), again=again))

    async def _exchange(self, request: Request) -> Any:
        """One request and its answer, tried again where that is safe."""
        tries: Optional[Tries] = None
        while True:
            connection = self._pool.take()
            try:
                if connection is None or connection.is_stale():
                    connection = await self._fresh(connection, request)
                result = await connection.call(request)
            except RpcError:
                assert connection is not None, "somebody answered"
                self._pool.give(connection)
                raise
            except (OSError, ConnectionLost) as error:
                lost = self._drop(connection)
                request.maybe_done |= lost
                tries = tries or Tries(self.settings, request, self._rng)
                await self._sleep(tries.pause_after(error, lost))
            except BaseException:
                self._drop(connection)
                raise
            else:
                self._pool.give(connection)
                return result

    def _drop(self, connection: Optional[Connection]) -> bool:
        """Closes a broken connection. Returns whether a request was sent on it that may have been
        done."""
        if connection is None:
            return False
        connection.abort()
        return connection.owes_answer

    async def _fresh(self, stale: Optional[Connection], request: Request) -> Connection:
        """A new connection, perhaps to another daemon: what it offers is asked for anew."""
        if stale is not None:
            stale.abort()
        connection = await self._pool.open()
        self._extensions = None
        if request.needs:
            try:
                info = await connection.call(Request("server_info"))
                self._extensions = read_extensions(info)
            except RpcError:
                self._extensions = frozenset()
            except BaseException:
                connection.abort()
                raise
            if not offers_all(request, self._extensions):
                self._pool.give(connection)
                raise NotOffered(f"{request.method}: this daemon does not offer all it needs")
        return connection

    # Work specs and the daemon.

    set_work_spec = awaiting(specs.set_work_spec)
    get_work_spec = awaiting(specs.get_work_spec)
    get_work_spec_meta = awaiting(specs.get_work_spec_meta)
    control_work_spec = awaiting(specs.control_work_spec)
    pause_work_spec = awaiting(specs.pause_work_spec)
    resume_work_spec = awaiting(specs.resume_work_spec)
    list_work_specs = awaiting(specs.list_work_specs)
    del_work_spec = awaiting(specs.del_work_spec)
    clear = awaiting(specs.clear)
    add_flow = awaiting(specs.add_flow)
    get_server_config = awaiting(specs.get_server_config)
    server_info = awaiting(specs.server_info)
    get_summary = awaiting(specs.get_summary)
    archive = awaiting(specs.archive)
    now = awaiting(specs.now)

    async def iter_work_specs(
        self, limit: Optional[int] = None, start: Optional[str] = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Yields the definitions in order of their names, from the name `start` on, at most
        `limit`."""
        left = limit
        while left is None or left > 0:
            page, start = await self.list_work_specs(left, start)
            for _, definition in page:
                yield definition
            left = None if left is None else left - len(page)
            if not start:
                return

    # Work units.

    add_work_units = awaiting(units.add_work_units)
    count_work_units = awaiting(units.count_work_units)
    status = awaiting(units.status)
    num_available = awaiting(units.num_available)
    num_pending = awaiting(units.num_pending)
    num_blocked = awaiting(units.num_blocked)
    num_finished = awaiting(units.num_finished)
    num_failed = awaiting(units.num_failed)
    num_tasks = awaiting(units.num_tasks)
    prioritize_work_units = awaiting(units.prioritize_work_units)
    get_work_units = awaiting(units.get_work_units)
    list_work_units = awaiting(units.list_work_units)
    list_available_work_units = awaiting(units.list_available_work_units)
    list_pending_work_units = awaiting(units.list_pending_work_units)
    list_blocked_work_units = awaiting(units.list_blocked_work_units)
    list_finished_work_units = awaiting(units.list_finished_work_units)
    list_failed_work_units = awaiting(units.list_failed_work_units)
    inspect_work_unit = awaiting(units.inspect_work_unit)
    del_work_units = awaiting(units.del_work_units)
    del_work_unit = awaiting(units.del_work_unit)
    get_work_unit_status = awaiting(units.get_work_unit_status)
    get_work_unit_attempts = awaiting(units.get_work_unit_attempts)
    get_work_unit_meta = awaiting(units.get_work_unit_meta)
    retry = awaiting(units.retry)
    retry_work_units = awaiting(units.retry_work_units)
    update_work_unit = awaiting(updates.update_work_unit)
    update_work_units = awaiting(updates.update_work_units)
    apply_update = awaiting(updates.apply_update)

    async def iter_work_units(
        self, work_spec_name: str, state: Optional[Status] = None, start: Optional[Key] = None
    ) -> AsyncIterator[tuple[Key, Optional[Data]]]:
        """Yields every unit, or those in a state, as key and data, in order of the keys, from the key
        `start` on; page by page. Raises NoSuchWorkSpec."""
        while True:
            page = await self.get_work_units(work_spec_name, None, state, PAGE, start)
            if page is None:
                raise NoSuchWorkSpec(f"no such work spec {work_spec_name}")
            for unit in page:
                yield unit
            if len(page) < PAGE:
                return
            start = key_after(page[-1][0])

    async def update_bundle(
        self, work_spec: Mapping[str, Any], work_units: UnitItems, nice: Optional[int] = None
    ) -> None:
        """Sets a work spec and adds units to it. `nice`, if given, goes into the definition."""
        definition = dict(work_spec) if nice is None else {**work_spec, "nice": nice}
        await self.set_work_spec(definition)
        await self.add_work_units(definition["name"], work_units)

    # Work.

    async def get_work(
        self,
        worker_id: str,
        available_gb: Optional[float] = None,
        lease_time: Optional[float] = None,
        work_spec_names: Optional[Sequence[str]] = None,
        max_jobs: Optional[int] = None,
        wait_seconds: float = 0,
    ) -> Any:
        """With `max_jobs` 1, or without: a WorkUnit, or None if there is no work. Otherwise a list of
        at most so many, maybe empty. See `coordinate.TaskMaster.get_work`."""
        lease = self.default_lifetime if lease_time is None else lease_time
        jobs = 1 if max_jobs is None else max_jobs
        wanted = Wanted(worker_id, lease, available_gb, work_spec_names, jobs, wait_seconds)
        given, _ = await self.exchange_work(wanted)
        if jobs == 1:
            return given[0] if given else None
        return given

    async def exchange_work(self, wanted: Wanted) -> tuple[list[WorkUnit], Exchange]:
        """Sends updates and gets units, in one round trip where the daemon offers that."""
        exchange = await self.run(work.exchange(self, wanted))
        lease = wanted.lease_time
        given = [
            WorkUnit(self, name, key, data, wanted.worker_id, None, lease)
            for name, key, data in exchange.given
        ]
        return given, exchange

    async def iter_work(
        self,
        worker_id: str,
        lease_time: Optional[float] = None,
        work_spec_names: Optional[Sequence[str]] = None,
        wait_seconds: float = 0,
    ) -> AsyncIterator[WorkUnit]:
        """Yields units to work on, until there are none for `wait_seconds`. A unit is finished when
        the next one is asked for, in the same round trip, unless it has been ended by then; one
        whose loop is left early keeps its lease until that runs out."""
        lease = self.default_lifetime if lease_time is None else lease_time
        wanted = Wanted(worker_id, lease, None, work_spec_names, 1, wait_seconds)
        while True:
            given, _ = await self.exchange_work(wanted)
            if not given:
                return
            yield given[0]
            ended = given[0].ended is not None
            wanted.updates = [] if ended else [given[0].change(status=FINISHED)]

    async def get_child_work_units(self, worker_id: str) -> dict[str, list[WorkUnit]]:
        """The units that a worker's children have, by child. A unit whose lease was lost shows the
        worker that has it now."""
        children = await self.run(work.child_work_units(self, worker_id))
        return {
            child: [
                WorkUnit(
                    self,
                    unit["work_spec_name"],
                    unit["work_unit_key"],
                    unit["work_unit_data"],
                    unit["worker_id"],
                    unit["expires"],
                    self.default_lifetime,
                )
                for unit in found
            ]
            for child, found in children.items()
        }

    # Workers and locks.

    worker_register = awaiting(worker_calls.worker_register)
    worker_heartbeat = awaiting(worker_calls.worker_heartbeat)
    worker_unregister = awaiting(worker_calls.worker_unregister)
    workers = awaiting(worker_calls.workers)
    get_heartbeat = awaiting(worker_calls.get_heartbeat)
    mode_counts = awaiting(worker_calls.mode_counts)
    worker_stats = awaiting(worker_calls.worker_stats)
    lock = awaiting(worker_calls.lock)
    locksome = awaiting(worker_calls.locksome)
    renew = awaiting(worker_calls.renew)
    unlock = awaiting(worker_calls.unlock)
    readlock = awaiting(worker_calls.readlock)
