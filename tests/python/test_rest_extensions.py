# SPDX-License-Identifier: MIT
"""spec/rest.md, section 3: many at once, waiting for work, the clock, the description, health."""

import json
import re
import threading

import cbor2
import jsonschema
import pytest

from helpers import add, spec
from raw_http import RawHttp
from rest import JSON, Rest, expand, path_name

SECOND = 1_000_000_000
HOUR = 3600 * SECOND


class TestBulkAdd:
    def test_many(self, rest):
        url = rest.set_spec()["work_units_url"]
        units = [{"name": f"u{n}", "data": {"n": n}, "meta": {"priority": n}}
                 for n in range(20_000)]
        answer = rest.ask("POST", url, units)
        assert (answer.status, answer.headers["Location"]) == (201, url)
        assert answer.value == {"Added": 20_000}
        assert rest.get("/namespace/t/work_spec/s/counts") == {"available": 20_000}
        assert rest.get(url + "/u777")["data"] == {"n": 777}
        assert rest.take(rest.worker())[0]["work_unit_url"] == f"{url}/u19999"

    def test_none(self, rest):
        assert rest.post(rest.set_spec()["work_units_url"], [], status=201) == {"Added": 0}

    def test_all_or_none(self, rest):
        spec = rest.set_spec()
        for bad in ({"name": 5}, {}, 7, {"name": "x", "data": 5}):
            error = rest.error(400, "error", "POST", spec["work_units_url"], [{"name": "a"}, bad])
            assert error["message"].startswith("item 1: ")
        assert rest.get(spec["work_unit_counts_url"]) == {}

    def test_the_last_of_a_name_wins(self, rest):
        url = rest.set_spec()["work_units_url"]
        rest.post(url, [{"name": "u", "data": {"n": n}} for n in range(3)])
        assert rest.get(url + "/u")["data"] == {"n": 2}

    def test_to_no_spec(self, rest):
        rest.error(404, "ErrNoSuchWorkSpec", "POST", "/namespace/t/work_spec/no/work_unit", [])


class TestComplete:
    @pytest.fixture
    def attempts(self, rest):
        rest.post(rest.set_spec()["work_units_url"], [{"name": f"u{n}"} for n in range(8)])
        return rest.take(rest.worker(), number_of_work_units=8)

    def test_one_result_for_each(self, rest, attempts):
        urls = [attempt["url"] for attempt in attempts]
        results = rest.post(rest.namespace()["complete_url"], [
            {"url": urls[0], "action": "finish", "data": {"r": 1}},
            {"url": urls[1], "action": "fail"},
            {"url": urls[2], "action": "retry", "delay": HOUR},
            {"url": urls[3], "action": "renew", "extend_duration": HOUR, "data": None},
            {"url": urls[4], "action": "expire"},
            {"url": urls[0], "action": "fail"},
            {"url": urls[5], "action": "explode"},
            {"url": "/nonsense", "action": "finish"},
            {"action": "finish"},
            {"url": urls[5].replace("/s/", "/x/"), "action": "finish"},
            {"url": urls[5].replace("/u5/", "/x/"), "action": "finish"},
            {"url": urls[5].replace("/w/", "/v/"), "action": "finish"},
            {"url": urls[5] + "0", "action": "finish"},
            {"url": urls[5].replace("/t/", "/else/"), "action": "finish"},
            {"url": urls[5], "action": "finish", "data": 5},
            7,
            {"url": urls[6], "action": "finish"}])["results"]
        codes = [result.get("error") for result in results]
        assert codes == [None] * 5 + [
            "ErrNotPending", "error", "error", "error", "ErrNoSuchWorkSpec", "ErrNoSuchWorkUnit",
            "ErrGone", "ErrGone", "error", "error", "error", None]
        assert results[9]["value"] == results[10]["value"] == "x"
        assert [result["ok"] for result in results] == [code is None for code in codes]
        assert [rest.get(url)["status"] for url in urls] == [
            "finished", "failed", "retryable", "pending", "expired", "pending", "finished",
            "pending"]
        assert rest.get(urls[0])["data"] == {"r": 1}

    def test_many(self, rest):
        rest.post(rest.set_spec()["work_units_url"], [{"name": f"u{n}"} for n in range(10_000)])
        attempts = rest.take(rest.worker(), number_of_work_units=10_000)
        assert len(attempts) == 10_000
        results = rest.post("/namespace/t/complete", [
            {"url": attempt["url"], "action": "finish"} for attempt in attempts])["results"]
        assert results == [{"ok": True}] * 10_000
        assert rest.get("/namespace/t/work_spec/s/counts") == {"finished": 10_000}

    def test_none(self, rest):
        assert rest.post("/namespace/t/complete", []) == {"results": []}

    @pytest.mark.parametrize("body", [{}, {"url": "x"}, "x", None])
    def test_no_list(self, rest, body):
        rest.error(400, "error", "POST", "/namespace/t/complete", json.dumps(body).encode(),
                   headers={"Content-Type": JSON})


class TestWait:
    URL = "/namespace/t/worker/w/request_attempts"

    def test_work_comes(self, rest_daemon, rest):
        spec = rest.set_spec()
        with RawHttp(rest_daemon.http_address) as waiting:
            waiting.send(request(self.URL, {"wait": HOUR}))
            until_waiting(rest, 1)
            rest.add(spec, "u")
            status, _, body = waiting.answer()
            assert status == 200 and len(json.loads(body)["attempts"]) == 1
            until_waiting(rest, 0)

    def test_from_the_other_protocol(self, rest_daemon, rest, rpc):
        spec(rpc)
        with RawHttp(rest_daemon.http_address) as waiting:
            waiting.send(request("/namespace/-/worker/w/request_attempts", {"wait": HOUR}))
            until_waiting(rest, 1)
            add(rpc, "u")
            assert json.loads(waiting.answer()[2])["attempts"][0]["worker_url"].endswith("/w")

    def test_one_unit_wakes_one(self, rest_daemon, rest):
        spec = rest.set_spec()
        first, second = RawHttp(rest_daemon.http_address), RawHttp(rest_daemon.http_address)
        for n, raw in enumerate((first, second)):
            raw.send(request(self.URL, {"wait": HOUR}))
            until_waiting(rest, n + 1)
        rest.add(spec, "u1")
        assert b"/u1" in first.answer()[2]
        until_waiting(rest, 1)
        rest.add(spec, "u2")
        assert b"/u2" in second.answer()[2]
        first.close()
        second.close()

    def test_the_time_is_up(self, rest):
        assert rest.post(self.URL, {"wait": 1_000_000}) == {"attempts": None}

    def test_it_holds_back_no_answers(self, rest_daemon, rest):
        """What was asked before it is answered, what was asked behind it comes behind it."""
        spec = rest.set_spec()
        with RawHttp(rest_daemon.http_address) as raw:
            health = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
            raw.send(health + request(self.URL, {"wait": HOUR}) + health)
            assert raw.answer()[2] == b"ok\n"
            until_waiting(rest, 1)
            rest.add(spec, "u")
            assert b"/u" in raw.answer()[2]
            assert raw.answer()[2] == b"ok\n"

    def test_stopping_answers_those_who_wait(self, start):
        daemon = start("--http", "127.0.0.1:0")
        with RawHttp(daemon.http_address) as waiting, Rest(daemon.http_address) as rest:
            waiting.send(request(self.URL, {"wait": HOUR}))
            until_waiting(rest, 1)
            stopping = threading.Thread(target=daemon.stop)
            stopping.start()
            assert json.loads(waiting.answer()[2]) == {"attempts": None}
            assert waiting.is_closed()
            stopping.join()


def request(url, body):
    text = json.dumps(body)
    return (f"POST {url} HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\n"
            f"Content-Length: {len(text)}\r\n\r\n{text}").encode()


def until_waiting(rest, count):
    """Until so many requests wait for work."""
    wanted = f"\ncoordinate_waiting_requests {count}\n".encode()
    while wanted not in rest.ask("GET", "/metrics").body:
        pass


class TestManualClock:
    def test_it_stands_still(self, clocked):
        url = clocked.get("/")["clock_url"]
        assert url == "/clock"
        for _ in range(3):
            assert clocked.get(url) == {"now": "1970-01-01T00:00:00.000000Z"}

    def test_it_is_moved(self, clocked):
        assert clocked.put("/clock", {"now": "2030-01-02T03:04:05.5+01:00"}, status=204) is None
        assert clocked.get("/clock") == {"now": "2030-01-02T02:04:05.500000Z"}
        assert clocked.get("/clock", headers={})["now"].startswith("2030")

    @pytest.mark.parametrize("body", [{}, {"now": None}, {"now": "x"}, {"now": 5}, [],
                                      {"now": "0001-01-01T00:00:00Z"},
                                      {"now": "1970-01-01T00:00:00.999Z"}])
    def test_bad_times(self, clocked, body):
        """It does not go back."""
        clocked.put("/clock", {"now": "1970-01-01T00:00:01Z"})
        clocked.error(400, "error", "PUT", "/clock", body)
        assert clocked.get("/clock")["now"] == "1970-01-01T00:00:01.000000Z"

    def test_answered_after_what_it_causes(self, clocked):
        """Nobody needs to wait for what a PUT expires."""
        clocked.add(clocked.set_spec(), "a", "b")
        clocked.take(clocked.worker(), lifetime=60 * SECOND)
        clocked.put("/clock", {"now": "1970-01-01T00:00:59.999999Z"})
        assert clocked.get("/namespace/t/work_spec/s/counts") == {"available": 1, "pending": 1}
        clocked.put("/clock", {"now": "1970-01-01T00:01:00Z"})
        assert clocked.get("/namespace/t/work_spec/s/counts") == {"available": 2}

    def test_wakes_those_who_wait(self, clocked):
        """A delay that ends gives work, a wait that ends gives none, before the PUT's answer."""
        url = "/namespace/t/worker/w/request_attempts"
        later = {"not_before": "1970-01-01T00:01:00Z"}
        clocked.add(clocked.set_spec(), "u", meta=later)
        with RawHttp(clocked.address) as one, RawHttp(clocked.address) as other:
            for n, raw in enumerate((one, other)):
                raw.send(request(url, {"wait": 120 * SECOND}))
                until_waiting(clocked, n + 1)
            clocked.put("/clock", {"now": "1970-01-01T00:01:00Z"})
            assert clocked.get("/namespace/t/work_spec/s/counts") == {"pending": 1}
            until_waiting(clocked, 1)
            assert b"/work_unit/u" in one.answer()[2]
            clocked.put("/clock", {"now": "1970-01-01T00:02:00Z"})
            assert json.loads(other.answer()[2]) == {"attempts": None}

    def test_a_continuous_unit(self, clocked):
        clocked.set_spec(continuous=True, interval=60)
        assert clocked.take(clocked.worker())[0]["work_unit_url"].endswith("/work_unit/0")
        clocked.post(clocked.get("/namespace/t/work_spec/s/work_unit/0")["active_attempt_url"]
                     + "/finish", {})
        assert clocked.take(clocked.worker()) is None
        clocked.put("/clock", {"now": "1970-01-01T00:01:00Z"})
        assert clocked.take(clocked.worker())[0]["work_unit_url"].endswith("/work_unit/60")

    def test_it_is_not_there_otherwise(self, rest):
        assert "clock_url" not in rest.get("/")
        for method in ("GET", "PUT", "OPTIONS"):
            rest.error(404, "error", method, "/clock")

    def test_the_daemon_warns(self, start):
        assert "manual-clock" in start("--http", "127.0.0.1:0", "--manual-clock").text("stderr")

    def test_in_a_store_that_remembers(self, start, tmp_path):
        """Time does not go back where the file has seen a later one."""
        flags = ("--http", "127.0.0.1:0", "--manual-clock", "--backend", f"sqlite:{tmp_path}/db")
        daemon = start(*flags)
        with Rest(daemon.http_address) as rest:
            rest.add(rest.set_spec(), "u")
            rest.put("/clock", {"now": "1970-01-01T00:01:00Z"})
            attempt = rest.take(rest.worker())[0]
        assert daemon.stop() == 0
        with Rest(start(*flags).http_address) as rest:
            assert rest.get(attempt["url"]) == attempt


class TestCommands:
    """What a store of another daemon says; its conformance suite says all the rest of it."""

    def run(self, rest, command, status=200, space="t", **fields):
        url = expand(rest.get("/")["command_url"], namespace=path_name(space))
        answer = rest.ask("POST", url, {"command": command, **fields}, as_cbor=True)
        assert (answer.status, answer.type) == (status, "application/cbor"), answer
        return answer.value

    def test_a_unit_on_its_way(self, rest):
        assert self.run(rest, "set_work_spec", definition={"name": "s"}) == {
            "outcome": "names", "names": [b"s"]}
        items = [{"name": b"\xff", "data": {b"k": (1, b"x")}, "priority": 2.5}, {"name": "b"}]
        assert self.run(rest, "add_work_units", spec="s", items=items) == {"outcome": "done"}
        work = self.run(rest, "request_work", worker="w", lifetime=60_000_000)
        assert (work["outcome"], work["spec"], len(work["units"])) == ("work", b"s", 1)
        unit = work["units"][0]
        assert unit["name"] == b"\xff" and unit["data"] == {b"k": [1, b"x"]}
        assert unit["expiration"] - unit["start"] == 60_000_000
        attempt = {"spec": b"s", "unit": b"\xff", "id": unit["attempt"]}
        finish = {"attempt": attempt, "event": 2, "data": {"done": True}}
        results = self.run(rest, "change_attempts", changes=[finish, {**finish, "event": 3}])
        assert results["errors"][0] is None
        assert (results["errors"][1]["error"], results["errors"][1]["status"]) == (
            "ErrNotPending", 409)
        assert rest.get("/namespace/t/work_spec/s/counts") == {"available": 1, "finished": 1}

    def test_in_json(self, rest):
        url = expand(rest.get("/")["command_url"], namespace="t")
        answer = rest.ask("POST", url, {"command": "set_work_spec", "definition": {"name": "s"}})
        assert answer.type == "application/cbor"
        assert answer.value == {"outcome": "names", "names": [b"s"]}

    def test_errors(self, rest):
        assert self.run(rest, "get_work_spec", 404, spec="no")["error"] == "ErrNoSuchWorkSpec"
        for command, fields in (
                ("nothing", {}), ("request_work", {"worker": b"\xff"}),
                ("request_work", {"worker": "x" * 1025}), ("request_work", {"lifetime": "x"}),
                ("list_worker_attempts", {"worker": "w", "which": 3}),
                ("heartbeat", {"worker": "w", "mode": b"\x81\x01"}),
                ("heartbeat", {"worker": "w", "mode": b"\x61"}),
                ("heartbeat", {"worker": "w", "data": 5}),
                ("read_locks", {"paths": [[b"\x81\x01"]]}), ("read_locks", {"paths": 5}),
                ("list_work_units", {"spec": "s", "query": {"statuses": [5]}}),
                ("set_work_unit_meta", {"spec": "s", "unit": "u", "not_before": -1}),
                ("add_work_units", {"spec": "s", "items": [{"priority": float("nan")}]}),
                ("add_work_units", {"spec": "s", "items": [{"name": "x" * 1025}]})):
            assert self.run(rest, command, 400, **fields)["message"], (command, fields)

    def test_what_is_missing_has_a_default(self, rest):
        rest.set_spec()
        self.run(rest, "add_work_units", spec="s", items=[{"name": "a", "data": None}])
        assert rest.get("/namespace/t/work_spec/s/work_unit/a")["data"] == {}
        self.run(rest, "heartbeat", worker="w", lifetime=60_000_000, unknown="x")
        assert rest.worker()["mode"] == ""
        assert len(self.run(rest, "request_work", worker="w", count=0)["units"]) == 1

    def test_one_that_may_be_long_among_short_ones(self, rest):
        """They are executed and answered in order."""
        spec = rest.set_spec()
        rest.add(spec, "a", "b")
        with RawHttp(rest.address) as raw:
            for command in ({"command": "count_work_units", "spec": "s"},
                            {"command": "delete_work_units", "spec": "s", "query": {}},
                            {"command": "count_work_units", "spec": "s"}):
                body = cbor2.dumps(command)
                raw.send(b"POST /namespace/t/command HTTP/1.1\r\nHost: x\r\n"
                         b"Content-Type: application/cbor\r\n"
                         b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            values = [cbor2.loads(raw.answer()[2]) for _ in range(3)]
        assert [value["outcome"] for value in values] == ["counts", "count", "counts"]
        assert (values[0]["counts"][0], values[1]["count"], values[2]["counts"][0]) == (2, 2, 0)


class TestDescription:
    def test_it_is_valid(self, rest):
        document = rest.description.document
        assert document["openapi"].startswith("3.1.")
        for name, schema in document["components"]["schemas"].items():
            assert jsonschema.Draft202012Validator.check_schema(schema) is None, name
        texts = json.dumps(document)
        for reference in set(_references(document)):
            assert rest.description.resolved({"$ref": reference}), reference
        for kind in ("schemas", "parameters", "responses", "requestBodies"):
            for name in document["components"][kind]:
                assert f'"#/components/{kind}/{name}"' in texts, f"{kind}/{name} is not used"

    def test_it_has_what_the_server_has(self, clocked):
        """Each path allows the methods that stand there, and no others."""
        names, operations = set(), 0
        for path, item in clocked.description.document["paths"].items():
            described = {key.upper() for key in item if key in ("get", "put", "post", "delete")}
            url = path.replace("{start}", "0-0").replace("{", "").replace("}", "")
            allowed = set(clocked.ask("OPTIONS", url).headers["Allow"].split(", "))
            assert allowed - {"HEAD", "OPTIONS"} == described, path
            assert ("HEAD" in allowed) == ("GET" in allowed)
            names |= {item[method.lower()]["operationId"] for method in described}
            parameters = {clocked.description.resolved(one)["name"]
                          for one in item.get("parameters", [])}
            assert parameters == set(_placeholders(path)), path
            operations += len(described)
        assert len(names) == operations  # each has an id of its own

    def test_every_url_in_the_documents_is_described(self, rest):
        """What a client is told to follow leads somewhere."""
        spec_document = rest.set_spec()
        unit = rest.add(spec_document, "u")
        attempt = rest.take(rest.worker())[0]
        documents = [rest.get("/"), rest.namespace(), spec_document, rest.get(unit), attempt,
                     rest.worker()]
        urls = [value for document in documents for key, value in document.items()
                if key == "url" or key.endswith("_url") or key == "meta" and isinstance(value, str)]
        assert len(urls) > 40
        for url in urls:
            plain = re.sub(r"\{\?[^}]*\}", "", url)
            assert rest.description.path_of(plain), url
            assert rest.ask("OPTIONS", plain.replace("{", "").replace("}", "")).status == 204

    def test_a_wrong_answer_would_be_noticed(self, rest):
        schema = rest.description.schema_of({"schema": {"$ref": "#/components/schemas/Attempt"}})
        rest.add(rest.set_spec(), "u")
        attempt = rest.take(rest.worker())[0]
        validator = jsonschema.Draft202012Validator(schema)
        validator.validate(attempt)
        for wrong in ({"status": "lost"}, {"end_time": None}, {"data": 5}, {"more": 1}):
            assert not validator.is_valid({**attempt, **wrong})
        assert not validator.is_valid({k: v for k, v in attempt.items() if k != "data"})


def _references(part):
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            yield from _references(value)
    elif isinstance(part, list):
        for item in part:
            yield from _references(item)


def _placeholders(path):
    return [segment[1:-1] for segment in path.split("/") if segment.startswith("{")]


class TestHealth:
    @pytest.mark.parametrize("url", ["/healthz", "/readyz"])
    def test_all_is_well(self, rest, url):
        answer = rest.ask("GET", url, headers={"Accept": "text/html"})
        assert (answer.status, answer.body) == (200, b"ok\n")
        assert answer.type == "text/plain; charset=utf-8"

    def test_root_tells_where(self, rest):
        root = rest.get("/")
        for key in ("openapi_url", "metrics_url", "health_url", "ready_url"):
            assert rest.ask("GET", root[key]).status == 200
