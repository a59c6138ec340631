# SPDX-License-Identifier: MIT
"""The methods of locks (spec/cbor-rpc.md, section 5; spec/domain.md, section 10)."""

import cbor2
import pytest

from client import RpcError, Text, folded, frame
from daemon import eventually


def holders(client, *keys):
    return folded(client.call("readlock", list(keys)))


class TestLock:
    def test_all_or_none(self, any_client):
        client = any_client
        assert client.pair("lock", "l", 60, [["a"], ["b"]]) == (True, None)
        assert client.pair("lock", "other", 60, [["c"], ["a"]])[0] is False
        assert holders(client, ["a"], ["b"], ["c"]) == ["l", "l", None]

    @pytest.mark.parametrize("key, free", [
        (["a", "b"], False), (["a"], False), (["a", "b", "c"], False), ([], False),
        (["a", "c"], True), (["b"], True), (("a", "b"), False), (["a", "bb"], True),
        ([Text("a"), Text("b")], False)], ids=str)
    @pytest.mark.parametrize("locker", ["l", "other"])
    def test_a_held_path_shuts_out(self, client, key, free, locker):
        """Itself, its prefixes and its extensions, for everybody."""
        assert client.good("lock", "l", 60, [["a", "b"]]) is True
        assert client.pair("lock", locker, 60, [key])[0] is free

    def test_the_same_call_included(self, client):
        assert client.pair("lock", "l", 60, [["a"], ["a", "b"]])[0] is False
        assert client.pair("lock", "l", 60, [["a"], ["a"]])[0] is False
        assert holders(client, ["a"]) == [None]

    @pytest.mark.parametrize("label", [
        5, -5, 1.5, None, True, b"\xff", Text("\u00fc"), "", 1 << 70])
    def test_labels_are_scalars(self, client, label):
        assert client.good("lock", "l", 60, [[label, "x"]]) is True
        assert holders(client, [label, "x"], ["x"]) == ["l", None]

    @pytest.mark.parametrize("forms", [
        ("05", "1805", "1b0000000000000005"), ("24", "3804", "3b0000000000000004"),
        ("f93e00", "fa3fc00000", "fb3ff8000000000000"),
        ("616b", "416b", "5f416bff", "78016b")], ids=lambda forms: forms[0])
    def test_a_label_is_its_value(self, client, forms):
        """However wide its encoding is."""
        lock = (b"\xa3" + cbor2.dumps(b"id") + b"\x01" + cbor2.dumps(b"method")
                + cbor2.dumps(b"lock") + cbor2.dumps(b"params") + b"\x83" + cbor2.dumps(b"l")
                + cbor2.dumps(60) + b"\x81\x81")
        held = []
        for form in forms:
            client.send(frame(lock + bytes.fromhex(form)))
            held.append(client.receive()[b"result"][0])
        assert held == [True] + [False] * (len(forms) - 1)

    def test_labels_of_other_kinds_are_others(self, client):
        assert client.good("lock", "l", 60, [[1]]) is True
        assert client.good("lock", "l", 60, [["1"]]) is True

    def test_no_keys(self, client):
        assert client.pair("lock", "l", 60, []) == (True, None)

    @pytest.mark.parametrize("keys", [["a"], [5], [None], "a", 5, None, [["a"], "b"], [[["a"]]],
                                      [[{}]]], ids=str)
    def test_keys_of_another_kind(self, client, keys):
        for method in ("lock", "locksome", "renew"):
            with pytest.raises(RpcError, match=f"{method}.*keys"):
                client.call(method, "l", 60, keys)
        with pytest.raises(RpcError, match="unlock.*keys"):
            client.call("unlock", "l", keys)
        with pytest.raises(RpcError, match="readlock.*keys"):
            client.call("readlock", keys)

    @pytest.mark.parametrize("locker, timeout, word", [
        (5, 60, "locker_id"), (None, 60, "locker_id"), ("l", "x", "timeout"), ("l", [], "timeout")])
    def test_wrong_kind(self, client, locker, timeout, word):
        with pytest.raises(RpcError, match=f"lock.*{word}"):
            client.call("lock", locker, timeout, [["a"]])

    def test_expired_are_gone(self, client):
        assert client.good("lock", "l", 0.05, [["a"]]) is True
        eventually(lambda: holders(client, ["a"]) == [None], "the lock to expire")
        assert client.good("lock", "other", 60, [["a"]]) is True

    @pytest.mark.parametrize("timeout", [0, -5, "60", 10**9])
    def test_timeout_beyond_its_range(self, client, timeout):
        assert client.good("lock", "l", timeout, [["a"]]) is True
        assert holders(client, ["a"]) == ["l"]


class TestLockSome:
    def test_as_many_as_possible_in_order(self, any_client):
        client = any_client
        client.good("lock", "other", 60, [["b"]])
        got = client.good("locksome", "l", 60, [["a"], ["b"], ["c", "d"], ["c"], ["a"]])
        assert [key and list(map(folded, key)) for key in got] == [
            ["a"], None, ["c", "d"], None, None]
        assert holders(client, ["a"], ["b"], ["c", "d"]) == ["l", "other", "l"]

    def test_none(self, client):
        client.good("lock", "other", 60, [["a"]])
        assert client.good("locksome", "l", 60, [["a"]]) == [None]
        assert client.good("locksome", "l", 60, []) == []


class TestRenewAndUnlock:
    def test_unlock(self, any_client):
        client = any_client
        client.good("lock", "l", 60, [["a"], ["b"]])
        assert client.pair("unlock", "other", [["a"]])[0] is False
        assert client.pair("unlock", "l", [["a"], ["c"]])[0] is False
        assert holders(client, ["a"], ["b"]) == ["l", "l"]
        assert client.pair("unlock", "l", [["a"]]) == (True, None)
        assert holders(client, ["a"], ["b"]) == [None, "l"]

    def test_by_the_exact_path(self, client):
        client.good("lock", "l", 60, [["a", "b"]])
        assert holders(client, ["a"], ["a", "b", "c"]) == [None, None]
        assert client.pair("unlock", "l", [["a"]])[0] is False
        assert client.pair("renew", "l", 60, [["a", "b", "c"]])[0] is False

    def test_renew(self, client):
        client.good("lock", "l", 60, [["a"], ["b"]])
        assert client.pair("renew", "l", 60, [["a"], ["b"]]) == (True, None)
        assert client.pair("renew", "other", 60, [["a"]])[0] is False
        assert client.pair("renew", "l", 60, [["a"], ["c"]])[0] is False
        assert client.pair("renew", "l", 0.05, [["a"]]) == (True, None)
        eventually(lambda: holders(client, ["a"]) == [None], "the lock to expire")
        assert client.pair("renew", "l", 60, [["a"]])[0] is False
        assert holders(client, ["b"]) == ["l"]


class TestDeleteNamespace:
    def test_drops_all_under_a_label(self, any_client):
        client = any_client
        client.good("lock", "l", 60, [["a", "b"], ["a", "c"], ["b"]])
        assert client.call("delete_namespace", "a") == 0
        assert holders(client, ["a", "b"], ["a", "c"], ["b"]) == [None, None, "l"]
        assert client.call("delete_namespace", "nope") == 0

    def test_the_label_itself(self, client):
        client.good("lock", "l", 60, [["a"]])
        assert client.call("delete_namespace", "a") == 0
        assert holders(client, ["a"]) == [None]
