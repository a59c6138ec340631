#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seed corpus beside this script: make_corpus.py WIRE_VECTORS.jsonl

The CBOR seeds are those in this script and the recorded requests of at most 1,024 bytes, each once;
the JSON and YAML seeds are in this script. Files that are there already are left alone.
"""

import hashlib
import json
import pathlib
import sys

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
    write("json", [text.encode() for text in JSON])
    write("yaml", [text.encode() for text in YAML])


if __name__ == "__main__":
    main()
