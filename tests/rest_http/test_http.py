# SPDX-License-Identifier: MIT
"""HTTP/1.1 itself: framing, limits, methods, negotiation."""

import json
import os

import cbor2
import pytest

from daemon import eventually
from raw_http import RawHttp
from rest_client import CBOR, JSON, Rest

JSON_FIELD = "Content-Type: application/json"


@pytest.fixture
def raw(daemon):
    with RawHttp(daemon.http_address) as connection:
        yield connection


class TestConnections:
    def test_are_kept_alive(self, raw):
        for _ in range(3):
            raw.request("GET", "/healthz")
            assert raw.response().body == b"ok\n"

    def test_close_is_honoured(self, raw):
        raw.request("GET", "/healthz", "Connection: close")
        response = raw.response()
        assert response.headers["Connection"] == "close"
        assert raw.at_end()

    def test_nothing_behind_a_close_is_executed(self, daemon, rest):
        with RawHttp(daemon.http_address) as raw:
            raw.request("GET", "/healthz", "Connection: close")
            raw.request("GET", "/namespace/late")
            raw.response()
            assert raw.at_end()
        assert rest.get("/namespace")["namespaces"] == []

    def test_http_1_0(self, daemon):
        with RawHttp(daemon.http_address) as raw:
            raw.send("GET /healthz HTTP/1.0\r\n\r\n")
            assert raw.response().headers["Connection"] == "close"
            assert raw.at_end()
        with RawHttp(daemon.http_address) as raw:
            raw.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2)
            for _ in range(2):
                assert raw.response().headers["Connection"] == "keep-alive"

    def test_pipelined_answers_come_in_order(self, raw):
        for i in range(200):
            raw.request("GET", f"/namespace/n{i:03}")
        for i in range(200):
            assert json.loads(raw.response().body)["name"] == f"n{i:03}"

    def test_pipelined_slow_and_quick_ones(self, raw, rest):
        spec = rest.spec()
        body = json.dumps([{"name": f"u{i:05}"} for i in range(12_000)]).encode()
        raw.request("POST", spec["work_units_url"], JSON_FIELD, body=body)
        raw.request("POST", spec["url"] + "/adjust", JSON_FIELD, body=b'{"meta":{"priority":1}}')
        raw.request("GET", spec["work_units_url"] + "?limit=1")
        raw.request("PUT", "/clock", JSON_FIELD, body=b'{"now":"1970-01-01T00:00:01Z"}')
        raw.request("GET", "/clock")
        raw.request("DELETE", spec["work_units_url"])
        raw.request("GET", spec["url"] + "/counts")
        assert [raw.response().status for _ in range(2)] == [201, 204]
        assert len(json.loads(raw.response().body)["work_units"]) == 1
        assert raw.response().status == 204
        assert json.loads(raw.response().body)["now"].startswith("1970-01-01T00:00:01")
        assert json.loads(raw.response().body) == {"Deleted": 12_000}
        assert json.loads(raw.response().body) == {}

    def test_byte_by_byte(self, raw):
        for byte in b"\r\nGET /namespace/x HTTP/1.1\r\nHost: a\r\n\r\n":
            raw.send(bytes([byte]))
        assert json.loads(raw.response().body)["name"] == "x"

    def test_absolute_targets(self, raw):
        raw.request("GET", "http://somewhere:80/namespace/x?y=z")
        assert json.loads(raw.response().body)["name"] == "x"

    def test_the_end_of_input_is_no_end_of_answers(self, raw):
        for i in range(3):
            raw.request("GET", f"/namespace/n{i}")
        raw.socket.shutdown(1)
        assert [raw.response().status for _ in range(3)] == [200] * 3
        assert raw.at_end()


class TestBodies:
    def test_chunked(self, raw):
        raw.request("POST", "/namespace", JSON_FIELD, "Transfer-Encoding: chunked",
                    body=b'5;x=y\r\n{"nam\r\n8\r\ne":"abc"\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n')
        raw.request("GET", "/healthz")
        assert json.loads(raw.response().body)["name"] == "abc"
        assert raw.response().body == b"ok\n"

    def test_large_and_chunked(self, rest):
        spec = rest.spec()
        big = "x" * 3_000_000
        def chunks():
            text = json.dumps({"name": "u", "data": {"big": big}}).encode()
            for start in range(0, len(text), 70_001):
                yield text[start:start + 70_001]
        rest.connection.request("POST", spec["work_units_url"], chunks(),
                                {"Content-Type": "application/json"}, encode_chunked=True)
        response = rest.connection.getresponse()
        assert response.status == 201
        url = json.loads(response.read())["url"]
        assert rest.get(url)["data"]["big"] == big

    def test_continue_is_told_once(self, raw):
        body = b'{"name":"abc"}'
        raw.request("POST", "/namespace", JSON_FIELD, f"Content-Length: {len(body)}",
                    "Expect: 100-continue")
        assert raw.line() == b"HTTP/1.1 100 Continue\r\n"
        assert raw.line() == b"\r\n"
        raw.send(body[:3])
        raw.send(body[3:])
        assert raw.response().status == 201

    def test_no_continue_for_what_is_refused(self, raw):
        raw.request("POST", "/namespace", JSON_FIELD, "Content-Length: 99999999999",
                    "Expect: 100-continue")
        assert raw.response().status == 413
        assert raw.at_end()

    def test_four_names_of_json(self, rest):
        for i, name in enumerate((JSON, "application/vnd.diffeo.coordinate+json",
                                  "application/json", "text/json; charset=utf-8")):
            rest.request("POST", "/namespace", {"name": f"n{i}"}, status=201, Content_Type=name)

    @pytest.mark.parametrize("name", [None, "text/plain", "application/xml",
                                      "application/x-www-form-urlencoded"])
    def test_other_types_are_415(self, raw, name):
        fields = [f"Content-Type: {name}"] if name else []
        raw.request("POST", "/namespace", *fields, body=b'{"name":"x"}')
        assert raw.response().status == 415
        raw.request("GET", "/healthz")
        assert raw.response().status == 200

    def test_needs_a_length(self, raw):
        raw.request("POST", "/namespace", JSON_FIELD)
        assert raw.response().status == 411
        raw.request("POST", "/namespace", JSON_FIELD, "Content-Length: 0")
        assert raw.response().status == 400

    @pytest.mark.parametrize("body", [b"{", b"nul", b"{} {}", b"\xff", b'{"name": "\xff"}',
                                      b"[" * 200 + b"]" * 200])
    def test_broken_json(self, raw, body):
        raw.request("POST", "/namespace", JSON_FIELD, body=body)
        response = raw.response()
        assert response.status == 400
        assert json.loads(response.body)["error"] == "error"

    @pytest.mark.parametrize("body", [b"\xff", b"\xa1", b"\xa0\xa0", b"\x9f" * 200])
    def test_broken_cbor(self, raw, body):
        raw.request("POST", "/namespace", "Content-Type: " + CBOR, body=body)
        assert raw.response().status == 400

    def test_too_long(self, start_rest):
        daemon = start_rest("--max-message-bytes", "10000")
        with RawHttp(daemon.http_address) as raw:
            raw.request("POST", "/namespace", JSON_FIELD, "Content-Length: 10001")
            response = raw.response()
            assert response.status == 413
            assert response.headers["Connection"] == "close"
            assert raw.at_end()
        with RawHttp(daemon.http_address) as raw:
            raw.request("POST", "/namespace", JSON_FIELD, "Transfer-Encoding: chunked",
                        body=b"2711\r\n")
            assert raw.response().status == 413

    def test_a_body_of_get_is_ignored(self, raw):
        raw.request("GET", "/namespace/n", body=b"what?")
        assert raw.response().status == 200


class TestMethods:
    def test_head(self, raw):
        raw.request("GET", "/")
        got = raw.response()
        raw.request("HEAD", "/")
        head = raw.response("HEAD")
        assert head.body == b""
        assert int(head.headers["Content-Length"]) == len(got.body)
        assert head.headers["Content-Type"] == got.headers["Content-Type"]
        raw.request("HEAD", "/nowhere")
        assert raw.response("HEAD").status == 404
        raw.request("HEAD", "/healthz")
        assert raw.response("HEAD").status == 200

    def test_options_and_405_tell_what_is_allowed(self, rest):
        for url, allow in (("/", "GET, HEAD, OPTIONS"),
                           ("/namespace", "GET, HEAD, POST, OPTIONS"),
                           ("/namespace/n", "GET, HEAD, DELETE, OPTIONS"),
                           ("/namespace/n/work_spec/s", "GET, HEAD, PUT, DELETE, OPTIONS"),
                           ("/namespace/n/work_spec/s/change", "POST, OPTIONS")):
            assert rest.request("OPTIONS", url, status=204).headers["Allow"] == allow
            for method in ("PATCH", "TRACE"):
                refused = rest.request(method, url, status=405)
                assert refused.headers["Allow"] == allow
                assert refused.document["error"] == "error"

    def test_unknown_resources(self, rest):
        for url in ("/nowhere", "/namespace/", "/namespace//work_spec", "/namespace/n/",
                    "/namespace/n/work_spec/s/work_unit/u/attempt/w", "//", "/summary/",
                    "/" + "/".join("a" * 30), "/namespace/n/work_spec/s/work_unit/u/attempt/w/1/x"):
            for method in ("GET", "POST", "OPTIONS"):
                assert rest.request(method, url, status=404).document["error"] == "error"

    @pytest.mark.parametrize("url", ["/namespace/-a", "/namespace/%zz", "/namespace/%ff",
                                     "/namespace/" + "x" * 1025, "/namespace/-/worker/%ff"])
    def test_bad_names(self, rest, url):
        rest.request("GET", url, status=400)


class TestNegotiation:
    @pytest.mark.parametrize("accept, kind", [
        (None, JSON), ("*/*", JSON), ("application/*", JSON), ("application/json", JSON),
        ("text/json", JSON), (JSON, JSON), ("application/cbor", CBOR),
        ("application/cbor;q=0.1, text/html", CBOR), ("application/cbor, application/json", JSON),
        ("application/cbor, application/json;q=0.9", CBOR), ("text/html,*/*;q=0.8", JSON)])
    def test_accept(self, rest, accept, kind):
        fields = {"Accept": accept} if accept else {}
        answer = rest.request("GET", "/", status=200, **fields)
        assert answer.type == kind
        assert answer.document["namespaces_url"] == "/namespace"

    @pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/*"])
    def test_nothing_acceptable(self, rest, accept):
        refused = rest.request("GET", "/namespace/made", status=406, Accept=accept)
        assert refused.type == JSON
        assert rest.get("/namespace")["namespaces"] == []

    def test_errors_come_in_the_form_asked_for(self, rest):
        missing = rest.request("GET", "/namespace/-/work_spec/none", status=404, Accept=CBOR)
        assert missing.type == CBOR
        assert cbor2.loads(missing.body)["error"] == "ErrNoSuchWorkSpec"
        missing = rest.request("GET", "/namespace/-/work_spec/none", status=404)
        assert missing.type == JSON

    def test_one_form_in_and_another_out(self, rest):
        answer = rest.request("POST", "/namespace", status=201, Accept=CBOR, document={"name": "x"})
        assert answer.document["name"] == "x"


class TestMalformed:
    @pytest.mark.parametrize("text, status", [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET /\r\n\r\n", 400), ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("GET / HTTP/1.1\r\nHost: a\r\nx\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         400),
        ("POST / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\nContent-Length: 0\r\n\r\n", 417),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("GET /" + "x" * 17_000 + " HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: " + "y" * 17_000, 431)])
    def test_is_answered_and_closed(self, daemon, rest, text, status):
        with RawHttp(daemon.http_address) as raw:
            raw.send(text)
            response = raw.response()
            assert response.status == status
            assert response.headers["Connection"] == "close"
            assert json.loads(response.body)["error"] == "error"
            assert raw.at_end()
        assert rest.get("/")
        eventually(lambda: "closed the connection" in daemon.text("stderr"), "a line of the log")

    def test_requests_before_it_are_answered(self, raw):
        raw.request("GET", "/healthz")
        raw.send("nonsense\r\n\r\n")
        assert raw.response().body == b"ok\n"
        assert raw.response().status == 400
        assert raw.at_end()

    def test_rubbish_disturbs_nobody(self, daemon, rest):
        for _ in range(20):
            with RawHttp(daemon.http_address) as raw:
                raw.send(os.urandom(300) + b"\r\n\r\n")
        assert rest.get("/")


class TestManyConnections:
    def test_more_than_allowed_are_closed(self, start_rest):
        daemon = start_rest("--max-connections", "2")
        with RawHttp(daemon.http_address) as one, RawHttp(daemon.http_address) as two:
            for raw in (one, two):
                raw.request("GET", "/healthz")
                raw.response()
            with RawHttp(daemon.http_address) as three:
                assert three.at_end()

    def test_requests_are_logged_on_demand(self, start_rest):
        daemon = start_rest("--log-requests")
        client = Rest(daemon.http_address)
        client.get("/namespace/-/work_spec/none", status=404)
        daemon.wait_for_line(r"request method=getWorkSpec us=\d+ outcome=status 404")
        client.close()
