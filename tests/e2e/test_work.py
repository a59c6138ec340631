# SPDX-License-Identifier: MIT
"""`coordinate work`: a worker that runs a program for each unit."""

import json
import os
import select
import signal

import pytest

from cli import NEGATIVE, OK, UNREACHABLE, USAGE
from client import Client, folded, same
from daemon import Daemon, eventually
from helpers import (AVAILABLE, FAILED, FINISHED, PENDING, add, counts, is_about, meta, spec, state,
                     status, take, units)


def work(cli, *command, options=(), code=OK, name="s"):
    """Works until nothing is left."""
    return cli.run("work", "--spec", name, "--until-empty", *options, "--", *command, code=code)


def shell(script):
    return ("sh", "-c", script)


@pytest.fixture(autouse=True)
def work_spec(rpc):
    """Every test here has a spec named s."""
    spec(rpc)


@pytest.fixture
def gate(tmp_path):
    """A program that says it has begun, and then waits until it is let go or told to end."""
    gate = Gate(tmp_path)
    yield gate
    gate.close()


class Gate:
    """Synchronises with a program through two named pipes; nothing sleeps."""

    def __init__(self, folder):
        self.begun_path, self.go_path = folder / "begun", folder / "go"
        os.mkfifo(self.begun_path)
        os.mkfifo(self.go_path)
        # Open for reading and writing, so that neither side waits for the other in open().
        self.begun = os.open(self.begun_path, os.O_RDWR)
        self.go = os.open(self.go_path, os.O_RDWR)
        self.script = (f"echo $$ >{self.begun_path}; read line <{self.go_path} & wait $!; "
                       "test $? -eq 0")

    def wait_until_begun(self):
        """Returns the program's process id."""
        readable, _, _ = select.select([self.begun], [], [], 30)
        assert readable, "the program did not begin"
        return int(os.read(self.begun, 100).split()[0])

    def let_go(self):
        os.write(self.go, b"go\n")

    def close(self):
        os.close(self.begun)
        os.close(self.go)


class TestProgram:
    def test_placeholders(self, cli, rpc, tmp_path):
        add(rpc, ("u v", {"field": "x", "deep": {"n": 5}, "list": [1]}))
        work(cli, *shell('printf "%s|" "$@" >seen'), "-", "{key}", "{spec}", "{data.field}",
             "{data.deep.n}", "{data.list}", "{other}", "a{key}b")
        assert (tmp_path / "seen").read_text() == "u v|s|x|5|[1]|{other}|au vb|"

    def test_arguments_stand_as_they_are(self, cli, rpc, tmp_path):
        add(rpc, "u")
        work(cli, *shell('printf "%s|" "$@" >seen'), "-", "[a-z]", "[x,y]", "++", "--", "--spec=t")
        assert (tmp_path / "seen").read_text() == "[a-z]|[x,y]|++|--|--spec=t|"

    def test_no_shell_looks_at_the_key(self, cli, rpc, tmp_path):
        add(rpc, "$(touch hacked); *")
        work(cli, "test", "{key}", "=", "$(touch hacked); *")
        assert state(rpc, "$(touch hacked); *") == FINISHED
        assert not (tmp_path / "hacked").exists()

    def test_data_on_standard_input(self, cli, rpc, tmp_path):
        add(rpc, ("u", {"text": "\u00fc", "n": 1.5, "list": [None, True], "deep": {"k": []}}))
        work(cli, *shell("cat >seen"))
        assert json.loads((tmp_path / "seen").read_text()) == {
            "text": "\u00fc", "n": 1.5, "list": [None, True], "deep": {"k": []}}

    def test_environment(self, cli, rpc, tmp_path, plain_daemon):
        add(rpc, "u")
        work(cli, *shell('echo "$COORDINATE_SPEC $COORDINATE_KEY $COORDINATE_WORKER '
                         '$COORDINATE_ADDRESS" >seen'), options=["--worker-id", "me"])
        assert (tmp_path / "seen").read_text() == f"s u me {plain_daemon.address_text}\n"
        assert status(rpc)["worker_id"] == "me"

    def test_a_program_that_reads_nothing(self, cli, rpc):
        add(rpc, ("u", {"blob": "x" * 1_000_000}))
        work(cli, "true")
        assert state(rpc) == FINISHED

    def test_program_that_is_not_there(self, cli, rpc):
        add(rpc, "u")
        assert "no-such-program" in work(cli, "no-such-program", code=USAGE).stderr
        assert state(rpc) == AVAILABLE

    def test_spec_that_is_not_there_is_warned_of(self, cli):
        assert "nope" in work(cli, "true", name="nope").stderr


class TestExitStatus:
    def test_zero_finishes(self, cli, rpc):
        add(rpc, *"abc")
        work(cli, "true")
        assert counts(rpc) == {FINISHED: 3}

    def test_another_fails_with_the_end_of_standard_error(self, cli, rpc):
        add(rpc, ("u", {"k": 1}))
        work(cli, *shell("seq 100000 >&2; echo boom >&2; exit 3"), code=NEGATIVE)
        assert state(rpc) == FAILED
        traceback = status(rpc)["traceback"]
        assert "boom" in traceback and len(traceback) < 100_000
        assert folded(units(rpc)[b"u"])["k"] == 1

    def test_killed_by_a_signal_fails(self, cli, rpc):
        add(rpc, "u")
        work(cli, *shell("kill -9 $$"), code=NEGATIVE)
        assert state(rpc) == FAILED and "9" in status(rpc)["traceback"]

    def test_75_retries_with_a_delay(self, cli, rpc):
        add(rpc, "u")
        process = cli.start("work", "--spec", "s", "--max-units", "1", "--retry-delay", "600", "--",
                            *shell("exit 75"))
        assert process.wait() == OK
        assert meta(rpc)["status"] == "delayed" and is_about(meta(rpc)["not_before"], 600)
        (attempt,) = rpc.good("get_work_unit_attempts", "s", "u", {})
        assert attempt["status"] == "retryable"

    def test_75_and_then_success(self, cli, rpc):
        add(rpc, "u")
        work(cli, *shell("test -e tried || { touch tried; exit 75; }"),
             options=["--retry-delay", "0"])
        assert state(rpc) == FINISHED
        assert len(rpc.good("get_work_unit_attempts", "s", "u", {})) == 2


class TestResult:
    RESULTS = [("--result-file", 'cat >"$COORDINATE_RESULT"'), ("--result-fd=3", "cat >&3"),
               ("--result-fd=7", 'eval "cat >&$COORDINATE_RESULT_FD"')]

    @pytest.mark.parametrize("option, script", RESULTS)
    def test_becomes_the_units_data(self, cli, rpc, option, script):
        add(rpc, ("u", {"old": 1}))
        work(cli, *shell('echo \'{"new": [1, 2.5, "x", null]}\' | ' + script), options=[option])
        assert folded(units(rpc)[b"u"]) == {"new": [1, 2.5, "x", None]}

    @pytest.mark.parametrize("option, script", RESULTS)
    def test_none_leaves_it(self, cli, rpc, option, script):
        add(rpc, ("u", {"old": 1}))
        work(cli, "true", options=[option])
        assert same(folded(units(rpc)[b"u"]), {"old": 1})

    @pytest.mark.parametrize("result", ["nonsense", "[1]", '"text"', '{"a": 1} {"b": 2}', "{"])
    def test_nonsense_fails_the_unit(self, cli, rpc, result):
        add(rpc, "u")
        work(cli, *shell(f"echo '{result}' >&3"), options=["--result-fd", "3"], code=NEGATIVE)
        assert state(rpc) == FAILED

    def test_chaining(self, cli, rpc, tmp_path):
        spec(rpc, then="next")
        spec(rpc, "next")
        add(rpc, ("a", {"n": 1}), ("b", {"n": 2}))
        work(cli, *shell('echo "{\\"output\\": {\\"from-{key}\\": {\\"n\\": {data.n}}}}" >&3'),
             options=["--result-fd", "3", "--jobs", "2"])
        assert {key: folded(data) for key, data in units(rpc, "next").items()} == {
            b"from-a": {"n": 1}, b"from-b": {"n": 2}}
        work(cli, *shell("cat >>seen"), name="next")
        assert sorted(map(json.loads, (tmp_path / "seen").read_text().split("\n")[:-1]),
                      key=str) == [{"n": 1}, {"n": 2}]
        assert counts(rpc, "next") == {FINISHED: 2}


class TestJobs:
    def test_as_many_at_once_as_asked_for(self, cli, rpc, gate):
        add(rpc, *"abcde")
        process = cli.start("work", "--spec", "s", "--jobs", "3", "--until-empty", "--",
                            *shell(gate.script))
        eventually(lambda: counts(rpc).get(PENDING, 0) == 3, "three programs to run")
        for _ in range(5):
            gate.let_go()
        assert process.wait() == OK
        assert counts(rpc) == {FINISHED: 5}

    def test_several_specs(self, cli, rpc):
        spec(rpc, "t")
        add(rpc, "a")
        add(rpc, "b", to="t")
        cli.run("work", "--spec", "s", "--spec", "t", "--until-empty", "--", "true")
        assert counts(rpc) == counts(rpc, "t") == {FINISHED: 1}

    def test_other_specs_are_left_alone(self, cli, rpc):
        spec(rpc, "t")
        add(rpc, "b", to="t")
        work(cli, "true")
        assert counts(rpc, "t") == {AVAILABLE: 1}

    def test_waits_for_work(self, cli, rpc):
        process = cli.start("work", "--spec", "s", "--max-units", "2", "--", "true")
        for key in "ab":
            add(rpc, key)
            eventually(lambda key=key: state(rpc, key) == FINISHED, "the unit to be finished")
        assert process.wait() == OK

    def test_a_thousand(self, cli, rpc):
        add(rpc, *(f"u{n}" for n in range(1000)))
        work(cli, "true", options=["--jobs", "8"])
        assert counts(rpc) == {FINISHED: 1000}


class TestLease:
    def test_is_renewed_while_the_program_runs(self, cli, rpc, gate):
        add(rpc, "u")
        process = cli.start("work", "--spec", "s", "--lease", "1", "--until-empty", "--",
                            *shell(gate.script))
        gate.wait_until_begun()
        first = status(rpc)["expiration"]
        eventually(lambda: status(rpc)["expiration"] > first + 1, "the lease to be renewed")
        assert state(rpc) == PENDING
        gate.let_go()
        assert process.wait() == OK
        assert state(rpc) == FINISHED and len(
            rpc.good("get_work_unit_attempts", "s", "u", {})) == 1

    def test_lost_ends_the_program(self, cli, rpc, gate):
        add(rpc, "u")
        process = cli.start("work", "--spec", "s", "--lease", "1", "--worker-id", "me", "--",
                            *shell(gate.script))
        program = gate.wait_until_begun()
        rpc.call("update_work_units", [  # somebody takes it away, at one instant
            ("s", "u", {"status": AVAILABLE}),
            ("s", "u", {"status": PENDING, "worker_id": "thief", "lease_time": 600})])
        eventually(lambda: not os.path.exists(f"/proc/{program}"), "the program to be ended")
        assert status(rpc)["worker_id"] == "thief" and state(rpc) == PENDING
        process.signal(signal.SIGTERM)
        process.wait()
        assert status(rpc)["worker_id"] == "thief" and state(rpc) == PENDING

    def test_deleted_ends_the_program(self, cli, rpc, gate):
        add(rpc, "u")
        process = cli.start("work", "--spec", "s", "--lease", "1", "--", *shell(gate.script))
        program = gate.wait_until_begun()
        rpc.good("del_work_units", "s", {"all": True})
        eventually(lambda: not os.path.exists(f"/proc/{program}"), "the program to be ended")
        process.signal(signal.SIGTERM)
        process.wait()

    def test_of_a_killed_worker_ends_by_the_clock(self, cli, rpc, gate):
        add(rpc, "u")
        process = cli.start("work", "--spec", "s", "--lease", "1", "--", *shell(gate.script))
        gate.wait_until_begun()
        process.signal(signal.SIGKILL)  # its program goes on
        assert rpc.good("get_work", "heir", {"wait_seconds": 60})[1] == b"u"
        gate.let_go()


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_first_finishes_what_runs_and_takes_no_more(self, cli, rpc, gate, number):
        add(rpc, "a", "b")
        process = cli.start("work", "--spec", "s", "--", *shell(gate.script))
        gate.wait_until_begun()
        process.signal(number)
        gate.let_go()
        assert process.wait() == OK
        assert state(rpc, "a") == FINISHED and state(rpc, "b") == AVAILABLE

    def test_while_it_waits_for_work(self, cli, rpc):
        spec(rpc, "probe")
        add(rpc, "ready", to="probe")
        process = cli.start("work", "--spec", "s", "probe", "--", "true")
        eventually(lambda: state(rpc, "ready", "probe") == FINISHED, "the worker to be at work")
        process.signal(signal.SIGTERM)
        assert process.wait() == OK
        add(rpc, "u")
        assert take(rpc) == ["u"]  # nobody waits for it any more

    def test_second_kills_and_gives_the_units_back(self, cli, rpc, gate):
        add(rpc, "u")
        process = cli.start("work", "--spec", "s", "--lease", "600", "--", *shell(gate.script))
        program = gate.wait_until_begun()
        process.signal(signal.SIGTERM)
        process.signal(signal.SIGTERM)
        eventually(lambda: process.process.poll() is not None or process.signal(signal.SIGTERM),
                   "the worker to end")
        process.wait()
        assert not os.path.exists(f"/proc/{program}")
        assert state(rpc) == AVAILABLE


class TestDaemonGoesAway:
    def test_result_that_cannot_be_delivered(self, cli, gate):
        with Daemon() as daemon:
            cli.env["COORDINATE_ADDRESS"] = daemon.address_text
            with Client(daemon.address) as client:
                spec(client)
                add(client, "u")
                process = cli.start("work", "--spec", "s", "--lease", "1", "--",
                                    *shell(gate.script))
                gate.wait_until_begun()
        process.signal(signal.SIGTERM)
        gate.let_go()
        # One signal lets it wait for the daemon for a while; whoever insists is obeyed.
        eventually(lambda: process.process.poll() is not None or process.signal(signal.SIGTERM),
                   "the worker to end")
        assert process.wait() == UNREACHABLE
        assert process.text("stderr")
