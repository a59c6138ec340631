# SPDX-License-Identifier: MIT
"""Clients that misbehave: theirs is the loss, the others notice nothing, memory stays bounded."""

import random
import socket
import struct

import cbor2
import pytest

from client import (Client, Connection, ConnectionClosed, RpcError, decode, frame, same,
                    wire)
from daemon import eventually
from helpers import add, counts, heartbeat, spec, take, units

MIB = 1 << 20
NOW = frame(cbor2.dumps({b"id": 1, b"method": b"now", b"params": []}))


def nested(levels):
    """Lists in lists."""
    return b"\x81" * levels + b"\x00"


def add_request(data):
    """The bytes of an add_work_units of the unit u with these bytes as its data."""
    return (b"\xa3" + cbor2.dumps(b"id") + b"\x01" + cbor2.dumps(b"method")
            + cbor2.dumps(b"add_work_units") + cbor2.dumps(b"params") + b"\x82" + cbor2.dumps(b"s")
            + b"\x81\x82" + cbor2.dumps(b"u") + data)


CANNOT_BE_A_REQUEST = {
    "break": b"\xff",
    "reserved": b"\x1c",
    "text protocol": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "zeros": b"\x00" * 64,
    "integer": b"\x05",
    "string": cbor2.dumps("hello"),
    "boolean": b"\xf5",
    "unknown tag": b"\xc5" + cbor2.dumps({b"id": 1, b"method": b"now", b"params": []}),
    "tag 24 of text": b"\xd8\x18" + cbor2.dumps("hello"),
    "tag 24 of a map": b"\xd8\x18" + cbor2.dumps({b"id": 1, b"method": b"now", b"params": []}),
    "tag 24 of chunks": b"\xd8\x18\x5f\x41\x00\xff",
    "empty content": frame(b""),
    "cut content": frame(b"\xa3\x62id"),
    "content that is no request": frame(cbor2.dumps(5)),
    "malformed content": frame(b"\xa1\x01\xff"),
    "wrapped thrice": frame(frame(frame(cbor2.dumps(5)))),
    "200 levels": frame(nested(200)),
    "200 levels, bare": nested(200),
    "a million levels": frame(nested(1_000_000)),
    "a million tags": frame(b"\xc1" * 1_000_000 + b"\x00"),
    "200 levels in a request": frame(add_request(b"\xa1\x41k" + nested(200))),
    "4 GiB that never come": b"\xd8\x18\x5a\xff\xff\xff\xff",
    "16 EiB that never come": b"\xd8\x18\x5b" + b"\xff" * 8,
    "list of 16 EiB": frame(b"\x9b" + b"\xff" * 8),
    "map of 4 GiB": frame(b"\xba\xff\xff\xff\xff"),
    "bare list of 16 EiB strings": b"\x9b" + b"\xff" * 8 + b"\x5b" + b"\xff" * 8,
    "batch of 10,001": frame(cbor2.dumps([{b"id": 1, b"method": b"now", b"params": []}] * 10_001)),
}


@pytest.fixture
def bystander(connect):
    """A client that notices nothing: checked when the test is over."""
    other = connect()
    spec(other)
    add(other, "witness")
    yield other
    assert other.call("now") > 0
    assert b"witness" in units(other)


@pytest.mark.parametrize("data", CANNOT_BE_A_REQUEST.values(), ids=CANNOT_BE_A_REQUEST.keys())
def test_what_cannot_be_a_request(daemon, bystander, data):
    """Perhaps an error, then the connection is closed, and one line is logged."""
    lines = len(daemon.lines["stderr"])
    with Connection(daemon.address) as connection:
        try:
            connection.send(data)
            answer = decode(connection.read_message())
        except (ConnectionClosed, ConnectionResetError, BrokenPipeError):
            pass
        else:
            for item in answer if isinstance(answer, list) else [answer]:
                assert set(item) == {b"id", b"error"}
            assert connection.is_closed()
    eventually(lambda: len(daemon.lines["stderr"]) > lines, "a line in the log")
    assert bystander.call("now") > 0
    assert len(daemon.lines["stderr"]) == lines + 1


def test_error_gives_the_id_where_it_can_be_told(daemon, bystander):
    with Connection(daemon.address) as connection:
        connection.send(CANNOT_BE_A_REQUEST["200 levels in a request"])
        try:
            assert decode(connection.read_message())[b"id"] in (1, None)
        except ConnectionClosed:
            pass


def test_answers_before_the_bad_message_are_sent(daemon, bystander):
    with Connection(daemon.address) as connection:
        connection.send(NOW * 3 + b"\xff")
        for _ in range(3):
            assert decode(connection.read_message())[b"id"] == 1


@pytest.mark.parametrize("length", [1, 2, 3, 10, len(NOW) - 1])
def test_half_message(daemon, bystander, length):
    """Cut off by a half-close: the connection is closed without an answer."""
    with Connection(daemon.address) as connection:
        connection.send(NOW[:length])
        connection.half_close()
        assert connection.is_closed()


def test_half_message_then_reset(daemon, bystander):
    files = daemon.open_files()
    for length in range(1, len(NOW)):
        connection = Connection(daemon.address)
        connection.send(NOW[:length])
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    eventually(lambda: daemon.open_files() <= files, "the connections to be closed")


def test_answers_are_sent_after_a_half_close(daemon, bystander):
    with Connection(daemon.address) as connection:
        connection.send(NOW * 20)
        connection.half_close()
        for _ in range(20):
            connection.read_message()
        assert connection.is_closed()


def test_a_hundred_levels(client):
    """Are allowed and come back as they were."""
    spec(client)
    data = b"\xa1\x41k" + nested(100)
    client.send(frame(add_request(data)))
    assert client.receive()[b"result"][0] is True
    client.post("get_work_units", "s", {})
    assert data in client.read_message()


class TestLimits:
    """What is exactly at a limit is served, and what is one beyond it is not."""

    @staticmethod
    def is_served(daemon, message):
        with Connection(daemon.address) as connection:
            connection.send(message)
            try:
                answer = decode(connection.read_message())
            except ConnectionClosed:
                return False
            for item in answer if isinstance(answer, list) else [answer]:
                if b"error" in item:
                    assert connection.is_closed()
                    return False
            return True

    @staticmethod
    def message_of(size):
        """A message whose item is so many bytes long."""
        request = {b"method": b"now", b"params": [], b"id": 1, b"padding": b""}
        bare = len(cbor2.dumps(request))
        request[b"padding"] = b"x" * (size - bare - 4)  # a head of five bytes instead of one
        return frame(cbor2.dumps(request))

    @pytest.mark.parametrize("flags, most", [((), 128), (("--max-nesting", "20"), 20)])
    @pytest.mark.parametrize("wrapping", [frame, bytes], ids=["tagged", "bare"])
    def test_nesting(self, start, flags, most, wrapping):
        daemon = start(*flags)
        with Client(daemon.address) as client:
            spec(client)
        request_levels = 5  # the request, its parameters, the list of units, the unit, its data
        for beyond in (0, 1):
            data = b"\xa1\x41k" + nested(most - request_levels + beyond)
            assert self.is_served(daemon, wrapping(add_request(data))) is not bool(beyond)
            data = b"\xa1\x41k" + nested(most - request_levels - 1 + beyond)
            batch = b"\x81" + add_request(data)
            assert self.is_served(daemon, wrapping(batch)) is not bool(beyond)

    @pytest.mark.parametrize("flags, most", [
        ((), 64 * MIB), (("--max-message-bytes", "100000"), 100_000)])
    def test_message(self, start, flags, most):
        daemon = start(*flags)
        assert self.is_served(daemon, self.message_of(most))
        assert not self.is_served(daemon, self.message_of(most + 1)[:1000])

    def test_batch(self, start):
        daemon = start("--max-batch", "5")
        for count, served in ((5, True), (6, False)):
            batch = [{b"id": n, b"method": b"now", b"params": []} for n in range(count)]
            assert self.is_served(daemon, frame(cbor2.dumps(batch))) is served


def test_random_bytes(daemon, bystander):
    """From a fixed seed: each connection ends or waits for more, and nothing breaks."""
    rng = random.Random(20261124)
    valid = frame(add_request(cbor2.dumps({b"k": [1, b"x", {b"y": None}]})))
    for _ in range(300):
        data = bytearray(valid if rng.random() < 0.7 else rng.randbytes(rng.randrange(1, 200)))
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        with Connection(daemon.address) as connection:
            connection.send(bytes(data))
            connection.half_close()
            try:
                while True:
                    cbor2.loads(connection.read_message(), tag_hook=lambda _, tag: tag.tag)
            except (ConnectionClosed, ConnectionResetError, cbor2.CBORDecodeValueError):
                pass  # the last: an id that means nothing, echoed as it came
        assert bystander.call("now") > 0


@pytest.mark.parametrize("name", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"x" * 1025])
def test_names_that_are_no_names(client, name):
    with pytest.raises(RpcError):
        client.call("set_work_spec", {"name": name})
    with pytest.raises(RpcError):
        client.call("worker_heartbeat", name, "RUN", 60, {}, None)
    with pytest.raises(RpcError):
        client.call("get_work", name, {})
    assert client.call("get_work_spec", name) is None
    assert client.pair("count_work_units", name)[0] is False
    assert client.call("list_work_specs", {})[0] == []
    heartbeat(client, "w")
    assert len(client.good("list_worker_modes")) == 1


def test_a_client_that_reads_nothing(daemon, bystander):
    """It is not read any more once much is unsent; memory stays bounded."""
    add(bystander, ("big", {"blob": b"x" * MIB}))
    before = daemon.resident_kib()
    with Client(daemon.address, receive_buffer=4096, timeout=1.0) as deaf:
        message = frame(cbor2.dumps(wire(deaf.request("get_work_units", [
            "s", {"work_unit_keys": ["big"], "padding": b"p" * 10_000}]))))
        with pytest.raises(TimeoutError):
            for _ in range(6_400):
                deaf.send(message)
        assert bystander.call("now") > 0
        assert daemon.resident_kib() - before < 100 * 1024
        deaf.socket.settimeout(60)
        for _ in range(20):  # it was held back, not lost
            assert deaf.receive()[b"result"][0][0][1] == {b"blob": b"x" * MIB}


def test_long_answers_that_nobody_reads(daemon, bystander):
    """They are made one after the other, as the client reads them, though all were asked at once."""
    add(bystander, ("big", {"blob": b"x" * MIB}))
    before = daemon.resident_kib()
    with Client(daemon.address, receive_buffer=4096) as deaf:
        requests = [deaf.request("get_work_units", ["s", {"work_unit_keys": ["big"] * 8}])
                    for _ in range(60)]
        deaf.send(b"".join(frame(cbor2.dumps(wire(request))) for request in requests))
        first = deaf.read_exactly(1)
        assert first == b"\xd8" and bystander.call("now") > 0
        assert daemon.resident_kib() - before < 100 * 1024
        assert deaf.read_exactly(1) == b"\x18"
        assert len(deaf.read_exactly(5)) == 5 and deaf.read_exactly(MIB)


def test_an_answer_that_would_be_without_bound(daemon, bystander):
    """A short request can ask for the same data again and again."""
    add(bystander, ("big", {"blob": b"x" * MIB, "traceback": "x" * MIB}))
    before = daemon.resident_kib()
    for request in (["s", {"work_unit_keys": ["big"] * 1000}], ["s", ["big"] * 1000]):
        method = "get_work_units" if isinstance(request[1], dict) else "get_work_unit_status"
        with pytest.raises(RpcError, match=f"{method}.*too much data"):
            bystander.call(method, *request)
    assert daemon.resident_kib() - before < 100 * 1024
    assert len(bystander.good("get_work_units", "s", {"work_unit_keys": ["big"] * 4})) == 4


def test_work_whose_answer_could_not_be_sent(daemon, bystander):
    """Is available again at once, but for an answer that had begun to leave."""
    add(bystander, *((f"u{n:02}", {"blob": b"x" * MIB}) for n in range(40)), ("small", {}))
    with Client(daemon.address, receive_buffer=4096) as deaf:
        # In one piece, so that all are taken before the first answer holds up reading.
        deaf.send(b"".join(
            frame(cbor2.dumps(wire(deaf.request("get_work", ["deaf", {"lease_time": 86_400}]))))
            for _ in range(20)))
        deaf.send_value([deaf.request("get_work", ["deaf", {"lease_time": 86_400}])
                         for _ in range(10)])
        eventually(lambda: counts(bystander).get(3, 0) > 5, "work to be given")
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    eventually(lambda: counts(bystander).get(3, 0) <= 5, "work to be available again")


def test_many_long_messages_that_do_not_end(daemon, bystander):
    """Unfinished messages are bounded in all; who sends them waits or is closed, not the others."""
    head = b"\xd8\x18\x5a" + (60 * MIB).to_bytes(4, "big")
    connections = [Connection(daemon.address, timeout=0.2) for _ in range(40)]
    piece = b"\x00" * MIB
    for connection in connections:
        try:
            connection.send(head)
            for _ in range(20):
                connection.send(piece)
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
    assert bystander.call("now") > 0
    add(bystander, "another")
    assert daemon.resident_kib() < 1024 * 1024
    for connection in connections:
        connection.close()


def test_a_long_message_after_the_long_ones_have_gone(daemon, bystander):
    head = b"\xd8\x18\x5a" + (60 * MIB).to_bytes(4, "big")
    files = daemon.open_files()
    for _ in range(10):
        with Connection(daemon.address) as connection:
            connection.send(head + b"\x00" * (2 * MIB))
    eventually(lambda: daemon.open_files() == files, "the connections to be closed")
    data = {"blob": b"y" * (50 * MIB)}
    add(bystander, ("long", data))
    got = bystander.good("get_work_units", "s", {"work_unit_keys": ["long"]})
    assert same(got, [(b"long", {b"blob": data["blob"]})])


def test_long_messages_that_wait_hold_up_nobody(daemon, bystander):
    """A get_work that waits has been executed: what its message took is free."""
    spec(bystander, "probe", disabled=True)
    add(bystander, *(f"w{n}" for n in range(6)), to="probe")
    waiting = []
    for n in range(6):
        waiting.append(Client(daemon.address))
        waiting[-1].post("get_work", f"w{n}", {
            "wait_seconds": 3600, "work_spec_names": ["other"], "padding": b"p" * (50 * MIB),
            "updates": [("probe", f"w{n}", {"status": 4})]})
    eventually(lambda: counts(bystander, "probe") == {4: 6}, "all requests to wait")
    spec(bystander, "other")
    add(bystander, *(f"u{n}" for n in range(6)), to="other")
    for other in waiting:
        assert other.result_of(other.receive(), 1)[0]["work"][0] == "other"
        assert other.call("now") > 0
        other.close()


def test_many_connections_at_once(daemon, bystander):
    clients = [Client(daemon.address) for _ in range(300)]
    add(bystander, *(f"u{n}" for n in range(300)))
    requests = [other.post("get_work", f"w{n}", {}) for n, other in enumerate(clients)]
    keys = {other.result_of(other.receive(), request)[0][1]
            for other, request in zip(clients, requests)}
    assert len(keys) == 300
    for other in clients:
        other.close()
    assert sum(counts(bystander).values()) == 301


def test_connections_that_come_and_go(daemon, bystander):
    files = daemon.open_files()
    for n in range(300):
        connection = Connection(daemon.address)
        if n % 2:
            connection.send(NOW)
        connection.close()
    eventually(lambda: daemon.open_files() <= files, "the connections to be closed")
    assert take(bystander) == ["witness"]
