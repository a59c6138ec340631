# SPDX-License-Identifier: MIT
"""The description is valid, complete, and true. That answers fit it is checked by rest_client.py
wherever a test makes a request."""

import re

import pytest

from rest_client import Rest

METHODS = {"get", "put", "post", "delete"}
MINUTE = 60_000_000_000


@pytest.fixture
def description(rest):
    return rest.get("/openapi.json")


def operations(description):
    return {(method, path): item[method] for path, item in description["paths"].items()
            for method in item if method in METHODS}


def references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else [])
        node = node.values()
    if isinstance(node, (list, type({}.values()))):
        for item in node:
            yield from references(item)


def test_is_openapi_3_1(description):
    assert description["openapi"] == "3.1.0"
    ids = [operation["operationId"] for operation in operations(description).values()]
    assert len(set(ids)) == len(ids)
    for path, item in description["paths"].items():
        declared = {description["components"]["parameters"][ref.rpartition("/")[2]]["name"]
                    for parameter in item.get("parameters", []) for ref in [parameter["$ref"]]}
        assert declared == set(re.findall(r"\{(\w+)\}", path))


def test_every_reference_leads_somewhere_and_every_part_is_used(description):
    used = set(references(description))
    there = {f"#/components/{kind}/{name}" for kind, parts in description["components"].items()
             for name in parts}
    assert used == there


def test_paths_and_methods_are_the_servers(rest, description):
    for path, item in description["paths"].items():
        allow = rest.send("OPTIONS", re.sub(r"\{\w+\}", "x", path)).headers["Allow"]
        methods = {method.lower() for method in allow.split(", ")} - {"head", "options"}
        assert methods == set(item) & METHODS, path


def test_urls_of_documents_are_described(rest):
    """Whatever URL or template a document holds is a path of the description."""
    spec = rest.spec()
    [unit] = rest.add(spec, "u")
    [attempt] = rest.take()
    documents = [rest.get("/"), rest.namespace(), spec, rest.get(unit), attempt, rest.worker()]
    for document in documents:
        for key, url in document.items():
            if isinstance(url, str) and url.startswith("/"):
                path = re.sub(r"\{\w+\}", "x", url.partition("{?")[0])
                assert rest.description.path_of(path), f"{key}: {url}"


@pytest.mark.parametrize("form", ["json", "cbor"])
def test_every_operation_succeeds_as_described(start_rest, form):
    """One walk through all of them."""
    daemon = start_rest("--manual-clock")
    rest = Rest(daemon.http_address, form)
    rest.description.seen.clear()
    rest.get("/")
    for url in ("/openapi.json", "/metrics", "/healthz", "/readyz", "/summary", "/namespace",
                "/clock", "/namespace/n/summary"):
        rest.request("GET", url, status=200)
    rest.put("/clock", {"now": "1970-01-01T00:00:01Z"})
    rest.post("/namespace", {"name": "n"}, 201)
    spec = rest.spec(namespace="n")
    rest.get("/namespace/n/work_spec")
    rest.put(spec["url"], {"data": {"name": "s"}})
    rest.put(spec["url"] + "/meta", {"weight": 3})
    units = rest.add(spec, *"abcdefghi")
    rest.post(spec["work_units_url"], [{"name": "j"}], 201)
    for part in ("meta", "counts", "summary", "work_unit"):
        rest.get(f"{spec['url']}/{part}")
    for part in ("change", "adjust"):
        rest.post(f"{spec['url']}/{part}", {"meta": {"priority": 1}}, 204)
    rest.put(units[0], {"meta": {"priority": 5}})
    worker = rest.worker(namespace="n")
    rest.put(worker["url"], {"active": True})
    rest.get("/namespace/n/worker")
    attempts = rest.take(worker, number_of_work_units=6)
    for attempt, action in zip(attempts, ("finish", "fail", "retry", "expire")):
        rest.post(attempt[f"{action}_url"], {}, 204)
    rest.post(attempts[4]["renew_url"], {"extend_duration": MINUTE}, 204)
    rest.get(attempts[0]["url"])
    rest.post("/namespace/n/complete", [{"url": attempts[5]["url"], "action": "finish"}])
    rest.post(worker["make_attempt_url"], {"work_spec": "s", "work_unit": "i"})
    for part in ("active", "all", "child"):
        rest.get(worker[f"{part}_attempts_url"])
    rest.get(units[0])
    rest.get(units[0] + "/attempts")
    rest.get(units[0] + "/num-attempts")
    rest.delete(units[0])
    rest.delete(spec["work_units_url"], status=200)
    rest.delete(spec["url"])
    rest.delete("/namespace/n")
    seen = {operation for operation, status in rest.description.seen if status < 300}
    described = {operation["operationId"]
                 for operation in operations(rest.description.document).values()}
    assert seen == described
    rest.close()
