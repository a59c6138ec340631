# SPDX-License-Identifier: MIT
"""coordinate-worker as processes, against a daemon."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from coordinate import TaskMaster
from coordinate.workers import LoopWorker, SingleWorker
from daemon import Daemon, eventually
from running_worker import package_environment


def spec(tm, function, name="s", module="run_functions", **definition):
    tm.set_work_spec(
        {"name": name, "min_gb": 0, "module": module, "run_function": function, **definition}
    )


def ended(tm, name="s"):
    status = tm.status(name)
    return status["num_available"] == status["num_pending"] == 0


def wait_until_ended(tm, name="s"):
    eventually(lambda: ended(tm, name), f"all units of {name} to be ended")


def data_once(tm, key, field, name="s"):
    """A field of a unit's data, once a run function has stored it there."""
    return eventually(lambda: tm.inspect_work_unit(name, key).get(field), f"{field} of {key}")


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class TestOriginal:
    """A flow as it was written for the original: modules, run functions, chained output, config."""

    def test_a_flow(self, any_daemon, any_task_master, start_worker):
        tm = any_task_master
        tm.add_flow(
            {
                "count": {
                    "min_gb": 0.1,
                    "module": "original_words",
                    "run_function": "count_words",
                    "then": "check",
                },
                "check": {
                    "min_gb": 0.1,
                    "module": "original_words",
                    "run_function": "check_word",
                    "run_params": {"param": "value"},
                },
            },
            config={"words": {"least": 2}},
        )
        tm.add_work_units("count", {"a": {"text": "x y x z"}, "b": {"text": "q q q y"}})
        worker = start_worker(any_daemon.address_text)
        eventually(lambda: tm.num_tasks("check") == 2 and ended(tm, "check"), "the flow to end")
        assert tm.list_finished_work_units("check") == {
            b"x": {"count": 2, "from": b"a", "args": (), "kwargs": {"param": "value"}}
        }
        failed = tm.list_failed_work_units("check")[b"q"]
        assert "ValueError: too many" in failed["traceback"] and failed["kwargs"]
        assert worker.stop() == 0, worker.log
        assert tm.workers() == {}

    def test_of_a_python_2_program(self, any_daemon, any_task_master, start_worker):
        """Stored with byte strings, and read as text where the configuration asks for that."""
        tm = any_task_master
        tm.rpc(
            "set_work_spec",
            [
                {
                    b"name": b"count",
                    b"min_gb": 0,
                    b"module": b"original_words",
                    b"run_function": b"count_words",
                    b"config": {b"words": {b"least": 1}},
                }
            ],
        )
        tm.rpc("add_work_units", [b"count", [(b"a", {b"text": b"one two"})]])
        start_worker(any_daemon.address_text, {"strings_as_text": True})
        wait_until_ended(tm, "count")
        (data,) = tm.list_finished_work_units("count").values()
        assert data["output"] == {
            "one": {"count": 1, "from": "a"},
            "two": {"count": 1, "from": "a"},
        }

    def test_the_global_configuration(self, daemon, task_master, start_worker):
        spec(task_master, "tell_config")
        task_master.add_work_units("s", {"u": {}})
        start_worker(daemon.address_text)
        wait_until_ended(task_master)
        assert task_master.inspect_work_unit("s", "u") == {"application": 5, "namespace": "test"}


class TestUnits:
    @pytest.mark.parametrize(
        "function, trace",
        [
            ("leave_what_cannot_be_sent", "cannot be sent"),
            ("leave", "SystemExit: 3"),
            ("fail_itself", "of its own"),
            ("no_such_function", "no_such_function"),
        ],
    )
    def test_failures(self, daemon, task_master, start_worker, function, trace):
        spec(task_master, function)
        task_master.add_work_units("s", {"u": {"k": 1}})
        start_worker(daemon.address_text)
        wait_until_ended(task_master)
        data = task_master.list_failed_work_units("s")[b"u"]
        assert trace in data["traceback"] and data["k"] == 1

    @pytest.mark.parametrize(
        "function, trace",
        [
            ("leave_what_is_too_deep", "were refused: .*"),
            ("leave_no_map", "were refused: .*map"),
            ("leave_too_much", "too many for a message"),
        ],
    )
    def test_results_that_the_daemon_would_not_take(
        self, daemon, task_master, start_worker, function, trace
    ):
        """They fail their unit, and others go on."""
        spec(task_master, function)
        spec(task_master, "nothing", name="t")
        task_master.add_work_units("s", {"u": {}})
        task_master.add_work_units("t", {f"u{n}": {} for n in range(3)})
        start_worker(daemon.address_text, {"base_retry_seconds": 0.01}, num_workers=1)
        wait_until_ended(task_master)
        wait_until_ended(task_master, "t")
        assert re.search(trace, task_master.list_failed_work_units("s")[b"u"]["traceback"])
        assert task_master.num_finished("t") == 3

    def test_one_that_ends_itself(self, daemon, task_master, start_worker):
        spec(task_master, "finish_itself")
        task_master.add_work_units("s", {"u": {}})
        start_worker(daemon.address_text)
        wait_until_ended(task_master)
        assert task_master.list_finished_work_units("s") == {b"u": {"by": "itself"}}

    def test_batches(self, daemon, task_master, start_worker):
        spec(task_master, "nothing")
        task_master.add_work_units("s", [("u%03d" % n, {}) for n in range(500)])
        start_worker(daemon.address_text, {"worker_job_fetch": 50})
        wait_until_ended(task_master)
        assert task_master.num_finished("s") == 500

    def test_only_some_work_specs(self, daemon, task_master, start_worker):
        spec(task_master, "nothing")
        spec(task_master, "nothing", name="t")
        task_master.add_work_units("s", {"u": {}})
        task_master.add_work_units("t", {"u": {}})
        worker = start_worker(daemon.address_text, None, "--work-spec", "t")
        wait_until_ended(task_master, "t")
        assert worker.stop() == 0 and task_master.num_available("s") == 1

    def test_a_definition_that_changes(self, daemon, task_master, start_worker):
        spec(task_master, "nothing")
        task_master.add_work_units("s", {"u": {}})
        start_worker(daemon.address_text, num_workers=1)
        wait_until_ended(task_master)
        spec(task_master, "finish_itself")

        def ran_the_new_one():
            task_master.add_work_units("s", {"v": {}})
            wait_until_ended(task_master)
            return task_master.inspect_work_unit("s", "v") == {"by": "itself"}

        eventually(ran_the_new_one, "the new definition to be used")


class TestLeases:
    def test_a_child_whose_lease_ran_out_is_killed(self, daemon, task_master, start_worker):
        """And its unit fails, and what it started is gone."""
        spec(task_master, "start_a_program")
        task_master.add_work_units("s", {"u": {"k": 1}})
        start_worker(daemon.address_text, {"default_lifetime": 1.5}, num_workers=1)
        program = data_once(task_master, "u", "program")
        wait_until_ended(task_master)
        assert task_master.list_failed_work_units("s") == {
            b"u": {"k": 1, "program": program, "traceback": "job expired"}
        }
        (attempt,) = task_master.get_work_unit_attempts("s", "u")
        assert attempt["end"] <= attempt["expiration"], "killed before others could have it"
        eventually(lambda: not is_running(program), "the program to be killed")

    def test_leases_are_renewed_if_units_may_take_longer(
        self, daemon, task_master, start_worker, tmp_path
    ):
        spec(task_master, "wait_for_file")
        task_master.add_work_units("s", {"u": {"file": str(tmp_path / "go")}})
        start_worker(
            daemon.address_text, {"default_lifetime": 1}, num_workers=1, max_unit_seconds=600
        )

        def expiration():
            return task_master.get_work_unit_status("s", "u")["expiration"]

        data_once(task_master, "u", "pid")
        first = expiration()
        eventually(lambda: expiration() > first + 2, "leases to be renewed")
        (tmp_path / "go").touch()
        wait_until_ended(task_master)
        (attempt,) = task_master.get_work_unit_attempts("s", "u")
        assert attempt["status"] == "finished"

    def test_a_function_may_renew_its_lease(self, daemon, task_master, start_worker, tmp_path):
        spec(task_master, "wait_and_renew")
        task_master.add_work_units("s", {"u": {"file": str(tmp_path / "go")}})
        start_worker(daemon.address_text, {"default_lifetime": 1}, num_workers=1)
        eventually(lambda: task_master.num_pending("s") == 1, "it to begin")
        begun = task_master.get_work_unit_attempts("s", "u")[0]["start"]
        eventually(
            lambda: task_master.get_work_unit_status("s", "u")["expiration"] > begun + 3,
            "its lease to be renewed",
        )
        (tmp_path / "go").touch()
        wait_until_ended(task_master)
        assert len(task_master.get_work_unit_attempts("s", "u")) == 1

    @pytest.mark.parametrize("how", ["retry", "delete"])
    def test_a_child_whose_unit_is_anothers_is_killed(
        self, daemon, task_master, start_worker, tmp_path, how
    ):
        spec(task_master, "wait_for_file")
        task_master.add_work_units("s", {"u": {"file": str(tmp_path / "go")}})
        worker = start_worker(daemon.address_text, num_workers=1)
        pid = data_once(task_master, "u", "pid")
        if how == "retry":
            task_master.pause_work_spec("s")
            task_master.retry("s", "u")
        else:
            task_master.del_work_unit("s", "u")
        eventually(lambda: not is_running(pid), "the child to be killed")
        assert "lost its lease" in worker.log
        eventually(lambda: len(worker.children()) == 1, "another child")

    def test_a_unit_that_kills_its_process(self, daemon, task_master, start_worker):
        """It stays leased, and is not run again without pause; others go on."""
        spec(task_master, "die")
        spec(task_master, "nothing", name="t")
        task_master.add_work_units("s", {"u": {}})
        worker = start_worker(daemon.address_text, num_workers=1)
        eventually(lambda: "died: signal 9" in worker.log, "the child to die")
        task_master.add_work_units("t", {"u": {}})
        wait_until_ended(task_master, "t")
        assert task_master.num_pending("s") == 1
        assert len(task_master.get_work_unit_attempts("s", "u")) == 1

    def test_what_a_dead_child_had_not_begun_is_given_back(self, daemon, task_master, start_worker):
        spec(task_master, "die")
        task_master.add_work_units("s", {f"u{n}": {} for n in range(5)})
        start_worker(daemon.address_text, {"worker_job_fetch": 5}, num_workers=1)

        def tries():
            return [len(task_master.get_work_unit_attempts("s", f"u{n}")) for n in range(5)]

        eventually(lambda: tries() == [1, 2, 3, 4, 5], "each to have been begun once")


class TestRecycling:
    def pids(self, tm):
        return {data["pid"] for data in tm.list_finished_work_units("s").values()}

    def test_after_so_many_units(self, daemon, task_master, start_worker):
        spec(task_master, "tell_process")
        task_master.add_work_units("s", {f"u{n}": {} for n in range(6)})
        start_worker(daemon.address_text, num_workers=1, child_units=2)
        wait_until_ended(task_master)
        assert len(self.pids(task_master)) == 3

    def test_with_so_much_memory(self, daemon, task_master, start_worker):
        spec(task_master, "take_memory")
        task_master.add_work_units("s", {f"u{n}": {} for n in range(3)})
        worker = start_worker(
            daemon.address_text, None, "--log-level", "debug", num_workers=1, child_memory_mb=80
        )
        wait_until_ended(task_master)
        assert len(self.pids(task_master)) == 3 and re.search(r"has left: has \d+ MB", worker.log)

    def test_in_batches_the_rest_is_given_back(self, daemon, task_master, start_worker):
        spec(task_master, "tell_process")
        task_master.add_work_units("s", {f"u{n}": {} for n in range(6)})
        start_worker(daemon.address_text, {"worker_job_fetch": 6}, num_workers=1, child_units=2)
        wait_until_ended(task_master)
        assert len(self.pids(task_master)) == 3


class TestSignals:
    @pytest.fixture
    def running(self, daemon, task_master, start_worker, tmp_path):
        """A worker that runs one unit, with another in hand and one more to do."""
        spec(task_master, "wait_for_file")
        data = {"file": str(tmp_path / "go")}
        task_master.add_work_units("s", {"u": data, "v": data, "w": data})
        worker = start_worker(daemon.address_text, {"worker_job_fetch": 2}, num_workers=1)
        worker.running_pid = data_once(task_master, "u", "pid")
        worker.go = tmp_path / "go"
        return worker

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_drains(self, running, task_master, number):
        """What runs is finished, what was not begun is given back, nothing more is taken."""
        running.signal(number)
        assert running.process.poll() is None
        running.go.touch()
        assert running.wait() == 0, running.log
        assert set(task_master.list_finished_work_units("s")) == {b"u"}
        assert task_master.num_available("s") == 2 and task_master.workers() == {}

    def test_the_second_kills(self, running, task_master):
        """And what ran is given back at once."""
        running.signal(signal.SIGTERM)
        # Two that come at once count as one.
        eventually(lambda: "a second signal kills them" in running.log, "it to begin to stop")
        assert is_running(running.running_pid)
        running.signal(signal.SIGTERM)
        assert running.wait() == 2, running.log
        assert task_master.num_available("s") == 3 and task_master.workers() == {}
        assert not is_running(running.running_pid)

    def test_reload(self, running, task_master, daemon):
        """The old child finishes its unit; new ones have the new configuration."""
        running.configure(daemon.address_text, {}, {"num_workers": 3, "log_format": "json"})
        running.signal(signal.SIGHUP)
        eventually(lambda: len(running.children()) == 3, "three children")
        assert is_running(running.running_pid)
        running.go.touch()
        wait_until_ended(task_master)
        assert task_master.num_finished("s") == 3
        eventually(lambda: not is_running(running.running_pid), "the old child to leave")

    def test_reload_what_is_wrong(self, running, task_master):
        running.config_path.write_text("coordinate: {fork_worker: 5}")
        running.signal(signal.SIGHUP)
        eventually(lambda: "stays as it was" in running.log, "it to complain")
        running.go.touch()
        wait_until_ended(task_master)

    def test_orphans(self, running, task_master):
        """A child without a parent finishes its unit and leaves."""
        running.process.kill()
        running.process.wait()
        running.go.touch()
        eventually(lambda: not is_running(running.running_pid), "the child to leave")
        assert set(task_master.list_finished_work_units("s")) == {b"u"}
        assert task_master.num_available("s") == 2


class TestHeartbeats:
    def test_environment(self, daemon, task_master, start_worker):
        worker = start_worker(daemon.address_text)
        eventually(lambda: len(task_master.workers()) == 3, "a parent and two children")
        infos = [task_master.get_heartbeat(name) for name in task_master.workers()]
        (parent,) = [info for info in infos if info["parent"] is None]
        assert parent["pid"] == worker.process.pid and set(task_master.workers().values()) == {
            "RUN"
        }
        assert {info["pid"] for info in infos if info is not parent} == set(worker.children())
        assert {info["parent"] for info in infos if info is not parent} == {parent["worker_id"]}
        for info in infos:
            assert {"hostname", "fqdn", "ipaddrs", "version", "working_set", "memory"} <= set(info)

    def test_a_child_that_was_killed_is_unregistered(self, daemon, task_master, start_worker):
        worker = start_worker(daemon.address_text)
        eventually(lambda: len(task_master.workers()) == 3, "a parent and two children")
        before = set(task_master.workers())
        os.kill(worker.children()[0], signal.SIGKILL)
        eventually(lambda: len(set(task_master.workers()) & before) == 2, "one to be gone")
        eventually(lambda: len(task_master.workers()) == 3, "another in its place")

    def test_the_daemon_goes_and_comes(self, daemon, task_master, start_worker, tmp_path):
        spec(task_master, "wait_for_file")
        task_master.add_work_units("s", {"u": {"file": str(tmp_path / "go")}})
        worker = start_worker(daemon.address_text, {"base_retry_seconds": 0.05, "retries": 2})
        pid = data_once(task_master, "u", "pid")
        assert daemon.stop() == 0
        (tmp_path / "go").touch()
        eventually(
            lambda: "does not answer" in worker.log or "cannot get work" in worker.log,
            "it to notice",
        )
        with Daemon(address=daemon.address_text):
            spec(task_master, "nothing", name="t")
            task_master.add_work_units("t", {"u": {}})
            wait_until_ended(task_master, "t")
            assert is_running(pid), "the children have lived on"
            assert worker.stop() == 0


class TestLogs:
    def test_json(self, daemon, task_master, start_worker):
        spec(task_master, "leave")
        task_master.add_work_units("s", {"u": {}})
        worker = start_worker(daemon.address_text, None, "--log-format", "json")
        wait_until_ended(task_master)
        assert worker.stop() == 0
        lines = [json.loads(line) for line in worker.log.splitlines()]
        assert all({"time", "level", "logger", "process", "message"} <= set(line) for line in lines)
        assert any("SystemExit: 3" in line.get("traceback", "") for line in lines)

    def test_text_in_a_file(self, daemon, task_master, start_worker, tmp_path):
        path = tmp_path / "elsewhere.log"
        worker = start_worker(
            daemon.address_text, None, "--logpath", str(path), "--pidfile", str(tmp_path / "pid")
        )
        eventually(
            lambda: (tmp_path / "pid").exists()
            and path.exists()
            and "2 children" in path.read_text(),
            "its log",
        )
        assert int((tmp_path / "pid").read_text()) == worker.process.pid
        assert worker.stop() == 0 and worker.log == "" and not (tmp_path / "pid").exists()


class TestRunOne:
    def run(self, daemon, *arguments, code=0, command="run_one"):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "coordinate.worker",
                command,
                "--address",
                daemon.address_text,
                *arguments,
            ],
            env=package_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stderr

    def test_one(self, daemon, task_master):
        spec(task_master, "tell_process")
        task_master.add_work_units("s", {"u": {}, "v": {}})
        self.run(daemon, command="run-one")
        assert task_master.num_finished("s") == 1
        self.run(daemon, "--limit-count", "5", code=2)
        assert task_master.num_finished("s") == 2 and task_master.workers() == {}
        self.run(daemon, code=2)

    def test_several(self, daemon, task_master):
        spec(task_master, "nothing")
        spec(task_master, "nothing", name="t")
        task_master.add_work_units("s", [("u%02d" % n, {}) for n in range(10)])
        self.run(daemon, "--from-work-spec", "t", code=2)
        self.run(daemon, "--from-work-spec", "s", "--max-jobs", "2", "--limit-count", "3")
        assert task_master.num_finished("s") == 6

    def test_a_failure(self, daemon, task_master):
        spec(task_master, "leave")
        task_master.add_work_units("s", {"u": {}})
        assert "SystemExit: 3" in self.run(daemon)
        assert task_master.num_failed("s") == 1


class TestCommandLine:
    @pytest.mark.parametrize(
        "arguments, code, message",
        [
            (["-c", "/none.yaml"], 2, "none.yaml"),
            (["--address", "h:x"], 2, "no address"),
            (["-n", "-5"], 2, "num_workers"),
            (["run_one", "--address", "127.0.0.1:1", "-c", "quick.yaml"], 3, "refused"),
        ],
        ids=repr,
    )
    def test_what_is_wrong(self, tmp_path, arguments, code, message):
        (tmp_path / "quick.yaml").write_text("coordinate: {retries: 0}")
        done = subprocess.run(
            [sys.executable, "-m", "coordinate.worker", *arguments],
            cwd=tmp_path,
            env=package_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code and message in done.stderr, done.stderr
        assert "Traceback" not in done.stderr

    def test_version(self):
        done = subprocess.run(
            [sys.executable, "-m", "coordinate.worker", "--version"],
            env=package_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        assert re.fullmatch(r"coordinate-worker \d+\.\d+\.\d+\n", done.stdout)


class TestWorkerClasses:
    """For programs that use the original's classes themselves."""

    def test_single(self, daemon, task_master, monkeypatch):
        monkeypatch.syspath_prepend(__file__.rsplit("/", 1)[0] + "/specs")
        spec(task_master, "tell_process")
        task_master.add_work_units("s", {"u": {}, "v": {}})
        worker = SingleWorker({"address": daemon.address_text})
        worker.register()
        assert list(task_master.workers()) == [worker.worker_id]
        assert worker.run() is True and task_master.num_finished("s") == 1
        assert worker.run() is True and worker.run() is False
        worker.unregister()
        assert task_master.workers() == {}
        worker.task_master.close()

    def test_loop(self, daemon, task_master, monkeypatch):
        monkeypatch.syspath_prepend(__file__.rsplit("/", 1)[0] + "/specs")
        spec(task_master, "nothing")
        task_master.add_work_units("s", {f"u{n}": {} for n in range(5)})
        times = iter([0, 1, 2, 10])
        with TaskMaster({"address": daemon.address_text}) as own:
            worker = LoopWorker({"address": daemon.address_text}, own, clock=lambda: next(times))
            worker.register()
            assert worker.run() is True and task_master.num_finished("s") == 2
            worker.unregister()
