# SPDX-License-Identifier: MIT
"""update_work_unit and update_work_units (spec/cbor-rpc.md, sections 3 and 4)."""

import pytest

from client import RpcError, same
from helpers import (AVAILABLE, FAILED, FINISHED, PENDING, add, counts, is_about, lapse, meta, spec,
                     state, status, take, units, update)

OWN, NEW = {b"own": 1}, {b"new": 1}
SOME = "some message"


@pytest.fixture(autouse=True)
def unit(request):
    """Every test here has the spec s with one available unit, u."""
    client = request.getfixturevalue(
        "any_client" if "any_client" in request.fixturenames else "client")
    spec(client)
    add(client, ("u", {b"own": 1}))


def bring_to(client, before):
    """Brings the unit u to a status, as the worker w."""
    if before == "lapsed":
        take(client)
        lapse(client)
    elif before != AVAILABLE:
        take(client)
        if before != PENDING:
            assert update(client, {"status": before}) == (True, None)


# Unit is, options, answer (SOME: false with a message), status after, visible data after. The rows
# of the table, with and without data.
TABLE = [
    (AVAILABLE, {"data": NEW}, True, AVAILABLE, NEW),
    (AVAILABLE, {"status": 1, "data": NEW}, True, AVAILABLE, NEW),
    (AVAILABLE, {"status": 1}, False, AVAILABLE, OWN),
    (AVAILABLE, {"lease_time": 60}, False, AVAILABLE, OWN),
    (AVAILABLE, {"status": 3}, True, PENDING, OWN),
    (AVAILABLE, {"status": 3, "data": NEW}, True, PENDING, NEW),
    (AVAILABLE, {"status": 4}, True, FINISHED, OWN),
    (AVAILABLE, {"status": 4, "data": NEW}, True, FINISHED, NEW),
    (AVAILABLE, {"status": 5}, True, FAILED, OWN),
    (AVAILABLE, {"status": 5, "data": NEW}, True, FAILED, NEW),
    ("lapsed", {"data": NEW}, True, AVAILABLE, NEW),
    ("lapsed", {"status": 1}, False, AVAILABLE, OWN),
    ("lapsed", {"status": 3}, True, PENDING, OWN),
    ("lapsed", {"status": 4, "data": NEW}, True, FINISHED, NEW),
    ("lapsed", {"status": 5}, True, FAILED, OWN),
    (PENDING, {"data": NEW}, True, PENDING, NEW),
    (PENDING, {"lease_time": 60}, True, PENDING, OWN),
    (PENDING, {"status": 3}, True, PENDING, OWN),
    (PENDING, {"status": 3, "data": NEW}, True, PENDING, NEW),
    (PENDING, {"status": 1}, True, AVAILABLE, OWN),
    (PENDING, {"status": 1, "data": NEW}, True, AVAILABLE, OWN),
    (PENDING, {"lease_time": 0}, True, AVAILABLE, OWN),
    (PENDING, {"lease_time": -5}, True, AVAILABLE, OWN),
    (PENDING, {"status": 4}, True, FINISHED, OWN),
    (PENDING, {"status": 4, "data": NEW}, True, FINISHED, NEW),
    (PENDING, {"status": 4, "data": {}}, True, FINISHED, {}),
    (PENDING, {"status": 5}, True, FAILED, OWN),
    (PENDING, {"status": 5, "data": NEW}, True, FAILED, NEW),
    (PENDING, {"status": "4"}, True, FINISHED, OWN),
    (FINISHED, {"data": NEW}, False, FINISHED, OWN),
    (FINISHED, {"lease_time": 60}, False, FINISHED, OWN),
    (FINISHED, {"status": 4, "data": NEW}, False, FINISHED, OWN),
    (FINISHED, {"status": 5, "data": NEW}, False, FINISHED, OWN),
    (FINISHED, {"status": 1}, True, AVAILABLE, OWN),
    (FINISHED, {"status": 1, "lease_time": 0}, True, AVAILABLE, OWN),
    (FINISHED, {"status": 3}, SOME, FINISHED, OWN),
    (FAILED, {"data": NEW}, False, FAILED, OWN),
    (FAILED, {"lease_time": 60}, False, FAILED, OWN),
    (FAILED, {"status": 5, "data": NEW}, False, FAILED, OWN),
    (FAILED, {"status": 1}, True, AVAILABLE, OWN),
    (FAILED, {"status": 4}, True, FINISHED, OWN),
    (FAILED, {"status": 4, "data": NEW}, True, FINISHED, NEW),
    (FAILED, {"status": 3}, SOME, FAILED, OWN),
    # Whatever the unit's status.
    *((before, options, SOME, before, OWN)
      for before in (AVAILABLE, PENDING, FINISHED, FAILED)
      for options in ({}, None, {"worker_id": "w"}, {"unknown": 1}, {"status": None},
                      {"status": 2}, {"status": 0}, {"status": 99, "data": NEW})),
]


@pytest.mark.parametrize("before, options, answer, after, data", TABLE, ids=str)
def test_table(client, before, options, answer, after, data):
    bring_to(client, before)
    value, message = update(client, options)
    assert value is (answer is True)
    assert (message is not None) == (answer == SOME)
    assert state(client) == after
    assert same(units(client)[b"u"], data)


def test_nothing_to_do(client):
    assert update(client, {})[1] == "nothing to do"


def test_missing(any_client):
    value, message = update(any_client, {"status": 4}, "missing")
    assert value is False and message.startswith("no such work unit key=") and "missing" in message
    assert update(any_client, {"status": 4}, name="nope") == (False, "no such work spec nope")


@pytest.mark.parametrize("options, word", [
    ({"status": "x"}, "status"), ({"status": []}, "status"), ({"lease_time": {}}, "lease_time"),
    ({"data": 5}, "data"), ({"data": []}, "data"), ({"worker_id": 5, "status": 4}, "worker_id"),
    ({"status": 1, "delay": "x"}, "delay")])
def test_wrong_kind(client, options, word):
    take(client)
    with pytest.raises(RpcError, match=word):
        client.call("update_work_unit", "s", "u", options)
    assert state(client) == PENDING


class TestLease:
    def test_renew(self, any_client):
        take(any_client, lease_time=100)
        for lease in (1000, "50", 2000.5):
            update(any_client, {"lease_time": lease})
            assert is_about(status(any_client)["expiration"], float(lease), slack=20)

    def test_over_a_day(self, client):
        take(client)
        update(client, {"lease_time": 86_401})
        assert is_about(status(client)["expiration"], 300, slack=20)
        update(client, {"lease_time": 86_400})
        assert is_about(status(client)["expiration"], 86_400, slack=20)

    @pytest.mark.parametrize("options", [{"status": 3}, {"data": NEW}])
    @pytest.mark.parametrize("lease, after", [(100, 300), (1000, 1000)])
    def test_without_lease_time_is_never_shortened(self, client, lease, after, options):
        take(client, lease_time=lease)
        update(client, options)
        assert is_about(status(client)["expiration"], after, slack=20)

    def test_lease_of_a_lapsed_one_taken_up_again(self, client):
        take(client)
        lapse(client)
        update(client, {"status": 3, "lease_time": 1000})
        assert status(client)["worker_id"] == "w"
        assert is_about(status(client)["expiration"], 1000, slack=20)
        assert len(client.good("get_work_unit_attempts", "s", "u", {})) == 1

    def test_given_up_is_available_to_others(self, client):
        take(client)
        update(client, {"lease_time": 0})
        assert take(client, worker="other") == ["u"]

    def test_a_lapsed_unit_is_available_to_others(self, client):
        take(client)
        lapse(client)
        assert take(client, worker="other") == ["u"]
        assert status(client)["worker_id"] == "other"


class TestWorker:
    def test_available_is_taken_for_the_worker(self, any_client):
        update(any_client, {"status": 3, "worker_id": "me"})
        assert status(any_client)["worker_id"] == "me"

    def test_available_without_a_worker(self, client):
        update(client, {"status": 4})
        assert status(client)["worker_id"] == ""
        assert client.good("list_worker_modes") == {}

    def test_lapsed_of_another_worker(self, client):
        take(client)
        lapse(client)
        update(client, {"status": 4, "worker_id": "other"})
        attempts = client.good("get_work_unit_attempts", "s", "u", {})
        assert [(a["worker_id"], a["status"]) for a in attempts] == [
            ("w", "expired"), ("other", "finished")]

    def test_on_a_pending_unit_changes_nothing(self, client):
        take(client)
        assert update(client, {"status": 3, "worker_id": "thief"}) == (True, None)
        assert status(client)["worker_id"] == "w"

    def test_anybody_may_finish(self, client):
        take(client)
        assert update(client, {"status": 4, "worker_id": "nobody"}) == (True, None)
        assert status(client)["worker_id"] == "w" and state(client) == FINISHED


class TestOnlyIfOwner:
    @pytest.mark.parametrize("options", [
        {"status": 4}, {"status": 5}, {"status": 1}, {"lease_time": 50}, {"data": NEW}])
    def test_refused_to_others(self, any_client, options):
        take(any_client)
        assert update(any_client, {
            **options, "worker_id": "late", "only_if_owner": True}) == (False, "lost lease")
        assert state(any_client) == PENDING and units(any_client)[b"u"] == OWN

    def test_allowed_to_the_owner(self, client):
        take(client)
        assert update(client, {
            "status": 4, "worker_id": "w", "only_if_owner": True}) == (True, None)

    def test_lapsed_but_still_active(self, client):
        take(client)
        lapse(client)
        assert update(client, {
            "status": 4, "worker_id": "w", "only_if_owner": True}) == (True, None)

    def test_given_to_another(self, client):
        take(client)
        lapse(client)
        take(client, worker="other")
        assert update(client, {
            "status": 4, "worker_id": "w", "only_if_owner": True}) == (False, "lost lease")
        assert state(client) == PENDING

    def test_no_active_attempt(self, client):
        assert update(client, {
            "status": 4, "worker_id": "w", "only_if_owner": True}) == (False, "lost lease")
        assert state(client) == AVAILABLE

    def test_false_is_absent(self, client):
        take(client)
        assert update(client, {"status": 4, "worker_id": "x", "only_if_owner": False})[0] is True


class TestDelay:
    def test_retry_later(self, any_client):
        take(any_client)
        assert update(any_client, {"status": 1, "delay": 600, "data": NEW}) == (True, None)
        assert meta(any_client)["status"] == "delayed"
        assert is_about(meta(any_client)["not_before"], 600, slack=20)
        assert take(any_client) == []
        (attempt,) = any_client.good("get_work_unit_attempts", "s", "u", {})
        assert attempt["status"] == "retryable" and same(attempt["data"], NEW)

    def test_no_delay(self, client):
        take(client)
        assert update(client, {"status": 1, "delay": 0}) == (True, None)
        assert take(client, worker="other") == ["u"]

    def test_short_delay_passes(self, client):
        take(client)
        update(client, {"status": 1, "delay": 0.05})
        assert client.good("get_work", "w", {"wait_seconds": 30})[1] == b"u"


class TestFinishAndFail:
    def test_success_wins_over_failure(self, client):
        take(client)
        update(client, {"status": 5, "data": {"traceback": "killed"}})
        assert update(client, {"status": 4, "data": NEW}) == (True, None)
        assert state(client) == FINISHED and units(client)[b"u"] == NEW

    def test_retried_has_its_own_data_again(self, client):
        take(client)
        update(client, {"status": 4, "data": NEW})
        update(client, {"status": 1})
        assert units(client)[b"u"] == OWN
        assert "worker_id" not in status(client)


class TestChaining:
    OUTPUTS = [
        ({"a": {"k": 1}, "b": None}, {b"a": {b"k": 1}, b"b": {}}),
        (["a", b"\xff"], {b"a": {}, b"\xff": {}}),
        (("a",), {b"a": {}}),
        ([("a", {"k": 1}), ["b", None]], {b"a": {b"k": 1}, b"b": {}}),
        ([("a", {}), 5, ("b",), ("c", 5), "d", ("e", {}, {"priority": "x"})], {b"a": {}, b"d": {}}),
        ([("a", {"v": 1}), ("a", {"v": 2})], {b"a": {b"v": 2}}),
        (5, {}), (None, {}), ("text", {}), ([], {}), ({}, {}),
    ]

    @pytest.mark.parametrize("output, made", OUTPUTS, ids=str)
    def test_output(self, client, output, made):
        spec(client, then="next")
        spec(client, "next")
        take(client)
        assert update(client, {"status": 4, "data": {"output": output}}) == (True, None)
        assert same(units(client, "next"), dict(sorted(made.items())))

    def test_priorities_and_delays(self, client):
        spec(client, then="next")
        spec(client, "next")
        client.good("prioritize_work_units", "s", {"work_unit_keys": ["u"], "priority": 3})
        take(client)
        update(client, {"status": 4, "data": {"output": [
            "own", ("meta", {}, {"priority": 5}), ("fourth", {}, {"priority": 5}, 9),
            ("late", {}, {"delay": 600})]}})
        assert {key: meta(client, key, "next")["priority"]
                for key in ("own", "meta", "fourth", "late")} == {
            "own": 3, "meta": 5, "fourth": 9, "late": 3}
        assert meta(client, "late", "next")["status"] == "delayed"

    def test_of_the_units_own_data(self, client):
        spec(client, then="next")
        spec(client, "next")
        add(client, ("u", {"output": ["made"]}))
        take(client)
        update(client, {"status": 4})
        assert list(units(client, "next")) == [b"made"]

    def test_only_finishing_chains(self, client):
        spec(client, then="next")
        spec(client, "next")
        take(client)
        update(client, {"status": 5, "data": {"output": ["made"]}})
        assert units(client, "next") == {}

    def test_next_spec_that_is_missing(self, client):
        spec(client, then="nowhere")
        take(client)
        assert update(client, {"status": 4, "data": {"output": ["made"]}}) == (True, None)

    def test_a_unit_may_add_itself_again(self, client):
        spec(client, then="s")
        take(client)
        update(client, {"status": 4, "data": {"output": {"u": {"again": 1}}}})
        assert state(client) == AVAILABLE and units(client) == {b"u": {b"again": 1}}

    def test_a_waiting_worker_gets_what_is_made(self, client, connect):
        spec(client, then="next")
        spec(client, "next")
        take(client)
        waiting = connect()
        request = waiting.post("get_work", "x", {"wait_seconds": 60, "work_spec_names": ["next"]})
        update(client, {"status": 4, "data": {"output": ["made"]}})
        assert waiting.result_of(waiting.receive(), request)[0] == ("next", b"made", {})


class TestUpdateWorkUnits:
    def test_each_as_a_call_of_its_own(self, any_client):
        client = any_client
        add(client, *"abc")
        take(client, 4)
        pairs = client.call("update_work_units", [
            ("s", "a", {"status": FINISHED}), ["s", "b", {"status": FAILED, "data": NEW}],
            ("s", "nope", {"status": 4}), ("nope", "a", {"status": 4}), ("s", "c", {}),
            ("s", "c", {"status": 4, "worker_id": "x", "only_if_owner": True}),
            ("s", "a", {"status": 1}), ("s", "u", {"status": FINISHED})])
        assert [pair[0] for pair in pairs] == [
            True, True, False, False, False, False, True, True]
        assert [pair[1] is None for pair in pairs] == [
            True, True, False, False, False, False, True, True]
        assert counts(client) == {AVAILABLE: 1, PENDING: 1, FINISHED: 1, FAILED: 1}

    def test_none(self, client):
        assert client.call("update_work_units", []) == []

    @pytest.mark.parametrize("bad", [
        5, (), ("s",), ("s", "u"), ("s", "u", 5), (5, "u", {}), ("s", 5, {}),
        ("s", "u", {"status": "x"}), ("s", "u", {"status": 4, "data": 5})], ids=str)
    def test_a_bad_one_gives_its_own_pair(self, client, bad):
        """And stops nothing."""
        take(client)
        (first, second) = client.call("update_work_units", [bad, ("s", "u", {"status": 4})])
        assert first[0] is False and first[1]
        assert tuple(second) == (True, None)

    @pytest.mark.parametrize("bad", [None, 5, "s"])
    def test_no_list(self, client, bad):
        with pytest.raises(RpcError, match="update_work_units.*updates"):
            client.call("update_work_units", bad)
