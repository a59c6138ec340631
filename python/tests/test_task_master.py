# SPDX-License-Identifier: MIT
"""The client against a daemon: the original's methods, with its return values, and what is new."""

import threading
import uuid

import pytest

from coordinate import (
    Failure,
    LostLease,
    NoSuchWorkSpec,
    NoSuchWorkUnit,
    ProgrammerError,
    RpcError,
    TaskMaster,
    set_global_config,
)
from coordinate.constants import AVAILABLE, FAILED, FINISHED, PENDING

SPEC = {
    "name": "s",
    "min_gb": 0.1,
    "desc": "a test",
    "config": {"many": "", "params": ""},
    "module": "run_functions",
    "run_function": "nothing",
}
NO_UNITS = {
    "num_available": 0,
    "num_pending": 0,
    "num_blocked": 0,
    "num_finished": 0,
    "num_failed": 0,
    "num_tasks": 0,
}
EVERY_STATE = {b"AV": AVAILABLE, b"FA": FAILED, b"FI": FINISHED, b"PE": PENDING}


@pytest.fixture
def tm(any_task_master):
    any_task_master.set_work_spec(SPEC)
    return any_task_master


def one_of_each(tm):
    """A unit in each state, named by its first letters."""
    for key in ("FA", "FI", "PE"):
        tm.add_work_units("s", {key: {"x": 1}})
        unit = tm.get_work("w")
        {"FA": unit.fail, "FI": unit.finish, "PE": lambda: None}[key]()
    tm.add_work_units("s", {"AV": {"x": 1}})


class TestWorkSpecs:
    def test_get(self, tm):
        assert tm.set_work_spec(SPEC) is True
        assert tm.get_work_spec("s") == SPEC, "module and run_function are text again"
        assert tm.get_work_spec("other") is None

    def test_list(self, tm):
        assert tm.list_work_specs() == ([("s", SPEC)], None)
        tm.set_work_spec({"name": "t", "min_gb": 1})
        assert tm.list_work_specs(limit=1) == ([("s", SPEC)], "t")
        assert [name for name, _ in tm.list_work_specs(start="t")[0]] == ["t"]

    def test_iterate(self, tm):
        for n in range(5):
            tm.set_work_spec({"name": f"t{n}", "min_gb": 1})
        names = [spec["name"] for spec in tm.iter_work_specs()]
        assert names == ["s", "t0", "t1", "t2", "t3", "t4"]
        assert [spec["name"] for spec in tm.iter_work_specs(limit=2, start="t1")] == ["t1", "t2"]

    @pytest.mark.parametrize(
        "wrong", [{}, {"name": "s"}, {"min_gb": 1}, {"name": "s", "min_gb": "1"}], ids=repr
    )
    def test_wrong_ones_are_not_sent(self, tm, wrong):
        with pytest.raises(ProgrammerError):
            tm.set_work_spec(wrong)

    def test_the_daemon_refuses(self, tm):
        with pytest.raises(RpcError, match="weight"):
            tm.set_work_spec({"name": "s", "min_gb": 1, "weight": "heavy"})

    def test_pause(self, tm):
        tm.add_work_units("s", {"u": {}})
        assert tm.pause_work_spec("s") is None
        assert tm.get_work_spec_meta("s")["status"] == 2 and tm.get_work("w") is None
        tm.pause_work_spec("s", paused=False)
        assert tm.get_work("w").key == b"u"

    def test_control(self, tm):
        assert tm.control_work_spec("s", weight=5, max_running=3) is True
        meta = tm.get_work_spec_meta("s")
        assert (meta["weight"], meta["max_running"], meta["status"]) == (5, 3, 1)
        assert tm.control_work_spec("s", max_running=0) is True
        assert tm.get_work_spec_meta("s")["max_running"] is None
        assert tm.control_work_spec("s", continuous=True) is False

    def test_delete(self, tm):
        assert tm.del_work_spec("s") is True and tm.del_work_spec("s") is False
        assert tm.clear() == 0
        tm.set_work_spec(SPEC)
        assert tm.clear() == 1 and tm.list_work_specs() == ([], None)

    def test_of_a_python_2_program(self, tm):
        """Whose strings were stored as byte strings."""
        tm.rpc(
            "set_work_spec",
            [{b"name": b"two", b"min_gb": 1, b"module": b"m", b"config": {b"k": b"v"}}],
        )
        assert tm.get_work_spec("two") == {
            "name": "two",
            "min_gb": 1,
            "module": "m",
            "config": {b"k": b"v"},
        }
        assert [name for name, _ in tm.list_work_specs()[0]] == ["s", "two"]


class TestFlows:
    def test_names_and_configurations(self, tm):
        flow = {
            "a": {"min_gb": 0, "then": "g.b"},
            "g": {"b": {"min_gb": 0, "config": {"x": {"own": 1}, "base": None}}},
        }
        tm.add_flow(flow, config={"base": 5, "x": {"of": "all"}})
        assert tm.get_work_spec("a")["config"] == {"base": 5, "x": {"of": "all"}}
        assert tm.get_work_spec("g.b")["config"] == {"x": {"of": "all", "own": 1}}
        assert "name" not in flow["a"], "the flow is not changed"

    def test_the_global_configuration(self, tm):
        set_global_config({"k": 1})
        tm.add_flow({"a": {"min_gb": 0}})
        assert tm.get_work_spec("a")["config"] == {"k": 1}

    @pytest.mark.parametrize(
        "flow",
        [{"a": 5}, {"a": {"min_gb": 0, "then": "b"}}, {"a": {"b": {"min_gb": 0}, "c": []}}],
        ids=repr,
    )
    def test_nothing_of_a_wrong_one_is_added(self, tm, flow):
        with pytest.raises(ProgrammerError):
            tm.add_flow({"first": {"min_gb": 0}, **flow}, config={})
        assert [name for name, _ in tm.list_work_specs()[0]] == ["s"]


class TestUnits:
    def test_add_and_get(self, tm):
        assert tm.add_work_units("s", {"u": {"k": 1}, b"\xff": {}}) is True
        assert tm.add_work_units("s", iter([("v", None), ["w", {"k": 2}, {"priority": 5}]])) is True
        assert tm.get_work_units("s") == [
            (b"u", {"k": 1}),
            (b"v", {}),
            (b"w", {"k": 2}),
            (b"\xff", {}),
        ]
        assert tm.get_work_units("s", ["w", "none"]) == [(b"w", {"k": 2}), (b"none", None)]
        assert tm.get_work_units("s", limit=1, start="v") == [(b"v", {})]
        assert tm.get_work("x").key == b"w"

    def test_only_new(self, tm):
        tm.add_work_units("s", {"u": {"k": 1}})
        assert tm.add_work_units("s", {"u": {"k": 2}, "v": {}}, only_new=True) is True
        assert tm.get_work_units("s") == [(b"u", {"k": 1}), (b"v", {})]

    def test_values_come_back_as_they_were(self, tm):
        data = {
            "list": [1, 2],
            "tuple": (4, (5,)),
            "mixed": [1, (2, [3, 4])],
            "bytes": b"foo",
            "uuid": uuid.UUID("01234567-89ab-cdef-0123-456789abcdef"),
            "text": "f\u00fc",
            "float": 1.0,
            "none": None,
            "deep": {b"k": {1: ()}},
        }
        tm.add_work_units("s", {"u": data})
        assert tm.list_work_units("s") == {b"u": data}
        assert tm.get_work("w").data == data

    def test_counts(self, tm):
        assert tm.status("s") == NO_UNITS
        one_of_each(tm)
        assert tm.status("s") == {
            "num_available": 1,
            "num_pending": 1,
            "num_blocked": 0,
            "num_finished": 1,
            "num_failed": 1,
            "num_tasks": 4,
        }
        assert {k: v for k, v in tm.count_work_units("s").items() if v} == {1: 1, 3: 1, 4: 1, 5: 1}
        assert (
            tm.num_available("s"),
            tm.num_pending("s"),
            tm.num_blocked("s"),
            tm.num_finished("s"),
            tm.num_failed("s"),
            tm.num_tasks("s"),
        ) == (1, 1, 0, 1, 1, 4)

    def test_lists(self, tm):
        one_of_each(tm)
        assert set(tm.list_work_units("s")) == {b"AV", b"PE"}
        assert set(tm.list_available_work_units("s")) == {b"AV"}
        assert set(tm.list_pending_work_units("s")) == {b"PE"}
        assert tm.list_blocked_work_units("s") == {}
        assert set(tm.list_finished_work_units("s")) == {b"FI"}
        assert set(tm.list_failed_work_units("s")) == {b"FA"}

    def test_a_window(self, tm):
        tm.add_work_units("s", [(f"u{n}", {}) for n in range(5)])
        assert list(tm.list_work_units("s", start=1, limit=2)) == [b"u1", b"u2"]
        assert list(tm.list_work_units("s", start=4)) == [b"u4"]
        assert tm.list_work_units("s", start=5, limit=1) == {}

    def test_more_than_a_page(self, tm):
        tm.add_work_units("s", [("u%04d" % n, {}) for n in range(2500)])
        assert len(tm.list_work_units("s")) == 2500
        keys = [key for key, _ in tm.iter_work_units("s")]
        assert keys == [b"u%04d" % n for n in range(2500)]
        assert len(list(tm.iter_work_units("s", AVAILABLE, "u2400"))) == 100

    @pytest.mark.parametrize("key, state", EVERY_STATE.items(), ids=repr)
    def test_delete(self, tm, key, state):
        one_of_each(tm)
        assert tm.del_work_units("s") == 0
        assert tm.del_work_units("s", [key], state=state) == 1
        tm.add_work_units("s", {key: {}})
        assert tm.del_work_unit("s", key) is True and tm.del_work_unit("s", key) is False
        assert {key for key, _ in tm.get_work_units("s")} == set(EVERY_STATE) - {key}
        assert tm.del_work_units("s", all=True) == 3

    def test_status(self, tm):
        one_of_each(tm)
        states = tm.get_work_unit_status("s", ["AV", "none", b"PE"])
        assert states[0]["status"] == AVAILABLE and states[1] is None
        assert states[2]["status"] == PENDING and states[2]["worker_id"] == "w"
        assert tm.get_work_unit_status("s", "FI")["status"] == FINISHED
        assert tm.get_work_unit_status("s", b"none") is None

    def test_inspect(self, tm):
        one_of_each(tm)
        assert tm.inspect_work_unit("s", "AV") == {"x": 1}
        assert tm.inspect_work_unit("s", "none") is None
        assert tm.get_work_unit_meta("s", "AV")["status"] == "available"
        (attempt,) = tm.get_work_unit_attempts("s", "FI")
        assert (attempt["worker_id"], attempt["status"]) == ("w", "finished")
        with pytest.raises(NoSuchWorkUnit):
            tm.get_work_unit_meta("s", "none")

    def test_priorities(self, tm):
        tm.add_work_units("s", {key: {} for key in "abcd"})
        assert tm.prioritize_work_units("s", ["d"]) is True
        assert tm.prioritize_work_units("s", ["c"], priority=2) is True
        assert tm.prioritize_work_units("s", ["b"], adjustment=3) is True
        assert [tm.get_work("w").key for _ in "abcd"] == [b"b", b"c", b"d", b"a"]
        assert tm.prioritize_work_units("none", ["a"]) is False

    def test_retry(self, tm):
        one_of_each(tm)
        assert tm.retry("s", "FA", "FI") is True
        assert tm.status("s")["num_available"] == 3
        assert tm.retry("s", "none") is False
        tm.get_work("w").fail()
        assert tm.retry_work_units("s") == 1

    def test_update_bundle(self, tm):
        tm.update_bundle(SPEC, {"u": {}}, nice=5)
        assert tm.get_work_spec_meta("s")["weight"] == 15 and tm.num_tasks("s") == 1


class TestFailures:
    """What there is not gives the values that the original gave; exceptions with `strict`."""

    @pytest.mark.parametrize(
        "call, value",
        [
            (("get_work_spec", "none"), None),
            (("del_work_spec", "none"), False),
            (("add_work_units", "none", {"u": {}}), False),
            (("count_work_units", "none"), False),
            (("get_work_units", "none"), None),
            (("del_work_units", "none", ["u"]), 0),
            (("get_work_unit_status", "none", ["u"]), None),
            (("get_work_unit_status", "none", "u"), None),
            (("update_work_unit", "none", "u", None, FINISHED), False),
        ],
        ids=repr,
    )
    def test_values(self, any_daemon, call, value):
        method, *args = call
        with TaskMaster({"address": any_daemon.address_text}) as task_master:
            assert getattr(task_master, method)(*args) == value
        with TaskMaster({"address": any_daemon.address_text, "strict": True}) as task_master:
            with pytest.raises(NoSuchWorkSpec, match="none"):
                getattr(task_master, method)(*args)

    def test_a_unit(self, any_daemon):
        with TaskMaster({"address": any_daemon.address_text, "strict": True}) as task_master:
            task_master.set_work_spec(SPEC)
            with pytest.raises(NoSuchWorkUnit):
                task_master.update_work_unit("s", "none", status=FINISHED)
            with pytest.raises(Failure):
                task_master.control_work_spec("s", continuous=True)

    def test_always(self, tm):
        for call in (tm.status, tm.num_failed, tm.list_work_units, tm.retry_work_units):
            with pytest.raises(NoSuchWorkSpec):
                call("none")
        with pytest.raises(NoSuchWorkSpec):
            next(tm.iter_work_units("none"))


class TestWork:
    def test_one(self, tm):
        assert tm.get_work("w") is None
        tm.add_work_units("s", {"u": {"k": "v"}})
        unit = tm.get_work("w", available_gb=13, max_jobs=1)
        assert (unit.work_spec_name, unit.key, unit.data, unit.worker_id) == (
            "s",
            b"u",
            {"k": "v"},
            "w",
        )
        assert unit.spec == SPEC and "b'u'" in str(unit) and "worker_id='w'" in repr(unit)
        unit.data["more"] = (1,)
        assert unit.finish() is True and unit.finish() is False
        assert tm.list_finished_work_units("s") == {b"u": {"k": "v", "more": (1,)}}

    def test_many(self, tm):
        assert tm.get_work("w", max_jobs=10) == []
        tm.add_work_units("s", {f"u{n}": {} for n in range(5)})
        assert [unit.key for unit in tm.get_work("w", max_jobs=3)] == [b"u0", b"u1", b"u2"]
        assert [unit.key for unit in tm.get_work("w", max_jobs=3)] == [b"u3", b"u4"]

    def test_wait(self, tm):
        """Held back until there is work, and other threads are not kept waiting by it."""
        got = []
        waiting = threading.Thread(target=lambda: got.append(tm.get_work("w", wait_seconds=60)))
        waiting.start()
        assert tm.add_work_units("s", {"u": {}})
        waiting.join(60)
        assert got[0].key == b"u"
        assert tm.get_work("w", wait_seconds=0.01) is None

    @pytest.mark.parametrize(
        "wrong", [{"lease_time": 86401}, {"available_gb": "1"}, {"max_jobs": "1"}], ids=repr
    )
    def test_wrong_arguments(self, tm, wrong):
        with pytest.raises(ValueError, match="day|available_gb|max_jobs"):
            tm.get_work("w", **wrong)

    def test_leases(self, tm):
        tm.add_work_units("s", {"u": {}})
        unit = tm.get_work("w", lease_time=100)

        def lease():
            return tm.get_work_unit_status("s", "u")["expiration"] - tm.now()

        assert 90 < lease() < 110
        unit.data["seen"] = True
        assert unit.update(1000) is True and 990 < lease() < 1010
        assert unit.update() is True and 90 < lease() < 110
        assert unit.update(10**6) is True and 86390 < lease() < 86410
        assert unit.update(-1) is True and tm.num_available("s") == 1

    def test_fail(self, tm):
        tm.add_work_units("s", {"u": {}, "v": {}, "w": {}})
        try:
            raise KeyError("this")
        except KeyError as error:
            assert tm.get_work("w").fail(error) is True
        assert tm.get_work("w").fail("in words") is True
        assert tm.get_work("w").fail() is True
        traces = [data.get("traceback") for data in tm.list_failed_work_units("s").values()]
        assert traces[0].startswith("Traceback") and "KeyError: 'this'" in traces[0]
        assert traces[1:] == ["in words", None]

    def test_a_success_wins_over_a_failure(self, tm):
        tm.add_work_units("s", {"u": {}})
        unit = tm.get_work("child")
        assert tm.update_work_unit("s", "u", status=FAILED) is True
        assert unit.finish() is True and tm.num_finished("s") == 1
        assert tm.update_work_unit("s", "u", status=FAILED) is False

    def test_a_lost_lease(self, tm):
        tm.add_work_units("s", {"u": {}})
        late = tm.get_work("late")
        tm.retry("s", "u")
        other = tm.get_work("other")
        for call in (late.update, late.finish, late.fail):
            with pytest.raises(LostLease):
                call()
        assert tm.get_work_unit_status("s", "u")["worker_id"] == "other"
        assert other.finish() is True

    def test_run(self, tm, monkeypatch):
        monkeypatch.syspath_prepend(__file__.rsplit("/", 1)[0] + "/specs")
        tm.set_work_spec(
            {**SPEC, "module": "original_words", "run_function": "check_word", "run_params": ["x"]}
        )
        tm.add_work_units("s", {"u": {"count": 1}, "v": {"count": 3}})
        tm.get_work("w").run()
        assert tm.list_finished_work_units("s") == {
            b"u": {"count": 1, "args": ("x",), "kwargs": {}}
        }
        with pytest.raises(ValueError, match="too many"):
            tm.get_work("w").run()
        assert tm.num_pending("s") == 1, "who calls run() decides what a failure means"

    @pytest.mark.parametrize("missing", ["module", "run_function"])
    def test_run_what_is_not_named(self, tm, missing):
        tm.set_work_spec({key: value for key, value in SPEC.items() if key != missing})
        tm.add_work_units("s", {"u": {}})
        with pytest.raises(ProgrammerError, match=missing):
            tm.get_work("w").run()


class TestIterWork:
    def test_each_is_finished(self, tm):
        tm.add_work_units("s", {f"u{n}": {} for n in range(5)})
        with tm.iter_work("w", max_jobs=2) as work:
            for unit in work:
                unit.data["by"] = "loop"
        assert list(tm.list_finished_work_units("s").values()) == [{"by": "loop"}] * 5

    def test_one_round_trip_each(self, tm):
        tm.add_work_units("s", {f"u{n}": {} for n in range(5)})
        sent = []
        exchange = tm._exchange
        tm._exchange = lambda request: sent.append(request.method) or exchange(request)
        for _ in tm.iter_work("w"):
            pass
        assert [method for method in sent if method != "server_info"] == ["get_work"] * 6
        assert tm.num_finished("s") == 5

    def test_what_was_ended_is_left_alone(self, tm):
        tm.add_work_units("s", {"u": {}, "v": {}})
        with tm.iter_work("w") as work:
            for unit in work:
                unit.fail("no") if unit.key == b"u" else unit.finish()
        assert (tm.num_failed("s"), tm.num_finished("s")) == (1, 1)

    def test_an_exception(self, tm):
        tm.add_work_units("s", {f"u{n}": {} for n in range(5)})
        with pytest.raises(KeyError):
            with tm.iter_work("w", max_jobs=3) as work:
                for unit in work:
                    if unit.key == b"u1":
                        raise KeyError("this")
        assert set(tm.list_finished_work_units("s")) == {b"u0"}
        assert "KeyError: 'this'" in tm.list_failed_work_units("s")[b"u1"]["traceback"]
        assert tm.num_available("s") == 3, "what was not begun is given back"

    def test_left_early(self, tm):
        tm.add_work_units("s", {f"u{n}": {} for n in range(3)})
        with tm.iter_work("w", max_jobs=3) as work:
            for _ in work:
                break
        assert (tm.num_finished("s"), tm.num_available("s")) == (1, 2)


class TestWorkers:
    def test_heartbeats(self, tm):
        assert tm.worker_register("p", mode="RUN", environment={"host": "h"}) is None
        tm.worker_heartbeat("c", "IDLE", 100, {}, parent="p")
        assert tm.workers() == {"p": "RUN", "c": "IDLE"}
        assert tm.mode_counts() == {"RUN": 1, "IDLE": 1}
        assert tm.worker_stats()["num_children"] == 1
        assert tm.get_heartbeat("p")["host"] == "h" and tm.get_heartbeat("p")["age_seconds"] >= 0
        tm.worker_unregister("p")
        assert tm.workers() == {"c": "IDLE"} and tm.get_heartbeat("p") is None

    def test_units_of_children(self, tm):
        tm.worker_register("p")
        for child in ("c", "d"):
            tm.worker_register(child, parent="p")
        tm.add_work_units("s", {"u": {"k": 1}})
        tm.get_work("c")
        ((child, (unit,)),) = tm.get_child_work_units("p").items()
        assert (child, unit.key, unit.data, unit.worker_id) == ("c", b"u", {"k": 1}, "c")
        assert unit.expires > tm.now()
        assert unit.fail("expired") is True and tm.num_failed("s") == 1

    def test_modes(self, tm):
        assert tm.set_mode(tm.IDLE) is None and tm.get_mode() == tm.RUN == "RUN"


class TestLocks:
    def test_locks(self, tm):
        assert tm.lock("me", 60, [["a", 1], ["b"]]) is True
        assert tm.lock("you", 60, [["b"], ["c"]]) is False
        assert tm.locksome("you", 60, [["b"], ["c"]])[0] is None
        assert tm.readlock([["a", 1], ["b"], ["c"], ["d"]]) == ["me", "me", "you", None]
        assert tm.renew("me", 60, [["b"]]) is True and tm.renew("me", 60, [["c"]]) is False
        assert tm.unlock("me", [["b"], ["a", 1]]) is True and tm.unlock("me", [["b"]]) is False


class TestTheDaemon:
    def test_about_itself(self, tm):
        assert "only_if_owner" in tm.server_info()["extensions"]
        assert tm.get_server_config() == {} and tm.archive() is None
        tm.add_work_units("s", {"u": {}})
        assert tm.get_summary() == [
            {"namespace": "", "work_spec": "s", "status": "available", "count": 1}
        ] or tm.get_summary() == [{"work_spec": "s", "status": "available", "count": 1}]

    def test_any_method(self, tm):
        assert tm.rpc("get_work_units", ["s", {}]) == ([], None) and tm._rpc("now", ()) > 0


def test_text(any_daemon):
    """With `strings_as_text`, what a Python 2 program stored reads as text."""
    with TaskMaster({"address": any_daemon.address_text, "strings_as_text": True}) as task_master:
        task_master.set_work_spec({"name": "s", "min_gb": 0, "config": {b"k": b"v"}})
        task_master.add_work_units("s", {b"u": {b"k": b"v", "raw": b"\xff"}})
        assert task_master.get_work_spec("s")["config"] == {"k": "v"}
        assert task_master.get_work_units("s") == [("u", {"k": "v", "raw": b"\xff"})]
        unit = task_master.get_work("w")
        assert (unit.key, unit.data) == ("u", {"k": "v", "raw": b"\xff"})
        assert unit.finish() is True


def test_threads(any_task_master):
    """Many threads on one client take every unit once."""
    any_task_master.set_work_spec(SPEC)
    any_task_master.add_work_units("s", [("u%03d" % n, {}) for n in range(400)])
    taken = []

    def work(name):
        unit = any_task_master.get_work(name)
        while unit is not None:
            taken.append(unit.key)
            assert unit.finish() is True
            unit = any_task_master.get_work(name)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == [b"u%03d" % n for n in range(400)]


def test_after_a_restart(any_daemon, tmp_path):
    """A client goes on with the daemon that comes after."""
    from daemon import Daemon

    with TaskMaster({"address": any_daemon.address_text, "base_retry_seconds": 0.01}) as client:
        assert client.now() > 0
        assert any_daemon.stop() == 0
        with Daemon(address=any_daemon.address_text):
            assert client.set_work_spec(SPEC) is True
