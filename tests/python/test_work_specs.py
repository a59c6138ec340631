# SPDX-License-Identifier: MIT
"""The methods of work specs (spec/cbor-rpc.md, section 2)."""

import pytest

from client import RpcError, Text, folded, same
from helpers import add, counts, spec, take, units

NOPE = "no such work spec nope"


def spec_meta(client, name="s"):
    return folded(client.good("get_work_spec_meta", name))


class TestSetWorkSpec:
    def test_creates_and_replaces(self, any_client):
        spec(any_client, x=1)
        spec(any_client, x=2)
        assert same(any_client.call("get_work_spec", "s"), any_client.wire({"name": "s", "x": 2}))

    @pytest.mark.parametrize("definition, word", [
        ({}, "name"), ({"name": ""}, "name"), ({"name": None}, "name"), ({"name": 5}, "name"),
        ({"name": b"\xff"}, "name"), ({"name": "x" * 1025}, "name"),
        ({"name": "s", "weight": "heavy"}, "weight"), ({"name": "s", "weight": 1.5}, "weight"),
        ({"name": "s", "weight": 1_000_001}, "weight"), ({"name": "s", "weight": []}, "weight"),
        ({"name": "s", "priority": -1_000_001}, "priority"),
        ({"name": "s", "priority": float("inf")}, "priority"),
        ({"name": "s", "nice": "x"}, "nice"),
        ({"name": "s", "min_gb": float("nan")}, "min_gb"), ({"name": "s", "min_gb": {}}, "min_gb"),
        ({"name": "s", "interval": -1}, "interval"), ({"name": "s", "interval": "x"}, "interval"),
        ({"name": "s", "max_running": -1}, "max_running"),
        ({"name": "s", "max_getwork": -1}, "max_getwork"),
        ({"name": "s", "max_retries": -1}, "max_retries"),
        ({"name": "s", "disabled": "maybe"}, "disabled"),
        ({"name": "s", "disabled": 2}, "disabled"),
        ({"name": "s", "continuous": []}, "continuous"), ({"name": "s", "then": 5}, "then"),
        ({"name": "s", "runtime": 5}, "runtime"),
        ({"name": "s", "limit_completed_count": -1}, "limit_completed_count"),
        ({"name": "s", "limit_completed_age": "x"}, "limit_completed_age"),
    ], ids=lambda value: str(value)[:40])
    def test_bad_definition(self, client, definition, word):
        """An error that names the key, and nothing changes."""
        spec(client, kept=True)
        with pytest.raises(RpcError, match=word):
            client.call("set_work_spec", definition)
        assert client.call("get_work_spec", "s") == {b"name": b"s", b"kept": True}

    @pytest.mark.parametrize("definition", [5, None, [], "s"])
    def test_definition_that_is_no_map(self, client, definition):
        with pytest.raises(RpcError):
            client.call("set_work_spec", definition)

    def test_numbers_and_booleans_in_other_kinds(self, client):
        spec(client, weight=7.0, max_running="5", disabled=1, continuous=1, interval="0.5")
        assert spec_meta(client) == {
            "status": 2, "continuous": True, "interval": 0.5, "max_running": 5, "weight": 7}

    def test_null_is_absent(self, client):
        spec(client, weight=None, nice=None, disabled=None, continuous=None, interval=None,
             max_running=None, priority=None, then=None, runtime=None, min_gb=None)
        assert spec_meta(client) == {
            "status": 1, "continuous": False, "interval": None, "max_running": None, "weight": 20}

    @pytest.mark.parametrize("definition, weight", [
        ({}, 20), ({"nice": 5}, 15), ({"nice": -5}, 25), ({"nice": 50}, 1), ({"weight": 3}, 3),
        ({"weight": 0}, 1), ({"weight": -4}, 1), ({"weight": 3, "nice": 5}, 3)])
    def test_weight(self, client, definition, weight):
        spec(client, **definition)
        assert spec_meta(client)["weight"] == weight

    def test_setting_again_resets_what_control_set(self, client):
        spec(client, max_running=3)
        assert client.good("control_work_spec", "s", {
            "status": 2, "weight": 9, "max_running": 1, "interval": 2}) is True
        spec(client)
        assert spec_meta(client) == {
            "status": 1, "continuous": False, "interval": None, "max_running": None, "weight": 20}

    def test_pending_attempts_go_on(self, client):
        spec(client)
        add(client, "u")
        take(client)
        spec(client, weight=3)
        assert counts(client) == {3: 1}


class TestGetWorkSpec:
    def test_none(self, any_client):
        assert any_client.call("get_work_spec", "nope") is None

    def test_module_and_run_function_come_back_as_bytes(self, client):
        """Whoever stored them; at the top level alone, and the rest stays as it is."""
        definition = {"name": Text("s"), "module": Text("m"), "run_function": Text("f"),
                      "config": {"module": Text("inner")}, "desc": Text("d")}
        client.good("set_work_spec", definition)
        expected = {b"name": "s", b"module": b"m", b"run_function": b"f",
                    b"config": {b"module": "inner"}, b"desc": "d"}
        assert same(client.call("get_work_spec", "s"), expected)
        assert same(client.call("list_work_specs", {})[0], [expected])

    def test_values_that_are_no_strings_stay(self, client):
        spec(client, module=None, run_function=5)
        assert same(client.call("get_work_spec", "s"),
                    {b"name": b"s", b"module": None, b"run_function": 5})


class TestMetaAndControl:
    def test_missing(self, any_client):
        assert any_client.pair("get_work_spec_meta", "nope") == (None, NOPE)
        assert any_client.pair("control_work_spec", "nope", {"status": 2}) == (False, NOPE)

    def test_each_option(self, any_client):
        client = any_client
        spec(client, continuous=True)
        for options, changed in [
                ({"status": 2}, {"status": 2}), ({"status": 1}, {"status": 1}),
                ({"continuous": False}, {"continuous": False}),
                ({"continuous": True}, {"continuous": True}),
                ({"interval": 2.5}, {"interval": 2.5}), ({"interval": None}, {"interval": None}),
                ({"max_running": 4}, {"max_running": 4}),
                ({"max_running": None}, {"max_running": None}),
                ({"weight": 7}, {"weight": 7}), ({"weight": -1}, {"weight": -1}),
                ({"unknown": 1}, {}), ({}, {})]:
            before = spec_meta(client)
            assert client.good("control_work_spec", "s", options) is True
            assert spec_meta(client) == {**before, **changed}

    def test_interval_of_zero_is_null(self, client):
        spec(client, interval=5)
        client.good("control_work_spec", "s", {"interval": 0})
        assert spec_meta(client)["interval"] is None

    def test_null_options_are_none(self, client):
        spec(client)
        assert client.good("control_work_spec", "s", None) is True

    @pytest.mark.parametrize("options", [
        {"continuous": True, "weight": 3}, {"status": 3, "weight": 3}, {"status": 0, "weight": 3}])
    def test_refused_and_nothing_changes(self, client, options):
        spec(client)
        before = spec_meta(client)
        value, message = client.pair("control_work_spec", "s", options)
        assert value is False and message
        assert spec_meta(client) == before

    def test_paused_gives_no_work(self, client):
        spec(client)
        add(client, "u")
        client.good("control_work_spec", "s", {"status": 2})
        assert take(client) == []
        client.good("control_work_spec", "s", {"status": 1})
        assert take(client) == ["u"]

    def test_weight_of_zero_gives_no_work(self, client):
        spec(client)
        add(client, "u")
        client.good("control_work_spec", "s", {"weight": 0})
        assert take(client) == []


class TestList:
    @pytest.fixture(autouse=True)
    def specs(self, client):
        for name in ("b", "d", "a", "c"):
            spec(client, name)

    @staticmethod
    def names(client, options):
        definitions, following = client.call("list_work_specs", options)
        return [folded(item[b"name"]) for item in definitions], folded(following)

    @pytest.mark.parametrize("options, expected", [
        ({}, (["a", "b", "c", "d"], None)), (None, (["a", "b", "c", "d"], None)),
        ({"limit": 2}, (["a", "b"], "c")), ({"limit": 4}, (["a", "b", "c", "d"], None)),
        ({"start": "b"}, (["b", "c", "d"], None)), ({"start": "b", "limit": 1}, (["b"], "c")),
        ({"start": "bb"}, (["c", "d"], None)), ({"start": "z"}, ([], None)),
        ({"start": Text("c")}, (["c", "d"], None)), ({"start": ""}, (["a", "b", "c", "d"], None)),
        ({"start": None, "limit": None}, (["a", "b", "c", "d"], None)),
        ({"limit": 0}, (["a", "b", "c", "d"], None)), ({"other": 1, "limit": "1"}, (["a"], "b")),
    ], ids=str)
    def test_list(self, client, options, expected):
        assert self.names(client, options) == expected

    def test_start_that_is_no_string(self, client):
        with pytest.raises(RpcError, match="start"):
            client.call("list_work_specs", {"start": 0})


class TestDelete:
    def test_with_its_units(self, any_client):
        client = any_client
        spec(client)
        add(client, "u", "v")
        take(client)
        assert client.good("del_work_spec", "s") is True
        assert client.call("get_work_spec", "s") is None
        assert client.pair("del_work_spec", "s")[0] is False
        assert client.pair("update_work_unit", "s", "u", {"status": 4})[0] is False
        spec(client)
        assert units(client) == {}

    def test_missing(self, any_client):
        assert any_client.pair("del_work_spec", "nope") == (False, NOPE)

    def test_clear(self, any_client):
        client = any_client
        assert client.call("clear") == 0
        spec(client, "a")
        spec(client, "b")
        add(client, "u", to="b")
        result = client.call("clear")
        assert result == 2 and isinstance(result, int)
        assert client.call("clear") == 0
        assert client.call("get_summary") == []
