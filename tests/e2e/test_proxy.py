# SPDX-License-Identifier: MIT
"""A daemon in front of another: --backend http://."""

import os
import subprocess
import threading

import pytest

from client import Client, RpcError
from daemon import BIN_DIR, ROOT, Daemon, clean_environment, eventually, run
from helpers import FINISHED, NO_WORK, add, counts, heartbeat, spec, state, take, units, update
from rest import Rest


def url(daemon):
    return "http://%s:%d/" % daemon.http_address


@pytest.fixture
def behind():
    with Daemon("--http", "127.0.0.1:0") as daemon:
        yield daemon


@pytest.fixture
def front(behind):
    with Daemon("--http", "127.0.0.1:0", "--backend", url(behind)) as daemon:
        yield daemon


@pytest.fixture
def here(front):
    with Client(front.address) as client:
        yield client


@pytest.fixture
def there(behind):
    with Client(behind.address) as client:
        yield client


def refusal(client, method, *params):
    """The message of the error that a call is answered with; None where it is none."""
    try:
        client.call(method, *params)
    except RpcError as error:
        return str(error)
    return None


class TestProxy:
    def test_both_see_the_same(self, here, there):
        spec(here, then="t")
        spec(there, "t")
        add(here, ("u", {"k": [1, 2.5, b"\xff", "é"]}))
        assert units(there) == units(here) != {}
        assert take(here) == ["u"] and state(there) == 3
        assert take(there) == []
        assert update(here, {"status": FINISHED, "data": {"output": ["x"]}}) == (True, None)
        assert counts(there) == {FINISHED: 1}
        assert take(there, worker="v") == ["x"]
        heartbeat(here, data={"pid": 1})
        assert there.good("get_worker_info", "w")[b"pid"] == 1
        assert here.good("lock", "me", 60, [["a"]]) is True
        assert there.pair("lock", "you", 60, [["a"]])[0] is not True

    def test_rest_through_it(self, front, there):
        spec(there)
        with Rest(front.http_address) as rest:
            document = rest.namespace("")
            unit = rest.add(rest.get("/namespace/-/work_spec/s"), "u")
            attempt = rest.take(rest.worker(space=""))[0]
            assert attempt["work_unit_url"] == unit
            rest.post(attempt["finish_url"], {"data": {"r": 1}})
            assert rest.get(attempt["url"])["status"] == "finished"
            assert rest.get(document["summary_url"])[0]["Count"] == 1
        assert counts(there) == {FINISHED: 1}

    @pytest.mark.parametrize("adder", ["here", "there"])
    def test_who_waits_is_served(self, request, front, here, adder):
        spec(here)
        got = []

        def wait():
            with Client(front.address) as waiter:
                got.append(waiter.good("get_work", "w", {"wait_seconds": 50}))

        waiting = threading.Thread(target=wait)
        waiting.start()
        with Rest(front.http_address) as rest:
            eventually(lambda: "coordinate_waiting_requests 1" in
                       rest.ask("GET", "/metrics").body.decode(), "somebody to wait")
        add(request.getfixturevalue(adder), "u")
        waiting.join()
        assert got[0][1] == b"u"

    def test_many_at_once(self, front, here, there):
        spec(here)
        add(here, *(f"u{n:04}" for n in range(2_000)))
        taken = []

        def work(name):
            with Client(front.address) as client:
                while keys := take(client, count=20, worker=name):
                    for key in keys:
                        assert update(client, {"status": FINISHED}, key) == (True, None)
                    taken.extend(keys)

        threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == len(set(taken)) == 2_000
        assert counts(there) == {FINISHED: 2_000}


    def test_the_demo(self, behind, there):
        """As it stands, but for where its daemon keeps what it is told."""
        env = clean_environment({"COORDINATED_BACKEND": url(behind), "COORD_BIN_DIR": str(BIN_DIR),
                                 "PATH": os.environ["PATH"]})
        done = subprocess.run([ROOT / "demo/run"], env=env, capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        counted, merged = counts(there, "words.count"), counts(there, "words.merge")
        assert counted.keys() == {FINISHED} and counted == merged


class TestTheOtherDaemonGoesAway:
    def test_and_comes_back(self, tmp_path):
        backend = ("--backend", f"sqlite:{tmp_path}/db")
        with Daemon(*backend, "--http", "127.0.0.1:0") as behind:
            address = "%s:%d" % behind.http_address
            front = Daemon("--http", "127.0.0.1:0", "--backend", f"http://{address}/")
            client = Client(front.address)
            spec(client)
            add(client, "u")
        assert "storage unavailable, try again: " in refusal(client, "count_work_units", "s")
        assert "storage unavailable, try again: " in refusal(client, "get_work", "w", {})
        with Rest(front.http_address) as rest:
            assert rest.ask("GET", "/readyz").status == 503
            assert rest.ask("GET", "/healthz").status == 200
        with Daemon(*backend, "--http", address):
            eventually(lambda: refusal(client, "count_work_units", "s") is None,
                       "the daemon to be tried again")
            assert take(client) == ["u"]
            log = front.text("stderr")
            assert log.count("storage unavailable, requests are refused") == 1
            assert log.count("storage available again") == 1
            client.close()
            assert front.stop() == 0

    def test_it_must_be_there_at_the_start(self):
        done = run("coordinated", "--cborrpc", "127.0.0.1:0", "--backend", "http://127.0.0.1:1/")
        assert done.returncode == 1
        assert "cannot reach 127.0.0.1:1: connection refused" in done.stderr

    def test_another_server_is_not_taken_for_one(self, behind):
        done = run("coordinated", "--cborrpc", "127.0.0.1:0", "--backend", url(behind) + "summary")
        assert done.returncode == 1 and "root document" in done.stderr

    @pytest.mark.parametrize("flags", [("--backend", "http:nowhere"),
                                       ("--backend", "http://h/?x"),
                                       ("--backend", "http://127.0.0.1:1/",
                                        "--limit-completed-count", "5")])
    def test_bad_flags(self, flags):
        done = run("coordinated", "--cborrpc", "127.0.0.1:0", *flags)
        assert done.returncode == 1 and done.stderr.count("\n") == 1


def test_nothing_is_no_work(here):
    assert here.good("get_work", "w", {}) == NO_WORK
