# SPDX-License-Identifier: MIT
"""HTTP/1.1 itself: connections that stay, pipelines, bodies in chunks, limits, bad peers."""

import json

import pytest

from daemon import eventually
from raw_http import RawHttp
from rest import JSON, Rest

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def raw(rest_daemon):
    with RawHttp(rest_daemon.http_address) as raw:
        yield raw


def post(body, url="/namespace", more=""):
    body = body.encode() if isinstance(body, str) else body
    return (f"POST {url} HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def chunked(*chunks, trailer=b""):
    """A request to make a namespace, its body in these chunks."""
    head = f"POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\n".encode()
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n" + trailer + b"\r\n"


class TestKeepAlive:
    def test_one_after_the_other(self, raw):
        for _ in range(3):
            status, fields, body = raw.ask(GET)
            assert (status, body) == (200, b"ok\n") and "connection" not in fields

    def test_the_client_ends_it(self, raw):
        status, fields, _ = raw.ask(GET.replace(b"Host", b"Connection: close\r\nHost"))
        assert (status, fields["connection"]) == (200, "close") and raw.is_closed()

    def test_http_1_0(self, raw):
        status, fields, _ = raw.ask("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert (status, fields["connection"]) == (200, "keep-alive")
        status, fields, _ = raw.ask("GET /healthz HTTP/1.0\r\n\r\n")
        assert (status, fields["connection"]) == (200, "close") and raw.is_closed()

    def test_after_an_error(self, raw):
        assert raw.ask(GET.replace(b"/healthz", b"/nope"))[0] == 404
        assert raw.ask(post("{"))[0] == 400
        assert raw.ask(GET)[0] == 200

    def test_byte_by_byte(self, raw):
        for n in range(len(GET)):
            raw.send(GET[n:n + 1])
        assert raw.answer()[0] == 200

    def test_empty_lines_before_a_request(self, raw):
        assert raw.ask(b"\r\n\r\n" + GET)[0] == 200

    def test_an_absolute_target(self, raw):
        assert raw.ask(GET.replace(b"/healthz", b"http://x:80/healthz"))[0] == 200
        assert raw.ask(GET.replace(b"/healthz", b"http://x"))[0] == 200


class TestPipeline:
    def test_answers_in_order(self, raw):
        """More than one exchange takes, and answers that need a store among those that do not."""
        raw.send(b"".join(post(json.dumps({"name": f"n{n}"})) + GET for n in range(150)))
        for n in range(150):
            status, fields, body = raw.answer()
            assert (status, fields["location"]) == (201, f"/namespace/n{n}")
            assert json.loads(body)["name"] == f"n{n}"
            assert raw.answer()[0] == 200

    def test_an_error_in_the_middle(self, raw):
        raw.send(post('{"name": "a"}') + post("{") + GET.replace(b"GET", b"PATCH") + GET)
        assert [raw.answer()[0] for _ in range(4)] == [201, 400, 405, 200]

    def test_nothing_after_what_is_no_request(self, raw):
        raw.send(GET + b"nonsense\r\n\r\n" + post('{"name": "a"}'))
        assert raw.answer()[0] == 200
        status, fields, body = raw.answer()
        assert (status, fields["connection"]) == (400, "close")
        assert json.loads(body)["error"] == "error" and raw.is_closed()
        with RawHttp(raw.socket.getpeername()) as other:
            assert b'"namespaces":[]' in other.ask(GET.replace(b"healthz", b"namespace"))[2]

    def test_long_lists_keep_their_place(self, rest, raw):
        spec = rest.set_spec()
        rest.post(spec["work_units_url"], [{"name": f"u{n:05}"} for n in range(5000)])
        url = spec["work_units_url"].encode()
        raw.send(GET + GET.replace(b"/healthz", url) + GET)
        assert raw.answer()[0] == 200
        status, fields, body = raw.answer()
        assert (status, fields["transfer-encoding"]) == (200, "chunked")
        assert [unit["name"] for unit in json.loads(body)["work_units"]] == [
            f"u{n:05}" for n in range(5000)]
        assert raw.answer()[0] == 200

    def test_a_long_list_over_http_1_0(self, rest, raw):
        spec = rest.set_spec()
        rest.post(spec["work_units_url"], [{"name": f"u{n:05}"} for n in range(3000)])
        raw.send(f"GET {spec['work_units_url']} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        status, fields = raw.head()
        assert status == 200 and "transfer-encoding" not in fields
        assert len(json.loads(raw.to_the_end())["work_units"]) == 3000

    def test_head_of_a_long_list(self, rest, raw):
        spec = rest.set_spec()
        rest.post(spec["work_units_url"], [{"name": f"u{n:05}"} for n in range(3000)])
        raw.send(f"HEAD {spec['work_units_url']} HTTP/1.1\r\nHost: x\r\n\r\n".encode() + GET)
        status, fields = raw.head()
        assert (status, fields["transfer-encoding"]) == (200, "chunked")
        assert raw.answer()[0] == 200

    @pytest.mark.parametrize("limit", [999, 1000, 1001, 2000, 2500, 3000, 4000])
    def test_pages_and_limits(self, rest, limit):
        """However a list is read from the store, it has what was asked for."""
        spec = rest.set_spec()
        rest.post(spec["work_units_url"], [{"name": f"u{n:05}"} for n in range(3000)])
        for as_cbor in (False, True):
            got = rest.get(f"{spec['work_units_url']}?limit={limit}", as_cbor=as_cbor)
            assert [unit["name"] for unit in got["work_units"]] == [
                f"u{n:05}" for n in range(min(limit, 3000))]


class TestChunked:
    def test_bodies(self, raw):
        for n, chunks in enumerate([[b'{"name": "n0"}'], [b'{"na', b'me": "n', b'1"}'],
                                    [bytes([byte]) for byte in b'{"name": "n2"}']]):
            status, fields, _ = raw.ask(chunked(*chunks))
            assert (status, fields["location"]) == (201, f"/namespace/n{n}")

    def test_extensions_and_trailers_are_passed_over(self, raw):
        request = chunked(b'{"name": "n"}', trailer=b"X-Sum: 5\r\nY: z\r\n")
        assert raw.ask(request.replace(b"d\r\n{", b"00D ; a=b\r\n{"))[0] == 201

    def test_byte_by_byte_in_a_pipeline(self, raw):
        data = chunked(b'{"name":', b' "n"}') + GET
        for n in range(len(data)):
            raw.send(data[n:n + 1])
        assert [raw.answer()[0] for _ in range(2)] == [201, 200]

    def test_a_big_one(self, rest, raw):
        url = rest.set_spec()["work_units_url"]
        body = json.dumps({"name": "u", "data": {"blob": "x" * (3 << 20)}}).encode()
        chunks = [body[n:n + 100_000] for n in range(0, len(body), 100_000)]
        raw.send(chunked(*chunks).replace(b"/namespace ", url.encode() + b" "))
        assert raw.answer()[0] == 201
        assert len(rest.get(url + "/u")["data"]["blob"]) == 3 << 20

    @pytest.mark.parametrize("body", [b"x\r\n", b"-1\r\n", b"5\r\nabcdeXX", b"\r\n", b"1" * 300,
                                      b"ffffffffffffffffff\r\n", b"5 5\r\nabcde\r\n"])
    def test_bad_ones(self, raw, body):
        raw.send(chunked().partition(b"0\r\n")[0] + body)
        status, fields, _ = raw.answer()
        assert (status in (400, 413), fields["connection"]) == (True, "close") and raw.is_closed()


class TestBadRequests:
    @pytest.mark.parametrize("data, status", [
        ("nonsense\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505), ("G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        ("POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         400),
        ("POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
         "Transfer-Encoding: chunked\r\n\r\n", 400),
        ("POST /namespace HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("GET / HTTP/1.1\r\nHost: x\r\nExpect: cake\r\n\r\n", 417),
        ("GET /" + "x" * 16384 + " HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n" * 4000 + "\r\n", 431)],
        ids=lambda value: str(value)[:40])
    def test_refused(self, raw, data, status):
        raw.send(data)
        got, fields, body = raw.answer()
        assert (got, fields["connection"]) == (status, "close")
        assert json.loads(body)["error"] == "error" and raw.is_closed()

    def test_a_head_without_an_end(self, raw):
        raw.send("GET / HTTP/1.1\r\nHost: x\r\n")
        for _ in range(9):
            raw.send("A: " + "b" * 2000 + "\r\n")
        assert raw.answer()[0] == 431 and raw.is_closed()

    def test_cbor_rpc_on_the_wrong_port(self, raw):
        raw.send(b"\xd8\x18\x4c\xa3\x62id\x01\x66method\r\n\r\n")
        assert raw.answer()[0] == 400

    def test_the_daemon_tells_who_it_was(self, rest_daemon, raw):
        raw.send("nonsense\r\n\r\n")
        raw.answer()
        rest_daemon.wait_for_line(r"closed the connection of [\d.:]+: the method is no token")


class TestLimits:
    def test_a_body_that_is_announced_too_long(self, raw):
        """It is refused before it comes."""
        raw.send("POST /namespace HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 f"Content-Length: {(64 << 20) + 1}\r\n\r\n")
        status, fields, body = raw.answer()
        assert (status, fields["connection"], json.loads(body)["error"]) == (413, "close", "error")

    def test_a_chunked_body_that_becomes_too_long(self, start):
        daemon = start("--http", "127.0.0.1:0", "--max-message-bytes", "2000")
        with RawHttp(daemon.http_address) as raw:
            assert raw.ask(chunked(b'{"name":"', b"n" * 900, b'"}'))[0] == 201
            raw.send(chunked(*[b"x" * 500] * 4))  # just not too long
            assert raw.answer()[0] == 400
            raw.send(chunked(*[b"x" * 500] * 4, b"x"))
            assert raw.answer()[0] == 413 and raw.is_closed()

    def test_a_length_is_no_reason_to_take_memory(self, rest_daemon):
        before = rest_daemon.resident_kib()
        waiting = [RawHttp(rest_daemon.http_address) for _ in range(50)]
        for raw in waiting:
            raw.send("POST /namespace HTTP/1.1\r\nHost: x\r\n"
                     f"Content-Length: {64 << 20}\r\n\r\n" + "x" * 1000)
        with Rest(rest_daemon.http_address) as rest:
            rest.get("/")
        assert rest_daemon.resident_kib() - before < 20_000
        for raw in waiting:
            raw.close()

    def test_deep_nesting(self, rest):
        def nested(depth):
            return b'{"name": "u", "data": {"k": ' + b"[" * depth + b"]" * depth + b"}}"

        url = rest.set_spec()["work_units_url"]
        rest.post(url, nested(100), headers={"Content-Type": JSON}, status=201)
        rest.error(400, "error", "POST", url, nested(10_000), headers={"Content-Type": JSON})

    def test_100_continue(self, raw):
        body = b'{"name": "n"}'
        request = post(body, more="Expect: 100-continue\r\n")
        raw.send(request[:-len(body)])
        assert raw.line() == "HTTP/1.1 100 Continue" and raw.line() == ""
        assert raw.ask(body)[0] == 201
        assert raw.ask(request)[0] == 201  # it did not wait for it

    def test_continue_is_not_told_for_what_is_refused(self, raw):
        raw.send("POST /namespace HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                 f"Content-Length: {1 << 40}\r\n\r\n")
        assert raw.answer()[0] == 413

    def test_a_client_that_goes_away_in_the_middle(self, rest_daemon, rest):
        files = rest_daemon.open_files()
        for data in (b"GET", GET[:-1], post("{}")[:-1], chunked(b"{}")[:-3], b""):
            with RawHttp(rest_daemon.http_address) as raw:
                raw.send(data)
        eventually(lambda: rest_daemon.open_files() == files, "the connections to end")
        rest.get("/")

    def test_a_client_that_reads_nothing(self, rest_daemon, rest):
        """Its answers are not all made in advance."""
        url = rest.set_spec()["work_units_url"]
        rest.post(url, {"name": "u", "data": {"blob": "x" * (1 << 20)}})
        before = rest_daemon.resident_kib()
        with RawHttp(rest_daemon.http_address, receive_buffer=4096) as deaf:
            request = GET.replace(b"/healthz", f"{url}/u".encode())
            deaf.send(request * 100)
            deaf.exactly(1000)
            for _ in range(10):
                rest.get("/")
            assert rest_daemon.resident_kib() - before < 40_000

    def test_who_has_gone_away_is_given_no_work(self, rest_daemon, rest):
        spec = rest.set_spec()
        files = rest_daemon.open_files()
        raw = RawHttp(rest_daemon.http_address)
        raw.send(post('{"wait": 3600000000000}', "/namespace/t/worker/w/request_attempts"))
        eventually(lambda: rest_daemon.open_files() > files, "the connection to be taken")
        raw.close()
        eventually(lambda: rest_daemon.open_files() == files, "the connection to end")
        rest.add(spec, "u")
        assert rest.get(spec["work_unit_counts_url"]) == {"available": 1}


@pytest.mark.parametrize("flags", [(), ("--max-connections", "2")])
def test_many_connections(start, flags):
    daemon = start("--http", "127.0.0.1:0", *flags)
    first, second = (RawHttp(daemon.http_address) for _ in range(2))
    assert first.ask(GET)[0] == second.ask(GET)[0] == 200
    third = RawHttp(daemon.http_address)
    third.send(GET)
    assert third.is_closed() if flags else third.answer()[0] == 200
    for raw in (first, second, third):
        raw.close()
