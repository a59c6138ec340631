# SPDX-License-Identifier: MIT
"""The blocking client."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Callable, Optional, TypeVar, Union, overload

from .calls import specs, units, updates, work
from .calls import workers as worker_calls
from .calls.units import PAGE, Data, Key, Status, UnitItems, key_after
from .calls.work import Exchange, Wanted
from .config import Config
from .connection import Connection, Pool
from .exceptions import ConnectionLost, NoSuchWorkSpec, NotOffered, RpcError
from .methods import blocking
from .request import Request, Steps, Tries, offers_all, read_extensions
from .session import Session
from .work_iterator import WorkIterator
from .work_unit import WorkUnit

T = TypeVar("T")


class TaskMaster(Session):
    """A client of the daemon, for any number of threads. It connects when it is first used, and again
    when the connection breaks. `close()`, or the end of `with`, closes the connections; the next
    call opens one again.

    Failure values are returned as the original returned them, unless the configuration says
    `strict: true`; then they are exceptions. All methods raise RpcError for what the daemon calls an
    error, ConnectionLost if it cannot be reached, and AnswerLost for a request that may have been
    done and must not be done twice.
    """

    def __init__(self, config: Config, sleep: Callable[[float], object] = time.sleep) -> None:
        """`config` is the `coordinate` section, see `coordinate.config`. `sleep` is what pauses
        between tries."""
        super().__init__(config)
        self._sleep = sleep
        self._pool = Pool(self.settings, self._rng)

    def __enter__(self) -> TaskMaster:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections that are not in use."""
        self._pool.close()

    # How steps are taken.

    def run(self, steps: Steps[T]) -> T:
        """Takes steps to their end; what they return."""
        try:
            request = next(steps)
            while True:
                try:
                    result = self._exchange(request)
                except RpcError as error:
                    request = steps.throw(error)
                else:
                    request = steps.send(result)
        except StopIteration as stop:
            value: T = stop.value
            return value

    def rpc(self, method: str, params: Sequence[Any] = (), again: bool = False) -> Any:
        """Any method by name; what the daemon returns, as it came. `again`: it may be sent again
        after a lost answer."""
        return self._exchange(Request(method, tuple(params), again=again))

    _rpc = rpc

    def _exchange(self, request: Request) -> Any:
        """One request and its answer, tried again where that is safe."""
        tries: Optional[Tries] = None
        while True:
            connection = self._pool.take()
            try:
                if connection is None or (not request.again and connection.is_stale()):
                    connection = self._fresh(connection, request)
                result = connection.call(request)
            except RpcError:
                assert connection is not None, "somebody answered"
                self._pool.give(connection)
                raise
            except (OSError, ConnectionLost) as error:
                lost = self._drop(connection)
                request.maybe_done |= lost
                tries = tries or Tries(self.settings, request, self._rng)
                self._sleep(tries.pause_after(error, lost))
            except BaseException:
                self._drop(connection)
                raise
            else:
                self._pool.give(connection)
                return result

    def _drop(self, connection: Optional[Connection]) -> bool:
        """Closes a broken connection, and all others, which most likely broke too. Returns whether
        a request was sent on it that may have been done."""
        self._pool.close()
        if connection is None:
            return False
        connection.close()
        return connection.owes_answer

    def _fresh(self, stale: Optional[Connection], request: Request) -> Connection:
        """A new connection, perhaps to another daemon: what it offers is asked for anew."""
        if stale is not None:
            stale.close()
        connection = self._pool.open()
        self._extensions = None
        if request.needs:
            try:
                self._extensions = read_extensions(connection.call(Request("server_info")))
            except RpcError:
                self._extensions = frozenset()
            except BaseException:
                connection.close()
                raise
            if not offers_all(request, self._extensions):
                self._pool.give(connection)
                raise NotOffered(f"{request.method}: this daemon does not offer all it needs")
        return connection

    # Work specs and the daemon.

    set_work_spec = blocking(specs.set_work_spec)
    get_work_spec = blocking(specs.get_work_spec)
    get_work_spec_meta = blocking(specs.get_work_spec_meta)
    control_work_spec = blocking(specs.control_work_spec)
    pause_work_spec = blocking(specs.pause_work_spec)
    resume_work_spec = blocking(specs.resume_work_spec)
    list_work_specs = blocking(specs.list_work_specs)
    del_work_spec = blocking(specs.del_work_spec)
    clear = blocking(specs.clear)
    add_flow = blocking(specs.add_flow)
    get_server_config = blocking(specs.get_server_config)
    server_info = blocking(specs.server_info)
    get_summary = blocking(specs.get_summary)
    archive = blocking(specs.archive)
    now = blocking(specs.now)

    def iter_work_specs(
        self, limit: Optional[int] = None, start: Optional[str] = None
    ) -> Iterator[dict[str, Any]]:
        """Yields the definitions in order of their names, from the name `start` on, at most
        `limit`."""
        left = limit
        while left is None or left > 0:
            page, start = self.list_work_specs(left, start)
            yield from (definition for _, definition in page)
            left = None if left is None else left - len(page)
            if not start:
                return

    # Work units.

    add_work_units = blocking(units.add_work_units)
    count_work_units = blocking(units.count_work_units)
    status = blocking(units.status)
    num_available = blocking(units.num_available)
    num_pending = blocking(units.num_pending)
    num_blocked = blocking(units.num_blocked)
    num_finished = blocking(units.num_finished)
    num_failed = blocking(units.num_failed)
    num_tasks = blocking(units.num_tasks)
    prioritize_work_units = blocking(units.prioritize_work_units)
    get_work_units = blocking(units.get_work_units)
    list_work_units = blocking(units.list_work_units)
    list_available_work_units = blocking(units.list_available_work_units)
    list_pending_work_units = blocking(units.list_pending_work_units)
    list_blocked_work_units = blocking(units.list_blocked_work_units)
    list_finished_work_units = blocking(units.list_finished_work_units)
    list_failed_work_units = blocking(units.list_failed_work_units)
    inspect_work_unit = blocking(units.inspect_work_unit)
    del_work_units = blocking(units.del_work_units)
    del_work_unit = blocking(units.del_work_unit)
    get_work_unit_status = blocking(units.get_work_unit_status)
    get_work_unit_attempts = blocking(units.get_work_unit_attempts)
    get_work_unit_meta = blocking(units.get_work_unit_meta)
    retry = blocking(units.retry)
    retry_work_units = blocking(units.retry_work_units)
    update_work_unit = blocking(updates.update_work_unit)
    update_work_units = blocking(updates.update_work_units)
    apply_update = blocking(updates.apply_update)

    def iter_work_units(
        self, work_spec_name: str, state: Optional[Status] = None, start: Optional[Key] = None
    ) -> Iterator[tuple[Key, Optional[Data]]]:
        """Yields every unit, or those in a state, as key and data, in order of the keys, from the key
        `start` on; page by page. Raises NoSuchWorkSpec."""
        while True:
            page = self.get_work_units(work_spec_name, None, state, PAGE, start)
            if page is None:
                raise NoSuchWorkSpec(f"no such work spec {work_spec_name}")
            yield from page
            if len(page) < PAGE:
                return
            start = key_after(page[-1][0])

    def update_bundle(
        self,
        work_spec: Mapping[str, Any],
        work_units: UnitItems,
        nice: Optional[int] = None,
    ) -> None:
        """Sets a work spec and adds units to it. `nice`, if given, goes into the definition."""
        definition = dict(work_spec) if nice is None else {**work_spec, "nice": nice}
        self.set_work_spec(definition)
        self.add_work_units(definition["name"], work_units)

    # Work.

    @overload
    def get_work(
        self,
        worker_id: str,
        available_gb: Optional[float] = None,
        lease_time: Optional[float] = None,
        work_spec_names: Optional[Sequence[str]] = None,
        max_jobs: None = None,
        wait_seconds: float = 0,
    ) -> Optional[WorkUnit]:
        ...

    @overload
    def get_work(
        self,
        worker_id: str,
        available_gb: Optional[float] = None,
        lease_time: Optional[float] = None,
        work_spec_names: Optional[Sequence[str]] = None,
        max_jobs: int = 1,
        wait_seconds: float = 0,
    ) -> Any:
        ...

    def get_work(
        self,
        worker_id: str,
        available_gb: Optional[float] = None,
        lease_time: Optional[float] = None,
        work_spec_names: Optional[Sequence[str]] = None,
        max_jobs: Optional[int] = None,
        wait_seconds: float = 0,
    ) -> Union[WorkUnit, list[WorkUnit], None]:
        """Units to work on, leased to the worker for `lease_time` seconds (`default_lifetime`).

        With `max_jobs` 1, or without: a WorkUnit, or None if there is no work. Otherwise a list of
        at most so many, maybe empty. `wait_seconds`: how long the daemon may hold the answer back
        until there is work, where it offers that.
        """
        lease = self.default_lifetime if lease_time is None else lease_time
        jobs = 1 if max_jobs is None else max_jobs
        wanted = Wanted(worker_id, lease, available_gb, work_spec_names, jobs, wait_seconds)
        given, _ = self.exchange_work(wanted)
        if jobs == 1:
            return given[0] if given else None
        return given

    def exchange_work(self, wanted: Wanted) -> tuple[list[WorkUnit], Exchange]:
        """Sends updates and gets units, in one round trip where the daemon offers that."""
        exchange = self.run(work.exchange(self, wanted))
        lease = wanted.lease_time
        given = [
            self.make_unit(name, key, data, wanted.worker_id, None, lease)
            for name, key, data in exchange.given
        ]
        return given, exchange

    def make_unit(
        self,
        work_spec_name: str,
        key: Key,
        data: Any,
        worker_id: Optional[str],
        expires: Optional[float],
        default_lease_time: float,
    ) -> WorkUnit:
        """The object for a unit; for subclasses to override."""
        return WorkUnit(self, work_spec_name, key, data, worker_id, expires, default_lease_time)

    def iter_work(
        self,
        worker_id: str,
        lease_time: Optional[float] = None,
        work_spec_names: Optional[Sequence[str]] = None,
        max_jobs: int = 1,
        wait_seconds: float = 0,
    ) -> WorkIterator:
        """Units to work on, one after the other, until there are none for `wait_seconds`:

            with task_master.iter_work("worker-1", wait_seconds=60) as work:
                for unit in work:
                    unit.data["size"] = os.path.getsize(unit.key)

        A unit is finished when the next one is asked for, in the same round trip, unless it has
        been ended by then; if the body raises, it fails.
        """
        lease = self.default_lifetime if lease_time is None else lease_time
        wanted = Wanted(worker_id, lease, None, work_spec_names, max_jobs, wait_seconds)
        return WorkIterator(self, wanted)

    def get_child_work_units(self, worker_id: str) -> dict[str, list[WorkUnit]]:
        """The units that a worker's children have, by child. A unit whose lease was lost shows the
        worker that has it now."""
        children = self.run(work.child_work_units(self, worker_id))
        return {
            child: [
                self.make_unit(
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

    worker_register = blocking(worker_calls.worker_register)
    worker_heartbeat = blocking(worker_calls.worker_heartbeat)
    worker_unregister = blocking(worker_calls.worker_unregister)
    workers = blocking(worker_calls.workers)
    get_heartbeat = blocking(worker_calls.get_heartbeat)
    mode_counts = blocking(worker_calls.mode_counts)
    worker_stats = blocking(worker_calls.worker_stats)
    lock = blocking(worker_calls.lock)
    locksome = blocking(worker_calls.locksome)
    renew = blocking(worker_calls.renew)
    unlock = blocking(worker_calls.unlock)
    readlock = blocking(worker_calls.readlock)
