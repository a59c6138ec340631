# SPDX-License-Identifier: MIT
"""Every resource of spec/rest.md, section 2. Each answer is checked against the OpenAPI description
by the client itself."""

import pytest

from rest_client import error, expand, path_name, query

NO_TIME = "0001-01-01T00:00:00Z"
MINUTE = 60_000_000_000  # nanoseconds


class TestRootAndNamespaces:
    def test_root_leads_everywhere(self, any_rest):
        root = any_rest.get("/")
        assert any_rest.get(root["summary_url"]) == []
        assert any_rest.get(root["namespaces_url"]) == {"namespaces": []}
        assert any_rest.get(expand(root["namespace_url"], namespace=""))["name"] == ""

    def test_get_creates_a_namespace(self, any_rest):
        url = "/namespace/new"
        assert any_rest.get(url)["url"] == url
        assert any_rest.get("/namespace") == {"namespaces": [{"url": url, "name": "new"}]}

    def test_post_creates_a_namespace(self, any_rest):
        answer = any_rest.request("POST", "/namespace", {"name": "a b"}, status=201)
        assert answer.headers["Location"] == answer.document["url"] == "/namespace/-YSBi"
        assert answer.document["name"] == "a b"

    @pytest.mark.parametrize("body", [{}, {"name": None}, {"name": 5}, {"name": "x" * 1025}, []])
    def test_bad_namespaces(self, rest, body):
        assert error(rest.request("POST", "/namespace", body, status=400)) == "error"

    def test_delete_takes_all_with_it(self, rest):
        rest.add(rest.spec(namespace="n"), "u")
        rest.delete("/namespace/n")
        assert rest.get("/namespace")["namespaces"] == []
        assert rest.get("/namespace/n/work_spec")["work_specs"] == []

    def test_any_path_creates_its_namespace(self, rest):
        rest.get("/namespace/n/work_spec/none", status=404)
        assert [entry["name"] for entry in rest.get("/namespace")["namespaces"]] == ["n"]


class TestSummary:
    def test_records_of_all_of_one_and_of_a_spec(self, any_rest):
        for namespace in ("", "n"):
            spec = any_rest.spec(namespace=namespace)
            any_rest.add(spec, "a", "b")
        any_rest.take(any_rest.worker(namespace="n"))
        def record(namespace, status, count):
            return {"Namespace": namespace, "WorkSpec": "s", "Status": status, "Count": count}
        of_n = [record("n", "available", 1), record("n", "pending", 1)]
        assert any_rest.get("/summary") == [record("", "available", 2), *of_n]
        assert any_rest.get(any_rest.namespace("n")["summary_url"]) == of_n
        assert any_rest.get(spec["summary_url"]) == of_n
        missing = any_rest.request("GET", "/namespace/n/work_spec/none/summary", status=404)
        assert error(missing) == "ErrNoSuchWorkSpec"


class TestWorkSpecs:
    def test_set_and_get(self, any_rest):
        definition = {"name": "s", "min_gb": 1, "nested": {"list": [1, 2.5, None, "x"]}}
        specs = any_rest.namespace()["work_specs_url"]
        answer = any_rest.request("POST", specs, {"data": definition}, status=201)
        assert answer.document == {"url": "/namespace/-/work_spec/s", "name": "s"}
        assert answer.headers["Location"] == answer.document["url"]
        assert any_rest.get(answer.document["url"])["data"] == definition
        assert any_rest.get(specs) == {"work_specs": [answer.document]}

    @pytest.mark.parametrize("body, code", [
        ({}, "ErrNoWorkSpecName"), ({"data": None}, "ErrNoWorkSpecName"),
        ({"data": {}}, "ErrNoWorkSpecName"), ({"data": {"name": ""}}, "ErrNoWorkSpecName"),
        ({"data": {"name": 5}}, "ErrBadWorkSpecName"), ({"data": {"name": "s", "weight": "x"}},
                                                        "error"),
        ({"data": 5}, "error"), ({"data": "!"}, "error"), (5, "error"), ([], "error")])
    def test_bad_definitions(self, any_rest, body, code):
        specs = any_rest.namespace()["work_specs_url"]
        assert error(any_rest.request("POST", specs, body, status=400)) == code

    def test_replace(self, any_rest):
        spec = any_rest.spec(weight=1)
        any_rest.put(spec["url"], {"data": {"name": "s", "weight": 7}, "name": 5, "meta": "",
                                   "url": None})
        assert any_rest.get(spec["url"])["data"] == {"name": "s", "weight": 7}
        any_rest.put(spec["url"], {"data": None})
        assert any_rest.get(spec["url"])["data"] == {"name": "s", "weight": 7}
        changed = any_rest.request("PUT", spec["url"], {"data": {"name": "t"}}, status=409)
        assert error(changed) == "ErrChangedName"

    def test_delete(self, rest):
        spec = rest.spec()
        rest.add(spec, "u")
        rest.delete(spec["url"])
        for method in ("GET", "DELETE"):
            missing = rest.request(method, spec["url"], status=404).document
            assert missing["error"] == "ErrNoSuchWorkSpec"
            assert missing["value"] == "s"
        rest.put(spec["url"], {"data": {"name": "s"}}, status=404)
        rest.put(spec["url"], {}, status=404)

    def test_templates(self, rest):
        spec = rest.spec("a b")
        url = spec["url"]
        assert url == "/namespace/-/work_spec/-YSBi"
        assert spec["meta"] == url + "/meta{?counts}"
        assert spec["work_unit_url"] == url + "/work_unit/{unit}"
        for key, part in (("work_unit_query_url", "work_unit"), ("work_unit_change_url", "change"),
                          ("work_unit_adjust_url", "adjust")):
            assert spec[key] == f"{url}/{part}{{?name*,status*,previous,limit}}"


class TestMeta:
    def test_defaults(self, any_rest):
        spec = any_rest.spec(runtime="go", then="t", min_gb=1.5)
        assert any_rest.get(query(spec["meta"])) == {
            "priority": 0, "weight": 20, "paused": False, "continuous": False,
            "can_be_continuous": False, "min_memory_gb": 1.5, "interval": 0,
            "next_continuous": NO_TIME, "max_running": 0, "max_attempts_returned": 0,
            "max_retries": 0, "next_work_spec_name": "t", "runtime": "go",
            "available_count": 0, "pending_count": 0}

    def test_counts_when_asked_for(self, rest):
        spec = rest.spec()
        rest.add(spec, "a", "b", "c")
        rest.take()
        meta = rest.get(query(spec["meta"], ("counts", "true")))
        assert (meta["available_count"], meta["pending_count"]) == (2, 1)
        for off in (query(spec["meta"]), query(spec["meta"], ("counts", "false"))):
            assert rest.get(off)["available_count"] == 0
        rest.get(query(spec["meta"], ("counts", "maybe")), status=400)

    def test_put_changes_what_is_given(self, any_rest):
        spec = any_rest.spec(continuous=True)
        url = query(spec["meta"])
        change = {"priority": -3, "weight": 0, "paused": True, "min_memory_gb": 0.25,
                  "interval": 90 * MINUTE, "next_continuous": "1970-01-01T01:00:00.5+01:00",
                  "max_running": 4, "max_attempts_returned": 5, "max_retries": 6}
        any_rest.put(url, change)
        meta = any_rest.get(url)
        assert meta["next_continuous"] == "1970-01-01T00:00:00.500000Z"
        assert {key: meta[key] for key in change if key != "next_continuous"} == {
            key: value for key, value in change.items() if key != "next_continuous"}
        assert meta["continuous"] is True
        any_rest.put(url, {"paused": False, "weight": None, "runtime": "x", "pending_count": "y"})
        assert any_rest.get(url) == {**meta, "paused": False}
        any_rest.put(url, {"next_continuous": NO_TIME})
        assert any_rest.get(url)["next_continuous"] == NO_TIME

    def test_continuous_where_it_cannot_be_stays_off(self, rest):
        spec = rest.spec()
        rest.put(query(spec["meta"]), {"continuous": True})
        assert rest.get(query(spec["meta"]))["continuous"] is False

    @pytest.mark.parametrize("body", [
        {"weight": "x"}, {"weight": 2_000_000}, {"interval": -1}, {"min_memory_gb": -1},
        {"max_running": -1}, {"next_continuous": "soon"}, {"paused": "x"}])
    def test_bad_values(self, rest, body):
        spec = rest.spec()
        rest.put(query(spec["meta"]), body, status=400)

    def test_missing(self, rest):
        for method, body in (("GET", None), ("PUT", {})):
            missing = rest.request(method, "/namespace/-/work_spec/none/meta", body, status=404)
            assert error(missing) == "ErrNoSuchWorkSpec"


class TestWorkUnits:
    def test_add_and_get(self, any_rest):
        spec = any_rest.spec()
        answer = any_rest.request("POST", spec["work_units_url"], {
            "name": "u", "data": {"k": [1, {}]},
            "meta": {"priority": 2.5, "not_before": "1970-01-01T00:01:00Z"}}, status=201)
        assert answer.headers["Location"] == answer.document["url"]
        assert any_rest.get(answer.document["url"]) == {
            "url": answer.document["url"], "name": "u", "data": {"k": [1, {}]},
            "meta": {"priority": 2.5, "not_before": "1970-01-01T00:01:00.000000Z"},
            "status": "delayed", "work_spec_url": spec["url"],
            "attempts_url": answer.document["url"] + "/attempts"}

    def test_absent_data_is_empty(self, any_rest):
        [url] = any_rest.add(any_rest.spec(), "u")
        unit = any_rest.get(url)
        assert unit["data"] == {}
        assert unit["meta"] == {"priority": 0.0, "not_before": NO_TIME}

    @pytest.mark.parametrize("body", [
        {}, {"name": 5}, {"name": "x" * 1025}, {"name": "u", "data": 5}, {"name": "u", "data": []},
        {"name": "u", "meta": 5}, {"name": "u", "meta": {"not_before": 5}},
        {"name_base64": "?"}, {"name": "u", "data": "oA"}, 5])
    def test_bad_units(self, any_rest, body):
        spec = any_rest.spec()
        assert error(any_rest.request("POST", spec["work_units_url"], body, status=400)) == "error"

    def test_bad_priority_has_a_code(self, any_rest):
        spec = any_rest.spec()
        [url] = any_rest.add(spec, "u")
        bad = {"meta": {"priority": "high"}}
        for method, where, body in (("POST", spec["work_units_url"], {"name": "u", **bad}),
                                    ("PUT", url, bad), ("POST", query(spec["work_unit_change_url"]),
                                                        bad)):
            assert error(any_rest.request(method, where, body, status=400)) == "ErrBadPriority"

    def test_list(self, any_rest):
        spec = any_rest.spec()
        urls = any_rest.add(spec, "b", "a", "c")
        def names(*pairs):
            return [unit["name"] for unit in
                    any_rest.get(query(spec["work_unit_query_url"], *pairs))["work_units"]]
        assert any_rest.get(spec["work_units_url"])["work_units"][0] == {
            "url": urls[1], "name": "a"}
        assert names() == ["a", "b", "c"]
        assert names(("limit", 2)) == ["a", "b"]
        assert names(("previous", "a")) == ["b", "c"]
        assert names(("name", "c"), ("name", "none"), ("name", "a")) == ["a", "c"]
        any_rest.take()
        assert names(("status", "pending")) == ["a"]
        assert names(("status", "available"), ("status", "pending"), ("limit", 2)) == ["a", "b"]
        assert names(("status", "any"), ("status", "failed")) == ["a", "b", "c"]
        assert names(("status", "failed")) == []
        assert any_rest.get(spec["work_units_url"] + "?&&limit=1&")["work_units"][0]["name"] == "a"
        for bad in (("status", "done"), ("limit", "-1"), ("previous", "-*")):
            any_rest.get(query(spec["work_unit_query_url"], bad), status=400)

    def test_counts(self, any_rest):
        spec = any_rest.spec()
        any_rest.add(spec, "a", "b")
        any_rest.add(spec, "later", meta={"not_before": "1970-01-02T00:00:00Z"})
        any_rest.take()
        assert any_rest.get(spec["work_unit_counts_url"]) == {
            "available": 1, "delayed": 1, "pending": 1}

    def test_change_and_adjust(self, any_rest):
        spec = any_rest.spec()
        urls = any_rest.add(spec, "a", "b", "c")
        def priorities():
            return [any_rest.get(url)["meta"]["priority"] for url in urls]
        change = {"meta": {"priority": 2, "not_before": "ignored"}, "status": "any"}
        any_rest.post(query(spec["work_unit_change_url"], ("name", "a"), ("name", "b")), change, 204)
        assert priorities() == [2, 2, 0]
        any_rest.post(query(spec["work_unit_adjust_url"], ("previous", "a")),
                      {"meta": {"priority": -0.5}}, 204)
        assert priorities() == [2, 1.5, -0.5]
        any_rest.post(query(spec["work_unit_adjust_url"]), {"meta": {"priority": 1}}, 204)
        assert priorities() == [3, 2.5, 0.5]
        for bad in ({}, {"meta": None}, {"meta": {}}):
            any_rest.post(query(spec["work_unit_change_url"]), bad, status=400)
        for part in ("change", "adjust"):
            any_rest.post(f"/namespace/-/work_spec/none/{part}", change, status=404)

    def test_delete(self, any_rest):
        spec = any_rest.spec()
        urls = any_rest.add(spec, "a", "b", "c", "d")
        any_rest.delete(urls[0])
        missing = any_rest.request("DELETE", urls[0], status=404).document
        assert (missing["error"], missing["value"]) == ("ErrNoSuchWorkUnit", "a")
        assert any_rest.delete(query(spec["work_unit_query_url"], ("name", "b"), ("name", "x")),
                               status=200) == {"Deleted": 1}
        assert any_rest.delete(query(spec["work_unit_query_url"]), status=200) == {"Deleted": 2}

    def test_put(self, any_rest, time):
        spec = any_rest.spec()
        [url] = any_rest.add(spec, "u")
        any_rest.put(url, {"meta": {"priority": 3, "not_before": time.text(60)}, "data": 5,
                           "name": "", "status": "any", "active_attempt_url": ""})
        assert any_rest.get(url)["meta"] == {"priority": 3.0, "not_before": time.text(60)}
        assert any_rest.get(url)["status"] == "delayed"
        any_rest.put(url, {"meta": {"not_before": NO_TIME}})
        assert any_rest.get(url)["meta"] == {"priority": 3.0, "not_before": NO_TIME}

    def test_clear_active_attempt(self, any_rest):
        spec = any_rest.spec()
        [url] = any_rest.add(spec, "u")
        [attempt] = any_rest.take()
        assert any_rest.get(url)["active_attempt_url"] == attempt["url"]
        any_rest.put(url, {"active_attempt_url": attempt["url"]})
        assert any_rest.get(url)["status"] == "pending"
        any_rest.put(url, {"active_attempt_url": "-"})
        assert "active_attempt_url" not in any_rest.get(url)
        assert any_rest.get(url)["status"] == "available"
        assert any_rest.get(url + "/num-attempts") == 1

    def test_missing_from_the_left(self, rest):
        rest.spec()
        for spec, unit, code, value in (("none", "u", "ErrNoSuchWorkSpec", "none"),
                                        ("s", "none", "ErrNoSuchWorkUnit", "none")):
            url = f"/namespace/-/work_spec/{spec}/work_unit/{unit}"
            for method, where, body in (
                    ("GET", url, None), ("PUT", url, {}), ("DELETE", url, None),
                    ("GET", url + "/attempts", None), ("GET", url + "/num-attempts", None),
                    ("GET", url + "/attempt/w/0-1", None), ("POST", url + "/attempt/w/0-1/finish",
                                                            {})):
                missing = rest.request(method, where, body, status=404).document
                assert (missing["error"], missing["value"]) == (code, value)
        url = "/namespace/-/work_spec/none/work_unit"
        for method, body in (("GET", None), ("POST", {"name": "u"}), ("DELETE", None)):
            assert error(rest.request(method, url, body, status=404)) == "ErrNoSuchWorkSpec"


class TestAttempts:
    def test_life(self, any_rest, time):
        spec = any_rest.spec()
        [url] = any_rest.add(spec, "u", data={"a": 1})
        [attempt] = any_rest.take(lifetime=MINUTE)
        assert attempt == any_rest.get(attempt["url"])
        assert attempt["work_unit_url"] == url
        assert attempt["worker_url"] == "/namespace/-/worker/w"
        assert (attempt["start_time"], attempt["end_time"]) == (time.text(), NO_TIME)
        assert attempt["expiration_time"] == time.text(60)
        assert (attempt["status"], attempt["data"]) == ("pending", {"a": 1})
        time.advance(1)
        any_rest.post(attempt["renew_url"], {"extend_duration": 2 * MINUTE, "data": {"b": 2}}, 204)
        renewed = any_rest.get(attempt["url"])
        assert (renewed["expiration_time"], renewed["data"]) == (time.text(120), {"b": 2})
        any_rest.post(attempt["finish_url"], {"data": {"c": 3}}, 204)
        finished = any_rest.get(attempt["url"])
        assert (finished["status"], finished["end_time"]) == ("finished", time.text())
        assert any_rest.get(url)["status"] == "finished"
        assert any_rest.get(url)["data"] == {"c": 3}
        short = {key: attempt[key] for key in ("url", "work_unit_url", "worker_url", "start_time")}
        assert any_rest.get(any_rest.get(url)["attempts_url"]) == {"attempts": [short]}
        assert any_rest.get(url + "/num-attempts") == 1

    @pytest.mark.parametrize("action, status, unit_status", [
        ("expire", "expired", "available"), ("fail", "failed", "failed"),
        ("retry", "retryable", "available"), ("finish", "finished", "finished")])
    def test_ends(self, any_rest, action, status, unit_status):
        [url] = any_rest.add(any_rest.spec(), "u")
        [attempt] = any_rest.take()
        any_rest.post(attempt[f"{action}_url"], {"data": None}, 204)
        assert any_rest.get(attempt["url"])["status"] == status
        assert any_rest.get(url)["status"] == unit_status
        again = any_rest.request("POST", attempt["renew_url"], {"extend_duration": 1000}, status=409)
        assert error(again) == "ErrNotPending"

    def test_no_body_is_an_empty_one(self, rest):
        rest.add(rest.spec(), "u")
        [attempt] = rest.take()
        rest.request("POST", attempt["finish_url"], status=204)
        assert rest.get(attempt["url"])["status"] == "finished"

    def test_retry_delays(self, rest, time):
        [url] = rest.add(rest.spec(), "u")
        [attempt] = rest.take()
        rest.post(attempt["retry_url"], {"delay": MINUTE}, 204)
        assert rest.get(url)["status"] == "delayed"
        time.advance(60)
        assert rest.get(url)["status"] == "available"

    def test_lost_lease(self, any_rest, time):
        [url] = any_rest.add(any_rest.spec(), "u")
        [first] = any_rest.take(lifetime=MINUTE)
        time.advance(60)
        assert any_rest.get(first["url"])["status"] == "expired"
        [second] = any_rest.take(any_rest.worker("other"))
        lost = any_rest.request("POST", first["renew_url"], {"extend_duration": MINUTE}, status=409)
        assert error(lost) == "ErrLostLease"
        assert any_rest.get(url)["active_attempt_url"] == second["url"]

    def test_gone(self, any_rest):
        [url] = any_rest.add(any_rest.spec(), "u")
        [attempt] = any_rest.take()
        any_rest.delete(url)
        any_rest.post("/namespace/-/work_spec/s/work_unit", {"name": "u"}, 201)
        actions = ("renew", "expire", "finish", "fail", "retry")
        for wrong in (attempt["url"], url + "/attempt/w/x", url + "/attempt/w/0-77",
                      attempt["url"].replace("/w/", "/stranger/")):
            assert error(any_rest.request("GET", wrong, status=410)) == "ErrGone"
            for action in actions:
                gone = any_rest.request("POST", f"{wrong}/{action}", {}, status=410)
                assert error(gone) == "ErrGone"
        workers = any_rest.get(any_rest.namespace()["workers_url"])["workers"]
        assert "stranger" in [worker["name"] for worker in workers]

    def test_attempts_of_one_instant_have_their_own_urls(self, rest):
        [url] = rest.add(rest.spec(), "u")
        [first] = rest.take()
        rest.post(first["retry_url"], {}, 204)
        [second] = rest.take()
        assert first["start_time"] == second["start_time"]
        assert first["url"] != second["url"]
        assert rest.get(first["url"])["status"] == "retryable"
        assert rest.get(second["url"])["status"] == "pending"
        assert [attempt["url"] for attempt in rest.get(url + "/attempts")["attempts"]] == [
            first["url"], second["url"]]

    def test_output_becomes_units(self, any_rest):
        any_rest.spec("next")
        any_rest.add(any_rest.spec(then="next"), "u")
        [attempt] = any_rest.take()
        any_rest.post(attempt["finish_url"], {"data": {"output": {"made": {"x": 1}}}}, 204)
        assert any_rest.get("/namespace/-/work_spec/next/work_unit/made")["data"] == {"x": 1}

    @pytest.mark.parametrize("body", [{"data": 5}, {"data": "?"}, [], 5])
    def test_bad_bodies(self, any_rest, body):
        any_rest.add(any_rest.spec(), "u")
        [attempt] = any_rest.take()
        any_rest.post(attempt["finish_url"], body, status=400)
        any_rest.post(attempt["renew_url"], {"extend_duration": "long"}, status=400)
        any_rest.post(attempt["retry_url"], {"delay": 0.5}, status=400)
        assert any_rest.get(attempt["url"])["status"] == "pending"


class TestWorkers:
    def test_get_creates(self, any_rest, time):
        worker = any_rest.worker("a/b")
        url = "/namespace/-/worker/" + path_name("a/b")
        assert worker == {
            "url": url, "name": "a/b", "child_urls": [], "active": True, "mode": "", "data": {},
            "expiration": time.text(900), "last_update": time.text(),
            **{f"{key}_url": f"{url}/{key}" for key in (
                "request_attempts", "make_attempt", "active_attempts", "all_attempts",
                "child_attempts")}}

    def test_put(self, any_rest, time):
        worker = any_rest.worker()
        any_rest.put(worker["url"], {"active": True, "data": {"host": "h"}, "mode": "run",
                                     "parent": "p", "last_update": time.text(5),
                                     "expiration": time.text(50), "url": 7, "child_urls": 7})
        changed = any_rest.get(worker["url"])
        assert changed == {**worker, "data": {"host": "h"}, "mode": "run", "parent": "p",
                           "parent_url": "/namespace/-/worker/p", "last_update": time.text(5),
                           "expiration": time.text(50)}
        assert any_rest.worker("p")["child_urls"] == [worker["url"]]
        any_rest.put(worker["url"], {"active": True, "mode": 7})
        assert any_rest.get(worker["url"])["mode"] == 7
        assert any_rest.get(worker["url"])["expiration"] == time.text(900)
        any_rest.put(worker["url"], {"parent": "", "active": False})
        assert any_rest.get(worker["url"])["active"] is True
        assert "parent" not in any_rest.get(worker["url"])
        any_rest.put(worker["url"], {"active": False})
        assert any_rest.get(worker["url"])["active"] is False
        any_rest.put(worker["url"], {})
        assert any_rest.get(worker["url"])["active"] is False

    @pytest.mark.parametrize("body", [
        {"parent": "w"}, {"parent": 5}, {"active": "x"}, {"active": True, "mode": []},
        {"active": True, "expiration": "soon"}, {"active": True, "data": 5}])
    def test_bad_values(self, any_rest, body):
        any_rest.put(any_rest.worker()["url"], body, status=400)

    def test_list_in_pages(self, any_rest):
        names = [f"w{i}" for i in range(5)]
        for name in names:
            any_rest.worker(name)
        any_rest.put("/namespace/-/worker/w2", {"active": False})
        url = any_rest.namespace()["workers_url"]
        def walk(url):
            found = []
            while url:
                page = any_rest.get(url)
                found.append([worker["name"] for worker in page["workers"]])
                url = page.get("next")
            return found
        assert walk(url) == [names]
        assert walk(url + "?limit=2") == [["w0", "w1"], ["w2", "w3"], ["w4"]]
        assert walk(url + "?active=true&limit=2") == [["w0", "w1"], ["w3", "w4"]]
        assert walk(url + "?active=false") == [["w2"]]
        assert walk(url + "?previous=w3") == [["w4"]]
        any_rest.get(url + "?active=maybe", status=400)

    def test_request_attempts(self, any_rest):
        a = any_rest.spec("a", runtime="go", min_gb=4)
        b = any_rest.spec("b")
        any_rest.add(a, "a1", "a2")
        any_rest.add(b, "b1", "b2", "b3")
        worker = any_rest.worker()
        def ask(**request):
            answer = any_rest.post(worker["request_attempts_url"], request)
            attempts = answer["attempts"]
            assert ("work_spec_url" in answer) == (attempts is not None)
            return attempts and [attempt["work_unit_url"][-2:] for attempt in attempts]
        assert ask(work_specs=["none"]) is None
        assert ask(runtimes=[""], number_of_work_units=2) == ["b1", "b2"]
        assert ask(work_specs=["a"], available_gb=2) is None
        assert ask(work_specs=["a"], available_gb=4.0, runtimes=None) == ["a1"]
        assert ask(work_specs=["a"], number_of_work_units=0) == ["a2"]
        assert ask(number_of_work_units=10) == ["b3"]
        assert ask() is None
        any_rest.post(worker["request_attempts_url"], {"work_specs": "a"}, status=400)
        any_rest.post(worker["request_attempts_url"], {"lifetime": "x"}, status=400)

    def test_request_without_a_body(self, rest, time):
        rest.add(rest.spec(), "u")
        answer = rest.request("POST", rest.worker()["request_attempts_url"], status=200).document
        assert answer["attempts"][0]["expiration_time"] == time.text(900)

    def test_make_attempt(self, any_rest, time):
        spec = any_rest.spec(disabled=True)
        [url] = any_rest.add(spec, "u")
        make = "/namespace/-/worker/new/make_attempt"
        attempt = any_rest.post(make, {"work_spec": "s", "work_unit": "u", "lifetime": MINUTE})
        assert attempt["work_unit_url"] == url
        assert attempt["expiration_time"] == time.text(60)
        again = any_rest.post(make, {"work_spec": "s", "work_unit": "u"})
        assert again["expiration_time"] == time.text(900)
        assert any_rest.get(url)["active_attempt_url"] == again["url"]
        for body, status, code in (
                ({"work_spec": "none", "work_unit": "u"}, 404, "ErrNoSuchWorkSpec"),
                ({"work_spec": "s", "work_unit": "none"}, 404, "ErrNoSuchWorkUnit"),
                ({"work_spec": "s"}, 400, "error"), ({}, 400, "error")):
            assert error(any_rest.request("POST", make, body, status=status)) == code

    def test_a_path_creates_its_worker_before_the_body_is_wrong(self, rest):
        rest.post("/namespace/-/worker/new/make_attempt",
                  {"work_spec": "none", "work_unit": "u"}, status=404)
        assert rest.get("/namespace/-/worker")["workers"][0]["name"] == "new"

    def test_lists_of_attempts(self, any_rest):
        any_rest.add(any_rest.spec(), "a", "b")
        worker = any_rest.worker("child")
        any_rest.put(worker["url"], {"parent": "p"})
        first, second = any_rest.take(worker, number_of_work_units=2)
        any_rest.post(first["finish_url"], {}, 204)
        def urls(url):
            return [attempt["url"] for attempt in any_rest.get(url)["attempts"]]
        assert urls(worker["active_attempts_url"]) == [second["url"]]
        assert urls(worker["all_attempts_url"]) == [first["url"], second["url"]]
        assert urls(worker["child_attempts_url"]) == []
        assert urls(any_rest.worker("p")["child_attempts_url"]) == [second["url"]]
        for part in ("active", "all", "child"):
            assert urls(f"/namespace/-/worker/new-{part}/{part}_attempts") == []
        names = {worker["name"] for worker in any_rest.get("/namespace/-/worker")["workers"]}
        assert names >= {"new-active", "new-all", "new-child"}
