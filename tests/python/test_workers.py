# SPDX-License-Identifier: MIT
"""The methods of workers (spec/cbor-rpc.md, section 2)."""

import pytest

from client import RpcError, Text, folded, same
from daemon import eventually
from helpers import FINISHED, PENDING, add, heartbeat, is_about, lapse, spec, state, take, update


class TestHeartbeat:
    def test_creates_and_updates(self, any_client):
        client = any_client
        assert heartbeat(client, "w", "RUN", data={"host": "a"}) == (True, None)
        assert heartbeat(client, "w", "IDLE", data={"host": "b"}) == (True, None)
        assert same(client.good("list_worker_modes"), {"w": client.wire("IDLE")})
        info = client.good("get_worker_info", "w")
        age = info.pop("age_seconds")
        assert isinstance(age, float) and 0 <= age < 60
        assert same(info, client.wire({"host": "b"}))

    @pytest.mark.parametrize("seconds, has_note", [
        (600, False), ("600", False), (-5, True), (86_400, False), (86_401, True)])
    def test_expire_seconds(self, client, seconds, has_note):
        value, note = heartbeat(client, "w", seconds=seconds)
        assert value is True and (note is not None) == has_note
        assert folded(client.good("list_worker_modes")) == {"w": "RUN"}

    @pytest.mark.parametrize("mode", [
        "RUN", b"bytes", Text("text"), Text("\u00fc"), "", None, 5, -7, 1.5, 1 << 70])
    def test_mode_comes_back_as_it_was_sent(self, client, mode):
        heartbeat(client, "w", mode)
        assert same(client.good("list_worker_modes"), {"w": client.wire(mode)})
        assert same(client.good("mode_counts"), {client.wire(mode): 1})

    @pytest.mark.parametrize("mode", [[], {}, ("a",)])
    def test_mode_of_another_kind(self, client, mode):
        with pytest.raises(RpcError, match="worker_heartbeat.*mode"):
            client.call("worker_heartbeat", "w", mode, 60, {}, None)

    def test_null_data_and_no_parent(self, client):
        assert client.good("worker_heartbeat", "w", None, 60, None, None) is True
        assert set(client.good("get_worker_info", "w")) == {"age_seconds"}

    @pytest.mark.parametrize("params, word", [
        (["w", "RUN"], "expire_seconds"), (["w", "RUN", "x", {}, None], "expire_seconds"),
        (["w", "RUN", None, {}, None], "expire_seconds"), (["w", "RUN", 60, 5, None], "data"),
        (["w", "RUN", 60, {}, 5], "parent"), ([5, "RUN", 60, {}, None], "worker_id"),
        ([b"\xff", "RUN", 60, {}, None], "worker_id")])
    def test_wrong_parameters(self, client, params, word):
        with pytest.raises(RpcError, match=f"worker_heartbeat.*{word}"):
            client.call("worker_heartbeat", *params)

    def test_own_parent(self, client):
        with pytest.raises(RpcError, match="worker_heartbeat"):
            client.call("worker_heartbeat", "w", "RUN", 60, {}, "w")
        assert client.good("list_worker_modes") == {}

    def test_longer_cycles_are_allowed(self, client):
        for worker, parent in [("a", "b"), ("b", "c"), ("c", "a")]:
            assert heartbeat(client, worker, parent=parent) == (True, None)
        assert folded(client.good("get_child_work_units", "a")) == {"c": []}

    def test_ends_by_the_clock(self, client):
        heartbeat(client, "w", seconds=0.05)
        eventually(lambda: client.good("list_worker_modes") == {}, "the worker to expire")
        assert client.good("get_worker_info", "w") is None
        assert client.pair("worker_unregister", "w")[0] is False
        assert client.call("worker_stats")["num_workers"] == 0


class TestShown:
    def test_none(self, any_client):
        client = any_client
        assert client.good("list_worker_modes") == {}
        assert client.good("mode_counts") == {}
        assert client.good("get_worker_info", "nope") is None
        assert folded(client.call("worker_stats")) == {
            "num_workers": 0, "num_children": 0, "num_expirable": 0}
        assert client.good("get_child_work_units", "nope") == {}

    def test_counts(self, any_client):
        client = any_client
        heartbeat(client, "parent")
        heartbeat(client, "child", parent="parent")
        heartbeat(client, "orphan", "IDLE", parent="nobody")
        assert folded(client.good("mode_counts")) == {"RUN": 2, "IDLE": 1}
        stats = client.call("worker_stats")
        assert stats["num_workers"] == 3 and stats["num_children"] == 2
        assert set(stats) == {"num_workers", "num_children", "num_expirable"}

    def test_a_worker_without_heartbeat_is_not_shown(self, client):
        spec(client)
        add(client, "u")
        take(client, worker="silent")
        assert client.good("list_worker_modes") == {}
        assert client.pair("worker_unregister", "silent")[0] is False

    def test_age_wins_over_data(self, client):
        heartbeat(client, "w", data={"age_seconds": "old"})
        info = client.good("get_worker_info", "w")
        ages = [value for key, value in info.items() if folded(key) == "age_seconds"]
        assert [type(age) for age in ages] == [float]


class TestUnregister:
    def test_hides_and_leaves_its_attempts(self, any_client):
        client = any_client
        spec(client)
        add(client, "u")
        heartbeat(client, "w")
        take(client, lease_time=600)
        assert client.good("worker_unregister", "w") is True
        assert client.good("list_worker_modes") == {}
        assert state(client) == PENDING
        value, message = client.pair("worker_unregister", "w")
        assert value is False and message

    def test_comes_back(self, client):
        heartbeat(client, "w", data={"host": "a"})
        client.good("worker_unregister", "w")
        heartbeat(client, "w", "IDLE")
        assert folded(client.good("list_worker_modes")) == {"w": "IDLE"}

    def test_missing(self, client):
        value, message = client.pair("worker_unregister", "nope")
        assert value is False and "nope" in message


class TestChildren:
    @pytest.fixture(autouse=True)
    def family(self, client):
        spec(client)
        add(client, ("a", {"k": 1}), ("b", {"k": 2}))
        heartbeat(client, "parent")
        heartbeat(client, "child", parent="parent")
        heartbeat(client, "idle", parent="parent")
        heartbeat(client, "stranger")

    @staticmethod
    def children(client):
        return client.good("get_child_work_units", "parent")

    def test_what_they_work_on(self, client):
        take(client, 2, worker="child", lease_time=600)
        shown = self.children(client)
        assert set(shown) == {"child", "idle"} and shown["idle"] == []
        items = sorted(shown["child"], key=lambda item: item["work_unit_key"])
        for item in items:
            assert isinstance(item["expires"], float) and is_about(item.pop("expires"), 600)
        assert same(items, [
            {"work_spec_name": "s", "work_unit_key": key, "work_unit_data": {b"k": number},
             "worker_id": "child"} for key, number in ((b"a", 1), (b"b", 2))])

    def test_ended_are_left_out(self, client):
        take(client, 2, worker="child")
        update(client, {"status": FINISHED}, "a")
        assert [item["work_unit_key"] for item in self.children(client)["child"]] == [b"b"]

    def test_a_lost_lease_shows_another_worker(self, client):
        take(client, worker="child")
        lapse(client, "a")
        assert take(client, worker="thief") == ["a"]
        (item,) = self.children(client)["child"]
        assert item["work_unit_key"] == b"a" and item["worker_id"] == "thief"

    def test_only_shown_children(self, client):
        take(client, worker="child")
        client.good("worker_unregister", "child")
        assert set(self.children(client)) == {"idle"}

    def test_the_parent_need_not_be_shown(self, client):
        client.good("worker_unregister", "parent")
        assert set(self.children(client)) == {"child", "idle"}

    def test_deleted_units_go(self, client):
        take(client, 2, worker="child")
        client.good("del_work_units", "s", {"work_unit_keys": ["a"]})
        assert [item["work_unit_key"] for item in self.children(client)["child"]] == [b"b"]
        client.good("del_work_spec", "s")
        assert self.children(client)["child"] == []
