# SPDX-License-Identifier: MIT
"""spec/rest.md, section 1: names, media types, errors, data maps; and what survives the other
protocol."""

import base64
import json
import math
import uuid

import cbor2
import pytest

from client import Text, same
from helpers import add, spec, take, units
from rest import CBOR, JSON, as_data, encoded, expand, path_name

UNITS = "/namespace/-/work_spec/s/work_unit"  # where `rpc` works
# Each byte as a name, all of them in one, and what paths have a meaning for.
EVERY_BYTE = sorted([bytes([n]) for n in range(256)] + [
    bytes(range(256)), b"", b"..", b"--", b"-a", b"a-", "ä€𝄞".encode(), b"%41", b"a/b"])


class TestNames:
    def test_every_byte_from_rest_to_rest(self, rest, rpc):
        """Each name gets a URL of its own, which leads back to it and is what the rules say."""
        spec(rpc)
        add(rpc, *EVERY_BYTE)
        listed = rest.get(UNITS)["work_units"]
        assert [unit["url"].rsplit("/", 1)[1] for unit in listed] == [
            path_name(name) for name in EVERY_BYTE]
        for name, unit in zip(EVERY_BYTE, listed):
            found = rest.get(unit["url"])
            for document in (unit, found):
                raw = document.get("name_base64")
                assert name == (document["name"].encode() if raw is None else base64.b64decode(raw))

    def test_every_byte_from_rest_to_rpc(self, rest, rpc):
        spec(rpc)
        for name in EVERY_BYTE:
            body = {"name": "ignored", "name_base64": base64.b64encode(name).decode()}
            url = rest.post(UNITS, body, status=201)["url"]
            assert url == f"{UNITS}/{path_name(name)}"
        assert sorted(units(rpc)) == EVERY_BYTE

    def test_every_byte_in_queries(self, rest, rpc):
        spec(rpc)
        add(rpc, *EVERY_BYTE)
        template = rest.get("/namespace/-/work_spec/s")["work_unit_query_url"]
        for n, name in enumerate(EVERY_BYTE):
            found = rest.get(expand(template, name=name))["work_units"]
            assert [unit["url"] for unit in found] == [f"{UNITS}/{path_name(name)}"]
            behind = rest.get(expand(template, previous=path_name(name)))["work_units"]
            assert len(behind) == len(EVERY_BYTE) - n - 1

    def test_escapes_come_first(self, rest):
        """A segment is percent-decoded, and only then looked at."""
        rest.add(rest.set_spec(), "a b", "plain")
        url = "/namespace/t/work_spec/s/work_unit/"
        for segment in ("-YSBi", "%2DYSBi", "a%20b", "%2dYSB%69"):
            assert rest.get(url + segment)["name"] == "a b"
        for segment in ("plain", "%70lain", "-cGxhaW4"):
            assert rest.get(url + segment)["name"] == "plain"
        rest.error(404, "ErrNoSuchWorkUnit", "GET", url + "a+b")

    @pytest.mark.parametrize("segment", ["-!", "-YSBiY", "-YS=", "%", "%4", "%zz", "-YSBi="])
    def test_no_name(self, rest, segment):
        rest.error(400, "error", "GET", f"/namespace/t/work_spec/s/work_unit/{segment}")

    def test_the_empty_name(self, rest):
        assert rest.get("/namespace/-")["name"] == ""
        url = rest.post("/namespace/-/work_spec", {"data": {"name": "s"}})["url"]
        assert rest.post(url + "/work_unit", {"name": ""})["url"] == url + "/work_unit/-"
        assert rest.get(url + "/work_unit/-")["name"] == ""

    def test_a_name_that_is_none(self, rest):
        """Namespaces and workers must be UTF-8."""
        rest.error(400, "error", "GET", "/namespace/%ff")
        rest.error(400, "error", "GET", "/namespace/t/worker/-_w")
        rest.error(400, "error", "GET", "/namespace/" + "x" * 1025)
        rest.error(404, "ErrNoSuchWorkSpec", "GET", "/namespace/t/work_spec/%ff")

    def test_an_error_names_what_is_no_utf_8(self, rest):
        rest.set_spec()
        error = rest.error(404, "ErrNoSuchWorkUnit", "GET",
                           "/namespace/t/work_spec/s/work_unit/%ff")
        assert (error["value"], error["value_base64"]) == ("�", "/w==")


class TestMediaTypes:
    @pytest.mark.parametrize("content_type", [
        JSON, "application/vnd.diffeo.coordinate+json", "application/json", "text/json",
        "Application/JSON; charset=utf-8"])
    def test_json_by_any_name(self, rest, content_type):
        rest.post("/namespace", b'{"name": "n"}', headers={"Content-Type": content_type},
                  status=201)

    @pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "json", "",
                                              "application/x-www-form-urlencoded"])
    def test_other_bodies(self, rest, content_type):
        rest.error(415, "error", "POST", "/namespace", b'{"name": "n"}',
                   headers={"Content-Type": content_type})

    def test_no_content_type(self, rest):
        rest.error(415, "error", "POST", "/namespace", b'{"name": "n"}', headers={})

    @pytest.mark.parametrize("accept, content_type", [
        ("*/*", JSON), ("application/json", JSON), ("text/json", JSON), ("application/*", JSON),
        ("application/vnd.diffeo.coordinate+json", JSON), (JSON, JSON), (CBOR, CBOR),
        ("application/cbor;q=0.5, application/json;q=0.4", CBOR),
        ("application/cbor;q=0.5, application/json", JSON), ("application/cbor, */*;q=0.1", CBOR),
        ("text/html, application/xml;q=0.9, */*;q=0.8", JSON), ("", JSON)])
    def test_accept(self, rest, accept, content_type):
        answer = rest.ask("GET", "/summary", headers={"Accept": accept})
        assert (answer.status, answer.type) == (200, content_type)
        answer = rest.ask("GET", "/namespace/t/work_spec/nope", headers={"Accept": accept})
        assert (answer.status, answer.type) == (404, content_type)

    @pytest.mark.parametrize("accept", ["text/plain", "application/json;q=0", "*/*;q=0",
                                        "application/xml, image/*"])
    def test_nothing_acceptable(self, rest, accept):
        answer = rest.ask("GET", "/summary", headers={"Accept": accept})
        assert (answer.status, answer.type) == (406, JSON)
        assert answer.value["error"] == "error"
        rest.ask("POST", "/namespace", {"name": "n"}, headers={"Accept": accept})
        assert rest.get("/namespace") == {"namespaces": []}  # nothing was done

    @pytest.mark.parametrize("body", [b"{", b"", b"nul", b'{"name": "n"} x', b'{"name": "\xff"}',
                                      b"[" * 200 + b"]" * 200])
    def test_no_json(self, rest, body):
        rest.error(400, "error", "POST", "/namespace", body, headers={"Content-Type": JSON})

    @pytest.mark.parametrize("body", [b"\xff", b"\xa1\x64name", b"\xa0\xa0",
                                      b"\x81" * 200 + b"\xf6"])
    def test_no_cbor(self, rest, body):
        rest.error(400, "error", "POST", "/namespace", body, headers={"Content-Type": CBOR})


class TestMethods:
    ALLOW = {"/": "GET, HEAD, OPTIONS", "/namespace": "GET, HEAD, POST, OPTIONS",
             "/namespace/t": "GET, HEAD, DELETE, OPTIONS",
             "/namespace/t/work_spec/s": "GET, HEAD, PUT, DELETE, OPTIONS",
             "/namespace/t/worker/w/request_attempts": "POST, OPTIONS"}

    @pytest.mark.parametrize("url", ALLOW)
    def test_options(self, rest, url):
        answer = rest.ask("OPTIONS", url)
        assert (answer.status, answer.headers["Allow"], answer.body) == (204, self.ALLOW[url], b"")

    @pytest.mark.parametrize("url", ALLOW)
    @pytest.mark.parametrize("method", ["PATCH", "TRACE", "get", "PROPFIND"])
    def test_another_method(self, rest, method, url):
        answer = rest.ask(method, url)
        assert (answer.status, answer.headers["Allow"]) == (405, self.ALLOW[url])
        assert answer.value["error"] == "error"

    def test_a_method_that_only_others_have(self, rest):
        for method, url in (("DELETE", "/"), ("PUT", "/namespace"), ("HEAD",
                            "/namespace/t/worker/w/request_attempts")):
            assert rest.ask(method, url).status == 405

    @pytest.mark.parametrize("url", ["/", "/namespace/t", "/healthz", "/openapi.json",
                                     "/namespace/t/work_spec/s",
                                     "/namespace/t/work_spec/s/work_unit"])
    def test_head(self, rest, url):
        rest.add(rest.set_spec(), "u")
        whole = rest.ask("GET", url)
        head = rest.ask("HEAD", url)
        assert head.status == whole.status == 200 and head.body == b""
        for field in ("Content-Type", "Content-Length"):
            assert head.headers[field] == whole.headers[field]
        assert rest.ask("HEAD", "/namespace/t/work_spec/nope").status == 404

    @pytest.mark.parametrize("url", ["/nope", "/namespace/t/nope", "//", "/namespace/", "/summary/",
                                     "/namespace/t/work_spec/s/work_unit/u/attempt/w",
                                     "/a/b/c/d/e/f/g/h/i/j/k/l/m", "/clock"])
    def test_no_such_resource(self, rest, url):
        for method in ("GET", "OPTIONS", "PUT"):
            rest.error(404, "error", method, url)

    def test_without_the_body_that_it_needs(self, rest):
        for headers in ({}, {"Content-Type": JSON}):
            rest.connection.putrequest("PUT", "/namespace/t/work_spec/s")
            for field in headers.items():
                rest.connection.putheader(*field)
            rest.connection.endheaders()
            response = rest.connection.getresponse()
            assert response.status == 411 and json.loads(response.read())["error"] == "error"

    def test_every_answer_has_a_date(self, rest):
        for method, url in (("GET", "/"), ("OPTIONS", "/"), ("PATCH", "/"), ("GET", "/nope")):
            assert rest.ask(method, url).headers["Date"].endswith(" GMT")


class TestTimes:
    @pytest.mark.parametrize("text, time", [
        ("2030-02-03T04:05:06Z", "2030-02-03T04:05:06.000000Z"),
        ("2030-02-03T04:05:06.789Z", "2030-02-03T04:05:06.789000Z"),
        ("2030-02-03T04:05:06.123456789+02:30", "2030-02-03T01:35:06.123456Z"),
        ("2030-02-03t04:05:06-00:30", "2030-02-03T04:35:06.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")])
    def test_forms(self, rest, text, time):
        url = rest.add(rest.set_spec(), "u", meta={"not_before": text})
        assert rest.get(url)["meta"]["not_before"] == time

    @pytest.mark.parametrize("text", ["", "2030-02-03", "2030-13-03T04:05:06Z", "now", 5, [],
                                      "2030-02-03T04:05:06", "2030-02-30T04:05:06Z"])
    def test_others(self, rest, text):
        rest.error(400, "error", "POST", rest.set_spec()["work_units_url"],
                   {"name": "u", "meta": {"not_before": text}})


ID = uuid.UUID("12345678123456781234567812345678")
PLAIN = {"null": None, "yes": True, "text": "ä€𝄞\0\n\"", "list": [], "map": {}, "one": 1.0,
         "half": 0.5, "big": 1e300, "tiny": 5e-324, "zero": -0.0, "max": 2**63 - 1, "min": -2**63,
         "umax": 2**64 - 1, "bignum": 10**30, "less": -10**30, "deep": [[{"a": [1, "x", None]}]],
         "": "empty key"}


class TestData:
    """What was stored comes back equal and of the same kind, whichever way it goes."""

    def test_what_json_can_say_is_an_object(self, rest, rpc):
        spec(rpc)
        add(rpc, ("u", _texts(PLAIN)))
        found = rest.get(f"{UNITS}/u")["data"]
        assert same(found, PLAIN) and math.copysign(1, found["zero"]) == -1
        raw = rest.ask("GET", f"{UNITS}/u").body
        assert b'"one":1.0' in raw and b'"umax":18446744073709551615' in raw

    @pytest.mark.parametrize("value", [
        (1, 2), ("x",), ID, b"\xff\xfe", {1: "x"}, {b"\xff": 1}, [{"a": [b"\x80"]}],
        math.inf, math.nan, [[(ID, (b"\xff",))]]], ids=repr)
    def test_what_json_cannot_say_is_base64(self, rest, rpc, value):
        spec(rpc)
        add(rpc, ("u", {"k": value}))
        data = rest.get(f"{UNITS}/u")["data"]
        assert isinstance(data, str)
        # It comes in again as it is, and so on to the other protocol.
        rest.post(UNITS, {"name": "again", "data": data}, status=201)
        first, again = units(rpc)[b"u"], units(rpc)[b"again"]
        assert same(first, again) or value is math.nan
        assert rest.get(f"{UNITS}/again")["data"] == data

    def test_rest_to_rpc_to_rest(self, rest, rpc):
        """Out through CBOR-RPC and back in, by a program that only carries the data on."""
        spec(rpc)
        tuples = cbor2.CBORTag(128, [1, "x"])
        exact = {"tuple": tuples, "uuid": ID, "bytes": b"\xff", "max": 2**63 - 1, "f": 1.0,
                 "umax": 2**64 - 1, "list": []}
        rest.post(UNITS, {"name": "plain", "data": PLAIN})
        rest.post(UNITS, {"name": "exact", "data": encoded(exact)})
        got = units(rpc)
        assert got[b"exact"]["tuple"] == (1, "x") and got[b"exact"]["uuid"] == ID
        assert got[b"plain"]["umax"] == 2**64 - 1 and type(got[b"plain"]["one"]) is float
        rpc.good("add_work_units", "s", [("plain2", _texts(got[b"plain"])),
                                         ("exact2", _texts(got[b"exact"]))])
        for name in ("plain", "exact"):
            before, after = (rest.get(f"{UNITS}/{name}{n}")["data"] for n in ("", "2"))
            assert same(as_data(before), as_data(after)), name

    def test_integers_beyond_64_bits_become_bignums(self, rest, rpc):
        spec(rpc)
        rest.post(UNITS, b'{"name": "u", "data": {"n": 123456789012345678901234567890}}',
                  headers={"Content-Type": JSON})
        assert units(rpc)[b"u"] == {"n": 123456789012345678901234567890}

    def test_both_forms_are_accepted(self, rest):
        url = rest.set_spec()["work_units_url"]
        for name, data in (("object", {"k": 1}), ("base64", encoded({"k": 1})), ("null", None)):
            rest.post(url, {"name": name, "data": data})
            assert rest.get(f"{url}/{name}")["data"] == ({} if data is None else {"k": 1})

    @pytest.mark.parametrize("data", ["", "AA", "!!!!", "gQE=", 5, [], True, encoded([1])])
    def test_no_data_map(self, rest, data):
        rest.error(400, "error", "POST", rest.set_spec()["work_units_url"],
                   {"name": "u", "data": data})

    def test_finished_by_the_other_protocol(self, rest, rpc):
        """One state, two ways in."""
        spec(rpc)
        add(rpc, "u")
        attempt = rest.take(rest.worker("w", ""))[0]
        assert take(rpc) == []
        assert rpc.pair("update_work_unit", "s", "u", {
            "status": 4, "worker_id": "w", "data": {Text("r"): (1, 2)}})[0]
        found = rest.get(attempt["url"])
        assert found["status"] == "finished"
        assert as_data(found["data"])["r"] == cbor2.CBORTag(128, [1, 2])


def _texts(value):
    """Strings as text all the way, as a program of our days sends them."""
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, (list, tuple)):
        return type(value)(map(_texts, value))
    if isinstance(value, dict):
        return {_texts(key): _texts(item) for key, item in value.items()}
    return value
