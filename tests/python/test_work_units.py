# SPDX-License-Identifier: MIT
"""The methods of work units but update_work_unit (spec/cbor-rpc.md, section 2)."""

import pytest

from client import RpcError, Text, folded, same
from helpers import (AVAILABLE, FAILED, FINISHED, PENDING, add, counts, is_about, lapse, meta, spec,
                     state, status, take, units, update)

NOPE = "no such work spec nope"


@pytest.fixture(autouse=True)
def work_spec(request):
    """Every test here has a spec named s."""
    client = request.getfixturevalue(
        "any_client" if "any_client" in request.fixturenames else "client")
    spec(client)


class TestAdd:
    def test_forms_of_an_item(self, any_client):
        client = any_client
        items = ["name", Text("text"), b"\x00\xff", ("two", {"k": "v"}), ["list", {"k": 1}],
                 ("null", None), ("three", {}, {"priority": 5}), ("four", {}, {"priority": 5}, 9),
                 ("nulls", None, None, None), ("", {})]
        assert client.good("add_work_units", "s", items) is True
        expected = {b"name": {}, b"text": {}, b"\x00\xff": {}, b"two": {"k": "v"},
                    b"list": {"k": 1}, b"null": {}, b"three": {}, b"four": {}, b"nulls": {},
                    b"": {}}
        assert same(units(client), {
            key: client.wire(data) for key, data in sorted(expected.items())})
        assert meta(client, "three")["priority"] == 5
        assert meta(client, "four")["priority"] == 9
        assert meta(client, "nulls")["priority"] == 0

    def test_a_tuple_of_items(self, client):
        assert client.good("add_work_units", "s", (("a", {}), ("b", {}))) is True
        assert counts(client) == {1: 2}

    def test_delay(self, client):
        assert client.good("add_work_units", "s", [
            ("later", {}, {"delay": 3600}), ("now", {}, {"delay": 0}),
            ("past", {}, {"delay": -5})]) is True
        assert meta(client, "later")["status"] == "delayed"
        assert is_about(meta(client, "later")["not_before"], 3600)
        assert meta(client, "now")["not_before"] is None
        assert counts(client) == {AVAILABLE: 3}  # delayed counts as available
        assert take(client, 5) == ["now", "past"]

    @pytest.mark.parametrize("bad", [
        (1, {}), (None, {}), ("only-name",), (), ("a", {}, {}, 1, 5), ("a", 5), ("a", []),
        ("a", "s"), ("a", {}, 5), ("a", {}, {"priority": "x"}), ("a", {}, {"priority": []}),
        ("a", {}, {}, "x"), ("a", {}, {}, float("nan")), ("a", {}, {"delay": "x"}), 5, None, {},
        ("x" * 1025, {})], ids=lambda value: str(value)[:30])
    def test_bad_item(self, client, bad):
        """The error gives the item's index, and nothing is added."""
        with pytest.raises(RpcError, match="2"):
            client.call("add_work_units", "s", [("ok0", {}), ("ok1", {}), bad, ("ok3", {})])
        assert units(client) == {}

    @pytest.mark.parametrize("bad", [None, 5, "u"])
    def test_no_list(self, client, bad):
        with pytest.raises(RpcError, match="add_work_units.*work_unit_key_vals"):
            client.call("add_work_units", "s", bad)

    def test_empty_list(self, client):
        assert client.good("add_work_units", "s", []) is True

    def test_missing_spec(self, any_client):
        value, message = any_client.pair("add_work_units", "nope", [("a", {})])
        assert value is False and "nope" in message

    def test_last_of_a_name_wins(self, client):
        add(client, ("u", {"v": 1}), ("u", {"v": 2}))
        assert units(client) == {b"u": {b"v": 2}}

    def test_existing_available_is_replaced(self, client):
        add(client, ("u", {"v": 1}, {"priority": 5}))
        add(client, ("u", {"v": 2}))
        assert units(client) == {b"u": {b"v": 2}} and meta(client)["priority"] == 0

    @pytest.mark.parametrize("ended", [FINISHED, FAILED])
    def test_existing_ended_becomes_available(self, client, ended):
        add(client, ("u", {"v": 1}))
        take(client)
        update(client, {"status": ended, "data": {"done": 1}})
        add(client, ("u", {"v": 2}))
        assert status(client) == {"status": AVAILABLE, "expiration": None}
        assert units(client) == {b"u": {b"v": 2}}

    def test_existing_pending_keeps_what_was_handed_out(self, client):
        add(client, ("u", {"v": 1}))
        take(client)
        add(client, ("u", {"v": 2}))
        assert state(client) == PENDING and units(client) == {b"u": {b"v": 1}}
        update(client, {"status": AVAILABLE})
        assert client.good("get_work", "w", {}) == ("s", b"u", {b"v": 2})

    def test_existing_lapsed_is_cleared(self, client):
        add(client, "u")
        take(client)
        lapse(client)
        add(client, ("u", {"v": 2}))
        assert update(client, {"status": FINISHED, "worker_id": "w", "only_if_owner": True})[0] \
            is False

    def test_only_new(self, client):
        add(client, ("old", {"v": 1}))
        take(client)
        update(client, {"status": FINISHED}, "old")
        assert client.good("add_work_units", "s", [("old", {"v": 2}), ("new", {})],
                           {"only_new": True}) is True
        assert state(client, "old") == FINISHED and state(client, "new") == AVAILABLE
        assert client.good("add_work_units", "s", [("old", {"v": 2})], {"only_new": False}) is True
        assert state(client, "old") == AVAILABLE
        assert client.good("add_work_units", "s", [("old", {})], None) is True

    def test_ten_thousand(self, client):
        add(client, *((f"u{n:05}", {"n": n}) for n in range(10_000)))
        assert counts(client) == {AVAILABLE: 10_000}
        page = client.good("get_work_units", "s", {"limit": 10_000})
        assert [key for key, _ in page] == [b"u%05d" % n for n in range(10_000)]


class TestCount:
    def test_missing(self, any_client):
        value, message = any_client.pair("count_work_units", "nope")
        assert value is False and message == NOPE

    def test_each_status(self, any_client):
        client = any_client
        add(client, *"abcdef")
        take(client, 3)
        update(client, {"status": FINISHED}, "a")
        update(client, {"status": FAILED}, "b")
        assert counts(client) == {AVAILABLE: 3, PENDING: 1, FINISHED: 1, FAILED: 1}
        assert all(type(key) is int for key in client.good("count_work_units", "s"))

    def test_empty(self, client):
        assert counts(client) == {}


class TestGet:
    @pytest.fixture(autouse=True)
    def some_units(self, work_spec, client):
        add(client, ("c", {"n": 3}), ("a", {"n": 1}, {"priority": -5}), ("b", {"n": 2}),
            ("d", {"n": 4}, {"priority": 9}), ("e", {"n": 5}))
        taken = client.good("get_work", "w", {"max_jobs": 2})  # d, then b
        assert [unit[1] for unit in taken] == [b"d", b"b"]
        update(client, {"status": FINISHED}, "d")

    @staticmethod
    def keys(client, options):
        return b"".join(key for key, _ in client.good("get_work_units", "s", options)).decode()

    @pytest.mark.parametrize("options, expected", [
        ({}, "abcde"), (None, "abcde"), ({"state": None}, "abcde"),
        ({"state": AVAILABLE}, "ace"), ({"state": PENDING}, "b"), ({"state": FINISHED}, "d"),
        ({"state": FAILED}, ""), ({"state": 2}, ""), ({"state": [1, 4]}, "acde"),
        ({"state": (3, 4)}, "bd"), ({"state": []}, ""), ({"state": [2]}, ""),
        ({"state": "1"}, "ace"),
        ({"start": "b"}, "bcde"), ({"start": "bb"}, "cde"), ({"start": Text("d")}, "de"),
        ({"start": "b", "state": 1}, "ce"), ({"start": "b", "limit": 2}, "bc"),
        ({"limit": 2}, "ab"), ({"limit": 0}, "abcde"), ({"limit": -1}, "abcde"),
        ({"limit": None}, "abcde"), ({"limit": 20_000}, "abcde"), ({"unknown": 1}, "abcde"),
        ({"work_unit_keys": ["d", "a"]}, "da"), ({"work_unit_keys": []}, ""),
        ({"work_unit_keys": ("e",)}, "e"), ({"work_unit_keys": [Text("b"), "b"]}, "bb"),
        ({"work_unit_keys": ["d", "a"], "state": 5, "limit": 1, "start": "z"}, "da"),
        ({"work_unit_keys": None, "limit": 1}, "a"),
    ], ids=str)
    def test_options(self, client, options, expected):
        assert self.keys(client, options) == expected

    def test_items_are_tuples_of_key_bytes_and_data(self, client):
        items = client.good("get_work_units", "s", {"work_unit_keys": ["b", "nope", Text("c")]})
        assert same(items, [(b"b", {b"n": 2}), (b"nope", None), (b"c", {b"n": 3})])

    def test_visible_data(self, client):
        update(client, {"data": {"n": "new"}}, "b")
        assert units(client)[b"b"] == {b"n": b"new"}
        update(client, {"status": AVAILABLE}, "b")
        assert units(client)[b"b"] == {b"n": 2}

    def test_missing(self, client):
        value, message = client.pair("get_work_units", "nope", {})
        assert value is None and message == NOPE

    @pytest.mark.parametrize("options, word", [
        ({"start": 5}, "start"), ({"state": "x"}, "state"), ({"state": {}}, "state"),
        ({"limit": []}, "limit"), ({"work_unit_keys": 5}, "work_unit_keys"),
        ({"work_unit_keys": [5]}, "work_unit_keys")])
    def test_wrong_kind(self, client, options, word):
        with pytest.raises(RpcError, match=word):
            client.call("get_work_units", "s", options)

    def test_default_and_largest_limit(self, client):
        add(client, *(f"x{n:05}" for n in range(10_100)))
        assert len(client.good("get_work_units", "s", {})) == 1000
        assert len(client.good("get_work_units", "s", {"limit": 50_000})) == 10_000


class TestStatus:
    def test_each(self, any_client):
        client = any_client
        add(client, *"abcde")
        take(client, 4, lease_time=600)
        update(client, {"status": FINISHED}, "b")
        update(client, {"status": FAILED, "data": {"traceback": "boom\n"}}, "c")
        update(client, {"status": FAILED}, "d")
        shown = folded(client.good(
            "get_work_unit_status", "s", ["a", "b", "c", "d", "e", "nope", Text("a")]))
        lease_end = shown[0].pop("expiration")
        assert isinstance(lease_end, float) and is_about(lease_end, 600)
        assert shown[0] == {"status": PENDING, "worker_id": "w"}
        for item in shown[1:4]:
            assert is_about(item.pop("expiration"), 0)
        assert shown[1] == {"status": FINISHED, "worker_id": "w"}
        assert shown[2] == {"status": FAILED, "worker_id": "w", "traceback": "boom\n"}
        assert shown[3] == {"status": FAILED, "worker_id": "w"}
        assert shown[4] == {"status": AVAILABLE, "expiration": None}
        assert shown[5] is None
        assert shown[6]["status"] == PENDING

    def test_traceback_of_the_units_own_data(self, client):
        add(client, ("u", {"traceback": Text("mine")}))
        assert status(client)["traceback"] == "mine"

    def test_no_keys_and_missing_spec(self, any_client):
        assert any_client.good("get_work_unit_status", "s", []) == []
        assert any_client.pair("get_work_unit_status", "nope", ["a"]) == (None, NOPE)


class TestPrioritize:
    def test_set_and_adjust(self, any_client):
        client = any_client
        add(client, *"abc")
        pair = client.pair
        assert pair("prioritize_work_units", "s", {
            "work_unit_keys": ["a", "nope"], "priority": 5, "adjustment": None}) == (True, None)
        assert pair("prioritize_work_units", "s", {
            "work_unit_keys": ["a"], "priority": None, "adjustment": -1.5}) == (True, None)
        assert meta(client, "a")["priority"] == 3.5
        assert pair("prioritize_work_units", "s", {"work_unit_keys": ["b"]}) == (True, None)
        assert meta(client, "b")["priority"] == 0
        assert pair("prioritize_work_units", "s", {
            "work_unit_keys": ["c"], "priority": 4}) == (True, None)
        assert take(client, 3) == ["c", "a", "b"]

    def test_refused(self, client):
        assert client.pair("prioritize_work_units", "s", {"priority": 3}) == (
            False, "missing work_unit_keys")
        value, message = client.pair("prioritize_work_units", "nope", {
            "work_unit_keys": ["a"], "priority": 1})
        assert value is False and message == NOPE
        add(client, "a")
        with pytest.raises(RpcError, match="priority"):
            client.call("prioritize_work_units", "s", {"work_unit_keys": ["a"], "priority": "x"})

    def test_no_keys(self, client):
        assert client.good("prioritize_work_units", "s", {
            "work_unit_keys": [], "priority": 4}) is True


class TestDelete:
    @pytest.fixture(autouse=True)
    def some_units(self, work_spec, client):
        add(client, *"abcdef")
        take(client, 4)
        update(client, {"status": FINISHED}, "a")
        update(client, {"status": FAILED}, "b")

    @pytest.mark.parametrize("options, count, left", [
        ({"all": True}, 6, ""), ({"work_unit_keys": ["a", "e", "nope", "a"]}, 2, "bcdf"),
        ({"state": FINISHED}, 1, "bcdef"), ({"state": [PENDING, FAILED]}, 3, "aef"),
        ({"state": (AVAILABLE,)}, 2, "abcd"), ({"state": 2}, 0, "abcdef"),
        ({"state": []}, 0, "abcdef"), ({"work_unit_keys": []}, 0, "abcdef"),
        ({"work_unit_keys": ["a", "b", "c"], "state": PENDING}, 1, "abdef"),
        ({"all": False, "state": FAILED}, 1, "acdef"),
    ], ids=str)
    def test_options(self, client, options, count, left):
        assert client.good("del_work_units", "s", options) == count
        assert b"".join(units(client)).decode() == left
        assert sum(counts(client).values()) == len(left)

    @pytest.mark.parametrize("options", [{}, None, {"all": False}, {"unknown": 1}, {"state": None}])
    def test_no_usable_option(self, client, options):
        value, message = client.pair("del_work_units", "s", options)
        assert value == 0 and value is not False and message
        assert len(units(client)) == 6

    def test_missing(self, client):
        assert client.pair("del_work_units", "nope", {"all": True}) == (0, NOPE)

    def test_many(self, client):
        """More than 10,000 are deleted in steps, and the answer counts them all."""
        add(client, *(f"x{n}" for n in range(25_000)))
        assert client.good("del_work_units", "s", {"state": AVAILABLE}) == 25_002
        assert counts(client) == {PENDING: 2, FINISHED: 1, FAILED: 1}


class TestMeta:
    def test_meta(self, any_client):
        client = any_client
        add(client, ("u", {}, {"priority": 2.5}), ("later", {}, {"delay": 60}))
        assert meta(client) == {"status": "available", "priority": 2.5, "not_before": None}
        assert meta(client, "later")["status"] == "delayed"
        take(client)
        assert meta(client)["status"] == "pending"
        update(client, {"status": FINISHED})
        assert meta(client)["status"] == "finished"

    def test_missing(self, any_client):
        value, message = any_client.pair("get_work_unit_meta", "s", "nope")
        assert value is None and "nope" in message
        assert any_client.pair("get_work_unit_meta", "nope", "u") == (None, NOPE)


class TestAttempts:
    def test_history(self, any_client):
        client = any_client
        add(client, ("u", {"v": 1}))
        assert client.good("get_work_unit_attempts", "s", "u", {}) == []
        for worker, ending in [("w1", AVAILABLE), ("w2", FAILED), ("w3", FINISHED)]:
            take(client, worker=worker, lease_time=600)
            update(client, {"status": ending, "data": {"by": worker}})
            if ending == FAILED:
                client.good("retry_work_units", "s", {"work_unit_keys": ["u"]})
        attempts = client.good("get_work_unit_attempts", "s", "u", {})
        assert [set(folded(attempt)) for attempt in attempts] == 3 * [
            {"worker_id", "status", "start", "end", "expiration", "data"}]
        assert [(folded(a["worker_id"]), folded(a["status"])) for a in attempts] == [
            ("w1", "expired"), ("w2", "failed"), ("w3", "finished")]
        assert same([a["data"] for a in attempts],
                    [client.wire({"by": worker}) for worker in ("w1", "w2", "w3")])
        for attempt in attempts:
            assert is_about(attempt["start"], 0) and attempt["start"] <= attempt["end"]
        newest = client.good("get_work_unit_attempts", "s", "u", {"limit": 2})
        assert [folded(a["worker_id"]) for a in newest] == ["w2", "w3"]

    def test_pending_and_lapsed(self, client):
        add(client, ("u", {"v": 1}))
        take(client, lease_time=600)
        (attempt,) = client.good("get_work_unit_attempts", "s", "u", None)
        assert attempt["status"] == "pending" and attempt["end"] is None
        assert is_about(attempt["expiration"], 600) and attempt["data"] == {b"v": 1}
        lapse(client)
        (attempt,) = client.good("get_work_unit_attempts", "s", "u", {})
        assert attempt["status"] == "expired" and attempt["end"] == attempt["expiration"]

    def test_missing(self, client):
        value, message = client.pair("get_work_unit_attempts", "s", "nope", {})
        assert value is None and "nope" in message
        assert client.pair("get_work_unit_attempts", "nope", "u", {}) == (None, NOPE)


class TestRetry:
    @pytest.fixture(autouse=True)
    def some_units(self, work_spec, client):
        add(client, *"abcde")
        take(client, 4)
        update(client, {"status": FAILED}, "a")
        update(client, {"status": FAILED}, "b")
        update(client, {"status": FINISHED}, "c")

    @pytest.mark.parametrize("options, count, after", [
        ({}, 2, {1: 3, 3: 1, 4: 1}), (None, 2, {1: 3, 3: 1, 4: 1}),
        ({"work_unit_keys": ["a", "e", "nope"]}, 1, {1: 2, 3: 1, 4: 1, 5: 1}),
        ({"work_unit_keys": ["c", "d"]}, 2, {1: 3, 5: 2}),
        ({"work_unit_keys": []}, 0, {1: 1, 3: 1, 4: 1, 5: 2}),
    ], ids=str)
    def test_options(self, client, options, count, after):
        assert client.good("retry_work_units", "s", options) == count
        assert counts(client) == after

    def test_missing(self, client):
        assert client.pair("retry_work_units", "nope", {}) == (0, NOPE)


class TestSummary:
    def test_records(self, any_client):
        client = any_client
        assert client.call("get_summary") == []
        spec(client, "t")
        add(client, *"abc", ("later", {}, {"delay": 60}))
        add(client, "x", to="t")
        take(client, work_spec_names=["s"])
        records = folded(client.call("get_summary"))
        assert all(set(record) == {"work_spec", "status", "count"} for record in records)
        assert sorted((record["work_spec"], record["status"], record["count"])
                      for record in records) == [
            ("s", "available", 2), ("s", "delayed", 1), ("s", "pending", 1), ("t", "available", 1)]
