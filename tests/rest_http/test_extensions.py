# SPDX-License-Identifier: MIT
"""What this server has beyond the predecessor (spec/rest.md, section 3)."""

import base64
import json
import threading

import pytest

from client import Client
from daemon import eventually
from raw_http import RawHttp
from rest_client import Rest, error, query

SECOND = 1_000_000_000  # nanoseconds


class TestBulkAdd:
    def test_many_at_once(self, any_rest):
        spec = any_rest.spec()
        units = [{"name": f"u{i:05}", "data": {"i": i}, "meta": {"priority": i % 3}}
                 for i in range(20_000)]
        answer = any_rest.request("POST", spec["work_units_url"], units, status=201)
        assert answer.document == {"Added": 20_000}
        assert answer.headers["Location"] == spec["work_units_url"]
        assert any_rest.get(spec["work_unit_counts_url"]) == {"available": 20_000}
        unit = any_rest.get(spec["work_units_url"] + "/u00005")
        assert (unit["data"], unit["meta"]["priority"]) == ({"i": 5}, 2)

    def test_all_or_none(self, any_rest):
        spec = any_rest.spec()
        for bad in ({}, {"name": 5}, 5, {"name": "x", "data": 5}):
            answer = any_rest.request("POST", spec["work_units_url"],
                                      [{"name": "a"}, bad, {"name": "c"}], status=400)
            assert answer.document["message"].startswith("item 1: ")
        assert any_rest.get(spec["work_unit_counts_url"]) == {}

    def test_none_at_all_and_twice_the_same(self, any_rest):
        spec = any_rest.spec()
        assert any_rest.post(spec["work_units_url"], [], 201) == {"Added": 0}
        any_rest.post(spec["work_units_url"],
                      [{"name": "a", "data": {"x": 1}}, {"name": "a", "data": {"x": 2}}], 201)
        assert any_rest.get(spec["work_units_url"] + "/a")["data"] == {"x": 2}


class TestComplete:
    def test_each_by_itself(self, any_rest):
        any_rest.add(any_rest.spec(), *"abcde")
        attempts = any_rest.take(number_of_work_units=5)
        url = any_rest.namespace()["complete_url"]
        def change(attempt, action, **fields):
            return {"url": attempt["url"], "action": action, **fields}
        answer = any_rest.post(url, [
            change(attempts[0], "finish", data={"x": 1}), change(attempts[1], "fail"),
            change(attempts[0], "fail"), 5, change(attempts[2], "retry", delay=SECOND),
            {"url": "/nowhere", "action": "finish"}, change(attempts[3], "renew",
                                                            extend_duration=SECOND),
            change(attempts[4], "jump"), change(attempts[4], "expire"),
            {"url": attempts[4]["url"] + "1", "action": "finish"},
            {"url": attempts[4]["url"].replace("/-/", "/other/", 1), "action": "finish"}])
        results = answer["results"]
        assert [result["ok"] for result in results] == [
            True, True, False, False, True, False, True, False, True, False, False]
        assert [result.get("error") for result in results if not result["ok"]] == [
            "ErrNotPending", "error", "error", "error", "ErrGone", "error"]
        assert [any_rest.get(attempt["url"])["status"] for attempt in attempts] == [
            "finished", "failed", "retryable", "pending", "expired"]

    def test_thousands(self, rest):
        spec = rest.spec()
        rest.post(spec["work_units_url"], [{"name": f"u{i}"} for i in range(5000)], 201)
        attempts = rest.take(number_of_work_units=5000)
        assert len(attempts) == 5000
        answer = rest.post(rest.namespace()["complete_url"], [
            {"url": attempt["url"], "action": "finish"} for attempt in attempts])
        assert answer["results"] == [{"ok": True}] * 5000
        assert rest.get(spec["work_unit_counts_url"]) == {"finished": 5000}

    @pytest.mark.parametrize("body", [{}, 5, None])
    def test_a_list_is_needed(self, rest, body):
        answer = rest.request("POST", "/namespace/-/complete", body,
                              status=411 if body is None else 400)
        assert error(answer) == "error"


class TestLongLists:
    @pytest.fixture
    def spec(self, rest):
        spec = rest.spec()
        rest.post(spec["work_units_url"], [{"name": f"u{i:05}"} for i in range(3500)], 201)
        return spec

    @staticmethod
    def names(document):
        return [unit["name"] for unit in document["work_units"]]

    def test_come_in_pieces(self, any_rest, spec):
        answer = any_rest.request("GET", spec["work_units_url"], status=200)
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert self.names(answer.document) == [f"u{i:05}" for i in range(3500)]
        for limit in (999, 1000, 1001, 2000, 3499, 3500, 3501):
            document = any_rest.get(query(spec["work_unit_query_url"], ("limit", limit)))
            assert self.names(document) == [f"u{i:05}" for i in range(min(limit, 3500))]
        document = any_rest.get(query(spec["work_unit_query_url"], ("limit", 1500),
                                      ("previous", "u00999"), ("status", "available")))
        assert self.names(document) == [f"u{i:05}" for i in range(1000, 2500)]

    def test_then_the_connection_goes_on(self, daemon, spec):
        with RawHttp(daemon.http_address) as raw:
            for _ in range(3):
                raw.request("GET", spec["work_units_url"])
                raw.request("HEAD", spec["work_units_url"])
                raw.request("GET", "/healthz")
            for _ in range(3):
                assert len(json.loads(raw.response().body)["work_units"]) == 3500
                assert raw.response("HEAD").headers["Transfer-Encoding"] == "chunked"
                assert raw.response().body == b"ok\n"

    def test_http_1_0_gets_them_until_the_end(self, daemon, spec):
        with RawHttp(daemon.http_address) as raw:
            raw.send(f"GET {spec['work_units_url']} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            response = raw.response()
            assert response.headers["Connection"] == "close"
            assert response.headers["Transfer-Encoding"] is None
            assert len(json.loads(response.body)["work_units"]) == 3500

    def test_close_at_the_end(self, daemon, spec):
        with RawHttp(daemon.http_address) as raw:
            raw.request("GET", spec["work_units_url"], "Connection: close")
            assert len(json.loads(raw.response().body)["work_units"]) == 3500
            assert raw.at_end()

    def test_a_peer_that_goes_away_costs_nothing(self, daemon, rest, spec):
        with RawHttp(daemon.http_address) as raw:
            raw.request("GET", spec["work_units_url"])
            raw.line()
        assert len(rest.get(spec["work_units_url"])["work_units"]) == 3500


def waiting(daemon, count):
    """Waits until so many requests wait."""
    def look():
        client = Rest(daemon.http_address)
        text = client.send("GET", "/metrics").body.decode()
        client.close()
        return f"\ncoordinate_waiting_requests {count}\n" in text
    eventually(look, f"{count} waiting requests")


class TestWait:
    def ask(self, raw, worker="w", seconds=1000, **request):
        body = json.dumps({"wait": seconds * SECOND, **request}).encode()
        raw.request("POST", f"/namespace/-/worker/{worker}/request_attempts",
                    "Content-Type: application/json", body=body)

    def test_ends_when_there_is_work(self, daemon, rest):
        spec = rest.spec()
        with RawHttp(daemon.http_address) as raw:
            self.ask(raw, "w w".replace(" ", "%20"))
            waiting(daemon, 1)
            rest.add(spec, "u")
            [attempt] = json.loads(raw.response().body)["attempts"]
            assert attempt["worker_url"] == "/namespace/-/worker/-dyB3"
            assert rest.get(attempt["url"])["status"] == "pending"

    def test_ends_when_the_time_is_up(self, daemon, rest, time):
        rest.spec()
        with RawHttp(daemon.http_address) as raw:
            self.ask(raw, seconds=10)
            waiting(daemon, 1)
            time.advance(9.999999)
            waiting(daemon, 1)
            time.advance(0.000001)
            assert json.loads(raw.response().body) == {"attempts": None}

    def test_a_delay_that_passes_wakes(self, daemon, rest, time):
        rest.add(rest.spec(), "u", meta={"not_before": time.text(60)})
        with RawHttp(daemon.http_address) as raw:
            self.ask(raw)
            waiting(daemon, 1)
            time.advance(60)
            assert len(json.loads(raw.response().body)["attempts"]) == 1
            # The answer to PUT /clock came after the wake-up.
            assert rest.get("/namespace/-/work_spec/s/counts") == {"pending": 1}

    def test_a_big_request_is_dropped_while_it_waits(self, daemon, rest):
        spec = rest.spec()
        with RawHttp(daemon.http_address) as raw:
            self.ask(raw, work_specs=["s"] + [f"other{i}" for i in range(50_000)])
            waiting(daemon, 1)
            rest.add(spec, "u")
            assert len(json.loads(raw.response().body)["attempts"]) == 1

    def test_what_is_pipelined_behind_it_waits_too(self, daemon, rest):
        spec = rest.spec()
        with RawHttp(daemon.http_address) as raw:
            raw.request("GET", "/healthz")
            self.ask(raw)
            raw.request("GET", "/namespace/late")
            assert raw.response().body == b"ok\n"
            waiting(daemon, 1)
            assert len(rest.get("/namespace")["namespaces"]) == 1
            rest.add(spec, "u")
            assert len(json.loads(raw.response().body)["attempts"]) == 1
            assert json.loads(raw.response().body)["name"] == "late"

    def test_ends_when_the_peer_goes_away(self, daemon, rest):
        spec = rest.spec()
        raw = RawHttp(daemon.http_address)
        self.ask(raw)
        waiting(daemon, 1)
        raw.close()
        waiting(daemon, 0)
        rest.add(spec, "u")
        assert rest.get(spec["work_unit_counts_url"]) == {"available": 1}

    def test_both_protocols_wait_in_one_line(self, daemon, rest):
        spec = rest.spec()
        got = []
        with RawHttp(daemon.http_address) as raw, Client(daemon.address) as rpc:
            self.ask(raw)
            waiting(daemon, 1)
            thread = threading.Thread(target=lambda: got.append(
                rpc.good("get_work", "r", {"wait_seconds": 1000})))
            thread.start()
            waiting(daemon, 2)
            rest.add(spec, "a")
            assert json.loads(raw.response().body)["attempts"][0]["work_unit_url"].endswith("/a")
            rest.add(spec, "b")
            thread.join(60)
            assert got[0][1] == b"b"

    def test_a_shutdown_answers_those_who_wait(self, daemon, rest):
        rest.spec()
        with RawHttp(daemon.http_address) as raw:
            self.ask(raw)
            waiting(daemon, 1)
            rest.close()
            assert daemon.stop() == 0
            assert json.loads(raw.response().body) == {"attempts": None}


class TestClock:
    def test_starts_at_the_epoch_and_stands_still(self, rest):
        for _ in range(2):
            assert rest.get("/clock") == {"now": "1970-01-01T00:00:00.000000Z"}

    def test_moves_when_told(self, any_rest, rpc):
        any_rest.put("/clock", {"now": "1970-01-01T01:00:00.000001+00:30"})
        assert any_rest.get("/clock") == {"now": "1970-01-01T00:30:00.000001Z"}
        assert rpc.call("now") == 1800
        any_rest.put("/clock", {"now": "1970-01-01T00:30:00.000001Z"})

    @pytest.mark.parametrize("body", [
        {}, {"now": None}, {"now": 5}, {"now": "soon"}, {"now": "0001-01-01T00:00:00Z"},
        {"now": "1970-01-01T00:00:09Z"}])
    def test_bad_times(self, rest, body):
        rest.put("/clock", {"now": "1970-01-01T00:00:10Z"})
        rest.put("/clock", body, status=400)
        assert rest.get("/clock") == {"now": "1970-01-01T00:00:10.000000Z"}

    def test_leases_end(self, rest, time):
        [url] = rest.add(rest.spec(), "u")
        rest.take(lifetime=5 * SECOND)
        time.advance(4.999999)
        assert rest.get(url)["status"] == "pending"
        time.advance(0.000001)
        assert rest.get(url)["status"] == "available"

    def test_is_not_there_without_the_flag(self, start_rest):
        rest = Rest(start_rest().http_address)
        assert "clock_url" not in rest.get("/")
        for method in ("GET", "PUT", "OPTIONS"):
            answer = rest.send(method, "/clock", "{}", {"Content-Type": "application/json"})
            assert answer.status == 404
        rest.close()

    def test_time_moves_without_the_flag(self, start_rest):
        rest = Rest(start_rest().http_address)
        rest.add(rest.spec(), "u")
        [attempt] = rest.take()
        assert attempt["start_time"] > "2024"
        rest.close()


class TestGrants:
    def test_work_that_could_not_be_sent_is_given_back(self, daemon, rest):
        """The peer asks for more than sockets hold, and goes away without reading."""
        spec = rest.spec()
        blob = base64.b64encode(bytes(700_000)).decode()
        rest.add(spec, *[f"u{i:02}" for i in range(40)], data={"blob": blob})
        raw = RawHttp(daemon.http_address)
        for _ in range(40):
            raw.request("POST", "/namespace/-/worker/w/request_attempts", "Content-Length: 0")
        eventually(lambda: rest.get(spec["work_unit_counts_url"]).get("pending", 0) > 0, "attempts")
        raw.close()
        # Only what may have been sent stays pending.
        eventually(lambda: rest.get(spec["work_unit_counts_url"]).get("available", 0) > 0,
                   "attempts given back")
