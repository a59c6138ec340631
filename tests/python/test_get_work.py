# SPDX-License-Identifier: MIT
"""get_work and its extensions (spec/cbor-rpc.md, section 4; spec/domain.md, section 5)."""

import collections

import cbor2
import pytest

from client import RpcError, folded, frame, wire
from daemon import eventually
from helpers import (AVAILABLE, FAILED, FINISHED, NO_WORK, PENDING, add, counts, is_about,
                     spec, state, status, take, update)


@pytest.fixture(autouse=True)
def work_spec(request):
    """Every test here has a spec named s."""
    client = request.getfixturevalue(
        "any_client" if "any_client" in request.fixturenames else "client")
    spec(client)


class TestForms:
    def test_one(self, any_client):
        add(any_client, ("u", {"k": "v"}))
        assert any_client.good("get_work", "w", {"max_jobs": 1}) == (
            "s", b"u", any_client.wire({"k": "v"}))

    def test_none(self, any_client):
        assert any_client.good("get_work", "w", {}) == NO_WORK
        assert any_client.good("get_work", "w", {"max_jobs": 5}) == []
        assert any_client.good("get_work", "w", {"max_jobs": 0}) == []

    @pytest.mark.parametrize("options", [{}, None, {"max_jobs": None}, {"max_jobs": "1"},
                                         {"unknown": 5}, {"wait_seconds": None}])
    def test_default_is_one(self, client, options):
        add(client, "a", "b")
        assert client.good("get_work", "w", options) == ("s", b"a", {})

    @pytest.mark.parametrize("count, keys", [
        (0, "a"), (-3, "a"), (2, "ab"), (3, "abc"), (9, "abc")])
    def test_several(self, client, count, keys):
        add(client, *"abc")
        assert client.good("get_work", "w", {"max_jobs": count}) == [
            ("s", key.encode(), {}) for key in keys]


class TestLease:
    @pytest.mark.parametrize("lease, seconds", [
        (None, 300), (600, 600), ("600", 600), (1, 1), (86_400, 86_400), (86_401, 300), (0, 300),
        (-5, 300), (0.5, 300)])
    def test_is_the_attempts_lifetime(self, client, lease, seconds):
        add(client, "u")
        take(client, lease_time=lease)
        (attempt,) = client.good("get_work_unit_attempts", "s", "u", {})
        assert attempt["expiration"] - attempt["start"] == pytest.approx(seconds, abs=1e-3)

    def test_ends_by_the_clock(self, client):
        """A unit that nobody finishes goes to another worker, who waits for it."""
        add(client, "u")
        take(client, lease_time=1)
        assert client.good("get_work", "other", {"wait_seconds": 60}) == ("s", b"u", {})

    def test_owner(self, client):
        add(client, "u")
        take(client, worker="me", lease_time=600)
        shown = status(client)
        assert shown["worker_id"] == "me" and is_about(shown["expiration"], 600)

    def test_neither_needs_nor_counts_as_a_heartbeat(self, client):
        add(client, "u")
        take(client)
        assert client.good("list_worker_modes") == {}


class TestChoice:
    def test_units_by_priority_then_name(self, client):
        add(client, ("a", {}, {"priority": -1}), ("b", {}), ("c", {}), ("d", {}, {"priority": 0.5}))
        assert take(client, 9) == ["d", "b", "c", "a"]

    def test_all_of_one_spec(self, client):
        spec(client, "t")
        add(client, "a", "b", to="s")
        add(client, "c", "d", to="t")
        for _ in range(2):
            work = client.good("get_work", "w", {"max_jobs": 10})
            assert len(work) == 2 and len({name for name, _, _ in work}) == 1

    def test_higher_spec_priority_goes_first(self, client):
        spec(client, "t", priority=1)
        add(client, "a", "b", ("c", {}, {"priority": 1000}))
        add(client, "x", "y", to="t")
        assert take(client, 10) == ["x", "y"]
        assert take(client, 10) == ["c", "a", "b"]

    def test_weights_rule_the_shares(self, client):
        spec(client, "s", weight=1)
        spec(client, "t", weight=3)
        add(client, *(f"a{n}" for n in range(200)))
        add(client, *(f"b{n}" for n in range(200)), to="t")
        taken = collections.Counter(
            client.good("get_work", "w", {})[0] for _ in range(200))
        assert 40 <= taken["s"] <= 60

    def test_names(self, any_client):
        client = any_client
        spec(client, "t")
        add(client, "a")
        add(client, "b", to="t")
        assert take(client, work_spec_names=["nope"]) == []
        assert take(client, work_spec_names=["nope", "t"]) == ["b"]
        assert take(client, work_spec_names=("t",)) == []
        assert take(client, work_spec_names=[]) == ["a"]

    def test_runtimes(self, any_client):
        client = any_client
        spec(client, "py")
        spec(client, "go", runtime="go")
        add(client, "a", to="py")
        add(client, "b", to="go")
        assert take(client, 9) == ["a"]  # the empty runtime alone
        assert take(client, 9) == []
        assert take(client, 9, runtimes=["lua"]) == []
        assert take(client, 9, runtimes=["lua", "go"]) == ["b"]

    def test_memory_is_ignored(self, client):
        spec(client, min_gb=100)
        add(client, "a")
        assert take(client, available_gb=1) == ["a"]

    def test_max_running(self, client):
        spec(client, max_running=2)
        add(client, *"abcd")
        assert take(client, 3) == ["a", "b"]
        assert take(client) == []
        update(client, {"status": FINISHED}, "a")
        assert take(client, 3) == ["c"]

    def test_max_getwork(self, client):
        spec(client, max_getwork=2)
        add(client, *"abc")
        assert take(client, 3) == ["a", "b"]

    def test_max_retries(self, client):
        spec(client, max_retries=2)
        add(client, "u", "v")
        for _ in range(2):
            assert take(client) == ["u"]
            update(client, {"status": AVAILABLE}, "u")
        assert take(client) == ["v"]
        assert state(client, "u") == FAILED
        assert status(client, "u")["traceback"] == "too many retries"

    def test_continuous(self, client):
        spec(client, "c", continuous=True, interval=3600)
        name, key, data = client.good("get_work", "w", {"work_spec_names": ["c"]})
        assert name == "c" and data == {}
        assert is_about(int(key), 0)
        update(client, {"status": FINISHED}, key, "c")
        assert take(client, work_spec_names=["c"]) == []

    def test_no_unit_twice(self, client, connect):
        add(client, *(f"u{n}" for n in range(500)))
        clients = [connect() for _ in range(10)]
        seen = []
        for _ in range(60):
            for number, other in enumerate(clients):
                other.post("get_work", f"w{number}", {})
            seen += [other.receive()[b"result"][0][1] for other in clients]
        given = [key for key in seen if key]
        assert len(given) == len(set(given)) == 500

    @pytest.mark.parametrize("options, word", [
        ({"max_jobs": []}, "max_jobs"), ({"lease_time": {}}, "lease_time"),
        ({"work_spec_names": 5}, "work_spec_names"), ({"work_spec_names": [5]}, "work_spec_names"),
        ({"runtimes": "go"}, "runtimes"), ({"wait_seconds": []}, "wait_seconds"),
        ({"updates": 5}, "updates")])
    def test_wrong_kind(self, client, options, word):
        with pytest.raises(RpcError, match=f"get_work.*{word}"):
            client.call("get_work", "w", options)

    @pytest.mark.parametrize("worker", [5, None, [], b"\xff", "x" * 1025])
    def test_wrong_worker(self, client, worker):
        add(client, "u")
        with pytest.raises(RpcError, match="get_work.*worker_id"):
            client.call("get_work", worker, {})
        assert state(client) == AVAILABLE


class TestWait:
    """`waiting` is held back; `client` makes things happen meanwhile."""

    @pytest.fixture
    def waiting(self, connect):
        return connect()

    @staticmethod
    def result(waiting, request):
        return waiting.result_of(waiting.receive(), request)[0]

    def test_answered_when_there_is_work(self, client, waiting):
        request = waiting.post("get_work", "w", {"wait_seconds": 60})
        add(client, "u")
        assert self.result(waiting, request) == ("s", b"u", {})

    def test_list_form(self, client, waiting):
        request = waiting.post("get_work", "w", {"wait_seconds": 60, "max_jobs": 3})
        add(client, "a", "b")
        assert self.result(waiting, request) == [("s", b"a", {}), ("s", b"b", {})]

    def test_at_once_when_there_is_some(self, client):
        add(client, "u")
        assert take(client, wait_seconds=3600) == ["u"]

    def test_time_is_up(self, client):
        assert client.good("get_work", "w", {"wait_seconds": 0.05}) == NO_WORK
        assert client.good("get_work", "w", {"wait_seconds": "0.05", "max_jobs": 2}) == []
        assert client.good("get_work", "w", {"wait_seconds": 0}) == NO_WORK
        assert client.good("get_work", "w", {"wait_seconds": -1}) == NO_WORK

    @staticmethod
    def wait_for_work(client, waiting, worker):
        """Sends a get_work that waits, and returns once it does: its update has taken effect."""
        spec(client, "probe", disabled=True)
        add(client, worker, to="probe")
        request = waiting.post("get_work", worker, {
            "wait_seconds": 3600, "updates": [("probe", worker, {"status": 4})]})
        eventually(lambda: state(client, worker, "probe") == FINISHED, "the request to wait")
        return request

    def test_in_arrival_order(self, client, connect):
        clients = [connect() for _ in range(5)]
        requests = [self.wait_for_work(client, other, f"w{number}")
                    for number, other in enumerate(clients)]
        for number, other in enumerate(clients):
            add(client, f"u{number}")
            assert self.result(other, requests[number])["work"][1] == b"u%d" % number

    def test_only_what_it_asked_for(self, client, waiting):
        spec(client, "t")
        spec(client, "go", runtime="go")
        request = waiting.post("get_work", "w", {
            "wait_seconds": 60, "work_spec_names": ["t", "go"]})
        add(client, "wrong")
        add(client, "wrong", to="go")
        assert counts(client) == {AVAILABLE: 1} and counts(client, "go") == {AVAILABLE: 1}
        add(client, "right", to="t")
        assert self.result(waiting, request) == ("t", b"right", {})

    @pytest.mark.parametrize("happening", [
        "resume", "weight", "retry", "expire", "lapse", "max_running", "new spec", "continuous"])
    def test_woken_by(self, client, waiting, happening):
        """Whatever makes work available wakes those who wait."""
        before, event = {
            "resume": (lambda: (client.good("control_work_spec", "s", {"status": 2}),
                                add(client, "u")),
                       lambda: client.good("control_work_spec", "s", {"status": 1})),
            "weight": (lambda: (client.good("control_work_spec", "s", {"weight": 0}),
                                add(client, "u")),
                       lambda: client.good("control_work_spec", "s", {"weight": 1})),
            "retry": (lambda: (add(client, "u"), update(client, {"status": 5})),
                      lambda: client.good("retry_work_units", "s", {})),
            "expire": (lambda: (add(client, "u"), take(client, worker="other")),
                       lambda: update(client, {"status": 1})),
            "lapse": (lambda: (add(client, "u"), take(client, worker="other")),
                      lambda: update(client, {"lease_time": 0.01})),
            "max_running": (lambda: (spec(client, max_running=1), add(client, "t", "u"),
                                     take(client, worker="other")),
                            lambda: update(client, {"status": 4}, "t")),
            "new spec": (lambda: client.good("del_work_spec", "s"),
                         lambda: (spec(client), add(client, "u"))),
            "continuous": (lambda: None, lambda: spec(client, continuous=True)),
        }[happening]
        before()
        request = waiting.post("get_work", "w", {"wait_seconds": 60})
        event()
        assert self.result(waiting, request)[0] == "s"

    def test_later_requests_wait_for_the_answer(self, client, waiting):
        first = waiting.post("get_work", "w", {"wait_seconds": 60})
        second = waiting.post("add_work_units", "s", [("mine", {})])
        add(client, "other")
        assert self.result(waiting, first) == ("s", b"other", {})
        assert waiting.result_of(waiting.receive(), second)[0] is True

    def test_earlier_requests_are_answered_meanwhile(self, client, waiting):
        """However they come: in one piece with the one that waits, in chunks, as a batch."""
        spec(client, "probe", disabled=True)
        add(client, "a", to="probe")
        work = cbor2.dumps(wire(waiting.request("get_work", ["w", {
            "wait_seconds": 3600, "updates": [("probe", "a", {"status": 4})]}])))
        chunks = b"\xd8\x18\x5f" + cbor2.dumps(work[:9]) + cbor2.dumps(work[9:]) + b"\xff"
        now = [cbor2.dumps(wire(waiting.request("now", []))) for _ in range(3)]
        waiting.send(frame(now[0]) + frame(b"\x81" + now[1]) + frame(now[2]) + chunks)
        assert waiting.receive()[b"result"] > 0
        assert waiting.receive()[0][b"result"] > 0
        assert waiting.receive()[b"result"] > 0
        eventually(lambda: state(client, "a", "probe") == FINISHED, "the request to wait")
        add(client, "u")
        assert self.result(waiting, 1)["work"] == ("s", b"u", {})

    def test_a_client_that_goes_away_gets_nothing(self, client, waiting, daemon):
        self.wait_for_work(client, waiting, "w")
        files = daemon.open_files()
        waiting.close()
        eventually(lambda: daemon.open_files() == files - 1, "the server to notice")
        add(client, "u")
        assert take(client, worker="other") == ["u"]


class TestUpdates:
    def test_finish_and_get_the_next(self, any_client):
        client = any_client
        add(client, "a", "b")
        take(client)
        answer = folded(client.good("get_work", "w", {
            "updates": [("s", "a", {"status": 4, "data": {"done": 1}})]}))
        assert set(answer) == {"updates", "work"}
        assert [tuple(pair) for pair in answer["updates"]] == [(True, None)]
        assert answer["work"] == ("s", "b", {})
        assert counts(client) == {PENDING: 1, FINISHED: 1}

    def test_before_work_is_chosen(self, client):
        spec(client, max_running=1)
        add(client, "a", "b")
        take(client)
        answer = client.good("get_work", "w", {
            "max_jobs": 2, "updates": [("s", "a", {"status": 4})]})
        assert answer["work"] == [("s", b"b", {})]

    def test_a_bad_one_stops_nothing(self, client):
        add(client, "a", "b", "c")
        take(client, 2)
        answer = client.good("get_work", "w", {"updates": [
            ("s", "nope", {"status": 4}), 5, ("s", "a", {"status": 4})]})
        assert [pair[0] for pair in answer["updates"]] == [False, False, True]
        assert answer["work"] == ("s", b"c", {})

    def test_without_work(self, client):
        add(client, "a")
        take(client)
        answer = client.good("get_work", "w", {"updates": [("s", "a", {"status": 4})]})
        assert answer["work"] == NO_WORK
        answer = client.good("get_work", "w", {"updates": [], "max_jobs": 2})
        assert answer["updates"] == [] and answer["work"] == []

    def test_committed_at_once_when_the_answer_is_held_back(self, client, connect):
        add(client, "a")
        take(client)
        waiting = connect()
        request = waiting.post("get_work", "w", {
            "wait_seconds": 60, "updates": [("s", "a", {"status": 4})]})
        eventually(lambda: state(client, "a") == FINISHED, "the update to take effect")
        add(client, "b")
        answer = waiting.result_of(waiting.receive(), request)[0]
        assert tuple(answer["updates"][0]) == (True, None)
        assert answer["work"] == ("s", b"b", {})
