# SPDX-License-Identifier: MIT
"""What becomes of requests whose connection breaks: never done twice where that is not the same."""

import asyncio
import socket
import threading

import pytest

from coordinate import (
    AnswerLost,
    ConnectionLost,
    LostLease,
    NotOffered,
    ProtocolError,
    RpcError,
    TaskMaster,
    Update,
    aio,
)
from coordinate.constants import AVAILABLE, FINISHED
from scripted_server import CLOSE, ScriptedServer

ALL = ["only_new", "only_if_owner", "updates", "update_work_units", "wait_seconds", "delay"]


class Script:
    """Breaks off the first `breaks` requests of `method`; answers all others."""

    def __init__(self, method, result, breaks=1, extensions=ALL):
        self.method, self.result, self.breaks = method, result, breaks
        self.extensions = extensions

    def __call__(self, method, params):
        if method == "server_info":
            if self.extensions is None:
                raise ValueError("no such method")
            return {"extensions": self.extensions}
        assert method == self.method
        if self.breaks:
            self.breaks -= 1
            return CLOSE
        return self.result


class Blocking:
    """The blocking client, with the pauses that it made."""

    def __init__(self, address, **config):
        self.pauses = []
        self.client = TaskMaster({"addresses": [address], **config}, sleep=self.pauses.append)

    def __call__(self, method, *args, **kwargs):
        return getattr(self.client, method)(*args, **kwargs)

    def close(self):
        self.client.close()


class Async:
    """The asyncio client, called as if it were blocking."""

    def __init__(self, address, **config):
        self.pauses = []
        self.loop = asyncio.new_event_loop()
        self.client = aio.TaskMaster({"addresses": [address], **config}, sleep=self._sleep)

    async def _sleep(self, seconds):
        self.pauses.append(seconds)

    def __call__(self, method, *args, **kwargs):
        return self.loop.run_until_complete(getattr(self.client, method)(*args, **kwargs))

    def close(self):
        self.loop.run_until_complete(self.client.close())
        self.loop.close()


@pytest.fixture(params=[Blocking, Async])
def connect(request):
    made = []

    def connect(address, **config):
        made.append(request.param(address, **config))
        return made[-1]

    yield connect
    for client in made:
        client.close()


def test_what_may_be_done_twice_is_sent_again(connect):
    with ScriptedServer(Script("now", 5, breaks=3)) as server:
        client = connect(server.address, retries=3, base_retry_seconds=1)
        assert client("now") == 5
        assert server.methods() == ["now"] * 4 and server.connections == 4
        for pause, longest in zip(client.pauses, (1, 2, 4)):
            assert longest / 2 <= pause <= longest


def test_not_for_ever(connect):
    with ScriptedServer(Script("now", 5, breaks=4)) as server:
        client = connect(server.address, retries=3)
        with pytest.raises(ConnectionLost, match="now"):
            client("now")
        assert len(client.pauses) == 3


@pytest.mark.parametrize(
    "call",
    [
        ("add_work_units", "s", {"u": {}}),
        ("del_work_units", "s", None, None, True),
        ("prioritize_work_units", "s", ["u"], None, 5),
        ("retry", "s", "u"),
        ("lock", "me", 60, [["a"]]),
    ],
    ids=lambda call: call[0],
)
def test_what_must_not_be_done_twice_is_not(connect, call):
    method = {"retry": "update_work_unit"}.get(call[0], call[0])
    with ScriptedServer(Script(method, (True, None))) as server:
        client = connect(server.address)
        with pytest.raises(AnswerLost, match=method):
            client(*call)
        assert server.methods() == [method] and not client.pauses
        assert client(*call), "the client goes on"


class TestOnlyNew:
    def test_is_sent_again(self, connect):
        with ScriptedServer(Script("add_work_units", (True, None))) as server:
            client = connect(server.address)
            assert client("add_work_units", "s", {"u": {}}, only_new=True) is True
            sent = [params for method, params in server.requests if method == "add_work_units"]
            assert len(sent) == 2 and sent[0] == sent[1]
            assert sent[0] == ["s", [("u", {})], {"only_new": True}]

    def test_is_not_sent_to_a_daemon_that_would_overwrite(self, connect):
        with ScriptedServer(Script("add_work_units", (True, None), extensions=[])) as server:
            with pytest.raises(NotOffered, match="add_work_units"):
                connect(server.address)("add_work_units", "s", {"u": {}}, only_new=True)
            assert server.methods() == ["server_info"]

    def test_each_new_connection_is_asked(self, connect):
        script = Script("add_work_units", (True, None))
        with ScriptedServer(script) as server:
            client = connect(server.address)
            client("server_info")
            script.extensions = None  # an older daemon takes over while the answer is lost
            with pytest.raises(NotOffered):
                client("add_work_units", "s", {"u": {}}, only_new=True)
            assert server.methods() == ["server_info", "add_work_units", "server_info"]


class TestUpdates:
    UPDATE = Update("s", "u", status=FINISHED, worker_id="w")

    def test_nothing_left_to_do_means_it_was_done(self, connect):
        """The daemon finished the unit, its answer was lost, and it was told again."""
        with ScriptedServer(Script("update_work_unit", (False, None))) as server:
            assert connect(server.address)("apply_update", self.UPDATE) is True
            sent = [params[2] for method, params in server.requests if method == "update_work_unit"]
            assert sent == [{"status": 4, "worker_id": "w", "only_if_owner": True}] * 2

    @pytest.mark.parametrize("breaks, done", [(0, False), (1, True)])
    @pytest.mark.parametrize("refusals", [1, 2])
    def test_a_refused_connection_is_no_lost_answer(
        self, connect, monkeypatch, refusals, breaks, done
    ):
        with ScriptedServer(Script("update_work_unit", (False, None), breaks)) as server:
            client = connect(server.address)
            pool = type(client.client._pool)
            really_open, left = pool.open, [OSError("refused")] * refusals

            def open_later(self):
                if left:
                    raise left.pop()
                return really_open(self)

            monkeypatch.setattr(pool, "open", open_later)
            assert client("apply_update", Update("s", "u", status=FINISHED)) is done
            assert len(client.pauses) == refusals + breaks

    def test_told_once_it_means_what_it_says(self, connect):
        with ScriptedServer(Script("update_work_unit", (False, None), breaks=0)) as server:
            assert connect(server.address)("apply_update", self.UPDATE) is False

    @pytest.mark.parametrize("breaks", [0, 1])
    def test_a_lost_lease_is_a_lost_lease(self, connect, breaks):
        with ScriptedServer(Script("update_work_unit", (False, "lost lease"), breaks)) as server:
            with pytest.raises(LostLease, match="s 'u'"):
                connect(server.address)("apply_update", self.UPDATE)

    def test_many(self, connect):
        pairs = [(True, None), (False, "lost lease"), (False, None)]
        with ScriptedServer(Script("update_work_units", pairs, breaks=0)) as server:
            results = connect(server.address)("update_work_units", [self.UPDATE] * 3)
            assert results[0] is True and results[2] is False
            assert isinstance(results[1], LostLease)

    def test_many_one_by_one(self, connect):
        with ScriptedServer(Script("update_work_unit", (True, None), 0, None)) as server:
            results = connect(server.address)("update_work_units", [self.UPDATE] * 2)
            assert results == [True, True]
            assert server.methods() == ["server_info", "update_work_unit", "update_work_unit"]
            assert server.requests[1][1][2] == {"status": 4, "worker_id": "w"}

    def test_giving_back_without_an_owner_is_not_repeated(self, connect):
        with ScriptedServer(Script("update_work_unit", (True, None), 1, [])) as server:
            with pytest.raises(AnswerLost):
                connect(server.address)(
                    "update_work_unit", "s", "u", status=AVAILABLE, worker_id="w"
                )


@pytest.mark.parametrize("first", [0, 1])
def test_several_addresses(connect, monkeypatch, first):
    monkeypatch.setattr("random.Random.randrange", lambda self, count: first)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        refused = "127.0.0.1:%d" % closed.getsockname()[1]
    with ScriptedServer(Script("now", 5, breaks=0)) as server:
        client = connect(None, addresses=[refused, server.address])
        assert client("now") == 5 and not client.pauses


def test_nobody_is_there(connect):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = "127.0.0.1:%d" % closed.getsockname()[1]
    client = connect(address, retries=2)
    with pytest.raises(ConnectionLost):
        client("add_work_units", "s", {})
    assert len(client.pauses) == 2, "what was never sent may be tried again"


def test_a_connection_that_was_closed_while_idle(connect):
    """A daemon that was restarted has not done what is sent to it next."""
    with ScriptedServer(Script("add_work_units", (True, None), breaks=0)) as server:
        client = connect(server.address)
        assert client("add_work_units", "s", {})
        server.close_connections()
        if isinstance(client, Async):
            client.loop.run_until_complete(until_stale(client.client))
        assert client("add_work_units", "s", {}) is True
        assert server.connections == 2


async def until_stale(task_master):
    while not task_master._pool._idle[0].is_stale():
        await asyncio.sleep(0)


def test_errors_are_not_tried_again(connect):
    def script(method, params):
        raise ValueError("bad parameter")

    with ScriptedServer(script) as server:
        client = connect(server.address)
        with pytest.raises(RpcError, match="bad parameter"):
            client("now")
        assert server.methods() == ["now"]
        with pytest.raises(RpcError):
            client("now")
        assert server.connections == 1, "the connection is still good"


def test_what_is_no_answer(connect):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(ProtocolError):
            connect("127.0.0.1:%d" % listener.getsockname()[1])("now")


def test_an_answer_that_never_comes(connect):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = connect("127.0.0.1:%d" % listener.getsockname()[1], answer_timeout=0.05, retries=1)
        with pytest.raises(ConnectionLost, match="no answer for 0.05 seconds"):
            client("now")
        assert len(client.pauses) == 1
