# SPDX-License-Identifier: MIT
"""A page of another site, in a browser that reaches the daemon, can change nothing and read nothing
(docs/rest.md, "Browsers")."""

import json

import pytest

from raw_http import RawHttp

FOREIGN_HOSTS = ["evil.example", "evil.example:5980", "127.0.0.1.evil.example", "localhost.evil.example",
                 "evil.example.", "notlocalhost.example", "a..b", "0x7f.1"]
OWN_HOSTS = ["127.0.0.1:5980", "127.0.0.1", "[::1]:5980", "[::1]", "10.1.2.3", "localhost",
             "localhost:1", "LocalHost.", "dev.localhost:80", "coordinated", ""]


@pytest.fixture
def named(start):
    """A connection to a daemon that was told of two names."""
    daemon = start("--http", "127.0.0.1:0", "--http-host", "queue.example.org,Other.Example")
    with RawHttp(daemon.http_address) as raw:
        yield raw


@pytest.fixture
def raw(rest_daemon):
    with RawHttp(rest_daemon.http_address) as raw:
        yield raw


def ask(raw, method, url, host="127.0.0.1:5980", body=None, **fields):
    """The status and the document of a request with these header fields."""
    lines = [f"{method} {url} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    text = "" if body is None else json.dumps(body)
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(text)}"]
    status, _, answer = raw.ask("\r\n".join(lines) + "\r\n\r\n" + text, to_head=method == "HEAD")
    return status, json.loads(answer) if answer and b"{" in answer[:1] else answer


class TestHost:
    @pytest.mark.parametrize("host", FOREIGN_HOSTS)
    @pytest.mark.parametrize("method, url", [
        ("GET", "/"), ("GET", "/summary"), ("GET", "/dashboard/main.js"), ("GET", "/metrics"),
        ("POST", "/namespace"), ("OPTIONS", "/namespace"), ("GET", "/no/such/thing")])
    def test_a_name_of_another_site(self, raw, host, method, url):
        body = {"name": "n"} if method == "POST" else None
        status, document = ask(raw, method, url, host, body)
        assert status == 421 and "--http-host" in document["message"]
        assert ask(raw, "GET", "/namespace")[1] == {"namespaces": []}

    @pytest.mark.parametrize("host", OWN_HOSTS)
    def test_a_name_of_the_daemon(self, raw, host):
        assert ask(raw, "POST", "/namespace", host, {"name": "n"})[0] == 201

    @pytest.mark.parametrize("host", ["queue.example.org", "QUEUE.example.org:80", "other.example."])
    def test_a_name_that_it_was_told(self, named, host):
        assert ask(named, "GET", "/namespace", host)[0] == 200

    @pytest.mark.parametrize("host", ["example.org", "a.queue.example.org", "queue.example.org.evil"])
    def test_others_beside_those(self, named, host):
        assert ask(named, "GET", "/namespace", host)[0] == 421

    def test_none_in_http_1_0(self, raw):
        assert raw.ask("GET /namespace HTTP/1.0\r\n\r\n")[0] == 200

    @pytest.mark.parametrize("hosts", ["a:80", ",", "a,,b", "http://a", "a b"])
    def test_what_is_no_name_is_refused(self, start, hosts):
        with pytest.raises(AssertionError, match="--http-host"):
            start("--http", "127.0.0.1:0", "--http-host", hosts)


class TestOrigin:
    FOREIGN = [
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:5981"},
        {"Origin": "http://127.0.0.1"}, {"Origin": "https://127.0.0.1:5980.evil.example"},
        {"Origin": "file://"}, {"Origin": "http://localhost:5980"},
        {"Origin": "chrome-extension://127.0.0.1:5980"},
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
        {"Origin": "http://127.0.0.1:5980", "Sec_Fetch_Site": "cross-site"}]
    OWN = [{}, {"Origin": "http://127.0.0.1:5980"}, {"Sec_Fetch_Site": "same-origin"},
           {"Origin": "http://127.0.0.1:5980", "Sec_Fetch_Site": "same-origin"},
           {"Sec_Fetch_Site": "none"}]

    @pytest.mark.parametrize("fields", FOREIGN, ids=str)
    def test_a_page_of_another_site_changes_nothing(self, rest, raw, fields):
        spec = rest.set_spec()
        unit = rest.add(spec, "u")
        for method, url, body in [
                ("POST", "/namespace", {"name": "n"}), ("PUT", "/namespace/t/work_spec/s/meta",
                                                        {"paused": True}),
                ("DELETE", unit, None), ("DELETE", "/namespace/t", None),
                ("POST", "/namespace/t/work_spec/s/retry", None),
                ("GET", "/namespace/made", None), ("HEAD", "/namespace/made", None),
                ("GET", "/namespace/t/worker/made", None)]:
            status, document = ask(raw, method, url, body=body, **fields)
            assert status == 403, (method, url)
            assert method == "HEAD" or "another site" in document["message"]
        assert [one["name"] for one in rest.get("/namespace")["namespaces"]] == ["t"]
        assert rest.get("/namespace/t/worker")["workers"] == []
        assert rest.get(spec["work_unit_counts_url"]) == {"available": 1}
        assert rest.get("/namespace/t/work_spec/s/meta")["paused"] is False

    @pytest.mark.parametrize("fields", FOREIGN, ids=str)
    def test_it_may_lead_here(self, raw, fields):
        """A link to the dashboard, or to what only reads."""
        for url in ("/", "/dashboard/main.js", "/metrics", "/summary"):
            assert ask(raw, "GET", url, **fields)[0] == 200

    def test_no_page_is_told_that_it_may_read(self, raw):
        raw.send("OPTIONS /namespace HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
                 "Access-Control-Request-Method: POST\r\n\r\n")
        _, fields, _ = raw.answer()
        assert not [name for name in fields if name.startswith("access-control")]

    @pytest.mark.parametrize("fields", OWN, ids=str)
    def test_a_program_and_the_dashboard_may(self, raw, fields):
        assert ask(raw, "POST", "/namespace", body={"name": "n"}, **fields)[0] == 201
        assert ask(raw, "GET", "/namespace/m", **fields)[0] == 200

    @pytest.mark.parametrize("origin, host", [
        ("https://queue.example.org", "queue.example.org"),  # a proxy speaks TLS
        ("http://queue.example.org", "queue.example.org:80"),
        ("http://QUEUE.example.org:8000", "queue.example.org:8000"), ("http://[::1]:1", "[::1]:1")])
    def test_the_same_in_other_words(self, named, origin, host):
        assert ask(named, "POST", "/namespace", host, {"name": "n"}, Origin=origin)[0] == 201

    def test_two_origins_are_none(self, raw):
        raw.send("GET /summary HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nOrigin: http://a\r\n\r\n")
        assert raw.answer()[0] == 400
