# SPDX-License-Identifier: MIT
"""Plays the exchanges recorded between the original client and the original server."""

import json
import pathlib

import cbor2
import pytest

from client import Connection, ConnectionClosed, decode, folded, frame, same
from wire_differs import DIFFERS, ERROR
from wire_vectors import view_answer

PATH = pathlib.Path(__file__).resolve().parents[1] / "data" / "wire-vectors.jsonl"
VECTORS = [json.loads(line) for line in PATH.read_text().splitlines()]
EXPECTS = {"equal", "error", "closed", "none", "differs"}


def messages(data):
    """The decoded content of each message in `data`, of which the last may be cut off."""
    found = []
    view = memoryview(data)
    while view:
        if bytes(view[:2]) != b"\xd8\x18":  # the bare map
            return found + [decode(bytes(view))]
        head = view[2]
        extra = 1 << ((head & 31) - 24) if (head & 31) >= 24 else 0
        length = int.from_bytes(view[3:3 + extra], "big") if extra else head & 31
        content = bytes(view[3 + extra:3 + extra + length])
        if len(content) < length:
            return found
        found.append(decode(content))
        view = view[3 + extra + length:]
    return found


def method_of(request):
    return folded(request[b"method"])


def own_answer(request, result):
    """The answer map with this project's own result, or with an error."""
    if result is ERROR:
        return {b"id": request[b"id"], b"error": {"message": ""}}
    return {b"id": request[b"id"], b"result": result}


def expected_answers(vector, requests):
    """One decoded answer, or list of answers, for each message of the vector."""
    if vector["expect"] == "equal":
        return messages(bytes.fromhex(vector["response_hex"]))
    if vector["expect"] == "error":
        return [own_answer(request, ERROR) for request in requests]
    if vector["expect"] == "differs":
        result = DIFFERS[vector["name"]]
        if isinstance(requests[0], list):
            return [[own_answer(*item) for item in zip(requests[0], result, strict=True)]]
        return [own_answer(requests[0], result)]
    return []


def check(vector, connection):
    data = bytes.fromhex(vector["request_hex"])
    requests = messages(data)
    connection.send(data)
    if vector.get("half_close"):
        connection.half_close()
    for request, expected in zip(requests, expected_answers(vector, requests)):
        actual = decode(connection.read_message())
        if isinstance(request, list):
            assert len(actual) == len(expected)
        else:
            request, expected, actual = [request], [expected], [actual]
        for one, wanted, got in zip(request, expected, actual, strict=True):
            method = method_of(one)
            assert view_answer(method, got) == view_answer(method, wanted)
    if vector["expect"] in ("closed", "none") and vector.get("own_connection"):
        assert connection.is_closed()


@pytest.mark.parametrize("session", sorted({vector["session"] for vector in VECTORS}))
def test_session(session, start):
    """Every vector of a session in order; all that fail are named."""
    daemon = start()
    failures = []
    played = 0
    with Connection(daemon.address) as shared:
        for vector in (v for v in VECTORS if v["session"] == session):
            own = Connection(daemon.address) if vector.get("own_connection") else None
            try:
                check(vector, own or shared)
            except (AssertionError, ConnectionClosed) as error:
                failures.append(f"{vector['name']}: {type(error).__name__} {error}")
            finally:
                if own:
                    own.close()
            played += 1
    assert played == sum(v["session"] == session for v in VECTORS)
    assert not failures, "\n".join(failures)


def test_every_vector_that_differs_has_an_answer_of_ours():
    assert {v["name"] for v in VECTORS if v["expect"] == "differs"} == set(DIFFERS)
    assert {v["expect"] for v in VECTORS} <= EXPECTS
    assert len(VECTORS) == 201


class TestMatching:
    """The comparison itself can fail."""

    @pytest.mark.parametrize("left, right", [
        ((True, None), [True, None]),
        ((True, b"one message"), (True, "another")),
        (({1: 2}, None), ({1: 2.0}, None)),
    ])
    def test_equal_outside_user_data(self, left, right):
        assert self.shown("count_work_units", left) == self.shown("count_work_units", right)

    @pytest.mark.parametrize("method, left, right", [
        ("set_work_spec", (True, None), (False, None)),
        ("set_work_spec", (True, None), (1, None)),
        ("set_work_spec", (True, None), (True, "message")),
        ("get_work_spec", {b"name": b"a"}, {"name": b"a"}),
        ("get_work_spec", {b"name": b"a", b"x": 1}, {b"name": b"a", b"x": 1.0}),
        ("get_work_spec", {b"name": b"a", b"x": []}, {b"name": b"a", b"x": ()}),
        ("get_work_units", ([(b"k", {b"a": 1})], None), ([(b"k", {b"a": True})], None)),
        ("get_work_units", ([(b"k", {})], None), ([(b"l", {})], None)),
        ("get_work", ((b"s", b"k", {}), None), ([(b"s", b"k", {})], None)),
        ("get_work_unit_status", ([{"status": 3, "worker_id": "a", "expiration": 1.0}], None),
         ([{"status": 3, "worker_id": "a", "expiration": None}], None)),
    ])
    def test_different(self, method, left, right):
        assert self.shown(method, left) != self.shown(method, right)

    def test_an_error_is_no_result(self):
        assert view_answer("clear", {"id": 1, "error": {"message": "x"}}) != self.shown("clear", 0)

    def test_ids_are_user_data(self):
        assert (view_answer("clear", {"id": b"1", "result": 0})
                != view_answer("clear", {"id": "1", "result": 0}))

    @staticmethod
    def shown(method, result):
        return view_answer(method, {"id": 1, "result": result})


def test_messages_are_told_apart():
    one, two = ({b"a": number} for number in (1, 2))
    data = frame(cbor2.dumps(one)) + frame(cbor2.dumps(two))
    assert messages(data) == [one, two]
    assert messages(data[:-1]) == [one]
    assert same(messages(frame(cbor2.dumps({b"a": b"x" * 70000}))), [{b"a": b"x" * 70000}])
