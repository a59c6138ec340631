# SPDX-License-Identifier: MIT
"""The asyncio client: what it has of its own. Its methods are the same steps as the blocking one's."""

import asyncio
import inspect
import sys
import types

import pytest

import coordinate
from coordinate import LostLease, NoSuchWorkSpec, aio

SPEC = {"name": "s", "min_gb": 0}


@pytest.fixture
def run(any_daemon):
    """Runs a coroutine function with a client."""

    def run(function):
        async def with_client():
            async with aio.TaskMaster({"address": any_daemon.address_text}) as task_master:
                await task_master.set_work_spec(SPEC)
                return await function(task_master)

        return asyncio.run(with_client())

    return run


def public(kind):
    return {
        name: value
        for name, value in inspect.getmembers(kind, callable)
        if not name.startswith("_")
    }


@pytest.mark.parametrize("name", ["TaskMaster", "WorkUnit"])
def test_the_same_names_and_arguments(name):
    blocking, awaited = public(getattr(coordinate, name)), public(getattr(aio, name))
    blocking.pop("make_unit", None)
    awaited.pop("spec", None)  # a property of the blocking one
    assert set(blocking) == set(awaited)
    for method, function in blocking.items():
        if method not in ("iter_work",):
            ours = inspect.signature(awaited[method]).parameters
            assert list(ours) == list(inspect.signature(function).parameters), method


def test_a_cycle(run):
    async def cycle(tm):
        assert await tm.get_work("w") is None
        assert await tm.add_work_units("s", {"u": {}, "v": {}}) is True
        unit = await tm.get_work("w")
        assert unit.key == b"u" and (await unit.spec())["name"] == "s"
        unit.data["k"] = 1
        assert await unit.update(100) is True and await unit.finish() is True
        (other,) = await tm.get_work("w", max_jobs=5)
        assert await other.fail("no") is True
        return await tm.list_finished_work_units("s"), await tm.status("s")

    finished, status = run(cycle)
    assert finished == {b"u": {"k": 1}} and status["num_failed"] == 1


def test_many_at_once(run):
    async def work(tm):
        await tm.add_work_units("s", {"u%03d" % n: {} for n in range(200)})
        keys = []

        async def worker(name):
            async for unit in tm.iter_work(name):
                keys.append(unit.key)

        await asyncio.gather(*(worker(f"w{n}") for n in range(10)))
        assert await tm.num_finished("s") == 200
        return keys

    assert sorted(run(work)) == [b"u%03d" % n for n in range(200)]


def test_waiting_keeps_nobody(run):
    async def wait(tm):
        waiting = asyncio.create_task(tm.get_work("w", wait_seconds=60))
        assert await tm.add_work_units("s", {"u": {}}) is True
        return (await waiting).key

    assert run(wait) == b"u"


def test_cancelled(run):
    async def cancel(tm):
        waiting = asyncio.create_task(tm.get_work("gone", wait_seconds=60))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await tm.add_work_units("s", {"u": {}})
        return (await tm.get_work("w", wait_seconds=60)).key

    assert run(cancel) == b"u"


def test_iterators(run):
    async def iterate(tm):
        await tm.add_work_units("s", [("u%04d" % n, {}) for n in range(1500)])
        units = [key async for key, _ in tm.iter_work_units("s")]
        specs = [spec["name"] async for spec in tm.iter_work_specs()]
        with pytest.raises(NoSuchWorkSpec):
            async for _ in tm.iter_work_units("none"):
                pass
        return len(units), specs

    assert run(iterate) == (1500, ["s"])


def test_run(run, monkeypatch):
    """Plain functions and coroutine functions."""
    module = types.ModuleType("specs_of_test")
    module.plain = lambda unit: unit.data.update(by="plain")

    async def awaited(unit, by):
        await unit.update()
        unit.data["by"] = by

    module.awaited = awaited
    monkeypatch.setitem(sys.modules, "specs_of_test", module)

    async def both(tm):
        for function, params in (("plain", []), ("awaited", {"by": "coroutine"})):
            await tm.set_work_spec(
                {**SPEC, "module": "specs_of_test", "run_function": function, "run_params": params}
            )
            await tm.add_work_units("s", {function: {}})
            await (await tm.get_work("w")).run()
        return await tm.list_finished_work_units("s")

    assert run(both) == {b"plain": {"by": "plain"}, b"awaited": {"by": "coroutine"}}


def test_a_lost_lease(run):
    async def lose(tm):
        await tm.add_work_units("s", {"u": {}})
        unit = await tm.get_work("late")
        await tm.retry("s", "u")
        await tm.get_work("other")
        with pytest.raises(LostLease):
            await unit.finish()

    run(lose)
