# SPDX-License-Identifier: MIT
"""docs/rest.md, "What runs and what is stuck": explanations, failures, retries, workers."""

import pytest

from helpers import heartbeat
from raw_http import RawHttp
from rest import expand


def fail(rest, spec, *names, traceback=None, worker="w"):
    """Adds units, and fails them with a traceback."""
    rest.add(spec, *names)
    attempts = rest.take(rest.worker(worker), number_of_work_units=len(names),
                         work_specs=[spec["name"]])
    assert len(attempts) == len(names)
    data = {} if traceback is None else {"traceback": traceback}
    for attempt in attempts:
        rest.post(attempt["fail_url"], {"data": data})


def pages(rest, template, key, **values):
    """The pages of a list, from the first to the last."""
    url = expand(template, **values)
    while url:
        page = rest.get(url)
        yield page[key], page.get("looked_at")
        url = page.get("next")


@pytest.fixture
def spec(rest):
    return rest.set_spec()


class TestExplanation:
    def codes(self, rest, spec):
        return {reason["code"]: reason["weight"]
                for reason in rest.get(spec["explanation_url"])["reasons"]}

    def test_gives_work(self, rest, spec):
        rest.add(spec, "u")
        said = rest.get(spec["explanation_url"])
        assert said["gives_work"] is True and said["counts"] == {"available": 1}
        assert said["meta"] == rest.get(spec["meta"].replace("{?counts}", "?counts=true"))

    @pytest.mark.parametrize("definition, code, weight", [
        ({"disabled": True}, "paused", "blocks"), ({"then": "nowhere"}, "then", "note"),
        ({"runtime": "go"}, "runtime", "may"), ({"min_gb": 2}, "memory", "note")])
    def test_by_definition(self, rest, definition, code, weight):
        spec = rest.set_spec(**definition)
        rest.add(spec, "u")
        assert self.codes(rest, spec)[code] == weight

    def test_by_what_is_set(self, rest, spec):
        """The priority that counts is the one that was set, not the definition's."""
        rest.add(spec, "u")
        rest.add(rest.set_spec("other"), "u")
        assert "priority" not in self.codes(rest, spec)
        rest.put("/namespace/t/work_spec/other/meta", {"priority": 1})
        assert self.codes(rest, spec)["priority"] == "blocks"
        rest.put("/namespace/t/work_spec/s/meta", {"priority": 2, "weight": 0})
        assert self.codes(rest, spec)["weight"] == "blocks"

    def test_units(self, rest, spec):
        assert self.codes(rest, spec)["no_units"] == "blocks"
        rest.add(spec, "u", meta={"not_before": "9000-01-01T00:00:00Z"})
        said = rest.get(spec["explanation_url"])
        assert said["gives_work"] is False
        assert "9000-01-01T00:00:00Z" in said["reasons"][0]["text"]
        rest.add(spec, "v")
        rest.take(rest.worker())
        rest.delete("/namespace/t/work_spec/s/work_unit/u")
        assert self.codes(rest, spec)["all_pending"] == "blocks"

    def test_tries(self, rest):
        spec = rest.set_spec(max_retries=1)
        fail(rest, spec, "a", "b")
        rest.add(spec, "c")
        assert "tries" not in self.codes(rest, spec)
        rest.post(expand(spec["work_unit_retry_url"]), None)
        text = {reason["code"]: reason["text"]
                for reason in rest.get(spec["explanation_url"])["reasons"]}["tries"]
        assert text.startswith("2 of the first 3 ")

    def test_continuous(self, clocked):
        spec = clocked.set_spec(continuous=True, interval=60)
        assert self.codes(clocked, spec).get("continuous") is None
        attempt = clocked.take(clocked.worker())[0]
        assert self.codes(clocked, spec)["continuous"] == "blocks"
        clocked.post(attempt["finish_url"], {})
        said = clocked.get(spec["explanation_url"])
        assert "the next unit is due at 1970-01-01T00:01:00Z, in 1m00s" in str(said)
        clocked.put("/clock", {"now": "1970-01-01T00:01:00Z"})
        assert self.codes(clocked, spec).get("continuous") is None

    def test_workers(self, rest, rpc):
        spec = rest.get(rest.post("/namespace/-/work_spec", {
            "data": {"name": "s", "runtime": "go"}})["url"])
        rest.add(spec, "u")
        assert {"no_workers", "runtime"} <= set(self.codes(rest, spec))
        heartbeat(rpc, "w", data={"runtime": "python"})
        assert "runtime" in self.codes(rest, spec) and "no_workers" not in self.codes(rest, spec)
        heartbeat(rpc, "v", data={"runtimes": ["rust", "go"]})
        assert "runtime" not in self.codes(rest, spec)

    def test_no_such_spec(self, rest, spec):
        rest.error(404, "ErrNoSuchWorkSpec", "GET", spec["explanation_url"].replace("/s/", "/no/"))

    def test_other_forms(self, rest, spec):
        assert rest.get(spec["explanation_url"], as_cbor=True)["gives_work"] is False
        assert rest.ask("HEAD", spec["explanation_url"]).body == b""

    def test_answers_keep_their_order(self, rest_daemon, rest, spec):
        """Though the explanation takes several turns to the store, and the others one or none."""
        with RawHttp(rest_daemon.http_address) as raw:
            asked = [spec["explanation_url"], "/healthz", spec["work_unit_counts_url"]] * 20
            raw.send("".join(f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n" for url in asked))
            found = [raw.answer() for _ in asked]
        assert [status for status, _, _ in found] == [200] * 60
        assert [body for _, _, body in found[1:3]] == [b"ok\n", b"{}"]
        assert all(b'"reasons":[' in body for _, _, body in found[::3])
        metrics = rest.ask("GET", "/metrics").body.decode()
        assert ('coordinate_request_seconds_count{protocol="http",method="explainWorkSpec"} 20\n'
                in metrics)

    def test_the_last_request_of_a_connection(self, rest_daemon, spec):
        with RawHttp(rest_daemon.http_address) as raw:
            status, fields, body = raw.ask(f"GET {spec['explanation_url']} HTTP/1.1\r\nHost: x\r\n"
                                           "Connection: close\r\n\r\n")
            assert (status, fields["connection"]) == (200, "close") and b"reasons" in body
            assert raw.is_closed()

    def test_many_specs(self, rest, spec):
        for number in range(1100):
            rest.post("/namespace/t/work_spec", {"data": {"name": f"a{number:04}"}})
        assert self.codes(rest, spec)["more_specs"] == "note"


class TestFailures:
    def test_a_page(self, rest, spec):
        fail(rest, spec, "b", traceback="Traceback\n  x\nBoom: 1\n\n", worker="w1")
        fail(rest, spec, "a")
        rest.add(spec, "c")
        page = rest.get(expand(spec["failures_url"]))
        assert page["looked_at"] == 2 and "next" not in page
        first, second = page["failures"]
        assert (first["name"], first["error"], first["traceback"]) == ("a", "(no traceback)", "")
        assert (second["name"], second["error"], second["worker"]) == ("b", "Boom: 1", "w1")
        assert second["traceback"] == "Traceback\n  x\nBoom: 1\n\n"
        assert second["end_time"] > second["start_time"]
        assert rest.get(second["url"])["status"] == "failed"

    def test_pages(self, rest, spec):
        names = [f"u{number:03}" for number in range(250)]
        fail(rest, spec, *names)
        assert [(len(units), seen) for units, seen in pages(rest, spec["failures_url"],
                                                            "failures")] == [
            (100, 100), (100, 100), (50, 50)]
        found = [unit["name"] for page, _ in pages(rest, spec["failures_url"], "failures", limit="125")
                 for unit in page]
        assert found == names

    def test_a_filter_looks_at_a_bounded_number(self, rest, spec):
        """It may find nothing in a page, and says where to go on."""
        names = [f"u{number:04}" for number in range(4500)]
        rest.post(spec["work_units_url"], [{"name": name} for name in names])
        attempts = rest.take(rest.worker(), number_of_work_units=4500)
        rest.post("/namespace/t/complete", [
            {"url": attempt["url"], "action": "fail", "data": {
                "traceback": f"in {name}\n" + ("Rare" if name in ("u0001", "u4444") else "Common")}}
            for name, attempt in zip(names, attempts)])
        found = list(pages(rest, spec["failures_url"], "failures", error="Rare"))
        assert [([unit["name"] for unit in units], seen) for units, seen in found] == [
            (["u0001"], 2000), ([], 2000), (["u4444"], 500)]
        for text, expected in (("u444", 10), ("in u0001\n", 1), ("no such", 0), ("Rare", 2)):
            units = [unit for page, _ in pages(rest, spec["failures_url"], "failures", contains=text)
                     for unit in page]
            assert len(units) == expected, text
        # A full page ends before all has been looked at.
        page = rest.get(expand(spec["failures_url"], error="Common", limit="3"))
        assert [unit["name"] for unit in page["failures"]] == ["u0000", "u0002", "u0003"]
        assert page["looked_at"] == 4 and page["next"].endswith("previous=u0003")

        groups = {}
        for page, seen in pages(rest, spec["failure_groups_url"], "groups"):
            assert sum(group["count"] for group in page) == seen <= 2000
            for group in page:
                groups[group["error"]] = groups.get(group["error"], 0) + group["count"]
        assert groups == {"Common": 4498, "Rare": 2}

    def test_groups(self, rest, spec):
        fail(rest, spec, "c", "a", traceback="one\nBoom")
        fail(rest, spec, "b", traceback="other\n  Boom  \n")
        fail(rest, spec, "d")
        assert rest.get(expand(spec["failure_groups_url"])) == {
            "looked_at": 4, "groups": [
                {"error": "Boom", "count": 3,
                 "example": {"name": "a", "url": "/namespace/t/work_spec/s/work_unit/a"}},
                {"error": "(no traceback)", "count": 1,
                 "example": {"name": "d", "url": "/namespace/t/work_spec/s/work_unit/d"}}]}

    def test_long_and_odd_tracebacks(self, rest, spec):
        fail(rest, spec, "long", traceback="x" * 10_000 + "\nEnd")
        fail(rest, spec, "odd", traceback=["no", "text"])
        long, odd = rest.get(expand(spec["failures_url"]))["failures"]
        assert long["traceback_cut"] and long["traceback"] == ("x" * 10_000 + "\nEnd")[-8192:]
        assert (odd["error"], odd["traceback"]) == ("(no traceback)", "")

    def test_none(self, rest, spec):
        assert rest.get(expand(spec["failures_url"])) == {"failures": [], "looked_at": 0}
        assert rest.get(expand(spec["failure_groups_url"])) == {"groups": [], "looked_at": 0}
        rest.error(404, "ErrNoSuchWorkSpec", "GET", "/namespace/t/work_spec/no/failures")


class TestRetry:
    def counts(self, rest, spec):
        return rest.get(spec["work_unit_counts_url"])

    def test_all_that_failed(self, rest, spec):
        fail(rest, spec, "a", "b")
        rest.add(spec, "c", "d")
        rest.take(rest.worker())
        assert rest.post(expand(spec["work_unit_retry_url"])) == {"Retried": 2}
        assert self.counts(rest, spec) == {"available": 3, "pending": 1}

    @pytest.mark.parametrize("name, fields", [
        ("plain", {"name": "plain"}), (b"\xff\0", {"name": "?", "name_base64": "/wA="})])
    def test_some(self, rest, spec, name, fields):
        fail(rest, spec, "other")
        rest.post(spec["work_units_url"], {"data": {}, **fields})
        rest.post(rest.take(rest.worker())[0]["fail_url"], {})
        url = expand(spec["work_unit_retry_url"])
        assert rest.post(url, {"work_units": [fields, {"name": "unknown"}]}) == {"Retried": 1}
        assert self.counts(rest, spec) == {"available": 1, "failed": 1}
        assert rest.post(url, {"work_units": []}) == {"Retried": 0}
        assert rest.post(expand(spec["work_unit_retry_url"], name="other")) == {"Retried": 1}

    def test_what_is_with_a_worker_stays_there(self, rest, spec):
        """Unless it is named by its status."""
        rest.add(spec, "u")
        rest.take(rest.worker())
        for query in ({}, {"name": "u"}, {"status": "any"}):
            assert rest.post(expand(spec["work_unit_retry_url"], **query)) == {"Retried": 0}
        assert rest.post(expand(spec["work_unit_retry_url"], status="pending")) == {"Retried": 1}
        assert self.counts(rest, spec) == {"available": 1}

    @pytest.mark.parametrize("body", [{"work_units": 5}, {"work_units": [5]}, {"work_units": [{}]}, 5])
    def test_bad_bodies(self, rest, spec, body):
        rest.error(400, "error", "POST", expand(spec["work_unit_retry_url"]), body)


class TestWorkerStates:
    def test_a_tree(self, rest, rpc):
        heartbeat(rpc, "parent", "RUN", 60)
        heartbeat(rpc, "child", "IDLE", 60, parent="parent")
        rest.worker("plain", space="")
        found = {worker["name"]: worker for worker in rest.get(
            expand(rest.namespace("")["worker_states_url"]))["workers"]}
        assert found["child"]["parent"] == "parent" and "parent" not in found["parent"]
        assert {name: worker["live"] for name, worker in found.items()} == {
            "parent": True, "child": True, "plain": False}
        assert {name: worker["mode"] for name, worker in found.items()} == {
            "parent": "RUN", "child": "IDLE", "plain": ""}
        assert all(worker["active"] for worker in found.values())

    def test_one_that_expired(self, clocked):
        worker = clocked.worker()
        clocked.put(worker["url"], {"active": True, "expiration": "1970-01-01T00:00:10Z"})
        clocked.put("/clock", {"now": "1970-01-01T00:00:10Z"})
        states = clocked.get(expand(clocked.namespace()["worker_states_url"]))["workers"]
        assert [(one["name"], one["live"], one["last_update"]) for one in states] == [
            ("w", False, "1970-01-01T00:00:00.000000Z")]

    def test_pages(self, rest):
        for number in range(5):
            rest.worker(f"w{number}")
        found = [[worker["name"] for worker in page] for page, _ in pages(
            rest, rest.namespace()["worker_states_url"], "workers", limit="2", active="true")]
        assert found == [["w0", "w1"], ["w2", "w3"], ["w4"]]
