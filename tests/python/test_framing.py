# SPDX-License-Identifier: MIT
"""Framing, requests, answers and strings (spec/cbor-rpc.md, section 1)."""

import uuid

import cbor2
import pytest

from client import ConnectionClosed, RpcError, Text, decode, folded, frame, same
from helpers import NO_WORK, add, heartbeat, spec, units


def encode(value):
    return cbor2.dumps(value)


def now_request(identity=1):
    return {b"id": identity, b"method": b"now", b"params": []}


def in_chunks(item, size=5):
    """The message that carries an encoded item in a byte string of indefinite length."""
    chunks = [encode(item[start:start + size]) for start in range(0, len(item), size)]
    return b"\xd8\x18\x5f" + b"".join(chunks) + b"\xff"


class TestFrames:
    def test_message_in_single_bytes(self, client):
        for byte in frame(encode(now_request())):
            client.send(bytes([byte]))
        assert client.receive()[b"id"] == 1

    def test_many_messages_in_one_piece(self, client):
        client.send(b"".join(frame(encode(now_request(n))) for n in range(500)))
        assert [client.receive()[b"id"] for _ in range(500)] == list(range(500))

    def test_pieces_that_cross_messages(self, client):
        data = b"".join(frame(encode(now_request(n))) for n in range(50))
        for start in range(0, len(data), 7):
            client.send(data[start:start + 7])
        assert [client.receive()[b"id"] for _ in range(50)] == list(range(50))

    def test_untagged(self, client):
        client.send(encode(now_request(7)))
        assert client.receive()[b"id"] == 7

    def test_wrapped_twice(self, client):
        client.send(frame(frame(encode(now_request(8)))))
        assert client.receive()[b"id"] == 8  # receive() insists on one wrapping

    @pytest.mark.parametrize("width", ["58", "59", "5a", "5b"])
    def test_length_of_any_width(self, client, width):
        item = encode(now_request(9))
        size = 1 << (int(width, 16) - 0x58)
        client.send(b"\xd8\x18" + bytes.fromhex(width) + len(item).to_bytes(size, "big") + item)
        assert client.receive()[b"id"] == 9

    def test_in_chunks(self, client):
        """Requests and batches, one behind the other in one piece."""
        client.send(in_chunks(encode(now_request(1))) + in_chunks(encode([now_request(2)]))
                    + in_chunks(encode(now_request(3))) + in_chunks(encode([now_request(4)])))
        answers = [client.receive() for _ in range(4)]
        assert [answer[0][b"id"] if isinstance(answer, list) else answer[b"id"]
                for answer in answers] == [1, 2, 3, 4]

    def test_bytes_after_the_item_are_ignored(self, client):
        client.send(frame(encode(now_request(1)) + b"\xff\x00garbage"))
        client.send(frame(encode(now_request(2))))
        assert client.receive()[b"id"] == 1
        assert client.receive()[b"id"] == 2

    def test_long_message(self, client):
        spec(client)
        data = {"blob": b"x" * (5 << 20)}
        add(client, ("u", data))
        assert same(units(client)[b"u"], client.wire(data))

    def test_null_message_closes_quietly(self, client, daemon):
        client.send(frame(encode(None)))
        assert client.is_closed()
        assert "error" not in daemon.text("stderr").lower()

    def test_answers_keep_order_within_a_connection(self, client):
        spec(client)
        sent = []
        for n in range(200):
            sent.append(client.post("add_work_units", "s", [(f"u{n}", {})]))
            sent.append(client.post("count_work_units", "s"))
        answers = [client.receive() for _ in sent]
        assert [answer[b"id"] for answer in answers] == sent
        totals = [answer[b"result"][0][1] for answer in answers[1::2]]
        assert totals == list(range(1, 201))


class TestRequests:
    @pytest.mark.parametrize("identity", [
        0, -1, 1 << 63, 1 << 80, b"bytes", "text", 1.5, None, True, [1, {b"a": b"b"}], {b"k": []},
        uuid.UUID(int=5)])
    def test_id_is_echoed_as_it_came(self, client, identity):
        client.send(frame(encode(now_request(identity))))
        assert same(client.receive()[b"id"], decode(encode(identity)))

    def test_id_absent_is_null(self, client):
        client.send(frame(encode({b"method": b"now", b"params": []})))
        answer = client.receive()
        assert b"id" in answer and answer[b"id"] is None

    def test_result_is_present_when_null(self, client):
        client.send(frame(encode(
            {b"id": 1, b"method": b"get_work_spec", b"params": [b"nope"]})))
        answer = client.receive()
        assert set(answer) == {b"id", b"result"} and answer[b"result"] is None

    def test_other_keys_are_ignored(self, client):
        client.send(frame(encode({**now_request(1), b"jsonrpc": b"2.0", 5: [1]})))
        assert b"result" in client.receive()

    def test_of_equal_keys_the_later_wins(self, client):
        client.send(frame(b"\xa4" + encode(b"id") + encode(1) + encode(b"method") + encode(b"now")
                          + encode(b"params") + encode([]) + encode(b"id") + encode(2)))
        assert client.receive()[b"id"] == 2

    def test_of_equal_keys_of_either_kind_the_later_wins(self, client):
        client.send(frame(b"\xa4" + encode(b"id") + encode(1) + encode("method") + encode("nope")
                          + encode(b"params") + encode([]) + encode(b"method") + encode(b"now")))
        assert b"result" in client.receive()

    @pytest.mark.parametrize("request_map", [
        {b"id": 1, b"method": b"now"},
        {b"id": 1, b"method": b"now", b"params": None},
        {b"id": 1, b"method": b"now", b"params": 5},
        {b"id": 1, b"method": b"now", b"params": b"x"},
    ])
    def test_params_must_be_list_or_map(self, client, request_map):
        client.send(frame(encode(request_map)))
        assert b"error" in client.receive()
        assert client.call("now") > 0  # the connection goes on

    @pytest.mark.parametrize("request_map", [
        {b"id": 3, b"params": []},
        {b"id": 3, b"method": 5, b"params": []},
        {b"id": 3, b"method": None, b"params": []},
        {b"id": 3, b"method": b"\xff\xfe", b"params": []},
        {b"id": 3, b"method": b"no_such_method", b"params": []},
    ])
    def test_unknown_method(self, client, request_map):
        client.send(frame(encode(request_map)))
        answer = client.receive()
        assert answer[b"id"] == 3 and b"error" in answer
        assert client.call("now") > 0

    def test_error_names_method_and_parameter(self, client):
        with pytest.raises(RpcError, match="no_such_method"):
            client.call("no_such_method")
        with pytest.raises(RpcError, match="get_work_spec.*work_spec_name"):
            client.call("get_work_spec")
        with pytest.raises(RpcError, match="get_work_spec.*work_spec_name"):
            client.call("get_work_spec", 5)
        with pytest.raises(RpcError, match="get_work_spec"):
            client.call("get_work_spec", "s", "extra")
        with pytest.raises(RpcError, match="get_work_spec.*nope"):
            client.call_named("get_work_spec", {"nope": "s"})
        with pytest.raises(RpcError, match="get_work.*options"):
            client.call("get_work", "w", 7)
        assert client.call("now") > 0

    def test_map_of_parameter_names(self, any_client):
        client = any_client
        named = client.call_named
        assert named("set_work_spec", {"work_spec": {"name": "s"}}) in ([True, None], (True, None))
        assert named("add_work_units", {
            "work_unit_key_vals": [("u", {}), ("v", {})], "work_spec_name": "s"})[0] is True
        assert named("add_work_units", {
            "work_unit_key_vals": [("u", {})], "work_spec_name": "s",
            "options": {"only_new": True}})[0] is True
        assert folded(named("get_work", {"worker_id": "w", "options": {}})[0][1]) == "u"
        assert named("update_work_unit", {
            "work_spec_name": "s", "work_unit_key": "u", "options": {"status": 4}})[0] is True
        assert named("get_work_unit_status", {
            "work_spec_name": "s", "work_unit_keys": ["u"]})[0][0]["status"] == 4
        assert named("worker_heartbeat", {
            "worker_id": "w", "mode": "RUN", "expire_seconds": 60, "data": None,
            "parent": None})[0] is True
        assert named("update_work_units", {
            "updates": [("s", "v", {"status": 4})]})[0][0] is True
        assert named("lock", {"locker_id": "l", "timeout": 5, "keys": [["a"]]})[0] is True
        assert folded(named("readlock", {"keys": [["a"]]})) == ["l"]
        assert named("delete_namespace", {"namespace": "a"}) == 0


class TestBatches:
    def test_answers_in_one_list_in_order(self, client):
        spec(client)
        client.send_value([
            {"id": 1, "method": "add_work_units", "params": ["s", [("u", {})]]},
            {"id": 2, "method": "no_such_method", "params": []},
            {"id": b"three", "method": "count_work_units", "params": ["s"]},
        ])
        first, second, third = client.receive()
        assert first[b"id"] == 1 and first[b"result"][0] is True
        assert second[b"id"] == 2 and b"error" in second
        assert third[b"id"] == b"three" and third[b"result"][0] == {1: 1}

    def test_empty(self, client):
        client.send_value([])
        assert client.receive() == []

    def test_empty_ones_among_others_in_one_piece(self, client):
        client.send(frame(encode([])) * 3 + frame(encode(now_request(1))) + frame(encode([]))
                    + frame(encode([now_request(2)])))
        client.half_close()
        assert [client.receive() for _ in range(3)] == [[], [], []]
        assert client.receive()[b"id"] == 1
        assert client.receive() == []
        assert [answer[b"id"] for answer in client.receive()] == [2]
        assert client.is_closed()

    def test_item_that_is_no_map(self, client):
        client.send_value([5, now_request(2), None, "x", [now_request(3)]])
        answers = client.receive()
        assert [answer[b"id"] for answer in answers] == [None, 2, None, None, None]
        assert [b"error" in answer for answer in answers] == [True, False, True, True, True]
        assert client.call("now") > 0

    def test_largest(self, client):
        client.send_value([now_request(n) for n in range(10_000)])
        assert [answer[b"id"] for answer in client.receive()] == list(range(10_000))

    def test_get_work_in_a_batch_does_not_wait(self, client):
        spec(client)
        client.send_value([
            {"id": 1, "method": "get_work", "params": ["w", {"wait_seconds": 3600}]},
            now_request(2)])
        answer = client.receive()[0]
        assert tuple(answer[b"result"][0]) == NO_WORK

    def test_between_single_requests(self, client):
        client.send(frame(encode(now_request(1))) + frame(encode([now_request(2)]))
                    + frame(encode(now_request(3))))
        assert client.receive()[b"id"] == 1
        assert client.receive()[0][b"id"] == 2
        assert client.receive()[b"id"] == 3


class TestStrings:
    def test_same_bytes_are_the_same_name(self, client):
        spec(client, Text("s\u00fc"))
        add(client, (b"k\xc3\xbc", {}), to=b"s\xc3\xbc")
        add(client, (Text("k\u00fc"), {"new": 1}), to=Text("s\u00fc"))
        assert list(units(client, Text("s\u00fc")).values()) == [{b"new": 1}]
        assert client.call("get_work_spec", b"s\xc3\xbc") is not None

    def test_worker_of_either_kind(self, client):
        heartbeat(client, b"w\xc3\xbc")
        assert client.good("worker_unregister", Text("w\u00fc")) is True

    def test_envelope_and_own_keys(self, client):
        """The envelope in bytes; spec names, worker ids and our own keys in text; keys in bytes."""
        spec(client)
        add(client, "u")
        assert client.good("get_work", "w", {}) == ("s", b"u", {})
        shown = client.good("get_work_unit_status", "s", ["u"])[0]
        assert set(shown) == {"status", "worker_id", "expiration"}
        assert shown["worker_id"] == "w"
        assert set(client.good("get_work_spec_meta", "s")) == {
            "status", "continuous", "interval", "max_running", "weight"}
        heartbeat(client, "w")
        assert client.good("list_worker_modes") == {"w": b"RUN"}
        assert client.call("list_work_specs", {"limit": 1}) in (
            [[{b"name": b"s"}], None], ([{b"name": b"s"}], None))

    @pytest.mark.parametrize("sixty", [60, 60.0, "60", b"60", Text("60"), "60.0"])
    def test_number_as_decimal_string(self, client, sixty):
        spec(client, interval=sixty)
        assert client.good("get_work_spec_meta", "s")["interval"] == 60
        assert heartbeat(client, "w", seconds=sixty) == (True, None)

    @pytest.mark.parametrize("two", ["2", b"2", 2, 2.0])
    def test_count_as_decimal_string(self, client, two):
        spec(client)
        add(client, "a", "b", "c")
        assert len(client.good("get_work", "w", {"max_jobs": two})) == 2
        assert len(units(client, limit=two)) == 2

    @pytest.mark.parametrize("text", ["two", "", "0x10", "1e999", "nan"])
    def test_string_that_is_no_number(self, client, text):
        spec(client)
        with pytest.raises(RpcError, match="max_jobs"):
            client.call("get_work", "w", {"max_jobs": text})
        assert client.call("now") > 0


class TestUserData:
    # Each is one encoded item that stands as the value in a unit's data.
    ITEMS = {
        "null": "f6", "undefined": "f7", "false": "f4", "true": "f5",
        "zero": "00", "uint64 max": "1bffffffffffffffff", "int64 min": "3b7fffffffffffffff",
        "negative max": "3bffffffffffffffff", "wide small": "1b0000000000000001",
        "bignum": "c2490100000000000000ff", "negative bignum": "c349010000000000000000",
        "float16": "f93e00", "float32": "fa3fc00000", "float64": "fb3ff8000000000000",
        "nan": "fb7ff8000000000001", "nan16": "f97e00", "infinity": "f97c00",
        "negative zero": "fb8000000000000000",
        "text": "63e282ac", "empty text": "60", "bytes": "4300ff80", "empty bytes": "40",
        "empty list": "80", "empty map": "a0", "list": "8301820203f6",
        "tuple": "d8808201d88080", "uuid": "d82550000102030405060708090a0b0c0d0e0f",
        "date": "c11a514b67b0", "unknown tag": "da0001000082f4f5", "encoded": "d818420001",
        "simple": "f8ff", "unassigned simple": "e3",
        "indefinite list": "9f0102ff", "indefinite map": "bf6161f5ff",
        "indefinite bytes": "5f42010243030405ff", "indefinite text": "7f61616162ff",
        "integer keys": "a201f520f4", "mixed keys": "a34161f46161f5d88080f6",
        "deep": "81" * 60 + "00",
    }

    @pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS.keys())
    def test_carried_unharmed(self, client, item):
        """What was stored comes back byte for byte, from each method that shows it."""
        item = bytes.fromhex(item)
        data = b"\xa1" + encode(b"k") + item
        spec(client)
        client.send(frame(b"\xa3" + encode(b"id") + encode(1) + encode(b"method")
                          + encode(b"add_work_units") + encode(b"params") + b"\x82" + encode(b"s")
                          + b"\x81\x82" + encode(b"u") + data))
        assert client.receive()[b"result"][0] is True
        for method, params in (("get_work_units", ["s", {}]), ("get_work", ["w", {}])):
            client.post(method, *params)
            assert data in client.read_message()

    def test_definition_carried_unharmed(self, client):
        definition = (b"\xa2" + encode(b"name") + encode("s") + encode(b"config")
                      + bytes.fromhex("9f" + "".join(self.ITEMS.values()) + "ff"))
        client.send(frame(b"\xa3" + encode(b"id") + encode(1) + encode(b"method")
                          + encode(b"set_work_spec") + encode(b"params") + b"\x81" + definition))
        assert client.receive()[b"result"][0] is True
        for method, params in (("get_work_spec", ["s"]), ("list_work_specs", [{}])):
            client.post(method, *params)
            assert definition in client.read_message()

    @pytest.mark.parametrize("data", [
        b"\xa1\x61", b"\xa1\x41\x6b\xff", b"\xa1\x41\x6b\x1c",
        b"\xa1\x41\x6b\xf8\x10", b"\xa1\x41\x6b\x5f\x61\x61\xff"],
        ids=["cut", "break", "reserved", "two-byte false", "mixed chunks"])
    def test_malformed_is_refused(self, client, connect, data):
        spec(client)
        client.send(frame(b"\xa3" + encode(b"id") + encode(1) + encode(b"method")
                          + encode(b"add_work_units") + encode(b"params") + b"\x82" + encode(b"s")
                          + b"\x81\x82" + encode(b"u") + data))
        try:
            assert b"error" in client.receive()
        except ConnectionClosed:
            pass  # no id could be told
        assert client.is_closed()
        assert not units(connect())

    def test_keys_of_a_data_map_are_strings(self, client):
        spec(client)
        with pytest.raises(RpcError, match="0"):
            client.call("add_work_units", "s", [("u", {5: 1})])
        add(client, ("u", {"deeper": {5: 1}}))
        assert same(units(client)[b"u"], {b"deeper": {5: 1}})
