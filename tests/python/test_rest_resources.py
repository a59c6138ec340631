# SPDX-License-Identifier: MIT
"""Every resource of spec/rest.md, section 2, as a client reaches it that follows the documents."""

import pytest

from rest import CBOR, NO_TIME, as_data, expand, path_name

QUARTER = 15 * 60
SECOND = 1_000_000_000  # of durations


def at(seconds):
    """A time of a clock that began at the epoch."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"1970-01-01T{hours:02}:{minute:02}:{second:02}.000000Z"


class TestRoot:
    def test_document(self, rest):
        root = rest.get("/")
        assert root["summary_url"] == "/summary" and root["namespaces_url"] == "/namespace"
        assert root["namespace_url"] == "/namespace/{namespace}"
        assert "clock_url" not in root

    def test_summary(self, rest):
        assert rest.get("/summary") == []
        rest.add(rest.set_spec(), "a", "b")
        rest.set_spec("other", space="else")
        record = {"Namespace": "t", "WorkSpec": "s", "Status": "available", "Count": 2}
        assert rest.get(rest.get("/")["summary_url"]) == [record]


class TestNamespace:
    def test_list(self, rest):
        url = rest.get("/")["namespaces_url"]
        assert rest.get(url) == {"namespaces": []}
        for name in ("b", "a", "", "ü"):
            rest.post(url, {"name": name})
        assert rest.get(url)["namespaces"] == [
            {"url": f"/namespace/{path_name(name)}", "name": name} for name in ("", "a", "b", "ü")]

    def test_post(self, rest):
        answer = rest.ask("POST", "/namespace", {"name": "n", "url": None, "worker_url": 7})
        assert answer.status == 201 and answer.headers["Location"] == "/namespace/n"
        assert answer.value == rest.get("/namespace/n")
        assert rest.ask("POST", "/namespace", {"name": "n"}).status == 201  # it is there

    @pytest.mark.parametrize("body", [{}, {"name": None}, {"name": 5}, {"name": "x" * 1025}, []])
    def test_post_without_a_name(self, rest, body):
        rest.error(400, "error", "POST", "/namespace", body)

    def test_document(self, rest):
        assert rest.namespace("n") == {
            "url": "/namespace/n", "name": "n", "summary_url": "/namespace/n/summary",
            "work_specs_url": "/namespace/n/work_spec",
            "work_spec_url": "/namespace/n/work_spec/{spec}",
            "workers_url": "/namespace/n/worker", "worker_url": "/namespace/n/worker/{worker}",
            "complete_url": "/namespace/n/complete",
            "worker_states_url": "/namespace/n/worker_states{?active,previous,limit}"}

    def test_get_creates(self, rest):
        rest.namespace("n")
        assert [space["name"] for space in rest.get("/namespace")["namespaces"]] == ["n"]

    def test_delete(self, rest):
        rest.set_spec()
        assert rest.delete("/namespace/t") is None
        assert rest.get("/namespace") == {"namespaces": []}
        assert rest.get("/namespace/t/work_spec") == {"work_specs": []}

    def test_delete_of_what_is_not_there(self, rest):
        assert rest.delete("/namespace/none") is None

    def test_summary(self, rest):
        rest.add(rest.set_spec(space="else"), "x")
        rest.add(rest.set_spec(), "a")
        record = {"Namespace": "t", "WorkSpec": "s", "Status": "available", "Count": 1}
        assert rest.get(rest.namespace()["summary_url"]) == [record]


class TestWorkSpec:
    def test_list(self, rest):
        url = rest.namespace()["work_specs_url"]
        assert rest.get(url) == {"work_specs": []}
        for name in ("b", "a b"):
            rest.set_spec(name)
        assert rest.get(url)["work_specs"] == [
            {"url": "/namespace/t/work_spec/-YSBi", "name": "a b"},
            {"url": "/namespace/t/work_spec/b", "name": "b"}]

    def test_post(self, rest):
        answer = rest.ask("POST", "/namespace/t/work_spec", {"data": {"name": "s", "x": [1.5]}})
        assert answer.status == 201 and answer.headers["Location"] == "/namespace/t/work_spec/s"
        assert answer.value == {"url": "/namespace/t/work_spec/s", "name": "s"}
        assert rest.get(answer.value["url"])["data"] == {"name": "s", "x": [1.5]}

    def test_post_replaces(self, rest):
        rest.set_spec(min_gb=1)
        assert rest.set_spec(min_gb=2)["data"]["min_gb"] == 2

    @pytest.mark.parametrize("data, code", [
        ({}, "ErrNoWorkSpecName"), ({"name": ""}, "ErrNoWorkSpecName"), (None, "ErrNoWorkSpecName"),
        ({"name": 5}, "ErrBadWorkSpecName"), ({"name": "s", "weight": "x"}, "error"),
        (5, "error")])
    def test_post_of_a_bad_one(self, rest, data, code):
        rest.error(400, code, "POST", "/namespace/t/work_spec", {"data": data})

    def test_document(self, rest):
        query = "{?name*,status*,previous,limit}"
        url = "/namespace/t/work_spec/s"
        assert rest.set_spec(nice=5) == {
            "url": url, "name": "s", "data": {"name": "s", "nice": 5},
            "summary_url": f"{url}/summary", "work_units_url": f"{url}/work_unit",
            "work_unit_query_url": f"{url}/work_unit{query}",
            "work_unit_url": url + "/work_unit/{unit}", "work_unit_counts_url": f"{url}/counts",
            "work_unit_change_url": f"{url}/change{query}",
            "work_unit_adjust_url": f"{url}/adjust{query}", "meta": url + "/meta{?counts}",
            "work_unit_retry_url": f"{url}/retry{query}",
            "failures_url": url + "/failures{?name*,error,contains,previous,limit}",
            "failure_groups_url": url + "/failure_groups{?previous,limit}",
            "explanation_url": f"{url}/explanation"}

    def test_get_of_none(self, rest):
        url = expand(rest.namespace()["work_spec_url"], spec="nope")
        assert rest.error(404, "ErrNoSuchWorkSpec", "GET", url)["value"] == "nope"

    def test_put(self, rest):
        """A client puts back the document that it got."""
        spec = rest.set_spec()
        assert rest.put(spec["url"], {**spec, "data": {"name": "s", "weight": 3}}) is None
        assert rest.get(spec["url"])["data"] == {"name": "s", "weight": 3}

    def test_put_of_nothing(self, rest):
        spec = rest.set_spec(weight=3)
        for body in ({}, {"data": None, "url": 7, "meta": ""}):
            assert rest.put(spec["url"], body) is None
        assert rest.get(spec["url"])["data"]["weight"] == 3

    def test_put_of_another_name(self, rest):
        spec = rest.set_spec()
        rest.error(409, "ErrChangedName", "PUT", spec["url"], {"data": {"name": "other"}})
        rest.error(404, "ErrNoSuchWorkSpec", "PUT", "/namespace/t/work_spec/nope",
                   {"data": {"name": "nope"}})
        rest.error(404, "ErrNoSuchWorkSpec", "PUT", "/namespace/t/work_spec/nope", {})

    def test_delete(self, rest):
        spec = rest.set_spec()
        assert rest.delete(spec["url"]) is None
        rest.error(404, "ErrNoSuchWorkSpec", "GET", spec["url"])
        rest.error(404, "ErrNoSuchWorkSpec", "DELETE", spec["url"])

    def test_summary_and_counts(self, rest):
        spec = rest.set_spec()
        rest.set_spec("empty")
        rest.add(spec, "a", "b", "c")
        rest.take(rest.worker())
        assert rest.get(spec["work_unit_counts_url"]) == {"available": 2, "pending": 1}
        assert {(r["Status"], r["Count"]) for r in rest.get(spec["summary_url"])} == {
            ("available", 2), ("pending", 1)}
        assert rest.get("/namespace/t/work_spec/empty/counts") == {}

    @pytest.mark.parametrize("what", ["summary", "counts", "meta", "work_unit"])
    def test_parts_of_none(self, rest, what):
        url = f"/namespace/t/work_spec/nope/{what}"
        assert rest.error(404, "ErrNoSuchWorkSpec", "GET", url)["value"] == "nope"


class TestMeta:
    def test_defaults(self, rest):
        assert rest.get(expand(rest.set_spec()["meta"])) == {
            "priority": 0, "weight": 20, "paused": False, "continuous": False,
            "can_be_continuous": False, "min_memory_gb": 0.0, "interval": 0,
            "next_continuous": NO_TIME, "max_running": 0, "max_attempts_returned": 0,
            "max_retries": 0, "next_work_spec_name": "", "runtime": "", "available_count": 0,
            "pending_count": 0}

    def test_derived(self, rest):
        meta = rest.get(expand(rest.set_spec(
            priority=3, nice=5, disabled=True, continuous=True, min_gb=1.5, interval=2.5,
            max_running=4, max_getwork=5, max_retries=6, then="next", runtime="go")["meta"]))
        assert meta == {
            "priority": 3, "weight": 15, "paused": True, "continuous": True,
            "can_be_continuous": True, "min_memory_gb": 1.5, "interval": 2_500_000_000,
            "next_continuous": NO_TIME, "max_running": 4, "max_attempts_returned": 5,
            "max_retries": 6, "next_work_spec_name": "next", "runtime": "go",
            "available_count": 0, "pending_count": 0}

    def test_counts(self, rest):
        spec = rest.set_spec()
        rest.add(spec, "a", "b", "c")
        rest.take(rest.worker())
        assert rest.get(expand(spec["meta"]))["available_count"] == 0
        meta = rest.get(expand(spec["meta"], counts="true"))
        assert (meta["available_count"], meta["pending_count"]) == (2, 1)
        rest.error(400, "error", "GET", spec["url"] + "/meta?counts=perhaps")

    def test_put(self, rest):
        url = expand(rest.set_spec(continuous=True, runtime="go")["meta"])
        new = {"priority": -3, "weight": 7, "paused": True, "continuous": False,
               "min_memory_gb": 2, "interval": SECOND, "max_running": 1,
               "next_continuous": "2031-01-01T01:00:00+01:00", "max_attempts_returned": 2,
               "max_retries": 3}
        ignored = {"can_be_continuous": "x", "runtime": 5, "next_work_spec_name": [],
                   "available_count": "7", "pending_count": {}}
        assert rest.put(url, {**new, **ignored}) is None
        meta = rest.get(url)
        assert {key: meta[key] for key in new} == {
            **new, "next_continuous": "2031-01-01T00:00:00.000000Z"}
        assert (meta["can_be_continuous"], meta["runtime"]) == (True, "go")

    def test_put_keeps_what_is_absent(self, rest):
        url = expand(rest.set_spec(weight=7, priority=2)["meta"])
        rest.put(url, {"paused": True, "weight": None})
        meta = rest.get(url)
        assert (meta["weight"], meta["priority"], meta["paused"]) == (7, 2, True)

    def test_continuous_of_one_that_cannot_be(self, rest):
        url = expand(rest.set_spec()["meta"])
        assert rest.put(url, {"continuous": True}) is None
        assert rest.get(url)["continuous"] is False

    @pytest.mark.parametrize("body", [{"weight": "x"}, {"max_running": -1}, {"interval": 1.5},
                                      {"next_continuous": "soon"}, {"paused": "x"}, []])
    def test_put_of_bad_values(self, rest, body):
        rest.error(400, "error", "PUT", expand(rest.set_spec()["meta"]), body)


class TestQueries:
    """GET, DELETE, change and adjust select by the same query."""

    @pytest.fixture
    def spec(self, rest):
        spec = rest.set_spec()
        rest.add(spec, "a", "b", "c d", "e")
        rest.post(rest.take(rest.worker())[0]["fail_url"], {})  # a
        rest.take(rest.worker())  # b
        return spec

    @staticmethod
    def names(rest, spec, **query):
        listed = rest.get(expand(spec["work_unit_query_url"], **query))
        return [unit["name"] for unit in listed["work_units"]]

    def test_all(self, rest, spec):
        assert rest.get(spec["work_units_url"])["work_units"][2] == {
            "url": "/namespace/t/work_spec/s/work_unit/-YyBk", "name": "c d"}
        assert self.names(rest, spec) == ["a", "b", "c d", "e"]
        assert self.names(rest, spec, status="any") == ["a", "b", "c d", "e"]

    def test_names(self, rest, spec):
        assert self.names(rest, spec, name=["e", "c d", "nope"]) == ["c d", "e"]
        assert self.names(rest, spec, name="") == []  # a name, and no unit has it

    def test_statuses(self, rest, spec):
        assert self.names(rest, spec, status="failed") == ["a"]
        assert self.names(rest, spec, status=["pending", "available"]) == ["b", "c d", "e"]
        assert self.names(rest, spec, status=["pending", "any"]) == ["a", "b", "c d", "e"]

    def test_pages(self, rest, spec):
        assert self.names(rest, spec, limit="2") == ["a", "b"]
        assert self.names(rest, spec, limit="0") == ["a", "b", "c d", "e"]
        assert self.names(rest, spec, previous=path_name("b"), limit="1") == ["c d"]
        assert self.names(rest, spec, previous=path_name("c d")) == ["e"]

    def test_empty_pairs_are_skipped(self, rest, spec):
        url = spec["work_units_url"] + "?&status=&previous=&limit=&"
        assert len(rest.get(url)["work_units"]) == 4

    @pytest.mark.parametrize("query", ["status=nope", "limit=x", "limit=-1", "name=%", "name=%zz",
                                       "previous=-%21"])
    def test_bad_ones(self, rest, spec, query):
        for method, what in (("GET", "work_unit"), ("DELETE", "work_unit"), ("POST", "change")):
            body = {"meta": {"priority": 1}} if method == "POST" else None
            rest.error(400, "error", method, f"{spec['url']}/{what}?{query}", body)

    def test_delete(self, rest, spec):
        url = spec["work_unit_query_url"]
        assert rest.delete(expand(url, name=["a", "nope"])) == {"Deleted": 1}
        assert rest.delete(expand(url, status="available")) == {"Deleted": 2}
        assert rest.delete(expand(url)) == {"Deleted": 1}
        assert rest.delete(expand(url)) == {"Deleted": 0}

    def test_change_and_adjust(self, rest, spec):
        def priorities():
            return {name: rest.get(expand(spec["work_unit_url"], unit=path_name(name)))["meta"]
                    ["priority"] for name in ("a", "b", "c d", "e")}

        body = {"meta": {"priority": 2.5, "not_before": "x"}, "name": 5}
        change = expand(spec["work_unit_change_url"], name=["a", "c d"])
        assert rest.post(change, body, status=204) is None
        assert priorities() == {"a": 2.5, "b": 0, "c d": 2.5, "e": 0}
        adjust = expand(spec["work_unit_adjust_url"], status=["failed", "pending"])
        rest.post(adjust, {"meta": {"priority": -1}}, status=204)
        assert priorities() == {"a": 1.5, "b": -1, "c d": 2.5, "e": 0}
        rest.post(expand(spec["work_unit_change_url"]), {"meta": {"priority": 9}}, status=204)
        assert set(priorities().values()) == {9}

    @pytest.mark.parametrize("body, code", [
        ({}, "error"), ({"meta": {}}, "error"), ({"meta": {"priority": "x"}}, "ErrBadPriority"),
        ({"meta": 5}, "error")])
    def test_bad_changes(self, rest, spec, body, code):
        for what in ("change", "adjust"):
            rest.error(400, code, "POST", f"{spec['url']}/{what}", body)

    @pytest.mark.parametrize("what", ["change", "adjust"])
    def test_of_no_spec(self, rest, what):
        rest.error(404, "ErrNoSuchWorkSpec", "POST", f"/namespace/t/work_spec/nope/{what}",
                   {"meta": {"priority": 1}})
        rest.error(404, "ErrNoSuchWorkSpec", "DELETE", "/namespace/t/work_spec/nope/work_unit")


class TestWorkUnit:
    def test_post(self, rest):
        spec = rest.set_spec()
        answer = rest.ask("POST", spec["work_units_url"], {
            "name": "u/1", "data": {"k": 1}, "meta": {"priority": 2, "not_before": None},
            "status": "any", "url": 5})
        url = "/namespace/t/work_spec/s/work_unit/-dS8x"
        assert answer.status == 201 and answer.headers["Location"] == url
        assert answer.value == {"url": url, "name": "u/1"}
        unit = rest.get(url)
        assert (unit["data"], unit["meta"]["priority"]) == ({"k": 1}, 2)

    def test_defaults(self, rest):
        unit = rest.get(rest.add(rest.set_spec(), "u"))
        url = "/namespace/t/work_spec/s/work_unit/u"
        assert unit == {
            "url": url, "name": "u", "data": {}, "status": "available",
            "meta": {"priority": 0.0, "not_before": NO_TIME},
            "work_spec_url": "/namespace/t/work_spec/s", "attempts_url": f"{url}/attempts"}

    @pytest.mark.parametrize("body, code", [
        ({}, "error"), ({"name": 5}, "error"), ({"name": "x" * 1025}, "error"),
        ({"name": "u", "data": 5}, "error"), ({"name": "u", "data": "!"}, "error"),
        ({"name": "u", "meta": 5}, "error"),
        ({"name": "u", "meta": {"priority": "x"}}, "ErrBadPriority"),
        ({"name": "u", "meta": {"not_before": 5}}, "error")])
    def test_post_of_a_bad_one(self, rest, body, code):
        rest.error(400, code, "POST", rest.set_spec()["work_units_url"], body)

    def test_post_to_no_spec(self, rest):
        url = "/namespace/t/work_spec/nope/work_unit"
        assert rest.error(404, "ErrNoSuchWorkSpec", "POST", url, {"name": "u"})["value"] == "nope"

    def test_get_of_none(self, rest):
        url = expand(rest.set_spec()["work_unit_url"], unit="no")
        for path in ("", "/attempts", "/num-attempts"):
            assert rest.error(404, "ErrNoSuchWorkUnit", "GET", url + path)["value"] == "no"
        rest.error(404, "ErrNoSuchWorkUnit", "DELETE", url)
        rest.error(404, "ErrNoSuchWorkUnit", "PUT", url, {})

    def test_put_sets_meta(self, clocked):
        url = clocked.add(clocked.set_spec(), "u")
        assert clocked.put(url, {"meta": {"priority": 3, "not_before": at(60)}}) is None
        unit = clocked.get(url)
        assert unit["meta"] == {"priority": 3.0, "not_before": at(60)}
        assert unit["status"] == "delayed"
        clocked.put(url, {"meta": {"not_before": NO_TIME}})
        unit = clocked.get(url)
        assert (unit["meta"], unit["status"]) == (
            {"priority": 3.0, "not_before": NO_TIME}, "available")

    def test_put_of_what_is_not_for_input(self, rest):
        """A client puts back the document that it got, with its own status."""
        url = rest.add(rest.set_spec(), "u")
        unit = rest.get(url)
        rest.put(url, {**unit, "status": "any", "data": {"x": 1}, "name": "", "url": ""})
        assert rest.get(url) == unit

    def test_put_clears_the_active_attempt(self, rest):
        url = rest.add(rest.set_spec(), "u")
        attempt = rest.take(rest.worker())[0]
        unit = rest.get(url)
        assert unit["status"] == "pending" and unit["active_attempt_url"] == attempt["url"]
        rest.put(url, {"active_attempt_url": attempt["url"]})
        assert rest.get(url) == unit
        rest.put(url, {"active_attempt_url": "-"})
        unit = rest.get(url)
        assert unit["status"] == "available" and "active_attempt_url" not in unit

    def test_delete(self, rest):
        url = rest.add(rest.set_spec(), "u")
        assert rest.delete(url) is None
        rest.error(404, "ErrNoSuchWorkUnit", "GET", url)

    def test_attempts(self, clocked):
        url = clocked.add(clocked.set_spec(), "u")
        unit = clocked.get(url)
        assert clocked.get(unit["attempts_url"]) == {"attempts": []}
        assert clocked.get(url + "/num-attempts") == 0
        attempts = []
        for second in range(2):
            clocked.put("/clock", {"now": at(second)})
            attempts += clocked.take(clocked.worker())
            clocked.post(attempts[-1]["retry_url"], {})
        assert clocked.get(unit["attempts_url"])["attempts"] == [
            {"url": attempt["url"], "work_unit_url": url, "worker_url": "/namespace/t/worker/w",
             "start_time": at(second)} for second, attempt in enumerate(attempts)]
        assert clocked.get(url + "/num-attempts") == 2


class TestAttempt:
    @pytest.fixture
    def attempt(self, clocked):
        clocked.add(clocked.set_spec(), "u", data={"k": 1})
        return clocked.take(clocked.worker())[0]

    def test_document(self, clocked, attempt):
        url = attempt["url"]
        assert url.startswith("/namespace/t/work_spec/s/work_unit/u/attempt/w/")
        assert attempt == {
            "url": url, "work_unit_url": "/namespace/t/work_spec/s/work_unit/u",
            "worker_url": "/namespace/t/worker/w", "start_time": at(0), "status": "pending",
            "data": {"k": 1}, "end_time": NO_TIME, "expiration_time": at(QUARTER),
            **{f"{what}_url": f"{url}/{what}"
               for what in ("renew", "expire", "finish", "fail", "retry")}}
        assert clocked.get(url) == attempt

    @pytest.mark.parametrize("what, status", [
        ("finish", "finished"), ("fail", "failed"), ("retry", "retryable"), ("expire", "expired")])
    def test_ends(self, clocked, attempt, what, status):
        clocked.put("/clock", {"now": at(5)})
        assert clocked.post(attempt[f"{what}_url"], {"data": {"r": 2}}, status=204) is None
        ended = clocked.get(attempt["url"])
        assert (ended["status"], ended["end_time"], ended["data"]) == (status, at(5), {"r": 2})

    @pytest.mark.parametrize("what", ["finish", "fail", "retry", "expire", "renew"])
    def test_without_a_body(self, clocked, attempt, what):
        """Null data changes nothing, and no body is none at all."""
        for body in (None, {}, {"data": None}):
            answer = clocked.ask("POST", attempt[f"{what}_url"], body)
            assert answer.status in (204, 409)
        assert clocked.get(attempt["url"])["data"] == {"k": 1}

    def test_renew(self, clocked, attempt):
        clocked.put("/clock", {"now": at(5)})
        clocked.post(attempt["renew_url"], {"extend_duration": 60 * SECOND, "data": {"p": 1}})
        renewed = clocked.get(attempt["url"])
        assert (renewed["status"], renewed["expiration_time"], renewed["data"]) == (
            "pending", at(65), {"p": 1})

    def test_retry_with_a_delay(self, clocked, attempt):
        clocked.post(attempt["retry_url"], {"delay": 60 * SECOND})
        unit = clocked.get(attempt["work_unit_url"])
        assert (unit["status"], unit["meta"]["not_before"]) == ("delayed", at(60))

    @pytest.mark.parametrize("body", [{"extend_duration": "x"}, {"extend_duration": 1.5},
                                      {"data": 5}, []])
    def test_bad_bodies(self, clocked, attempt, body):
        clocked.error(400, "error", "POST", attempt["renew_url"], body)

    def test_not_pending(self, clocked, attempt):
        clocked.post(attempt["finish_url"], {})
        for what in ("renew", "fail", "retry", "expire"):
            clocked.error(409, "ErrNotPending", "POST", attempt[f"{what}_url"], {})

    def test_lost_lease(self, clocked, attempt):
        clocked.put(attempt["work_unit_url"], {"active_attempt_url": "-"})
        clocked.error(409, "ErrLostLease", "POST", attempt["renew_url"],
                      {"extend_duration": SECOND})

    def test_missing_from_the_left(self, clocked, attempt):
        start = attempt["url"].rsplit("/", 1)[1]

        def wrong(spec="s", unit="u", worker="w", start=start):
            return f"/namespace/t/work_spec/{spec}/work_unit/{unit}/attempt/{worker}/{start}"

        for method, what in (("GET", ""), ("POST", "/finish")):
            missing = clocked.error(404, "ErrNoSuchWorkSpec", method, wrong(spec="x") + what)
            assert missing["value"] == "x"
            missing = clocked.error(404, "ErrNoSuchWorkUnit", method, wrong(unit="y") + what)
            assert missing["value"] == "y"
            for url in (wrong(worker="v"), wrong(start="0"), wrong(start="0-9999"),
                        wrong(start="1" + start), wrong(start="-")):
                clocked.error(410, "ErrGone", method, url + what)
        workers = clocked.get(clocked.namespace()["workers_url"])["workers"]
        assert "v" in [worker["name"] for worker in workers]  # naming it made it

    def test_gone_with_its_unit(self, clocked, attempt):
        clocked.delete(attempt["work_unit_url"])
        clocked.add(clocked.get("/namespace/t/work_spec/s"), "u")
        clocked.error(410, "ErrGone", "GET", attempt["url"])
        clocked.error(410, "ErrGone", "POST", attempt["finish_url"], {})

    def test_two_within_one_instant(self, clocked, attempt):
        clocked.post(attempt["retry_url"], {})
        again = clocked.take(clocked.worker())[0]
        assert again["start_time"] == attempt["start_time"] and again["url"] != attempt["url"]
        assert clocked.get(attempt["url"])["status"] == "retryable"
        assert clocked.get(again["url"])["status"] == "pending"

    def test_lapses(self, clocked, attempt):
        clocked.put("/clock", {"now": at(QUARTER)})
        lapsed = clocked.get(attempt["url"])
        assert (lapsed["status"], lapsed["end_time"]) == ("expired", at(QUARTER))
        unit = clocked.get(attempt["work_unit_url"])
        assert unit["status"] == "available" and "active_attempt_url" not in unit


class TestWorker:
    def test_get_creates(self, clocked):
        url = "/namespace/t/worker/w"
        assert clocked.worker() == {
            "url": url, "name": "w", "child_urls": [], "active": True, "mode": "", "data": {},
            "expiration": at(QUARTER), "last_update": at(0),
            **{f"{what}_url": f"{url}/{what}"
               for what in ("request_attempts", "make_attempt", "active_attempts", "all_attempts",
                            "child_attempts")}}

    def test_activate(self, clocked):
        url = clocked.worker()["url"]
        times = {"last_update": at(7), "expiration": at(70)}
        clocked.put(url, {"active": True, "data": {"e": [1]}, "mode": "idle", **times})
        worker = clocked.get(url)
        assert {key: worker[key] for key in ("active", "data", "mode", *times)} == {
            "active": True, "data": {"e": [1]}, "mode": "idle", **times}
        clocked.put("/clock", {"now": at(100)})
        clocked.put(url, {"active": True, "mode": 3})
        worker = clocked.get(url)
        assert (worker["last_update"], worker["expiration"], worker["mode"], worker["data"]) == (
            at(100), at(100 + QUARTER), 3, {})

    def test_deactivate(self, clocked):
        url = clocked.worker()["url"]
        clocked.put(url, {"active": False})
        assert clocked.get(url)["active"] is False

    def test_parent(self, clocked):
        url = clocked.worker("child")["url"]
        clocked.put(url, {"parent": "top", "active": False})
        child = clocked.get(url)
        assert (child["parent"], child["parent_url"], child["active"]) == (
            "top", "/namespace/t/worker/top", True)
        assert clocked.worker("top")["child_urls"] == [url]
        clocked.put(url, {"url": "", "mode": "x"})
        assert clocked.get(url) == child
        clocked.put(url, {"parent": ""})
        assert "parent" not in clocked.get(url)
        assert clocked.worker("top")["child_urls"] == []

    @pytest.mark.parametrize("body", [
        {"parent": 5}, {"parent": "w"}, {"active": "x"}, {"active": True, "data": 5},
        {"active": True, "expiration": 5}, {"active": True, "mode": []}, []])
    def test_bad_updates(self, rest, body):
        rest.error(400, "error", "PUT", rest.worker()["url"], body)

    def test_list_in_pages(self, rest):
        names = [f"w{n}" for n in range(5)] + ["x y"]
        for name in names:
            rest.worker(name)
        url = rest.namespace()["workers_url"]
        assert rest.get(url) == {"workers": [
            {"url": f"/namespace/t/worker/{path_name(name)}", "name": name} for name in names]}
        seen, page = [], f"{url}?limit=2"
        while page:
            listed = rest.get(page)
            assert len(listed["workers"]) == 2
            seen += [worker["name"] for worker in listed["workers"]]
            page = listed.get("next")
        assert seen == names

    def test_list_by_activity(self, rest):
        url = rest.namespace()["workers_url"]
        for name in "abc":
            rest.worker(name)
        rest.put("/namespace/t/worker/b", {"active": False})

        def names(query):
            listed = rest.get(f"{url}?{query}")
            return [worker["name"] for worker in listed["workers"]], listed.get("next")

        assert names("active=true") == (["a", "c"], None)
        assert names("active=false") == (["b"], None)
        assert names("active=&limit=0") == (["a", "b", "c"], None)
        first, following = names("active=true&limit=1")
        assert first == ["a"] and names(following.partition("?")[2])[0] == ["c"]
        for query in ("active=perhaps", "limit=x", "previous=-%21"):
            rest.error(400, "error", "GET", f"{url}?{query}")

    def test_attempt_lists(self, clocked):
        clocked.add(clocked.set_spec(), "a", "b", "c")
        worker = clocked.worker()
        clocked.put(clocked.worker("child")["url"], {"parent": "w"})
        first, second = clocked.take(worker, number_of_work_units=2)
        third = clocked.take(clocked.worker("child"))[0]
        clocked.post(first["finish_url"], {})

        def urls(what):
            return [attempt["url"] for attempt in clocked.get(worker[f"{what}_url"])["attempts"]]

        assert urls("active_attempts") == [second["url"]]
        assert urls("all_attempts") == [first["url"], second["url"]]
        assert urls("child_attempts") == [third["url"]]

    @pytest.mark.parametrize("what", ["active", "all", "child"])
    def test_attempt_lists_of_a_new_worker(self, rest, what):
        url = f"/namespace/t/worker/new/{what}_attempts"
        assert rest.get(url) == {"attempts": []}
        assert rest.get("/namespace/t/worker")["workers"][0]["name"] == "new"


class TestRequestAttempts:
    URL = "/namespace/t/worker/w/request_attempts"

    def test_none(self, rest):
        assert rest.post(self.URL, {}) == {"attempts": None}

    def test_work(self, rest):
        spec = rest.set_spec()
        rest.add(spec, "a", "b", "c")
        got = rest.post(self.URL, {"number_of_work_units": 2, "work_specs": None, "runtimes": []})
        assert got["work_spec_url"] == spec["url"]
        assert [attempt["work_unit_url"].rsplit("/", 1)[1] for attempt in got["attempts"]] == [
            "a", "b"]
        assert rest.get(got["attempts"][0]["url"]) == got["attempts"][0]
        assert len(rest.post(self.URL)["attempts"]) == 1  # no body asks for one

    def test_lifetime(self, clocked):
        clocked.add(clocked.set_spec(), "a", "b")
        one = clocked.take(clocked.worker(), lifetime=60 * SECOND)[0]
        assert one["expiration_time"] == at(60)
        assert clocked.take(clocked.worker(), lifetime=-1)[0]["expiration_time"] == at(QUARTER)

    def test_filters(self, rest):
        for name, more in (("big", {"min_gb": 8}), ("go", {"runtime": "go"}), ("plain", {})):
            rest.add(rest.set_spec(name, **more), "u")

        def got(**request):
            answer = rest.post(self.URL, request)
            return answer.get("work_spec_url", "/none").rsplit("/", 1)[1]

        assert got(work_specs=["plain"], runtimes=["go"]) == "none"
        assert got(work_specs=["big"], available_gb=4) == "none"
        assert got(work_specs=["nope"]) == "none"
        assert got(runtimes=["go"]) == "go"
        assert got(work_specs=["big"], available_gb=8.5) == "big"
        assert got(work_specs=["plain", "nope"]) == "plain"

    @pytest.mark.parametrize("body", [
        {"number_of_work_units": "x"}, {"lifetime": 1.5}, {"available_gb": "x"},
        {"work_specs": "s"}, {"work_specs": [5]}, {"runtimes": {}}, {"wait": "x"}, []])
    def test_bad_requests(self, rest, body):
        rest.error(400, "error", "POST", self.URL, body)


class TestMakeAttempt:
    URL = "/namespace/t/worker/new/make_attempt"

    def test_make(self, clocked):
        clocked.add(clocked.set_spec(disabled=True), "u")
        first = clocked.post(self.URL, {"work_spec": "s", "work_unit": "u",
                                        "lifetime": 60 * SECOND})
        assert (first["status"], first["expiration_time"], first["worker_url"]) == (
            "pending", at(60), "/namespace/t/worker/new")
        for lifetime in (0, -1, None):
            more = {"work_spec": "s", "work_unit": "u", "lifetime": lifetime}
            assert clocked.post(self.URL, more)["expiration_time"] == at(QUARTER)

    def test_errors(self, rest):
        rest.set_spec()
        for body in ({}, {"work_spec": "s"}, {"work_unit": "u"},
                     {"work_spec": 5, "work_unit": "u"}):
            rest.error(400, "error", "POST", self.URL, body)
        rest.error(404, "ErrNoSuchWorkSpec", "POST", self.URL,
                   {"work_spec": "nope", "work_unit": "u"})
        rest.error(404, "ErrNoSuchWorkUnit", "POST", self.URL,
                   {"work_spec": "s", "work_unit": "u"})


def test_cbor_all_the_way(rest):
    """The shapes are the same; data maps are maps, whatever they hold."""
    spec = {"data": {"name": "s"}}
    rest.post("/namespace/t/work_spec", spec, as_cbor=True, status=201)
    data = {"bytes": b"\xff", "big": 1 << 80, "nested": {"f": [1.0, 1, None]}}
    answer = rest.ask("POST", "/namespace/t/work_spec/s/work_unit", {"name": "u", "data": data},
                      as_cbor=True)
    assert answer.status == 201 and answer.type == CBOR
    unit = rest.get("/namespace/t/work_spec/s/work_unit/u", as_cbor=True)
    assert unit["data"] == data and unit["meta"]["not_before"] == NO_TIME
    assert as_data(rest.get("/namespace/t/work_spec/s/work_unit/u")["data"]) == data
    worked = rest.post("/namespace/t/worker/w/request_attempts", {}, as_cbor=True)
    assert worked["attempts"][0]["data"] == data
    error = rest.ask("GET", "/namespace/t/work_spec/nope", as_cbor=True)
    assert (error.status, error.type, error.value["value"]) == (404, CBOR, "nope")
