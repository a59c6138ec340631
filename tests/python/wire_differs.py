# SPDX-License-Identifier: MIT
"""What this project answers to the wire vectors marked `differs`, by spec/cbor-rpc.md.

One entry for each such vector: the result as it is decoded, or ERROR (for a batch: a list of
those). The state that the answers
speak of is built up by the vectors played before.
"""

ERROR = object()
MESSAGE = "any message"


def _ok(value):
    return (value, None)


def _units(*items):
    return _ok([(key, data) for key, data in items])


_WS_U = {"name": "ws-f\u00fc", "min_gb": 1}
_WS1 = {b"desc": b"updated", b"name": b"ws1", b"min_gb": 2.5, b"nice": 5}
_WS2 = {b"name": b"ws2", b"min_gb": 0.5}
_WSC = {b"disabled": True, b"continuous": True, b"name": b"wsc", b"min_gb": 1, b"interval": b"60"}

# The units of ws1 after the add_work_units vectors, in key order.
_D1, _D2 = (b"d1", {b"k": b"new"}), (b"d2", {b"n": 1})
_L1, _L2 = (b"l1", {b"k": b"v"}), (b"l2", {b"k": b"v"})
_P1, _P2, _P3 = (b"p1", {b"k": b"v1"}), (b"p2", {}), (b"p3", {b"x": None})
_Q1 = (b"q1", {})
_T1, _T2, _T3 = (b"t1", {b"k": b"v"}), (b"t2", {b"k": b"v"}), (b"t3", {})
_T4, _T5 = (b"t4", {}), (b"t5", {})
_Z1 = (b"z1", {b"v": 2})
_ALL = _units(_D1, _D2, _L1, _L2, _P1, _P2, _P3, _Q1, _T1, _T2, _T3, _T4, _T5, _Z1)

_BIG = 1 << 64
_DATA_UNITS = [
    (b"\x00", {b"k": b"\x00"}),
    (b"ascii", {b"v": 2}),
    (b"big", {b"p": _BIG, b"n": -1 - _BIG, b"h": 1 << 100}),
    (b"f\xc3\xbc", {}),
    ("\u20ac".encode(), {b"v": 1}),
    (b"\xff\x80", {}),
]

DIFFERS = {
    # The same bytes are the same name.
    "get_work_spec/utf8-bytes-no-match": _WS_U,
    # `start` is honoured; one that is no string is refused; limit 0 is the default.
    "list_work_specs/start-name": ([_WS2, _WSC], None),
    "list_work_specs/start-before-all": ([_WS_U, _WS1, _WS2, _WSC], None),
    "list_work_specs/start-int": ERROR,
    "list_work_specs/limit-0": ([_WS_U, _WS1, _WS2, _WSC], None),
    # The fourth item is the priority; data that is no map is refused and nothing is added.
    "add_work_units/quadruple": _ok(True),
    "add_work_units/data-not-dict": ERROR,
    "count_work_units/some": _ok({1: 14}),
    "status/some": _ok({1: 14}),
    # Keys come back as bytes; lists are in key order; no keys select nothing.
    "get_work_units/keys": _units(_P2, _D1, (b"missing", None), _P1),
    "get_work_units/keys-empty": _units(),
    "get_work_units/state-int": _ALL,
    "get_work_units/state-list": _units(_D1, _D2, _L1),
    "get_work_units/state-tuple": _units(_D1, _D2, _L1),
    "get_work_units/all": _ALL,
    "get_work_units/limit": _units(_D1, _D2),
    "get_work_units/limit-0": _ALL,
    "get_work_units/start-state": _units(_T1, _T2, _T3, _T4, _T5, _Z1),
    "get_work_units/start-int": ERROR,
    "list_work_units/client": _units(_D1, _D2, _L1),
    "get_work_unit_status/error-data-int": _ok([None]),
    "get_work_units/after-prioritize": _units(_D1, _D2, _L1, _L2, _P1, _P2),
    "del_work_units/keys": _ok(0),
    # Null is absent: these two are given work, so t2 is left, and then nothing.
    "get_work/error-max_jobs-null": _ok((b"ws1", b"t5", {})),
    "get_work/error-options-null": _ok((b"ws1", b"z1", {b"v": 2})),
    "get_work_units/negative-left": _units(_T2),
    "get_work/drain": _ok([(b"ws1", b"t2", {b"k": b"v"})]),
    # No change is answered with false.
    "update_work_unit/finish-again": (False, None),
    "update_work_unit/fail-finished": (False, None),
    "get_work_unit_status/stolen": _ok(
        [{"status": 3, "worker_id": "w3", "expiration": 0.0}]),
    "update_work_unit/data-only": _ok(True),
    "update_work_unit/status-unknown": (False, MESSAGE),
    # Finished: d1, p1, p3, q1, t2. Available: d2.
    "count_work_units/after": _ok({1: 1, 3: 8, 4: 5}),
    "update_work_unit/status-back": (False, None),
    "flow/result": _units(
        (b"o1", {b"a": 1}), (b"o2", {}), (b"o2t", {}), (b"o3", {b"b": 2}), (b"o4", {})),
    "get_worker_info/found": _ok(
        {b"host": b"h", b"pid": 12, b"memory": 1.5, "age_seconds": 0.0}),
    "get_worker_info/error-null-data": _ok({"age_seconds": 0.0}),
    # parent, child, nulls, neg, huge; child has a parent.
    "worker_stats": {"num_expirable": 5, "num_children": 1, "num_workers": 5},
    "worker_stats/after": {"num_expirable": 5, "num_children": 1, "num_workers": 5},
    "get_config": _ok({}),
    "snapshot/none": ERROR,
    "maybe_periodic_snapshot": ERROR,
    "load_snapshot/error": ERROR,
    # Finished are now c1, d1, p1, p3, t2; q1 was added again.
    "del_work_units/state": _ok(5),
    "del_work_units/keys-state": _ok(2),
    # Pending were c2, l1, l2, p2, t1, t3, t4, t5, z1.
    "del_work_units/state-list": _ok(9),
    "del_work_units/all": _ok(0),
    # Byte order of the key, whatever kind of string it came as.
    "data/keys-get": _units(*_DATA_UNITS),
    "data/keys-get-work": _ok([(b"data", key, data) for key, data in _DATA_UNITS]),
    # A lock's key is a list of labels, not a string.
    "error/lock": ERROR,
    # Three answers in order: a result, an error, a result.
    "raw/batch": [{b"then": b"f2", b"name": b"f1", b"min_gb": 1}, ERROR, _ok({4: 4})],
    # ws1, ws-fü, wsc, f1, f2.
    "clear/count": 5,
    "clear/after-get": _ok((b"post", b"u", {})),
    "clear/after-get-named": _ok((None, None, None)),
}
