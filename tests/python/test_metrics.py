# SPDX-License-Identifier: MIT
"""/metrics: what the numbers say, and that there is an end to them."""

import re

import pytest

from client import RpcError
from helpers import spec as rpc_spec
from helpers import take
from rest import Rest

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def metrics(rest):
    """All samples by name and labels. Checks the form of the text on the way."""
    answer = rest.ask("GET", "/metrics")
    assert answer.type == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.body.decode()
    assert text.endswith("\n")
    samples, family, seen = {}, None, set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split()[2]
            assert family not in seen
            seen.add(family)
            continue
        if line.startswith("# TYPE "):
            assert line.split()[2] == family
            assert line.split()[3] in ("counter", "gauge", "histogram")
            continue
        match = SAMPLE.fullmatch(line)
        assert match and match[1].startswith(family), line
        labels = frozenset((name, re.sub(r"\\.", lambda escape: ESCAPES[escape[0]], value))
                           for name, value in LABEL.findall(match[2] or ""))
        assert (match[1], labels) not in samples, line
        samples[match[1], labels] = float(match[3])
    return samples


def sample(samples, name, **labels):
    return samples.get((name, frozenset(labels.items())))


def test_work_units(rest):
    odd = 'a "b"\\\nc'
    spec = rest.set_spec(odd)
    rest.add(spec, "a", "b", "c")
    rest.take(rest.worker())
    found = metrics(rest)
    where = {"namespace": "t", "work_spec": odd}
    assert sample(found, "coordinate_work_units", status="available", **where) == 2
    assert sample(found, "coordinate_work_units", status="pending", **where) == 1
    assert sample(found, "coordinate_work_units", status="failed", **where) is None
    assert sample(found, "coordinate_work_units_unlisted") == 0
    assert sample(found, "coordinate_summary_seconds") >= 0


def test_asking_makes_no_namespace(rest):
    metrics(rest)
    assert rest.get("/namespace") == {"namespaces": []}


def test_attempts_by_outcome(clocked):
    clocked.add(clocked.set_spec(), *"abcdefg")
    attempts = clocked.take(clocked.worker(), number_of_work_units=6)
    for attempt, what in zip(attempts, ("finish", "finish", "fail", "retry", "expire")):
        clocked.put("/clock", {"now": "1970-01-01T00:00:02Z"})
        clocked.post(attempt[f"{what}_url"], {})
    clocked.put("/clock", {"now": "1970-01-01T01:00:00Z"})
    found = metrics(clocked)
    assert sample(found, "coordinate_attempts_started_total") == 6
    ended = {outcome: sample(found, "coordinate_attempts_ended_total", outcome=outcome)
             for outcome in ("finished", "failed", "retryable", "expired", "lapsed")}
    assert ended == {"finished": 2, "failed": 1, "retryable": 1, "expired": 1, "lapsed": 1}
    assert sample(found, "coordinate_finish_seconds_sum") == 4
    assert sample(found, "coordinate_finish_seconds_count") == 2
    below = {float(dict(labels)["le"]): value for (name, labels), value in found.items()
             if name == "coordinate_finish_seconds_bucket"}
    assert [value for edge, value in sorted(below.items())] == [
        2 if edge >= 2 else 0 for edge in sorted(below)]
    assert max(below) == float("inf")


def test_requests_by_method(rest, rpc):
    rpc_spec(rpc)
    take(rpc)
    with pytest.raises(RpcError):
        rpc.call("add_work_units", "s", 5)
    with pytest.raises(RpcError):
        rpc.call("no such method" * 10)
    for _ in range(3):
        rest.error(404, "ErrNoSuchWorkSpec", "GET", "/namespace/t/work_spec/nope")
    rest.ask("GET", "/nope")
    found = metrics(rest)

    def counted(protocol, method):
        labels = {"protocol": protocol, "method": method}
        return (sample(found, "coordinate_request_seconds_count", **labels),
                sample(found, "coordinate_request_errors_total", **labels))

    assert counted("cborrpc", "set_work_spec") == (1, 0)
    assert counted("cborrpc", "get_work") == (1, 0)
    assert counted("cborrpc", "other") == (2, 2)
    assert counted("cborrpc", "get_config") == (None, None)  # nobody asked
    assert counted("http", "getWorkSpec") == (3, 3)
    assert counted("http", "other") == (1, 1)


def test_a_list_in_pages_is_one_request(rest):
    url = rest.set_spec()["work_units_url"]
    rest.post(url, [{"name": f"u{n}"} for n in range(3500)])
    rest.get(url)
    assert sample(metrics(rest), "coordinate_request_seconds_count", protocol="http",
                  method="listWorkUnits") == 1


def test_connections_and_the_process(rest_daemon, rest, rpc):
    rpc.call("now")
    with Rest(rest_daemon.http_address) as another:
        another.get("/")
        found = metrics(rest)
        assert sample(found, "coordinate_connections", protocol="http") == 2
    assert sample(found, "coordinate_connections", protocol="cborrpc") == 1
    assert sample(found, "coordinate_waiting_requests") == 0
    assert sample(found, "coordinate_store_available") == 1
    assert sample(found, "process_cpu_seconds_total") > 0
    resident = sample(found, "process_resident_memory_bytes") / 1024
    assert abs(resident - rest_daemon.resident_kib()) < 4096
    assert sample(found, "coordinate_build_info", version=rest_daemon.version,
                  backend="memory") == 1


def test_batches_and_the_store(rest):
    before = metrics(rest)
    rest.get("/namespace")
    after = metrics(rest)
    for name in ("coordinate_batch_commands", "coordinate_store_seconds"):
        assert sample(after, f"{name}_count") == sample(before, f"{name}_count") + 2
        assert sample(after, f"{name}_bucket", le="+Inf") == sample(after, f"{name}_count")
    assert sample(after, "coordinate_batch_commands_sum") == sample(
        before, "coordinate_batch_commands_sum") + 2


def test_there_is_an_end_to_the_labels(rest, rpc):
    for n in range(2100):
        rpc_spec(rpc, f"s{n:04}")
        rpc.good("add_work_units", f"s{n:04}", [("u", {})])
    for n in range(300):
        with pytest.raises(RpcError):
            rpc.call(f"method{n}")
        rest.ask("GET", f"/nowhere/{n}")
    found = metrics(rest)
    assert len([name for name, _ in found if name == "coordinate_work_units"]) == 2000
    assert sample(found, "coordinate_work_units_unlisted") == 100
    assert len(found) < 3000


def test_basic_metrics(start):
    """What must be counted is missing, what is known anyway is not."""
    daemon = start("--http", "127.0.0.1:0", "--metrics", "basic")
    with Rest(daemon.http_address) as rest:
        rest.describe()
        rest.add(rest.set_spec(), "a")
        rest.take(rest.worker())
        found = metrics(rest)
    names = {name for name, _ in found}
    counted = ("coordinate_attempts_", "coordinate_finish_", "coordinate_request_",
               "coordinate_batch_", "coordinate_store_seconds")
    assert not [name for name in names if name.startswith(counted)]
    assert sample(found, "coordinate_work_units", namespace="t", work_spec="s",
                  status="pending") == 1
    assert sample(found, "coordinate_connections", protocol="http") == 1
    assert sample(found, "coordinate_waiting_requests") == 0
    assert sample(found, "process_cpu_seconds_total") > 0
