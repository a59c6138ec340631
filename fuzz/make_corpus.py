#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seed corpus beside this script: make_corpus.py WIRE_VECTORS.jsonl

The CBOR seeds are those in this script and the recorded requests of at most 1,024 bytes, each once;
the others are in this script. Files that are there already are left alone.
"""

import hashlib
import json
import pathlib
import sys

import cbor2

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
SIZE_MAX = 1024
FILES_MAX = 200

CBOR = [
    "f90001", "f97e00", "fa7fc00000", "fb7ff8000000000000", "e0", "f7", "f8ff", "f818",
    "c249010000000000000000", "c349010000000000000000", "c240", "c2420001",
    "d82550000102030405060708090a0b0c0d0e0f", "d8254100", "d8808201f6", "d880a0", "d81843820102",
    "5f4101420203ff", "7f6161626263ff", "5f6161ff", "5f5f4101ffff", "9f018202039fffff",
    "bf6161019f02ff03ff", "bf6161ff", "3bffffffffffffffff", "1bffffffffffffffff",
    "5bffffffffffffffff", "9bffffffffffffffff", "81" * 127 + "01", "81" * 129 + "01",
    "c1" * 130 + "01", "a2616101416102", "a1a1616101f6", "ff", "1c", "1f", "9fff00",
    "a1" * 60 + "80" + "00" * 60,
]

JSON = [
    '{"a": 1, "b": [1, 2.0, 1e3, -0, -0.0, null, true, false], "a": {"x": ""}}',
    "[18446744073709551615, 18446744073709551616, -9223372036854775809, 1e400, 1e-400]",
    '"\\ud83d\\ude00\\u0000\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9"',
    " [1 ,\n 2 ] ", "[1,]", "{", "01", "12 34", '"\\ud800"', "[" * 129 + "]" * 129, "-", "1.5E+3",
]

YAML = [
    "a: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\nd:\n  <<: [*b, {z: 1}]\n",
    "- yes\n- No\n- 010\n- 0x1f\n- 0b11\n- 1_000\n- 1:30\n- 190:20:30.15\n- 1e5\n- 1.5e+3\n- .inf\n"
    "- -.INF\n- .nan\n- ~\n-\n- 2001-12-14\n- '1'\n- \"\\x41\\u00e9\"\n",
    "- !!str 1\n- !!int '3'\n- !!float 1:30\n- !!bool On\n- !!null x\n- !!binary aGVsbG8=\n- ! 12\n",
    "a: |\n  text\n   more\nb: >-\n  folded\n  line\n\n  next\n",
    "%YAML 1.1\n---\na: on\n...\n", "a\n---\nb\n", "&a [*a]", "a: 1\na: 2\n", "? [1]\n: 2\n",
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "{a: [1, {b: c}], d, e: }", "[" * 129, "!foo x",
    "- - - 1\n    - 2\n", "<<: {a: 1}\n", "# only\n", "0b_", "a: b: c", "a:\n\t- b",
]

RECORDS = [
    {"kind": "namespace", "name": ""},
    {"kind": "work_spec", "namespace": "n", "definition": {"name": "s", "continuous": True}, "meta": {
        "priority": 1, "weight": -1, "paused": True, "continuous": True, "min_memory_gb": 0.5,
        "interval": 10, "next_continuous": 5, "max_running": 2, "max_attempts_returned": 3,
        "max_retries": 4}, "removed_finished": 7, "removed_failed": 8},
    {"kind": "worker", "namespace": "", "name": "w", "parent": "p", "active": False,
     "heartbeat": True, "mode": None, "data": {}, "last_update": 1, "last_heartbeat": 1,
     "expiration": 2, "inactive_since": 3},
    {"kind": "worker", "namespace": "", "name": "w", "active": True, "mode": 1.5,
     "last_update": -1, "expiration": 2},
    {"kind": "lock", "namespace": "", "path": ["a", b"b", 1, 2.5, None], "locker": "l", "until": 9},
    {"kind": "work_unit", "namespace": "", "work_spec": "s", "name": b"\xff"},
    {"kind": "work_unit", "namespace": "", "work_spec": "s", "name": "u", "data": {"a": [1]},
     "priority": -2.5, "not_before": 3, "active": True, "tries": 1, "attempts": [
         {"id": 2, "worker": "w", "status": "expired", "start": 1, "expiration": 2, "end": 2},
         {"id": 1, "worker": "w", "status": "pending", "listed": True, "start": 1, "expiration": 2,
          "data": {}}]},
    {"kind": "work_unit", "namespace": "", "work_spec": "s", "name": "u", "tries": 1},
    {"kind": "horse"}, {"name": "u"},
]

HEAD = "Host: x\r\n"
HTTP = [
    f"GET / HTTP/1.1\r\n{HEAD}\r\n" * 2, "GET /a?b=c HTTP/1.0\r\n\r\n",
    f"POST /n HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}",
    f"POST /n HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n"
    "2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\nGET",
    f"PUT / HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{{}}",
    f"PUT / HTTP/1.1\r\n{HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}",
    f"GET http://x/y HTTP/1.1\r\n{HEAD}Accept: a/b;q=0.1, */*\r\nAccept: c\r\n\r\n",
    f"GET / HTTP/1.1\r\n{HEAD} folded\r\nExpect: 100-continue\r\n\r\n",
    "GET / HTTP/2.0\r\n\r\n", "\r\n\r\nnonsense\r\n\r\n",
    "GET /\x00 HTTP/1.1\r\nHost:\r\n\r\n",
    f"GET /{'x' * 1100} HTTP/1.1\r\n", f"OPTIONS * HTTP/1.1\r\n{HEAD}Connection: close\r\n\r\n",
    f"POST / HTTP/1.1\r\n{HEAD}Content-Length: 9999\r\n\r\n",
]

URL = [
    "name=a&name=%ff&status=any&status=pending&previous=-YQ&limit=10", "&&=&limit=x", "active=true",
    "-", "-YSBi", "%2DYSBi", "a%20b", "..", "%", "counts=1", "{?name*,status*,previous,limit}",
    "/a/{name}/b", "{name", "{+name}", "2030-01-02T03:04:05.678901+01:30", "0001-01-01T00:00:00Z",
    "/namespace/-/work_spec/s/work_unit/u/attempt/w/123-4", "application/cbor;q=0.5, */*;q=0.1",
    'a/b;c="d,e";q=1',
]


QUERY = {"names": [b"a", b"\xff"], "statuses": [0, 4], "after": b"x", "limit": 5}
UPDATE = {"spec": b"s", "unit": b"u", "request": {"status": 3, "has_data": True}, "data": {"k": 1},
          "worker": b"w", "has_worker": True}
COMMANDS = [
    {"command": "request_work", "worker": b"w", "count": 2, "lifetime": 60_000_000,
     "filter": {"work_specs": [b"s"], "runtimes": [b""], "available_gb": 1.5}, "updates": [UPDATE]},
    {"command": "update_work_units", "updates": [UPDATE, {}]},
    {"command": "add_work_units", "spec": b"s", "only_new": True, "items": [
        {"name": b"u", "data": {"k": [1, None]}, "priority": 2.5, "not_before": None, "delay": 5}]},
    {"command": "set_work_spec", "definition": {"name": "s"}, "replaces": b"s"},
    {"command": "set_work_spec_meta", "spec": b"s", "change": {"weight": 5, "next_continuous": 7}},
    {"command": "prioritize_work_units", "spec": b"s", "query": QUERY, "priority": -1.0},
    {"command": "set_work_unit_meta", "spec": b"s", "unit": b"u", "not_before": None},
    {"command": "change_attempts", "changes": [
        {"attempt": {"spec": b"s", "unit": b"u", "id": 1, "worker": b"w", "start": 3}, "event": 4}]},
    {"command": "heartbeat", "worker": b"w", "mode": b"\x61x", "data": {}, "parent": b"p"},
    {"command": "change_locks", "operation": 1, "locker": b"l", "paths": [[b"\x01", b"\x41a"]]},
    {"command": "apply_retention", "specs": [b"s"]},
    {"command": "list_namespaces"},
    {"outcome": "work", "spec": b"s", "units": [{"name": b"u", "data": {}, "attempt": 1}],
     "updates": [{"ok": True, "message": b""}]},
    {"outcome": "meta", "meta": {"weight": 20, "runtime": b"cpp"}, "has_counts": True},
    {"outcome": "results", "errors": [None, {"status": 409, "error": "ErrNotPending"}]},
    {"outcome": "counts", "counts": [1, 2, 3, 4, 5]},
    {"outcome": "locks", "held": [True, False], "holders": [None, b"l"]},
    {"outcome": "units", "units": [{"name": b"u", "active": {"id": 1, "status": 4}}]},
]


def write(kind: str, seeds: list[bytes]) -> None:
    folder = CORPUS / kind
    folder.mkdir(parents=True, exist_ok=True)
    for seed in list(dict.fromkeys(seeds))[:FILES_MAX]:
        name = "seed-" + hashlib.sha256(seed).hexdigest()[:12]
        path = folder / name
        if not path.exists():
            path.write_bytes(seed)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    recorded = []
    with open(sys.argv[1], encoding="utf-8") as vectors:
        for line in vectors:
            vector = json.loads(line)
            seed = bytes.fromhex(vector.get("request_hex") or "")
            if 0 < len(seed) <= SIZE_MAX:
                recorded.append(seed)
    write("cbor", [bytes.fromhex(text) for text in CBOR] + recorded)
    items = [cbor2.dumps(record) for record in RECORDS]
    write("record", items + [items[0] + items[6], items[0] * 2, bytes.fromhex("8404404041ff")])
    write("command", [cbor2.dumps(command) for command in COMMANDS])
    write("json", [text.encode() for text in JSON])
    write("http", [text.encode("latin-1") for text in HTTP])
    write("url", [text.encode() for text in URL])
    write("yaml", [text.encode() for text in YAML])


if __name__ == "__main__":
    main()
