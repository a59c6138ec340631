# SPDX-License-Identifier: MIT
"""`coordbench` against a live daemon: short runs of each kind, their reports, errors, exit codes."""

import json

import pytest

from daemon import Daemon, run
from helpers import FINISHED, add, counts, spec

FAILED, USAGE, UNREACHABLE = 1, 2, 3
PERCENTILES = {"p50", "p90", "p99", "p99.9", "max", "count"}


@pytest.fixture
def bench(plain_daemon):
    """Runs it; checks the exit code and returns the process that was."""
    def start(*arguments, code=0, address=plain_daemon.address_text):
        done = run("coordbench", *arguments, env={"COORDINATE_ADDRESS": address})
        assert done.returncode == code, f"{done.stdout}{done.stderr}"
        assert (done.stderr == "") == (code == 0)
        return done
    return start


@pytest.fixture
def report(bench):
    """Runs it with --json and returns what it measured."""
    return lambda *arguments: json.loads(bench(*arguments, "--json").stdout)


def check_latencies(shown, *methods):
    assert set(shown["latency_us"]) == set(methods)
    for latency in shown["latency_us"].values():
        assert set(latency) == PERCENTILES and latency["count"] > 0
        assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["max"]


class TestAdd:
    @pytest.mark.parametrize("flags", [
        (), ("--connections", "3", "--depth", "2"), ("--batch", "100"),
        ("--payload", "100", "--random-order"), ("--random-priority",)], ids=str)
    def test_adds_and_cleans_up(self, report, rpc, flags):
        shown = report("add", "--units", "250", *flags)
        assert shown["units"] == 250 and shown["units_per_second"] > 0
        check_latencies(shown, "add_work_units")
        assert rpc.call("list_work_specs", {})[0] == []

    def test_keep(self, report, rpc):
        report("add", "--units", "250", "--spec", "kept", "--keep")
        assert counts(rpc, "kept") == {1: 250}


class TestCycle:
    @pytest.mark.parametrize("flags", [
        (), ("--connections", "4"), ("--max-jobs", "10"), ("--max-jobs", "10", "--batched"),
        ("--max-jobs", "10", "--carried"), ("--threads", "2", "--connections", "3"),
        ("--limit-completed", "10")], ids=str)
    def test_finishes_every_unit(self, report, rpc, flags):
        shown = report("cycle", "--units", "500", "--spec", "kept", "--keep", *flags)
        assert shown["cycles"] == 500 and shown["cycles_per_second"] > 0
        check_latencies(shown, "get_work", *() if "--carried" in flags else ("update",))
        assert counts(rpc, "kept") == {FINISHED: 500}

    def test_prefilled(self, report, rpc):
        report("add", "--units", "200", "--spec", "kept", "--keep")
        assert report("cycle", "--prefilled", "--units", "200", "--spec", "kept")["cycles"] == 200
        assert rpc.call("list_work_specs", {})[0] == []

    def test_refill(self, report):
        """Workers never run dry, though a batch is more than is kept available."""
        shown = report("cycle", "--units", "100", "--batch", "1000", "--refill", "--seconds", "0.2")
        assert shown["units_added"] > 100 and shown["cycles"] > 100


class TestMixed:
    FLAGS = ("mixed", "--seconds", "0.3", "--units", "200", "--connections", "8",
             "--interval-ms", "10")

    @pytest.mark.parametrize("flags", [(), ("--max-jobs", "10", "--carried"),
                                       ("--max-jobs", "10", "--batched")], ids=str)
    def test_keeps_books(self, report, rpc, flags):
        shown = report(*self.FLAGS, "--verify", *flags)
        assert shown["verified_units"] == shown["units_added"] > 200
        assert {"get_work", "add_work_units", "get_summary", "count_work_units"} <= set(
            shown["latency_us"])
        assert rpc.call("list_work_specs", {})[0] == []

    def test_a_stranger_in_the_books_is_told(self, bench, rpc):
        """The books are of use: a unit that the run did not add breaks them."""
        spec(rpc, "shared")
        add(rpc, b"no unit of this run", to="shared")
        said = bench(*self.FLAGS, "--verify", "--spec", "shared", code=FAILED).stderr
        assert said.startswith("coordbench: ")


def test_ping(report):
    shown = report("ping", "--seconds", "0.1", "--connections", "2", "--depth", "3")
    assert shown["round_trips"] > 0
    check_latencies(shown, "now")


def test_drip(report):
    shown = report("drip", "--seconds", "0.2", "--connections", "2")
    assert shown["bytes_sent"] > 0


def test_text(bench):
    lines = bench("cycle", "--units", "100").stdout.splitlines()
    assert ["cycles", "100"] in [line.split() for line in lines]
    assert any(line.startswith("get_work us") and "p99.9" in line for line in lines)


class TestErrors:
    @pytest.mark.parametrize("arguments", [
        (), ("nope",), ("add", "--nope"), ("add", "--units", "0"), ("add", "--connections", "0"),
        ("cycle", "--carried", "--batched"), ("cycle", "--refill"), ("cycle", "--seconds", "-1"),
        ("mixed", "--seconds", "0"), ("ping", "--seconds", "nan"), ("add", "--address", "nope"),
        ("add", "--payload", "99999999999")])
    def test_wrong_command_line(self, bench, arguments):
        done = bench(*arguments, code=USAGE)
        assert done.stdout == "" and len(done.stderr.splitlines()) == 1

    @pytest.mark.parametrize("command", ["ping", "add", "cycle", "mixed"])
    def test_nobody_there(self, bench, command):
        with Daemon() as gone:
            address = gone.address_text
        assert address in bench(command, code=UNREACHABLE, address=address).stderr

    def test_refusals_are_failures(self, bench):
        with Daemon("--max-message-bytes", "1024") as strict:
            bench("add", "--units", "100", code=FAILED, address=strict.address_text)

    def test_version(self):
        assert run("coordbench", "--version").stdout.startswith("coordbench ")
