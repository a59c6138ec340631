# SPDX-License-Identifier: MIT
"""Names and data go through REST and CBOR-RPC unharmed."""

import base64
import uuid

import cbor2
import pytest

from rest_client import expand, path_name, query

ALL_BYTES = [bytes([byte]) for byte in range(256)]
ODD_NAMES = [b"", b".", b"..", b"-", b"--", b"-a", b"a b", b"a/b", b"a%2Fb", b"\xff\xfe",
             "gr\u00fc\u00df".encode(), "\u65e5\u672c".encode(), b"\x00", b"a+b", b"a&b=c?d#e",
             b"x" * 1024, bytes(range(256)), b"a:b", b"_", b"~"]


class TestNames:
    def test_units_of_every_byte(self, any_rest, rpc):
        """Added over CBOR-RPC, found and named over REST, and the other way round."""
        spec = any_rest.spec()
        names = sorted(set(ALL_BYTES + ODD_NAMES))
        assert rpc.good("add_work_units", "s", [(name, {}) for name in names]) is True
        listed = any_rest.get(spec["work_units_url"])["work_units"]
        assert len(listed) == len(names)
        for name, entry in zip(names, listed):
            url = expand(spec["work_unit_url"], unit=name)
            assert entry["url"] == url
            assert raw_name(entry) == name
            unit = any_rest.get(url)
            assert raw_name(unit) == name
            assert unit["url"] == url
            any_rest.delete(url)
        assert any_rest.get(spec["work_units_url"])["work_units"] == []

    def test_units_added_here_are_found_there(self, rest, rpc):
        spec = rest.spec()
        for name in ALL_BYTES + ODD_NAMES:
            try:
                body = {"name": name.decode()}
            except UnicodeDecodeError:
                body = {"name_base64": base64.b64encode(name).decode()}
            made = rest.post(spec["work_units_url"], body, status=201)
            assert made["url"] == expand(spec["work_unit_url"], unit=name)
        keys = {key for key, _ in rpc.good("get_work_units", "s", {"limit": 10_000})}
        assert keys == set(ALL_BYTES + ODD_NAMES)

    def test_queries_hold_raw_names(self, rest):
        spec = rest.spec()
        names = ["", "a b", "a&b", "\u00fc", "%41", "-x"]
        rest.add(spec, *names)
        for name in names:
            found = rest.get(query(spec["work_unit_query_url"], ("name", name)))["work_units"]
            assert [unit["name"] for unit in found] == [name]
        after = rest.get(query(spec["work_unit_query_url"], ("previous", path_name("a&b"))))
        assert [unit["name"] for unit in after["work_units"]] == ["\u00fc"]

    @pytest.mark.parametrize("name", [name.decode() for name in ODD_NAMES
                                      if name not in (b"\xff\xfe", bytes(range(256)))])
    def test_namespaces_specs_and_workers(self, rest, name):
        namespace = rest.namespace(name)
        assert namespace["name"] == name
        if name:
            spec = rest.spec(name, name)
            assert spec["name"] == name
            rest.add(spec, "u")
        else:
            rest.add(rest.spec("s", name), "u")
        worker = rest.worker(name, name)
        assert worker["name"] == name
        [attempt] = rest.take(worker)
        rest.post(attempt["finish_url"], {}, 204)
        assert rest.get(attempt["url"])["status"] == "finished"

    def test_attempts_of_units_of_any_name(self, rest):
        spec = rest.spec()
        rest.post(spec["work_units_url"], {"name_base64": "/wA="}, status=201)
        [attempt] = rest.take()
        rest.post(attempt["fail_url"], {"data": {"x": 1}}, 204)
        assert rest.get(attempt["work_unit_url"])["status"] == "failed"
        missing = rest.request("GET", spec["work_units_url"] + "/-_w", status=404).document
        assert missing["value_base64"] == "/w=="
        made = rest.post(rest.worker()["make_attempt_url"],
                         {"work_spec": "s", "work_unit_base64": "/wA="})
        assert made["work_unit_url"] == attempt["work_unit_url"]


def raw_name(document):
    if "name_base64" in document:
        return base64.b64decode(document["name_base64"])
    return document["name"].encode()


SIMPLE = [None, True, 0, -1, 2**63 - 1, -2**63, 2**64 - 1, 2**64, -2**70, 10**40, 1.0, 0.1, -0.0,
          5e-324, 1.7976931348623157e308, 1e22, "", "text", "\u00fc\U0001f600\n\"\\/\x00\x7f", [],
          [[], {}, [None]], {}, {"": {"": []}}]
# What JSON would change.
ODD = [(1, 2), (), [(1,)], uuid.UUID(int=5), b"\xff\x00", float("nan"), float("inf"),
       {1: "one"}, {"k": {None: 1}}, cbor2.CBORTag(4000, "x"), cbor2.CBORSimpleValue(99)]


def same(left, right):
    """Equal and of the same kinds."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    return repr(left) == repr(right)


def encoded(data):
    """A data map as CBOR, tuples tagged as the original client tags them."""
    def tag(value):
        if isinstance(value, dict):
            return {key: tag(item) for key, item in value.items()}
        if isinstance(value, list):
            return [tag(item) for item in value]
        if isinstance(value, tuple):
            return cbor2.CBORTag(128, [tag(item) for item in value])
        return value

    return cbor2.dumps(tag(data))


class TestData:
    @pytest.mark.parametrize("value", SIMPLE, ids=repr)
    def test_json_is_an_object_where_it_can_say_it(self, rest, rpc, value):
        spec = rest.spec()
        [url] = rest.add(spec, "u", data={"k": value})
        data = rest.get(url)["data"]
        assert same(data, {"k": value})
        [(_, stored)] = rpc.good("get_work_units", "s", {})
        assert cbor2.dumps(stored) == cbor2.dumps({"k": value})
        rpc.good("add_work_units", "s", [("v", {"k": value})])
        assert same(rest.get(url.replace("/u", "/v"))["data"], {"k": value})

    @pytest.mark.parametrize("value", ODD, ids=repr)
    def test_else_it_is_base64_of_cbor(self, rest, value):
        spec = rest.spec()
        raw = encoded({"k": value})
        text = base64.b64encode(raw).decode()
        [url] = rest.add(spec, "u", data=text)
        assert base64.b64decode(rest.get(url)["data"]) == raw
        [attempt] = rest.take()
        assert attempt["data"] == text
        rest.post(attempt["finish_url"], {"data": text}, 204)
        assert rest.get(attempt["url"])["data"] == text
        rest.put(rest.worker()["url"], {"active": True, "data": text})
        assert rest.worker()["data"] == text

    @pytest.mark.parametrize("value", SIMPLE + ODD, ids=repr)
    def test_cbor_carries_all(self, connect_rest, value):
        cbor = connect_rest("cbor")
        spec = cbor.spec()
        raw = encoded({"k": value})
        body = b"\xa2\x64name\x61u\x64data" + raw
        cbor.send("POST", spec["work_units_url"], body, {"Content-Type": "application/cbor"})
        answer = cbor.send("GET", spec["work_units_url"] + "/u", headers={
            "Accept": "application/cbor"})
        assert b"\x64data" + raw in answer.body

    def test_through_both_protocols(self, rest, rpc):
        """REST, then CBOR-RPC, then REST."""
        rest.spec()
        text = base64.b64encode(encoded({"t": (1, [2]), "u": uuid.UUID(int=7), "b": b"\xfe",
                                         "i": 2**64 - 1})).decode()
        rest.add(rest.get("/namespace/-/work_spec/s"), "u", data=text)
        _, key, data = rpc.good("get_work", "w", {})
        assert (key, data["t"], data["u"], data["b"], data["i"]) == (
            b"u", (1, [2]), uuid.UUID(int=7), b"\xfe", 2**64 - 1)
        assert rpc.good("update_work_unit", "s", "u", {"status": 4, "data": data}) is True
        unit = rest.get("/namespace/-/work_spec/s/work_unit/u")
        assert unit["status"] == "finished"
        assert cbor2.loads(base64.b64decode(unit["data"]))["i"] == 2**64 - 1
        assert base64.b64decode(unit["data"]).count(b"\xd8\x80") == 1

    def test_bytes_that_are_text_come_as_text(self, rest, rpc):
        rest.spec()
        rpc.good("add_work_units", "s", [("u", {"k": b"abc"})])
        assert rest.get("/namespace/-/work_spec/s/work_unit/u")["data"] == {"k": "abc"}

    def test_equal_keys(self, rest):
        spec = rest.spec()
        rest.send("POST", spec["work_units_url"], b'{"name":"u","data":{"a":1,"a":2}}',
                  {"Content-Type": "application/json"})
        assert rest.get(spec["work_units_url"] + "/u")["data"] == {"a": 2}

    def test_definitions(self, any_rest):
        spec = any_rest.spec("s", module="m", config={"deep": [1, {"x": None}]})
        assert spec["data"] == {"name": "s", "module": "m", "config": {"deep": [1, {"x": None}]}}
