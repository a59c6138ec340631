# SPDX-License-Identifier: MIT
"""What the daemon refuses to read: messages that are too long or nested too deep."""

import os
import signal

import pytest

from coordinate import RpcError, TaskMaster
from coordinate.workers import SingleWorker
from daemon import Daemon, eventually

MESSAGE_BYTES = 65536
# The second is more than fits between two processes, so that it is refused while it is being sent.
LENGTHS = [2 * MESSAGE_BYTES, 30_000_000]


@pytest.fixture
def strict_daemon():
    with Daemon("--max-message-bytes", MESSAGE_BYTES) as daemon:
        yield daemon


@pytest.fixture
def tm(strict_daemon):
    with TaskMaster({"address": strict_daemon.address_text}) as task_master:
        task_master.set_work_spec(
            {"name": "s", "min_gb": 0, "module": "run_functions", "run_function": "nothing"}
        )
        yield task_master


@pytest.mark.parametrize("length", LENGTHS)
def test_the_client_says_so_and_goes_on(tm, length):
    with pytest.raises(RpcError, match="too long"):
        tm.add_work_units("s", {"u": {"long": "x" * length}})
    assert tm.add_work_units("s", {"u": {}}) is True


def refused_units(tm, function, length):
    """Sets a work spec with one unit, whose result will be refused."""
    tm.set_work_spec(
        {"name": "bad", "min_gb": 0, "module": "run_functions", "run_function": function}
    )
    tm.add_work_units("bad", {"u": {"length": length}})


def check_failed(tm):
    (data,) = tm.list_failed_work_units("bad").values()
    assert "refused" in data["traceback"]


@pytest.mark.parametrize("fetch", [1, 10])
@pytest.mark.parametrize(
    "function, length",
    [("leave_so_much", LENGTHS[0]), ("leave_so_much", LENGTHS[1]), ("leave_what_is_too_deep", 0)],
)
def test_a_worker_fails_that_unit_alone(strict_daemon, tm, start_worker, fetch, function, length):
    refused_units(tm, function, length)
    tm.add_work_units("s", {f"u{n}": {} for n in range(20)})
    worker = start_worker(strict_daemon.address_text, {"worker_job_fetch": fetch}, num_workers=1)
    eventually(lambda: tm.num_finished("s") == 20, "the other units to be finished")
    eventually(lambda: tm.num_failed("bad") == 1, "the unit to be failed")
    check_failed(tm)
    assert worker.stop() == 0, worker.log


def test_run_one(strict_daemon, tm, monkeypatch):
    monkeypatch.syspath_prepend(__file__.rsplit("/", 1)[0] + "/specs")
    refused_units(tm, "leave_so_much", LENGTHS[0])
    worker = SingleWorker({"address": strict_daemon.address_text})
    worker.register()
    assert worker.run_one() is True
    worker.unregister()
    worker.task_master.close()
    check_failed(tm)


def test_a_worker_drains_though_its_last_result_is_refused(
    strict_daemon, tm, start_worker, tmp_path
):
    """The result comes when nothing more is asked for, so that it is reported by itself."""
    tm.set_work_spec(
        {"name": "bad", "min_gb": 0, "module": "run_functions", "run_function": "wait_for_too_much"}
    )
    tm.add_work_units("bad", {"u": {"file": str(tmp_path / "go"), "length": LENGTHS[0]}})
    worker = start_worker(strict_daemon.address_text, num_workers=1)
    pid = eventually(lambda: tm.inspect_work_unit("bad", "u").get("pid"), "the unit to run")
    worker.signal(signal.SIGTERM)
    os.kill(pid, signal.SIGTERM)  # so that the child knows before its unit is done
    (tmp_path / "go").touch()
    assert worker.wait() == 0, worker.log
    check_failed(tm)
