# SPDX-License-Identifier: MIT
"""The dashboard as HTTP serves it: who gets it, with which types, kept by browsers how."""

import re

import pytest

from daemon import ROOT
from rest import CBOR, JSON

FILES = sorted(path.name for path in (ROOT / "web").iterdir())
TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
         "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
BROWSER = ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8")
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
          "img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")


def ask(rest, url, **headers):
    return rest.ask("GET", url, headers={name.replace("_", "-"): value
                                         for name, value in headers.items()})


class TestRoot:
    @pytest.mark.parametrize("accept", [BROWSER, "text/html", "text/html, application/json;q=0.9",
                                        "text/*, application/json;q=0.1, text/json;q=0.1"])
    def test_a_browser_gets_the_page(self, rest, accept):
        answer = ask(rest, "/", Accept=accept)
        assert (answer.status, answer.type) == (200, TYPES["html"])
        assert answer.body == (ROOT / "web/index.html").read_bytes()

    @pytest.mark.parametrize("accept, media_type", [
        (None, JSON), ("*/*", JSON), ("application/json", JSON), ("text/json", JSON), (CBOR, CBOR),
        ("application/json, text/html", JSON), ("text/html;q=0.9, */*", JSON), ("text/*", JSON),
        ("text/html;q=0.5, application/cbor;q=0.6", CBOR), ("", JSON)])
    def test_a_program_gets_the_document(self, rest, accept, media_type):
        answer = ask(rest, "/", **({} if accept is None else {"Accept": accept}))
        assert (answer.status, answer.type) == (200, media_type)
        assert list(answer.value) == ["summary_url", "namespaces_url", "namespace_url", "command_url",
                                      "openapi_url", "metrics_url", "health_url", "ready_url"]

    def test_who_can_take_neither(self, rest):
        assert ask(rest, "/", Accept="image/png").status == 406
        assert ask(rest, "/summary", Accept="text/html").status == 406


class TestFiles:
    @pytest.mark.parametrize("name", FILES)
    def test_each(self, rest, name):
        answer = ask(rest, f"/dashboard/{name}")
        assert answer.body == (ROOT / "web" / name).read_bytes()
        assert answer.type == TYPES[name.rpartition(".")[2]]
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["Vary"] == "Accept"

    @pytest.mark.parametrize("url", ["/", "/dashboard/main.js"])
    def test_a_browser_that_has_it_gets_nothing(self, rest, url):
        tag = ask(rest, url, Accept=BROWSER).headers["ETag"]
        for known in (tag, f'W/{tag}', f'"other", {tag}', "*"):
            answer = ask(rest, url, Accept=BROWSER, If_None_Match=known)
            assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag), known
        assert ask(rest, url, Accept=BROWSER, If_None_Match='"other"').status == 200

    def test_tags_differ(self, rest):
        tags = {ask(rest, f"/dashboard/{name}").headers["ETag"] for name in FILES}
        assert len(tags) == len(FILES)

    @pytest.mark.parametrize("name", ["nope.js", "..", "%2e%2e", "main.js%00", "a/b"])
    def test_no_others(self, rest, name):
        assert ask(rest, f"/dashboard/{name}").status == 404

    def test_only_to_be_read(self, rest):
        answer = rest.ask("PUT", "/dashboard/main.js", {})
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert rest.ask("HEAD", "/dashboard/main.js").body == b""

    def test_they_name_nothing_from_elsewhere(self):
        """What is asked for stands in the program, and no markup is made of text."""
        for name in FILES:
            text = (ROOT / "web" / name).read_text(encoding="ascii")
            links = set(re.findall(r"\bhttps?://[^\s\"']+", text))
            assert links <= {"http://www.w3.org/2000/svg"}, name
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(",
                                 text), name
            for used in re.findall(r"/dashboard/([\w.]+)", text):
                assert used in FILES, f"{name}: {used}"
